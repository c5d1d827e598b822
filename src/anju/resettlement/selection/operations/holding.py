"""Homes held by a naming: given by a unique constraint that no application check can weaken.

Whoever comes second waits for the first to commit, and then gets nothing (P8, P9, P11).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet

from anju.foundation.core.crypto import new_id
from anju.resettlement.inventory.operations import move_units
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.selection.lawful import OFFERED
from anju.resettlement.selection.models import ChoiceRecord, PlaceRecord
from anju_rules.values import Refusal

# No target is named, so that nothing but a unique constraint decides.
GIVE_HOME = """
INSERT INTO selection_choice
  (project_id, id, turn_id, household_id, place, unit_id, chosen_at, chosen_by, event_id,
   is_named, rank)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


def held_homes(project_id: UUID, turn_id: UUID) -> list[UUID]:
    """Give the homes that a turn holds, in the order in which they were named."""
    return list(_held(project_id, turn_id).order_by("rank").values_list("unit_id", flat=True))


def named_units(project_id: UUID, unit_ids: Sequence[UUID], *, turn_id: UUID) -> list[UnitRow]:
    """Give the homes named, in the order in which they were named; one named twice stays twice.

    Refuses with ``selection.no-home-named``, ``inventory.unknown-unit``,
    ``selection.unit-already-held`` and ``selection.unit-not-open``.
    """
    if not unit_ids:
        raise Refusal("selection.no-home-named")
    found = units_by_ids(project_id=project_id, unit_ids=unit_ids)
    refuse_held(project_id, found, turn_id=turn_id)
    for unit in found:
        if unit.state not in OFFERED:
            raise Refusal("selection.unit-not-open", unit=unit.number)
    by_id = {unit.id: unit for unit in found}
    return [by_id[unit_id] for unit_id in unit_ids]


def hold_homes(
    *,
    project_id: UUID,
    turn_id: UUID,
    household_id: UUID,
    place: int,
    units: Sequence[UnitRow],
    before: Sequence[UUID],
    by_id: UUID,
    at: datetime,
    event_id: UUID,
    is_named: bool,
) -> None:
    """Hold just these homes for a turn; ``before``: those it holds already.

    Where nobody is left to sign (not ``is_named``) they are its household's for good. Refuses with
    ``selection.unit-already-held``, and like :func:`take_homes`; then nothing is held that was not
    before.
    """
    ranks = {unit.id: rank for rank, unit in enumerate(units, start=1)}
    # In one order everywhere, and before any is let go: no two households wait in a circle.
    for unit in sorted(units, key=lambda unit: unit.id):
        if unit.id in before:
            continue
        whose = (project_id, new_id(), turn_id, household_id, place)
        with connections["default"].cursor() as cursor:
            cursor.execute(
                GIVE_HOME, [*whose, unit.id, at, by_id, event_id, is_named, ranks[unit.id]]
            )
            given = cursor.rowcount
        if not given:
            refuse_held(project_id, [unit], turn_id=turn_id)
            raise Refusal("selection.unit-already-held", unit=unit.number, holder="-")
    if before:
        held = _held(project_id, turn_id)
        held.exclude(unit_id__in=ranks).update(released_at=at)
        for unit_id in ranks.keys() & set(before):
            held.filter(unit_id=unit_id).update(
                chosen_at=at,
                chosen_by=by_id,
                event_id=event_id,
                is_named=is_named,
                rank=ranks[unit_id],
            )
    if not is_named:
        move_units(
            project_id=project_id, unit_ids=list(ranks), from_states=OFFERED, to_state="taken"
        )


def free_homes(project_id: UUID, turn_id: UUID, *, at: datetime) -> None:
    """Let the homes go that a turn has named and that were not signed for."""
    _held(project_id, turn_id).update(released_at=at)


def take_homes(
    project_id: UUID, turn_id: UUID, unit_ids: Sequence[UUID], *, at: datetime, event_id: UUID
) -> None:
    """Give the homes that a turn has named, just these, to its household for good.

    Refuses with ``inventory.unit-not-free`` where the office has kept one back meanwhile.
    """
    _held(project_id, turn_id).update(is_named=False, chosen_at=at, event_id=event_id)
    move_units(project_id=project_id, unit_ids=unit_ids, from_states=OFFERED, to_state="taken")


def refuse_held(project_id: UUID, units: Sequence[UnitRow], *, turn_id: UUID) -> None:
    """Refuse with ``selection.unit-already-held`` homes that another turn holds."""
    held = (
        ChoiceRecord.objects.filter(
            project_id=project_id,
            unit_id__in=[unit.id for unit in units],
            released_at__isnull=True,
        )
        .exclude(turn_id=turn_id, is_named=True)
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


def _held(project_id: UUID, turn_id: UUID) -> QuerySet[ChoiceRecord]:
    return ChoiceRecord.objects.filter(
        project_id=project_id, turn_id=turn_id, released_at__isnull=True, is_named=True
    )
