"""Which homes a first registration is about: those that stood without one when it was filed.

A home that comes into the file later is not swept along: a second first registration covers it.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from anju.foundation.casework.events import CaseEvent, EventKind, listen
from anju.titles.cases.models import TitleCaseRecord
from anju.titles.cases.types import FIRST
from anju.titles.communities.changing import holds_registered
from anju.titles.communities.queries import homes_of
from anju_rules.values import Refusal


def covers_home(kept: TitleCaseRecord, home_id: UUID) -> bool:
    """Whether a first registration is about a home; one from before this was kept is about all."""
    return kept.covers is None or str(home_id) in kept.covers


@listen(EventKind.OPENED)
def note_covered(event: CaseEvent) -> None:
    """Note what a first registration is about when it is filed.

    Refuses with ``titlecases.nothing-to-register`` where every home has one.
    """
    if event.case is None or event.case.procedure != FIRST:
        return
    covered = [one for one in homes_of(project_id=event.project_id) if one.title_state == "none"]
    if all(one.use == "common" for one in covered):
        raise Refusal("titlecases.nothing-to-register", clause="registration-rules/14")
    TitleCaseRecord.objects.filter(project_id=event.project_id, id=event.case_id).update(
        covers=[str(one.id) for one in covered]
    )


@holds_registered
def homes_of_first(project_id: UUID, home_ids: Collection[UUID]) -> Collection[UUID]:
    """Give those of these homes that an open first registration of the community is about."""
    kept = TitleCaseRecord.objects.filter(
        project_id=project_id, kind="first", standing="open"
    ).first()
    return [] if kept is None else [one for one in home_ids if covers_home(kept, one)]
