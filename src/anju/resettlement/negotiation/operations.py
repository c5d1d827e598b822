"""Writes of agreements: an officer proposes, the household signs, a supervisor signs and gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action, lay_case
from anju.foundation.casework.types import ActingAs, CaseRow, NewAction
from anju.foundation.core.crypto import new_id
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.eligibility.queries import standings
from anju.resettlement.households.queries import household_by_id, masked_names
from anju.resettlement.inventory.operations import move_units
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow, UnitState
from anju.resettlement.negotiation.following import (
    HOUSEHOLD_SIGNS,
    PROCEDURE,
    SUBJECT,
    SUPERVISOR_SIGNS,
)
from anju.resettlement.negotiation.models import GiftHomeRecord, GiftRecord
from anju.resettlement.projects.queries import project_by_id
from anju_rules.applications import Standing
from anju_rules.entitlement import judge_homes
from anju_rules.notices import refuse_personal_text
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

SERIES = "NEG"
OFFERED: frozenset[UnitState] = frozenset({"free", "reserved"})
_SUPERVISOR = ActingAs(role="supervisor", tier="district")
_CLAUSES = ("order-590/25", "plan/selection")
_LONGEST = 500


@operation(
    permits="negotiation.propose",
    action="negotiation.homes.proposed",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def propose_homes(
    *,
    project_id: UUID,
    household_id: UUID,
    unit_ids: Sequence[UUID],
    reason: str,
    by: Actor,
    at: datetime,
) -> CaseRow:
    """Propose homes to a household; from now on nobody else is offered them, and all see why.

    Refuses with ``negotiation.other-mode`` where the plan gives homes in turns,
    ``negotiation.not-confirmed`` a household whose eligibility two have not confirmed,
    ``negotiation.reason-missing``, ``notices.personal-text``, ``negotiation.no-home-named``,
    ``negotiation.home-taken``, ``negotiation.household-has-one``, ``inventory.*``, and with the
    codes of :func:`anju_rules.entitlement.judge_homes`.
    """
    project = project_by_id(project_id=project_id)
    if project.mode != "negotiated":
        raise Refusal("negotiation.other-mode", mode=project.mode)
    if standings(project_id=project_id).get(household_id) is not Standing.CONFIRMED:
        raise Refusal("negotiation.not-confirmed", clause="plan/eligibility")
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST:
        raise Refusal("negotiation.reason-missing", most=_LONGEST)
    refuse_personal_text(reason, where="reason")
    units = _judge(project_id, household_id, unit_ids)
    gift_id = new_id()
    _hold(project_id, gift_id, household_id, units, reason=reason, at=at)
    case = lay_case(
        project_id=project_id,
        procedure=PROCEDURE,
        subject_kind=SUBJECT,
        subject_id=household_id,
        household_id=household_id,
        division=by.division,
        series=f"{project.code}-{SERIES}",
        why=reason,
        case_id=gift_id,
        by=by,
        at=at,
    )
    record(
        target=gift_id,
        household_id=household_id,
        body={"number": case.number, "homes": [unit.told for unit in units], "reason": reason},
    )
    return case


@operation(
    permits="negotiation.sign",
    action="negotiation.household.signed",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def sign_for_household(*, project_id: UUID, household_id: UUID, by: Actor, at: datetime) -> CaseRow:
    """Sign for the household, by its own account; a supervisor's signature is still to come.

    Refuses with ``negotiation.none-open`` and as the case does.
    """
    gift = _open_gift(project_id, household_id)
    act = NewAction(kind=ActionKind.DECIDE, step=HOUSEHOLD_SIGNS, outcome="signed")
    case = lay_action(project_id=project_id, case_id=gift.id, act=act, by=by, at=at)
    record(target=gift.id, household_id=household_id, body={"number": case.number})
    return case


@operation(
    permits="negotiation.give",
    action="negotiation.homes.given",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def give_homes(*, project_id: UUID, household_id: UUID, by: Actor, at: datetime) -> CaseRow:
    """Sign as supervisor, which gives the homes: outside of turns, and on the wall at once.

    Refuses with ``negotiation.none-open``, with ``case.*`` where the household has not signed, and
    with ``inventory.unit-not-free`` where a home is no longer held for it.
    """
    gift = _open_gift(project_id, household_id)
    act = NewAction(kind=ActionKind.DECIDE, step=SUPERVISOR_SIGNS, outcome="signed")
    case = lay_action(
        project_id=project_id, case_id=gift.id, act=act, by=by, at=at, acting_as=_SUPERVISOR
    )
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={
            "number": case.number,
            "case": str(gift.id),
            "household": str(household_id),
            "homes": [unit.told for unit in _units_of(gift)],
            "reason": gift.reason,
        },
    )
    GiftRecord.objects.filter(project_id=project_id, id=gift.id).update(event_id=receipt.event_id)
    return case


@operation(
    permits="negotiation.sign",
    action="negotiation.homes.declined",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def decline_for_household(
    *, project_id: UUID, household_id: UUID, why: str, by: Actor, at: datetime
) -> CaseRow:
    """Decline what is proposed, as the household; the homes are free again.

    Refuses with ``negotiation.none-open``, ``negotiation.reason-missing`` and as the case does.
    """
    return _decline(project_id, household_id, HOUSEHOLD_SIGNS, why, by=by, at=at, acting_as=None)


@operation(
    permits="negotiation.give",
    action="negotiation.homes.withheld",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def withhold_homes(
    *, project_id: UUID, household_id: UUID, why: str, by: Actor, at: datetime
) -> CaseRow:
    """Decline what is proposed, as supervisor; the homes are free again.

    Refuses as :func:`decline_for_household` does.
    """
    return _decline(
        project_id, household_id, SUPERVISOR_SIGNS, why, by=by, at=at, acting_as=_SUPERVISOR
    )


def _decline(
    project_id: UUID,
    household_id: UUID,
    step: str,
    why: str,
    *,
    by: Actor,
    at: datetime,
    acting_as: ActingAs | None,
) -> CaseRow:
    why = why.strip()
    if not why or len(why) > _LONGEST:
        raise Refusal("negotiation.reason-missing", most=_LONGEST)
    gift = _open_gift(project_id, household_id)
    act = NewAction(kind=ActionKind.DECIDE, step=step, outcome="declined", why=why)
    case = lay_action(
        project_id=project_id, case_id=gift.id, act=act, by=by, at=at, acting_as=acting_as
    )
    record(target=gift.id, household_id=household_id, body={"number": case.number, "why": why})
    return case


def _judge(project_id: UUID, household_id: UUID, unit_ids: Sequence[UUID]) -> list[UnitRow]:
    if not unit_ids:
        raise Refusal("negotiation.no-home-named")
    in_force = rule_set_in_force(project_id=project_id)
    if in_force is None:
        raise Refusal("inventory.rules-not-frozen")
    found = {unit.id: unit for unit in units_by_ids(project_id=project_id, unit_ids=list(unit_ids))}
    units = [found[unit_id] for unit_id in unit_ids]
    household = household_by_id(project_id=project_id, household_id=household_id).household
    judge_homes(
        household=household, homes=[unit.home for unit in units], rules=in_force.rules
    ).raise_if_unmet()
    return units


def _hold(
    project_id: UUID,
    gift_id: UUID,
    household_id: UUID,
    units: Sequence[UnitRow],
    *,
    reason: str,
    at: datetime,
) -> None:
    """Write the agreement and hold its homes; the constraints alone decide who comes first."""
    names = masked_names(project_id=project_id, household_ids=[household_id])
    try:
        GiftRecord.objects.create(
            project_id=project_id,
            id=gift_id,
            household_id=household_id,
            masked_name=names[household_id],
            reason=reason,
            proposed_at=at,
        )
        GiftHomeRecord.objects.bulk_create(
            GiftHomeRecord(project_id=project_id, id=new_id(), gift_id=gift_id, unit_id=unit.id)
            # In one order everywhere, so that two proposals never wait in a circle.
            for unit in sorted(units, key=lambda unit: unit.id)
        )
    except IntegrityError as error:
        if "negotiation_gift_household_once" in str(error):
            raise Refusal("negotiation.household-has-one") from error
        if "negotiation_home_once" in str(error):
            raise Refusal("negotiation.home-taken") from error
        raise
    move_units(
        project_id=project_id,
        unit_ids=[unit.id for unit in units],
        from_states=OFFERED,
        to_state="held",
    )


def _open_gift(project_id: UUID, household_id: UUID) -> GiftRecord:
    gift = GiftRecord.objects.filter(
        project_id=project_id, household_id=household_id, state__in=("proposed", "signed")
    ).first()
    if gift is None:
        raise Refusal("negotiation.none-open")
    return gift


def _units_of(gift: GiftRecord) -> list[UnitRow]:
    homes = GiftHomeRecord.objects.filter(project_id=gift.project_id, gift_id=gift.id)
    return units_by_ids(
        project_id=gift.project_id, unit_ids=list(homes.values_list("unit_id", flat=True))
    )
