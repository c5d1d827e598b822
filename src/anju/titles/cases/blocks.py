"""What stands against a home: its restrictions, and what is wrong with its community."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from anju.foundation.casework.calendars import current_calendar
from anju.foundation.core.clock import city_time
from anju.titles.cases.mapping import restriction_from
from anju.titles.cases.models import RestrictionRecord, TitleCaseRecord
from anju.titles.legacy.queries import first_title_refusal, title_refusals
from anju_rules.calendar import WorkingCalendar
from anju_rules.restrictions import CLAUSES, RestrictionKind, blocks_transfer
from anju_rules.values import Refusal


def standing_restrictions(
    *, project_id: UUID, home_id: UUID | None, household_id: UUID | None, at: datetime
) -> list[RestrictionRecord]:
    """Give what keeps a home from being registered to these owners now.

    A first registration (no home) is kept back by a correction of any home's shared facts alone.
    """
    found = _unlifted(project_id, [home_id])
    return _standing(found, household_id, at=at, calendar=current_calendar())


def require_unblocked(cases: Sequence[TitleCaseRecord], *, at: datetime) -> None:
    """Refuse what is kept back: by a restriction, or by what is wrong with the community.

    ``cases`` are of one community; what is refused of one refuses all. Refuses with
    ``titlecases.unit-blocked``, ``legacy.title-disputed`` and ``legacy.title-blocked``: a dispute
    of land or ownership is never tolerated.
    """
    if not cases:
        return
    project_id = cases[0].project_id
    found = _unlifted(project_id, [kept.home_id for kept in cases])
    calendar = current_calendar()
    for kept in cases:
        mine = [one for one in found if _is_against(one, kept.home_id)]
        standing = _standing(mine, kept.household_id, at=at, calendar=calendar)
        if standing:
            raise _unit_blocked(standing[0])
    home_ids = [kept.home_id for kept in cases if kept.home_id is not None]
    refusals = [*title_refusals(project_id=project_id, home_ids=home_ids).values()]
    if len(home_ids) < len(cases):
        refusals += filter(None, [first_title_refusal(project_id=project_id)])
    if refusals:
        raise refusals[0]


def _unit_blocked(restriction: RestrictionRecord) -> Refusal:
    return Refusal(
        "titlecases.unit-blocked",
        clause=CLAUSES[RestrictionKind(restriction.kind)],
        kind=restriction.kind,
        paper=restriction.paper,
    )


def _unlifted(project_id: UUID, home_ids: Sequence[UUID | None]) -> list[RestrictionRecord]:
    """Give what nobody has lifted and is against any of these, the oldest first."""
    against = Q(home_id__in=[one for one in home_ids if one is not None])
    if None in home_ids:
        against |= Q(kind=RestrictionKind.CORRECTION.value)
    found = RestrictionRecord.objects.filter(against, project_id=project_id, lifted_at=None)
    return list(found.order_by("from_on", "laid_at", "id"))


def _is_against(restriction: RestrictionRecord, home_id: UUID | None) -> bool:
    """Whether it concerns a home; a first registration (no home) a correction of any home does."""
    if home_id is None:
        return restriction.kind == RestrictionKind.CORRECTION.value
    return restriction.home_id == home_id


def _standing(
    found: Iterable[RestrictionRecord],
    household_id: UUID | None,
    *,
    at: datetime,
    calendar: WorkingCalendar,
) -> list[RestrictionRecord]:
    on = city_time(at).date()
    return [
        kept
        for kept in found
        if blocks_transfer(
            restriction_from(kept), household=str(household_id or ""), on=on, calendar=calendar
        )
    ]
