"""What a selection has left: who stands where with which homes, once every batch is closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from anju.resettlement.inventory.queries import unit_briefs
from anju.resettlement.inventory.types import UnitBrief
from anju.resettlement.selection import mapping
from anju.resettlement.selection.lawful import OFFERED, opened_needs_of
from anju.resettlement.selection.models import BatchRecord, ChoiceRecord, PlaceRecord, TurnRecord
from anju.resettlement.selection.types import TurnState
from anju_rules.policy import RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTurn:
    """One household of the order: how its turn ended, and the homes it holds now."""

    household_id: UUID
    turn_id: UUID
    place: int
    ticket: str
    masked_name: str
    state: TurnState
    unit_ids: tuple[UUID, ...]


def has_ended(*, project_id: UUID) -> bool:
    """Whether everybody has had a turn: there are batches, and all of them are closed."""
    states = BatchRecord.objects.filter(project_id=project_id).values_list("state", flat=True)
    return bool(states) and all(state == "closed" for state in states)


def ended_turns(*, project_id: UUID, household_id: UUID | None = None) -> list[EndedTurn]:
    """Give every household that had a turn, in the original order; or the one asked for alone."""
    only = {} if household_id is None else {"household_id": household_id}
    homes: defaultdict[UUID, list[UUID]] = defaultdict(list)
    held = ChoiceRecord.objects.filter(project_id=project_id, released_at__isnull=True, **only)
    for holder, unit_id in held.order_by("unit_id").values_list("household_id", "unit_id"):
        homes[holder].append(unit_id)
    turns = {
        turn.household_id: turn for turn in TurnRecord.objects.filter(project_id=project_id, **only)
    }
    places = PlaceRecord.objects.filter(project_id=project_id, **only).order_by("place")
    return [
        EndedTurn(
            household_id=place.household_id,
            turn_id=turns[place.household_id].id,
            place=place.place,
            ticket=place.ticket,
            masked_name=place.masked_name,
            state=mapping.turn_row(turns[place.household_id], place).state,
            unit_ids=tuple(homes[place.household_id]),
        )
        for place in places
        if place.household_id in turns
    ]


def homes_held(*, project_id: UUID) -> dict[UUID, UUID]:
    """Give who holds which home now, unit to household; a naming not signed by all holds none."""
    held = ChoiceRecord.objects.filter(
        project_id=project_id, released_at__isnull=True, is_named=False
    )
    return dict(held.values_list("unit_id", "household_id"))


def vacant_homes(*, project_id: UUID) -> list[UnitBrief]:
    """Give the homes that nobody holds and the office does not keep back, in table order."""
    taken = set(
        ChoiceRecord.objects.filter(project_id=project_id, released_at__isnull=True).values_list(
            "unit_id", flat=True
        )
    )
    return [
        unit
        for unit in unit_briefs(project_id=project_id)
        if unit.id not in taken and unit.state in OFFERED
    ]


def rules_after_selection(*, project_id: UUID) -> tuple[RuleSet, frozenset[str]]:
    """Give a project's rules, and the needs whose homes are open to all once everybody is through.

    Refuses with ``selection.rules-not-frozen``.
    """
    rules = mapping.rules_of(project_id)
    after = 1 + max(mapping.last_batches_of(project_id).values(), default=0)
    return rules, opened_needs_of(project_id=project_id, batch=after, rules=rules)
