"""Companies, and the duties of developers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.partners.mapping import duty_from, party_from
from anju.titles.partners.models import DutyRecord, PartyRecord
from anju.titles.partners.policy import partner_policy
from anju.titles.partners.types import DutyRow, PartyKind, PartyRow
from anju_rules.identifiers import check_credit_code
from anju_rules.values import Refusal

LONGEST_NAME = 100
_DUTY = ("plan/partners#1", "sales-rules/34")


@operation(
    permits="partners.keep",
    action="partners.party.registered",
    clauses=("plan/partners#1",),
    level=Secrecy.PUBLIC,
)
def register_party(
    *, kind: PartyKind, name: str, credit_code: str, by: Actor, at: datetime
) -> PartyRow:
    """Put a developer or a property manager on file.

    Refuses with ``partners.kind-unknown``, ``partners.name-missing``, ``partners.party-known`` and
    ``identifier.credit-*``.
    """
    del by
    if kind not in ("developer", "manager"):
        raise Refusal("partners.kind-unknown")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Refusal("partners.name-missing", most=LONGEST_NAME)
    code = check_credit_code(credit_code)
    if PartyRecord.objects.filter(kind=kind, credit_code=code).exists():
        raise Refusal("partners.party-known", credit=code)
    kept = PartyRecord(
        id=new_id(), kind=kind, name=name.strip(), credit_code=code, registered_at=at
    )
    kept.save(force_insert=True)
    record(target=kept.id, body={"kind": kind, "name": kept.name, "credit_code": code})
    return party_from(kept)


@operation(
    permits="partners.keep",
    action="partners.duty.laid",
    clauses=_DUTY,
    level=Secrecy.PUBLIC,
)
def lay_duty(
    *,
    project_id: UUID,
    party_id: UUID,
    building: str,
    accepted_on: date | None,
    handed_over_on: date | None,
    by: Actor,
    at: datetime,
) -> DutyRow:
    """Put a building's first registration on a developer; old buildings too.

    Refuses with ``partners.unknown-party``, ``partners.not-a-developer``,
    ``partners.building-missing``, ``partners.duty-known`` and ``partners.day-ahead``.
    """
    del by
    if party_of(party_id).kind != "developer":
        raise Refusal("partners.not-a-developer")
    if not building.strip() or len(building) > LONGEST_NAME:
        raise Refusal("partners.building-missing", most=LONGEST_NAME)
    for day in (accepted_on, handed_over_on):
        refuse_day_ahead(day, at=at)
    if DutyRecord.objects.filter(project_id=project_id, building=building.strip()).exists():
        raise Refusal("partners.duty-known", building=building.strip())
    kept = DutyRecord(
        project_id=project_id,
        id=new_id(),
        party_id=party_id,
        building=building.strip(),
        accepted_on=accepted_on,
        handed_over_on=handed_over_on,
        laid_at=at,
    )
    kept.save(force_insert=True)
    return _told(kept, at=at)


@operation(
    permits="partners.keep",
    action="partners.duty.noted",
    clauses=_DUTY,
    level=Secrecy.PUBLIC,
)
def note_duty(
    *,
    project_id: UUID,
    duty_id: UUID,
    accepted_on: date | None = None,
    handed_over_on: date | None = None,
    registered_on: date | None = None,
    by: Actor,
    at: datetime,
) -> DutyRow:
    """Note what has happened to a building since: accepted, handed over, registered.

    A day once noted stays: what was overdue cannot be made in time by another day. Refuses with
    ``partners.unknown-duty``, ``partners.day-noted``, ``partners.day-ahead`` and
    ``partners.nothing-noted``.
    """
    del by
    kept = DutyRecord.objects.select_for_update().filter(project_id=project_id, id=duty_id).first()
    if kept is None:
        raise Refusal("partners.unknown-duty")
    told = {
        "accepted_on": accepted_on,
        "handed_over_on": handed_over_on,
        "registered_on": registered_on,
    }
    news = {name: day for name, day in told.items() if day is not None}
    if not news:
        raise Refusal("partners.nothing-noted")
    for name, day in news.items():
        known = getattr(kept, name)
        if known is not None:
            raise Refusal("partners.day-noted", on=known.isoformat())
        refuse_day_ahead(day, at=at)
        setattr(kept, name, day)
    kept.save(force_update=True)
    return _told(kept, at=at)


def party_of(party_id: UUID) -> PartyRecord:
    """Give a company's record; refuses with ``partners.unknown-party``."""
    kept = PartyRecord.objects.filter(id=party_id).first()
    if kept is None:
        raise Refusal("partners.unknown-party")
    return kept


def refuse_day_ahead(day: date | None, *, at: datetime) -> None:
    """Refuse with ``partners.day-ahead`` what is said to have happened after today."""
    if day is not None and day > city_time(at).date():
        raise Refusal("partners.day-ahead", on=day.isoformat())


def _told(kept: DutyRecord, *, at: datetime) -> DutyRow:
    row = duty_from(kept, lines=partner_policy().duties, on=city_time(at).date())
    days = {
        "accepted_on": kept.accepted_on,
        "handed_over_on": kept.handed_over_on,
        "registered_on": kept.registered_on,
        "due_on": row.standing.due_on,
    }
    record(
        target=kept.id,
        project_id=kept.project_id,
        body={
            "party": str(kept.party_id),
            "building": kept.building,
            "state": row.standing.state.value,
            **{name: day.isoformat() if day else "" for name, day in days.items()},
        },
    )
    return row
