"""Who may act for a household: itself, a proxy while its mandate holds, an officer by paper."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.documents.operations import lay_document
from anju.foundation.documents.types import DocumentRow
from anju.foundation.notices.pages import china_day
from anju.resettlement.selection.attendance import may_act_by_mandate
from anju_rules.values import Refusal

PROXY = "proxy"
"""The role of an account that a mandate opened."""


def require_mandate(*, project_id: UUID, by: Actor, at: datetime) -> None:
    """Refuse with ``selection.mandate-over`` a proxy whose mandate has run out or was revoked."""
    if by.role == PROXY and not may_act_by_mandate(
        project_id=project_id, account_id=by.id, day=china_day(at)
    ):
        raise Refusal("selection.mandate-over")


def refuse_proxy(by: Actor) -> None:
    """Refuse with ``selection.not-by-proxy`` what a mandate for choosing does not cover."""
    if by.role == PROXY:
        raise Refusal("selection.not-by-proxy")


def require_own_hand(by: Actor) -> UUID:
    """Give the household that acts itself; refuses with ``selection.only-the-household``."""
    if by.role != "household" or by.household_id is None:
        raise Refusal("selection.only-the-household")
    return by.household_id


def lay_signed_paper(
    *, project_id: UUID, household_id: UUID, name: str, content: bytes, by: Actor, at: datetime
) -> DocumentRow:
    """Keep the paper that a household signed, as handed in at the window, in its own file.

    Refuses as :func:`~anju.foundation.documents.operations.lay_document` does.
    """
    return lay_document(
        project_id=project_id,
        owner_kind="household",
        owner_id=household_id,
        household_id=household_id,
        name=name,
        content=content,
        channel="desk",
        by=by,
        at=at,
    )
