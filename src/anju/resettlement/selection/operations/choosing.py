"""Choosing: one operation for the desk, the household's phone, the API and the automatic run (P10).

The turn is taken with the same statement that checks it; the home is given by a unique constraint
that no application check can weaken (P8, P9, P11). Whatever is refused leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connections

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.inventory.operations import move_units
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.selection import mapping
from anju.resettlement.selection.lawful import OFFERED, opened_needs_of
from anju.resettlement.selection.models import ChoiceRecord, PlaceRecord, TurnRecord
from anju.resettlement.selection.tiles import tile_of
from anju.resettlement.selection.types import ChoiceRow
from anju_rules.entitlement import judge_homes
from anju_rules.values import Refusal

# The check of the turn and its end are one statement: of two that come at once, one finds no row.
_END_TURN = """
UPDATE selection_turn SET state = 'chosen', ended_at = %(at)s
WHERE project_id = %(project)s AND id = %(turn)s AND state = 'called' AND limit_at >= %(at)s
  AND (%(household)s::uuid IS NULL OR household_id = %(household)s)
RETURNING place, batch, household_id
"""

# Whoever comes second waits for the first to commit, and then gets no row. No target is named, so
# that nothing but a unique constraint decides.
_GIVE_HOME = """
INSERT INTO selection_choice
  (project_id, id, turn_id, household_id, place, unit_id, chosen_at, chosen_by, event_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


@operation(
    permits="selection.choose",
    action="selection.home.chosen",
    clauses=("plan/selection", "plan/entitlement"),
    level=Secrecy.PUBLIC,
)
def choose_homes(
    *, project_id: UUID, turn_id: UUID, unit_ids: Sequence[UUID], by: Actor, at: datetime
) -> ChoiceRow:
    """Give homes to the household whose turn it is, all of them or none; its turn is over then.

    A household chooses in its own turn only, an officer for whoever is called.
    Refuses with ``selection.not-your-turn``, ``selection.turn-expired``,
    ``selection.no-home-named``, ``inventory.unknown-unit``, ``selection.unit-not-open``,
    ``selection.unit-already-held``, and with the codes of
    :func:`anju_rules.entitlement.judge_choice`.
    """
    place, batch, household_id = _end_turn(project_id, turn_id, by=by, at=at)
    units = _units_named(project_id, unit_ids)
    rules = mapping.rules_of(project_id)
    opened = opened_needs_of(project_id=project_id, batch=batch, rules=rules)
    household = household_by_id(project_id=project_id, household_id=household_id)
    judge_homes(
        household=household.household,
        homes=[unit.home for unit in units],
        opened_needs=opened,
        rules=rules,
    ).raise_if_unmet()
    receipt = record(
        target=turn_id,
        household_id=household_id,
        body={
            "project": str(project_id),
            "place": place,
            "household": str(household_id),
            "units": [{"id": str(unit.id), "number": str(unit.number)} for unit in units],
            "rules_version": rules.version,
        },
    )
    # In one order everywhere, so that two households with several homes never wait in a circle.
    for unit in sorted(units, key=lambda unit: unit.id):
        given = _give_home(
            (
                *(project_id, new_id(), turn_id, household_id, place),
                *(unit.id, at, by.id, receipt.event_id),
            )
        )
        if not given:
            _refuse_held(project_id, [unit])
            raise Refusal("selection.unit-already-held", unit=unit.number, holder="-")
    move_units(project_id=project_id, unit_ids=unit_ids, from_states=OFFERED, to_state="taken")
    owner = PlaceRecord.objects.get(project_id=project_id, place=place)
    taken_by = (owner.ticket, receipt.event_id)
    return ChoiceRow(
        place=place,
        ticket=owner.ticket,
        masked_name=owner.masked_name,
        homes=tuple(tile_of(unit, taken_by=taken_by, opened_needs=opened) for unit in units),
        area_sqm=sum((unit.home.area_sqm for unit in units), Decimal(0)),
        chosen_at=at,
        event_id=receipt.event_id,
    )


def _end_turn(project_id: UUID, turn_id: UUID, *, by: Actor, at: datetime) -> tuple[int, int, UUID]:
    told: dict[str, datetime | UUID | None] = {
        "at": at,
        "project": project_id,
        "turn": turn_id,
        "household": by.household_id,
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(_END_TURN, told)
        found = cursor.fetchone()
    if found is None:
        raise _why_not_now(project_id, turn_id, by=by, at=at)
    place, batch, household_id = found
    return place, batch, household_id


def _why_not_now(project_id: UUID, turn_id: UUID, *, by: Actor, at: datetime) -> Refusal:
    turn = TurnRecord.objects.filter(project_id=project_id, id=turn_id).first()
    is_strange = by.household_id is not None and turn and turn.household_id != by.household_id
    if turn is None or is_strange:
        return Refusal("selection.turn-unknown")
    if turn.state == "called" and turn.limit_at is not None and turn.limit_at < at:
        return Refusal(
            "selection.turn-expired", place=turn.place, limit_at=turn.limit_at.isoformat()
        )
    ticket = PlaceRecord.objects.get(project_id=project_id, place=turn.place).ticket
    return Refusal(
        "selection.not-your-turn",
        clause="plan/selection",
        household=ticket,
        number=turn.place,
        state=turn.state,
    )


def _units_named(project_id: UUID, unit_ids: Sequence[UUID]) -> list[UnitRow]:
    """Give the homes named, in the order in which they were named; one named twice stays twice."""
    if not unit_ids:
        raise Refusal("selection.no-home-named")
    found = units_by_ids(project_id=project_id, unit_ids=unit_ids)
    _refuse_held(project_id, found)
    for unit in found:
        if unit.state not in OFFERED:
            raise Refusal("selection.unit-not-open", unit=unit.number)
    by_id = {unit.id: unit for unit in found}
    return [by_id[unit_id] for unit_id in unit_ids]


def _refuse_held(project_id: UUID, units: Sequence[UnitRow]) -> None:
    held = (
        ChoiceRecord.objects.filter(
            project_id=project_id,
            unit_id__in=[unit.id for unit in units],
            released_at__isnull=True,
        )
        .values_list("unit_id", "place")
        .first()
    )
    if held is None:
        return
    unit_id, place = held
    raise Refusal(
        "selection.unit-already-held",
        unit=next(unit.number for unit in units if unit.id == unit_id),
        holder=PlaceRecord.objects.get(project_id=project_id, place=place).ticket,
    )


def _give_home(told: tuple[UUID | int | datetime, ...]) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute(_GIVE_HOME, told)
        return bool(cursor.rowcount)
