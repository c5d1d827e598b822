"""The sheet on which a family writes its name, or types it, under what it signs (CRT-3)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.operations import store_document
from anju.foundation.documents.queries import documents_of
from anju.foundation.documents.strokes import draw_strokes, read_strokes
from anju.web.household.owning import own_names, whose
from anju.web.papers import set_paper
from anju_rules.values import Refusal

TABLET = "anju_tablet"
"""A cookie of the desk's tablet: whoever has signed on it is asked to hand it back."""


def keep_name(request: HttpRequest, *, document: str, by: Actor) -> UUID:
    """Keep what the family has written under the name ``document``, sealed for it; once.

    A name that is typed must be a registered one (``me.typed-name-differs``), with the
    tick that says it stands for a signature (``me.typed-name-unconfirmed``).
    """
    project_id, household_id = whose(by)
    typed = request.POST.get("typed", "").strip()
    if typed and not request.POST.get("strokes"):
        content = _print_typed(request, typed, by=by)
    else:
        content = draw_strokes(read_strokes(request.POST.get("strokes", "")))
    kept = store_document(
        project_id=project_id,
        owner_kind="household",
        owner_id=household_id,
        household_id=household_id,
        name=document,
        content=content,
        channel="desk" if TABLET in request.COOKIES else "phone",
        by=by,
        at=read_clock(),
        is_made_here=True,
    )
    # Sent twice at the same moment, both are signed with the one that was kept first.
    return find_name(document, by=by) or kept.id


def find_name(document: str, *, by: Actor) -> UUID | None:
    """Give what the family wrote under that name before; None: nothing."""
    project_id, household_id = whose(by)
    with reading(by=by):
        own = documents_of(project_id=project_id, owner_kind="household", owner_id=household_id)
        return next((row.id for row in own if row.name == document), None)


def _print_typed(request: HttpRequest, typed: str, *, by: Actor) -> bytes:
    if typed not in own_names(by):
        raise Refusal("me.typed-name-differs")
    if not request.POST.get("typed_sure"):
        raise Refusal("me.typed-name-unconfirmed")
    return set_paper("parts/typed_signature.html", {"name": typed})
