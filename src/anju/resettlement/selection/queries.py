"""What is read of a selection: the board, the desk, a household's place, turn and choice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.eligibility.queries import approvers_of
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.inventory.queries import count_homes, units_by_ids
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import mapping
from anju.resettlement.selection.board import (
    batches_of,
    counts_of,
    current_batch,
    home_tiles,
    publications_of,
    selection_board,
)
from anju.resettlement.selection.lawful import options_of
from anju.resettlement.selection.models import (
    ChoiceRecord,
    PlaceRecord,
    TurnRecord,
)
from anju.resettlement.selection.tiles import tile_of
from anju.resettlement.selection.types import (
    ChoiceRow,
    DeskRow,
    FlowRow,
    HomeState,
    PlaceRow,
    TurnRow,
)
from anju_rules.draw_records import show_draw, show_result
from anju_rules.selection import LiveTurn, TurnState, turns_to_return
from anju_rules.values import Refusal

__all__ = [
    "approvers_of_order",
    "batches_of",
    "called_turn",
    "desk",
    "draw_papers",
    "expired_turn",
    "find_choice",
    "find_place",
    "find_turn",
    "flow_of",
    "home_tiles",
    "households_before",
    "is_order_taken",
    "options_of",
    "places_of",
    "publications_of",
    "selection_board",
    "turn_by_id",
]
_PUBLIC = system_actor(request_id="selection.public")


def find_turn(*, project_id: UUID, household_id: UUID) -> TurnRow | None:
    """Give a household's turn; None until its batch is opened."""
    turn = TurnRecord.objects.filter(project_id=project_id, household_id=household_id).first()
    return None if turn is None else _with_place(turn)


def turn_by_id(*, project_id: UUID, turn_id: UUID) -> TurnRow:
    """Give a turn; refuses with ``selection.turn-unknown``."""
    turn = TurnRecord.objects.filter(project_id=project_id, id=turn_id).first()
    if turn is None:
        raise Refusal("selection.turn-unknown")
    return _with_place(turn)


def called_turn(*, project_id: UUID) -> TurnRow | None:
    """Give the turn of the household that is called now."""
    turn = TurnRecord.objects.filter(project_id=project_id, state="called").first()
    return None if turn is None else _with_place(turn)


def expired_turn(*, project_id: UUID, at: datetime) -> TurnRow | None:
    """Give the called turn whose time is up: it is to be noted as missed."""
    turn = TurnRecord.objects.filter(project_id=project_id, state="called", limit_at__lt=at).first()
    return None if turn is None else _with_place(turn)


def find_place(*, project_id: UUID, household_id: UUID) -> PlaceRow | None:
    """Give a household's place in the order; None before the draw."""
    place = PlaceRecord.objects.filter(project_id=project_id, household_id=household_id).first()
    return None if place is None else mapping.place_row(place)


def places_of(*, project_id: UUID, batch: int) -> list[PlaceRow]:
    """Give the places of one batch, in order; masked."""
    places = PlaceRecord.objects.filter(project_id=project_id, batch=batch).order_by("place")
    return [mapping.place_row(place) for place in places]


def approvers_of_order(*, project_id: UUID) -> dict[str, str]:
    """Give, by ticket, who confirmed each household of a project's order; empty before it is taken.

    A word for a person that says nothing else: it shows who approved together, not who they are.
    """
    with reading(by=_PUBLIC):
        approvers = approvers_of(project_id=project_id)
        places = PlaceRecord.objects.filter(project_id=project_id)
        return {
            ticket: approvers[household_id].hex
            for household_id, ticket in places.values_list("household_id", "ticket")
            if household_id in approvers
        }


def is_order_taken(*, project_id: UUID) -> bool:
    """Whether a project has its order; nothing of it changes from then on."""
    with reading(by=_PUBLIC):
        return PlaceRecord.objects.filter(project_id=project_id).exists()


def households_before(*, project_id: UUID, place: int) -> int:
    """Give how many households are still to choose before a place."""
    done = TurnRecord.objects.filter(
        project_id=project_id, place__lt=place, state__in=("chosen", "waived", "missed")
    ).count()
    return place - 1 - done


