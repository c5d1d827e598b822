"""Restrictions registered and lifted: cases stand still meanwhile, certificates say so."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.calendars import current_calendar
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.cases.blocks import standing_restrictions
from anju.titles.cases.holding import settle_cases
from anju.titles.cases.mapping import restriction_row
from anju.titles.cases.models import RestrictionRecord
from anju.titles.cases.types import RestrictionRow
from anju.titles.certificates.laying import lay_limit
from anju.titles.certificates.queries import certificate_of_unit
from anju.titles.communities.queries import home_by_id
from anju.titles.communities.types import HomeRow
from anju_rules.notices import refuse_personal_text
from anju_rules.restrictions import CLAUSES, RestrictionKind, find_last_day
from anju_rules.values import Refusal


@operation(
    permits="titles.decide",
    action="titlecases.restriction.registered",
    clauses=("registration-rules/22", "civil-code/220", "civil-code/221"),
    level=Secrecy.INTERNAL,
)
def register_restriction(
    *,
    project_id: UUID,
    home_id: UUID,
    kind: RestrictionKind,
    paper: str,
    from_on: date,
    by: Actor,
    at: datetime,
    for_household: UUID | None = None,
) -> RestrictionRow:
    """Register what stands against a home: its certificate says so, its open cases stand still.

    ``paper`` is the number of the order or application; it names nobody. Refuses with
    ``titlecases.paper-missing``, ``notices.personal-text``, ``titlecases.from-later`` and
    ``communities.unknown-home``.
    """
    home = home_by_id(project_id=project_id, home_id=home_id)
    if not paper.strip():
        raise Refusal("titlecases.paper-missing")
    refuse_personal_text(paper, where="paper")
    if from_on > city_time(at).date():
        raise Refusal("titlecases.from-later", on=from_on.isoformat())
    kept = RestrictionRecord(
        project_id=project_id,
        id=new_id(),
        home_id=home_id,
        kind=kind.value,
        paper=paper.strip(),
        from_on=from_on,
        until_on=find_last_day(kind, from_on=from_on, calendar=current_calendar()),
        for_household=for_household if kind is RestrictionKind.ADVANCE_NOTICE else None,
        laid_by=by.id,
        laid_at=at,
    )
    kept.save(force_insert=True)
    held = settle_cases(project_id=project_id, home_ids=[home_id], by=by, at=at)
    receipt = record(
        target=kept.id,
        project_id=project_id,
        body={
            "home": str(home_id),
            "kind": kind.value,
            "paper": kept.paper,
            "from_on": from_on.isoformat(),
            "held": [str(one) for one in held],
        },
    )
    _tell_certificate(
        home, clause=CLAUSES[kind], reason=kept.paper, event_id=receipt.event_id, by=by, at=at
    )
    return restriction_row(kept, on=city_time(at).date())


@operation(
    permits="titles.decide",
    action="titlecases.restriction.sued",
    clauses=("civil-code/220",),
    level=Secrecy.INTERNAL,
)
def note_lawsuit(
    *, project_id: UUID, restriction_id: UUID, sued_on: date, paper: str, by: Actor, at: datetime
) -> RestrictionRow:
    """Note that whoever objects went to court in time: the objection stands until it is lifted.

    Refuses with ``titlecases.sued-too-late``, ``titlecases.not-an-objection``,
    ``titlecases.restriction-over`` and ``titlecases.paper-missing``.
    """
    del by
    kept = _lock(project_id, restriction_id)
    if kept.kind != RestrictionKind.OBJECTION.value:
        raise Refusal("titlecases.not-an-objection")
    if not paper.strip():
        raise Refusal("titlecases.paper-missing")
    if kept.until_on is not None and sued_on > kept.until_on:
        raise Refusal(
            "titlecases.sued-too-late", clause="civil-code/220", until=kept.until_on.isoformat()
        )
    kept.sued_on, kept.until_on = sued_on, None
    kept.save(force_update=True)
    record(
        target=kept.id,
        project_id=project_id,
        body={"sued_on": sued_on.isoformat(), "paper": paper.strip()},
    )
    return restriction_row(kept, on=city_time(at).date())


@operation(
    permits="titles.decide",
    action="titlecases.restriction.lifted",
    clauses=("registration-rules/22",),
    level=Secrecy.INTERNAL,
)
def lift_restriction(
    *, project_id: UUID, restriction_id: UUID, why: str, by: Actor, at: datetime
) -> RestrictionRow:
    """Lift a restriction, on a paper that says so; certificate and cases are free of it.

    Refuses with ``titlecases.reason-missing`` and ``titlecases.restriction-over``.
    """
    if not why.strip():
        raise Refusal("titlecases.reason-missing")
    return _lift(project_id, restriction_id, why=why.strip(), by=by, at=at)


def release_lapsed_restrictions(*, by: Actor, at: datetime) -> tuple[UUID, ...]:
    """Let go what lapsed by itself: an objection without a lawsuit, an advance notice unused."""
    today = city_time(at).date()
    with reading(by=by):
        lapsed = list(
            RestrictionRecord.objects.filter(lifted_at=None, until_on__lt=today).values_list(
                "project_id", "id"
            )
        )
    for project_id, restriction_id in lapsed:
        release_restriction(project_id=project_id, restriction_id=restriction_id, by=by, at=at)
    return tuple(restriction_id for _, restriction_id in lapsed)


@operation(
    permits="casework.watch",
    action="titlecases.restriction.lapsed",
    clauses=("civil-code/220", "civil-code/221"),
    level=Secrecy.INTERNAL,
)
def release_restriction(
    *, project_id: UUID, restriction_id: UUID, by: Actor, at: datetime
) -> RestrictionRow:
    """Let one lapsed restriction go; refuses with ``titlecases.still-stands`` one that has not."""
    kept = _lock(project_id, restriction_id)
    if kept.until_on is None or kept.until_on >= city_time(at).date():
        raise Refusal("titlecases.still-stands")
    return _lift(project_id, restriction_id, why="期满失效", by=by, at=at)


def _lift(
    project_id: UUID, restriction_id: UUID, *, why: str, by: Actor, at: datetime
) -> RestrictionRow:
    kept = _lock(project_id, restriction_id)
    kept.lifted_at, kept.lifted_by, kept.lift_why = at, by.id, why
    kept.save(force_update=True)
    moved = settle_cases(project_id=project_id, home_ids=[kept.home_id], by=by, at=at)
    receipt = record(
        target=kept.id,
        project_id=project_id,
        body={"why": why, "moved": [str(one) for one in moved]},
    )
    _tell_certificate(
        home_by_id(project_id=project_id, home_id=kept.home_id),
        clause=CLAUSES[RestrictionKind(kept.kind)],
        reason=why,
        event_id=receipt.event_id,
        by=by,
        at=at,
    )
    return restriction_row(kept, on=city_time(at).date())


def _tell_certificate(
    home: HomeRow, *, clause: str, reason: str, event_id: UUID, by: Actor, at: datetime
) -> None:
    """Make the home's certificate say what stands against the home now, if it has one."""
    issued = certificate_of_unit(project_id=home.project_id, unit_code=home.unit_code)
    if issued is None:
        return
    standing = standing_restrictions(
        project_id=home.project_id, home_id=home.id, household_id=issued.household_id, at=at
    )
    lay_limit(
        project_id=home.project_id,
        unit_code=home.unit_code,
        limit=CLAUSES[RestrictionKind(standing[0].kind)] if standing else "",
        clause=clause,
        reason=reason,
        event_id=event_id,
        by=by,
        at=at,
    )


def _lock(project_id: UUID, restriction_id: UUID) -> RestrictionRecord:
    kept = (
        RestrictionRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, id=restriction_id)
        .first()
    )
    if kept is None or kept.lifted_at is not None:
        raise Refusal("titlecases.restriction-over")
    return kept
