"""Reads of identity checks: inside a context; owners see their own."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from anju.titles.cases.identity.models import IdentityCheckRecord
from anju.titles.cases.identity.types import IdentityCheckRow, State
from anju_rules.identity import HUMAN, Way


def identity_checks_of(*, project_id: UUID, case_id: UUID) -> tuple[IdentityCheckRow, ...]:
    """Give the checks of a case, the newest first."""
    found = IdentityCheckRecord.objects.filter(project_id=project_id, case_id=case_id)
    return tuple(row_from(kept) for kept in found.order_by("-asked_at", "id"))


def people_to_meet() -> tuple[IdentityCheckRow, ...]:
    """Give what waits for an officer, of every community in sight, the longest waiting first."""
    found = IdentityCheckRecord.objects.filter(state="asked", way__in=[way.value for way in HUMAN])
    return tuple(row_from(kept) for kept in found.order_by("asked_at", "id"))


def checks_to_ask() -> tuple[IdentityCheckRow, ...]:
    """Give what waits for the provider, the longest waiting first."""
    found = IdentityCheckRecord.objects.filter(state="asked", way=Way.REMOTE.value)
    return tuple(row_from(kept) for kept in found.order_by("asked_at", "id"))


def row_from(kept: IdentityCheckRecord) -> IdentityCheckRow:
    """Give a check's frozen row."""
    return IdentityCheckRow(
        project_id=kept.project_id,
        id=kept.id,
        case_id=kept.case_id,
        household_id=kept.household_id,
        way=Way(kept.way),
        state=cast("State", kept.state),
        asked_at=kept.asked_at,
        settled_at=kept.settled_at,
        method=kept.method,
    )
