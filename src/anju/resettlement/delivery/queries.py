"""Reads of delivery: inside a context; a household is given its own hand-overs alone."""

from __future__ import annotations

from uuid import UUID

from anju.resettlement.delivery.mapping import hand_over_from
from anju.resettlement.delivery.models import HandOverRecord
from anju.resettlement.delivery.types import HandOverRow, HeldHome
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.tracing import missing_of, traces_of
from anju.resettlement.negotiation.queries import gifts_of
from anju.resettlement.selection.leftovers import homes_held


def hand_overs_of(*, project_id: UUID, household_id: UUID | None = None) -> tuple[HandOverRow, ...]:
    """Give a project's hand-overs, the newest first, or those to one household alone."""
    only = {} if household_id is None else {"household_id": household_id}
    found = HandOverRecord.objects.filter(project_id=project_id, **only)
    return tuple(hand_over_from(record) for record in found.order_by("-prepared_at", "id"))


def holders_of(*, project_id: UUID) -> dict[UUID, UUID]:
    """Give who holds which home, unit to household: chosen in a turn, or given by agreement."""
    held = homes_held(project_id=project_id)
    for gift in gifts_of(project_id=project_id):
        if gift.state == "given":
            held |= {home.id: gift.household_id for home in gift.homes}
    return held


def homes_to_hand_over(*, project_id: UUID) -> tuple[HeldHome, ...]:
    """Give the homes that a household holds and no hand-over is open or done for, by number."""
    held = holders_of(project_id=project_id)
    begun = set(
        HandOverRecord.objects.filter(project_id=project_id)
        .exclude(state="withdrawn")
        .values_list("unit_id", flat=True)
    )
    units = units_by_ids(project_id=project_id, unit_ids=held.keys() - begun)
    missing = missing_of(traces_of(project_id=project_id, units=units))
    return tuple(
        HeldHome(
            unit_id=unit.id,
            number=str(unit.number),
            household_id=held[unit.id],
            missing=tuple(missing[unit.id]),
        )
        for unit in sorted(units, key=lambda unit: str(unit.number))
    )