def find_choice(*, project_id: UUID, household_id: UUID) -> ChoiceRow | None:
    """Give what a household has chosen, with the entry that proves it; None: nothing yet."""
    chosen = list(
        ChoiceRecord.objects.filter(
            project_id=project_id, household_id=household_id, released_at__isnull=True
        ).order_by("unit_id")
    )
    if not chosen:
        return None
    place = PlaceRecord.objects.get(project_id=project_id, household_id=household_id)
    units = units_by_ids(project_id=project_id, unit_ids=[row.unit_id for row in chosen])
    taken_by = (place.ticket, chosen[0].event_id)
    return ChoiceRow(
        place=place.place,
        ticket=place.ticket,
        masked_name=place.masked_name,
        homes=tuple(tile_of(unit, taken_by=taken_by, opened_needs=frozenset()) for unit in units),
        area_sqm=sum((unit.home.area_sqm for unit in units), Decimal(0)),
        chosen_at=chosen[0].chosen_at,
        event_id=chosen[0].event_id,
    )


def draw_papers(*, project_id: UUID) -> list[dict[str, object]]:
    """Give each stratum's draw as it is published: whole input and result, to derive it again."""
    return [
        {
            "stratum": draw.terms.stratum,
            "place_of_draw": place,
            "scheme": str(draw.terms.scheme),
            "input": show_draw(draw),
            "expected": show_result(draw, result),
        }
        for place, (draw, result) in enumerate(mapping.draws_of(project_id), start=1)
    ]


def desk(*, project_id: UUID, by: Actor) -> DeskRow:
    """Give what the officer at the desk works with.

    Refuses with ``projects.unknown-project``.
    """
    with reading(by=by):
        return _desk(project_id)


def flow_of(*, project_id: UUID) -> FlowRow:
    """Give where the choosing stands, and what may be done next; it needs no context."""
    batches = batches_of(project_id=project_id)
    rule_set = rule_set_in_force(project_id=project_id)
    current = current_batch(batches)
    open_batch = current if current is not None and current.state == "open" else None
    turns = () if open_batch is None else _turns_of(project_id, open_batch.batch)
    live = [_live(turn) for turn in turns]
    returning = [] if rule_set is None else turns_to_return(turns=live, rules=rule_set.rules)
    places_back = {turn.place for turn in returning}
    called = next((turn for turn in turns if turn.is_called), None)
    waits = any(turn.state in (TurnState.WAITING, TurnState.RETURNED) for turn in live)
    return FlowRow(
        batches=batches,
        open_batch=open_batch,
        called=called,
        turns=turns,
        may_call=called is None and waits,
        may_close=open_batch is not None and called is None and not waits and not returning,
        to_return=tuple(turn for turn in turns if turn.place in places_back),
        next_batch=next((batch.batch for batch in batches if batch.state == "waiting"), None),
    )


def _desk(project_id: UUID) -> DeskRow:
    project = project_by_id(project_id=project_id)
    flow = flow_of(project_id=project_id)
    return DeskRow(
        project_id=project_id,
        code=project.code,
        name=project.name,
        counts=counts_of(
            project_id=project_id, batches=flow.batches, homes=_count_homes(project_id)
        ),
        batches=flow.batches,
        open_batch=flow.open_batch,
        called=flow.called,
        called_number=_number_of(flow.called),
        called_budget=_budget_of(flow.called),
        turns=flow.turns,
        may_call=flow.may_call,
        may_close=flow.may_close,
        to_return=flow.to_return,
        next_batch=flow.next_batch,
    )


def _count_homes(project_id: UUID) -> Counter[HomeState]:
    taken = set(
        ChoiceRecord.objects.filter(project_id=project_id, released_at__isnull=True).values_list(
            "unit_id", flat=True
        )
    )
    counts = Counter[HomeState](count_homes(project_id=project_id, leaving_out=taken))
    counts["taken"] += len(taken)
    return counts


def _number_of(called: TurnRow | None) -> str:
    if called is None:
        return ""
    return household_by_id(project_id=called.project_id, household_id=called.household_id).number


def _budget_of(called: TurnRow | None) -> str:
    if called is None:
        return ""
    return PlaceRecord.objects.get(project_id=called.project_id, place=called.place).budget


def _turns_of(project_id: UUID, batch: int) -> tuple[TurnRow, ...]:
    places = {
        place.place: place
        for place in PlaceRecord.objects.filter(project_id=project_id, batch=batch)
    }
    turns = TurnRecord.objects.filter(project_id=project_id, batch=batch).order_by("place")
    return tuple(mapping.turn_row(turn, places[turn.place]) for turn in turns)


def _live(turn: TurnRow) -> LiveTurn:
    return LiveTurn(place=turn.place, state=TurnState(turn.state), has_come_back=turn.has_come_back)


def _with_place(turn: TurnRecord) -> TurnRow:
    place = PlaceRecord.objects.get(project_id=turn.project_id, place=turn.place)
    return mapping.turn_row(turn, place)
