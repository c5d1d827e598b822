"""With whom a household could swap: those of its open batch that have chosen (弹性选房)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.selection import mapping
from anju.resettlement.selection.attendance_types import SwapSide
from anju.resettlement.selection.lawful import opened_needs_of
from anju.resettlement.selection.models import BatchRecord, ChoiceRecord, PlaceRecord, TurnRecord
from anju.resettlement.selection.tiles import tile_of
from anju_rules.entitlement import judge_homes


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapOffer:
    """What another household of the batch has, and whether one may have it."""

    side: SwapSide
    is_lawful: bool
    """By one's own entitlement; the other's is judged when it agrees."""
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)


def swap_offers(*, project_id: UUID, household_id: UUID, by: Actor) -> list[SwapOffer]:
    """Give what the others of a household's open batch have chosen, in the order of places.

    Nothing where its batch is not open or it has not chosen itself.
    """
    with reading(by=by):
        own = TurnRecord.objects.filter(
            project_id=project_id, household_id=household_id, state="chosen"
        ).first()
        if own is None or not _is_open(project_id, own.batch):
            return []
        held = _held(project_id, own.batch)
        places = PlaceRecord.objects.filter(
            project_id=project_id, place__in=held.keys() - {own.place}
        ).order_by("place")
        rules = mapping.rules_of(project_id)
        household = household_by_id(project_id=project_id, household_id=household_id).household
        opened = opened_needs_of(project_id=project_id, batch=own.batch, rules=rules)
        offers = []
        for place in places:
            units = held[place.place]
            verdict = judge_homes(
                household=household,
                homes=[unit.home for unit in units],
                opened_needs=opened,
                rules=rules,
            )
            first = next(iter(verdict.unmet), None)
            offers.append(
                SwapOffer(
                    side=_side(place, units),
                    is_lawful=first is None,
                    code="" if first is None else first.code,
                    facts={} if first is None else dict(first.facts),
                )
            )
    return offers


def _is_open(project_id: UUID, batch: int) -> bool:
    return BatchRecord.objects.filter(project_id=project_id, batch=batch, state="open").exists()


def _held(project_id: UUID, batch: int) -> dict[int, list[UnitRow]]:
    """Give what each place of a batch has chosen, in the order in which it was named."""
    turns = TurnRecord.objects.filter(project_id=project_id, batch=batch, state="chosen")
    rows = list(
        ChoiceRecord.objects.filter(
            project_id=project_id, turn_id__in=turns.values("id"), released_at__isnull=True
        )
        .order_by("place", "rank")
        .values_list("place", "unit_id")
    )
    units = units_by_ids(project_id=project_id, unit_ids=[unit_id for _, unit_id in rows])
    by_id = {unit.id: unit for unit in units}
    held: dict[int, list[UnitRow]] = defaultdict(list)
    for place, unit_id in rows:
        held[place].append(by_id[unit_id])
    return held


def _side(place: PlaceRecord, units: list[UnitRow]) -> SwapSide:
    return SwapSide(
        household_id=place.household_id,
        place=place.place,
        ticket=place.ticket,
        masked_name=place.masked_name,
        homes=tuple(tile_of(unit, taken_by=None, opened_needs=frozenset()) for unit in units),
    )
