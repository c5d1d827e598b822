"""What is read of a selection: the board, the desk, a household's place, turn and choice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

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
    SignatureRecord,
    TurnRecord,
)
from anju.resettlement.selection.operations.naming import show_signatures
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
from anju_rules.signing import Side, missing_sides
from anju_rules.values import Refusal

__all__ = [
    "approvers_of_order",
    "batches_of",
    "called_turn",
    "called_turns",
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
    "naming_of",
    "options_of",
    "places_of",
    "publications_of",
    "selection_board",
    "turn_by_id",
    "unsigned_naming",
]
_PUBLIC = system_actor(request_id="selection.public")


def find_turn(*, project_id: UUID, household_id: UUID) -> TurnRow | None:
    """Give a household's turn; None until its batch is opened."""
    turn = TurnRecord.objects.filter(project_id=project_id, household_id=household_id).first()
    return None if turn is None else mapping.row_of_turn(turn)


def turn_by_id(*, project_id: UUID, turn_id: UUID) -> TurnRow:
    """Give a turn; refuses with ``selection.turn-unknown``."""
    turn = TurnRecord.objects.filter(project_id=project_id, id=turn_id).first()
    if turn is None:
        raise Refusal("selection.turn-unknown")
    return mapping.row_of_turn(turn)


def called_turns(*, project_id: UUID) -> tuple[TurnRow, ...]:
    """Give the turns of the households that are called now, by desk."""
    turns = TurnRecord.objects.filter(project_id=project_id, state="called").order_by("desk")
    return tuple(mapping.row_of_turn(turn) for turn in turns)


def called_turn(*, project_id: UUID, desk: int | None = None) -> TurnRow | None:
    """Give the turn that is called at a desk; unsaid: at whichever desk calls first."""
    turns = called_turns(project_id=project_id)
    return next((turn for turn in turns if desk in (None, turn.desk)), None)


def expired_turn(*, project_id: UUID, at: datetime) -> TurnRow | None:
    """Give a called turn whose time is up, and in which nothing is to be signed any more."""
    turn = (
        TurnRecord.objects.filter(project_id=project_id, state="called", limit_at__lt=at)
        .filter(Q(sign_by__isnull=True) | Q(sign_by__lt=at))
        .order_by("desk")
        .first()
    )
    return None if turn is None else mapping.row_of_turn(turn)


def unsigned_naming(*, project_id: UUID, at: datetime) -> TurnRow | None:
    """Give a turn whose naming was not signed in its time: it is to be dropped."""
    turn = (
        TurnRecord.objects.filter(project_id=project_id, state="called", sign_by__lt=at)
        .order_by("desk")
        .first()
    )
    return None if turn is None else mapping.row_of_turn(turn)


def naming_of(*, project_id: UUID, turn_id: UUID) -> ChoiceRow | None:
    """Give what a called household has named, who has signed and who is missing; else None."""
    turn = turn_by_id(project_id=project_id, turn_id=turn_id)
    if not turn.is_named:
        return None
    return _choice_of(project_id, turn_id=turn_id, is_named=True)


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
    """Give what a household has chosen, with the entry that proves it; None: nothing yet.

    What is named and not signed by every side is no choice (:func:`naming_of`).
    """
    return _choice_of(project_id, household_id=household_id, is_named=False)


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


def desk(*, project_id: UUID, by: Actor, number: int | None = None) -> DeskRow:
    """Give what the officer at desk ``number`` works with; unsaid: at whichever desk calls first.

    Refuses with ``projects.unknown-project``.
    """
    with reading(by=by):
        return _desk(project_id, number)


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
    called = tuple(sorted((turn for turn in turns if turn.is_called), key=_by_desk))
    desks = 1 if rule_set is None else rule_set.rules.turn_terms.desks
    waits = any(turn.state in (TurnState.WAITING, TurnState.RETURNED) for turn in live)
    return FlowRow(
        batches=batches,
        open_batch=open_batch,
        called=called,
        turns=turns,
        may_call=len(called) < desks and waits,
        may_close=open_batch is not None and not called and not waits and not returning,
        to_return=tuple(turn for turn in turns if turn.place in places_back),
        next_batch=next((batch.batch for batch in batches if batch.state == "waiting"), None),
        desks=desks,
    )


def _desk(project_id: UUID, number: int | None) -> DeskRow:
    project = project_by_id(project_id=project_id)
    flow = flow_of(project_id=project_id)
    called = next((turn for turn in flow.called if number in (None, turn.desk)), None)
    return DeskRow(
        project_id=project_id,
        code=project.code,
        name=project.name,
        counts=counts_of(
            project_id=project_id, batches=flow.batches, homes=_count_homes(project_id)
        ),
        batches=flow.batches,
        open_batch=flow.open_batch,
        called=called,
        called_number=_number_of(called),
        called_budget=_budget_of(called),
        turns=flow.turns,
        may_call=flow.may_call,
        may_close=flow.may_close,
        to_return=flow.to_return,
        next_batch=flow.next_batch,
        desks=flow.desks,
        called_at_desks=flow.called,
        naming=None if called is None else naming_of(project_id=project_id, turn_id=called.id),
    )


def _choice_of(project_id: UUID, *, is_named: bool, **whose: UUID) -> ChoiceRow | None:
    held = list(
        ChoiceRecord.objects.filter(
            project_id=project_id, released_at__isnull=True, is_named=is_named, **whose
        ).order_by("rank", "unit_id")
    )
    if not held:
        return None
    turn = TurnRecord.objects.get(project_id=project_id, id=held[0].turn_id)
    place = PlaceRecord.objects.get(project_id=project_id, place=turn.place)
    unit_ids = [row.unit_id for row in held]
    by_id = {unit.id: unit for unit in units_by_ids(project_id=project_id, unit_ids=unit_ids)}
    units = [by_id[unit_id] for unit_id in unit_ids]
    taken_by = (place.ticket, held[0].event_id)
    signatures = show_signatures(
        SignatureRecord.objects.filter(
            project_id=project_id, turn_id=turn.id, voided_at__isnull=True
        ).order_by("signed_at", "id")
    )
    missing = missing_sides(
        needed=[Side(side) for side in turn.sides.split()],
        given=[Side(signature.side) for signature in signatures],
    )
    return ChoiceRow(
        place=place.place,
        ticket=place.ticket,
        masked_name=place.masked_name,
        homes=tuple(
            tile_of(unit, taken_by=taken_by, opened_needs=frozenset(), is_named=is_named)
            for unit in units
        ),
        area_sqm=sum((unit.home.area_sqm for unit in units), Decimal(0)),
        chosen_at=held[0].chosen_at,
        event_id=held[0].event_id,
        step=turn.step,
        sign_by=turn.sign_by if is_named else None,
        signatures=signatures,
        missing=tuple(side.value for side in missing) if is_named else (),
    )


def _count_homes(project_id: UUID) -> Counter[HomeState]:
    held = dict(
        ChoiceRecord.objects.filter(project_id=project_id, released_at__isnull=True).values_list(
            "unit_id", "is_named"
        )
    )
    counts = Counter[HomeState](count_homes(project_id=project_id, leaving_out=set(held)))
    named = sum(held.values())
    counts["named"] += named
    counts["taken"] += len(held) - named
    return counts


def _by_desk(turn: TurnRow) -> int:
    return turn.desk


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
