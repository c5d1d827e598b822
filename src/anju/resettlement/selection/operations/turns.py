"""Turns: called in order, missed when the time is up, waived, and come back once (SEL-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.resettlement.selection import mapping
from anju.resettlement.selection.calling import following_turns, lay_calls, tell_call
from anju.resettlement.selection.models import PlaceRecord, TurnRecord
from anju.resettlement.selection.operations.acting import refuse_proxy, require_mandate
from anju.resettlement.selection.operations.answers import answered_once
from anju.resettlement.selection.operations.locking import lock_open_batch
from anju.resettlement.selection.operations.naming import let_go
from anju.resettlement.selection.operations.pausing import check_running
from anju.resettlement.selection.types import TurnRow
from anju_rules.selection import (
    STILL_TO_COME,
    TurnState,
    check_move,
    desk_to_call,
    may_defer,
    may_return,
    next_turn,
)
from anju_rules.values import Refusal

CLAUSES = ("plan/selection",)


@answered_once(permits="selection.run", action="selection.turn.called", clauses=CLAUSES)
def call_next(
    *,
    project_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
    seconds: int | None = None,
    desk: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
) -> TurnRow:
    """Call the household that is next in the open batch, to ``desk`` or the lowest free one.

    It has ``seconds`` to choose, by default as long as the plan says.
    It is told so by telephone, and those that come soon that they do.
    Refuses with ``selection.no-open-batch``, ``selection.paused``, ``selection.turn-running`` while
    every desk is busy, ``selection.desk-busy``, ``selection.no-such-desk`` and
    ``selection.nobody-to-call``.
    """
    batch = lock_open_batch(project_id)
    check_running(project_id)
    terms = mapping.rules_of(project_id).turn_terms
    turns = {
        turn.place: turn
        for turn in TurnRecord.objects.filter(project_id=project_id, batch=batch.batch)
    }
    live = [mapping.live_turn(turn) for turn in turns.values()]
    following = next_turn(live, desks=terms.desks)
    busy = {turn.desk for turn in turns.values() if turn.state == TurnState.CALLED}
    desk = desk_to_call(busy=busy, desks=terms.desks, desk=desk)
    if following is None:
        raise Refusal("selection.nobody-to-call", batch=batch.batch)
    turn = turns[following.place]
    limit_at = at + timedelta(seconds=seconds or terms.seconds)
    times_called = turn.times_called + 1
    _record_turn(
        turn, {"limit_at": limit_at.isoformat(), "times_called": times_called, "desk": desk}
    )
    told: dict[str, Any] = {
        "state": "called",
        "called_at": at,
        "limit_at": limit_at,
        "ended_at": None,
        "times_called": times_called,
        "desk": desk,
    }
    changed = TurnRecord.objects.filter(
        project_id=project_id, id=turn.id, state=str(following.state)
    ).update(**told)
    if not changed:
        # A household that waives its turn need not wait for the batch's lock.
        raise Refusal("selection.turn-state", state="waived", wanted="called")
    for name, value in told.items():
        setattr(turn, name, value)
    told_of = [turn, *following_turns(list(turns.values()))]
    places = {
        place.place: place
        for place in PlaceRecord.objects.filter(
            project_id=project_id, place__in=[one.place for one in told_of]
        )
    }
    tickets = {number: place.ticket for number, place in places.items()}
    lay_calls(called=turn, batch=list(turns.values()), tickets=tickets, at=at)
    return mapping.turn_row(turn, places[turn.place])


@answered_once(permits="selection.run", action="selection.turn.missed", clauses=CLAUSES)
def miss_turn(
    *,
    project_id: UUID,
    turn_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
    call: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
) -> TurnRow:
    """Note that a called household did not choose in its time; what it had named is free again.

    The entry quotes the proof that it was called: where it was shown, and what became of its
    messages. Refuses with ``selection.paused``, with ``selection.turn-still-running`` before its
    time is up, or while what it named in its time may still be signed, with
    ``selection.turn-state`` a turn that is not called, and with ``selection.call-outdated``.
    """
    turn = _lock_turn(project_id, turn_id, call=call)
    check_running(project_id)
    check_move(old=TurnState(turn.state), new=TurnState.MISSED)
    ends_at = max(filter(None, (turn.limit_at, turn.sign_by)), default=at)
    if at < ends_at:
        raise Refusal(
            "selection.turn-still-running", place=turn.place, limit_at=ends_at.isoformat()
        )
    limit_at = turn.limit_at and turn.limit_at.isoformat()
    _record_turn(turn, {"limit_at": limit_at, "call": tell_call(turn)})
    _end_turn(turn, "missed", at=at)
    return _row(project_id, turn_id)


@answered_once(permits="selection.choose", action="selection.turn.waived", clauses=CLAUSES)
def waive_turn(
    *,
    project_id: UUID,
    turn_id: UUID,
    by: Actor,
    at: datetime,
    reason: str = "household",
    call: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
) -> TurnRow:
    """Give up a turn for good; whatever homes are left, named ones too, stay for the others.

    ``reason``: ``household`` (it wants none), or ``no-lawful-home`` (none is left that it may
    have). Refuses with ``selection.turn-state`` a turn that is over, with
    ``selection.call-outdated``, and with ``selection.not-by-proxy``: a mandate is for choosing.
    """
    refuse_proxy(by)
    turn = _lock_turn(project_id, turn_id, household_id=by.household_id, call=call)
    check_move(old=TurnState(turn.state), new=TurnState.WAIVED)
    _record_turn(turn, {"reason": reason})
    _end_turn(turn, "waived", at=at)
    return _row(project_id, turn_id)


@operation(
    permits="selection.run",
    action="selection.turn.returned",
    clauses=CLAUSES,
    level=Secrecy.PUBLIC,
)
def return_turn(
    *,
    project_id: UUID,
    turn_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,  # noqa: ARG001 - the gate reads it
) -> TurnRow:
    """Let a household that missed its turn come back, once everyone else of its batch is through.

    Refuses with ``selection.no-open-batch``, ``selection.not-batch-end`` while others are to
    come, ``selection.late-turn`` where the plan allows no late turn or it came back before, and
    ``selection.turn-state`` a turn that was not missed.
    """
    batch = lock_open_batch(project_id)
    turn = _lock_turn(project_id, turn_id)
    if turn.batch != batch.batch:
        raise Refusal("selection.turn-unknown")
    if turn.state != TurnState.MISSED:
        raise Refusal("selection.turn-state", state=turn.state, wanted="returned")
    if not may_return(turn=mapping.live_turn(turn), rules=mapping.rules_of(project_id)):
        ticket = _ticket_of(turn)
        raise Refusal("selection.late-turn", household=ticket, number=turn.place)
    others = TurnRecord.objects.filter(
        project_id=project_id, batch=batch.batch, state__in=STILL_TO_COME
    )
    # Those that are back already are no obstacle: all the missed come back together.
    to_come = others.exclude(state="returned").count()
    if to_come:
        raise Refusal("selection.not-batch-end", to_come=to_come)
    _record_turn(turn, {})
    TurnRecord.objects.filter(project_id=project_id, id=turn_id).update(
        state="returned", has_come_back=True
    )
    return _row(project_id, turn_id)


@answered_once(permits="selection.choose", action="selection.turn.deferred", clauses=CLAUSES)
def defer_turn(
    *,
    project_id: UUID,
    turn_id: UUID,
    by: Actor,
    at: datetime,
    call: int | None = None,
    key: str | None = None,  # noqa: ARG001 - the gate of answers reads it
) -> TurnRow:
    """Let the others of the batch go first (缓选), before the turn is called or while it is.

    It is the one return that the plan allows a missed turn, used beforehand: who deferred and then
    misses the call does not come back. What was named is free again. Refuses with
    ``selection.no-open-batch``, ``selection.paused``, ``selection.turn-unknown``,
    ``selection.turn-state``, ``selection.turn-expired`` once its time is up,
    ``selection.late-turn`` where the plan allows no late turn or it came back before,
    ``selection.call-outdated`` and ``selection.mandate-over``.
    """
    require_mandate(project_id=project_id, by=by, at=at)
    batch = lock_open_batch(project_id)
    check_running(project_id)
    turn = _lock_turn(project_id, turn_id, household_id=by.household_id, call=call)
    if turn.batch != batch.batch:
        raise Refusal("selection.turn-unknown")
    _check_deferral(turn, at=at)
    if not may_defer(turn=mapping.live_turn(turn), rules=mapping.rules_of(project_id)):
        raise Refusal("selection.late-turn", household=_ticket_of(turn), number=turn.place)
    _record_turn(turn, {"was": turn.state})
    _end_turn(turn, TurnState.RETURNED, at=at)
    TurnRecord.objects.filter(project_id=project_id, id=turn_id).update(has_come_back=True)
    return _row(project_id, turn_id)


def _check_deferral(turn: TurnRecord, *, at: datetime) -> None:
    is_here = turn.state in (TurnState.WAITING, TurnState.CALLED)
    # Called between the click and now: what is told first must have been first.
    is_late = turn.state == TurnState.CALLED and turn.called_at is not None and at < turn.called_at
    if not is_here or is_late:
        raise Refusal("selection.turn-state", state=turn.state, wanted="deferred")
    if turn.state == TurnState.CALLED and turn.limit_at is not None and at > turn.limit_at:
        limit_at = turn.limit_at.isoformat()
        raise Refusal("selection.turn-expired", place=turn.place, limit_at=limit_at)


def _lock_turn(
    project_id: UUID,
    turn_id: UUID,
    *,
    household_id: UUID | None = None,
    call: int | None = None,
) -> TurnRecord:
    """Give a turn, locked; another household's turn is as unknown as one that does not exist."""
    found = TurnRecord.objects.select_for_update().filter(project_id=project_id, id=turn_id)
    if household_id is not None:
        found = found.filter(household_id=household_id)
    turn = found.first()
    if turn is None:
        raise Refusal("selection.turn-unknown")
    if call is not None and call != turn.times_called:
        raise Refusal("selection.call-outdated", place=turn.place, call=call, now=turn.times_called)
    return turn


def _end_turn(turn: TurnRecord, state: str, *, at: datetime) -> None:
    """End a turn, or a call, without a choice; whatever it had named is free again."""
    if turn.named_at is not None:
        let_go(turn.project_id, turn.id, at=at)
    TurnRecord.objects.filter(project_id=turn.project_id, id=turn.id).update(
        state=state, ended_at=at
    )


def _record_turn(turn: TurnRecord, told: Mapping[str, object]) -> None:
    record(
        target=turn.id,
        # A household that waives leaves its address in the body: erasable with the household.
        household_id=turn.household_id,
        body={
            "project": str(turn.project_id),
            "place": turn.place,
            "household": str(turn.household_id),
            **told,
        },
    )


def _row(project_id: UUID, turn_id: UUID) -> TurnRow:
    return mapping.row_of_turn(TurnRecord.objects.get(project_id=project_id, id=turn_id))


def _ticket_of(turn: TurnRecord) -> str:
    return PlaceRecord.objects.get(project_id=turn.project_id, place=turn.place).ticket
