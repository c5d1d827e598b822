"""Turns: called in order, missed when the time is up, waived, and come back once (SEL-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import PlaceRecord, TurnRecord
from anju.resettlement.selection.operations.locking import lock_open_batch
from anju.resettlement.selection.types import TurnRow
from anju_rules.selection import (
    STILL_TO_COME,
    TURN_SECONDS,
    TurnState,
    check_move,
    may_return,
    next_turn,
)
from anju_rules.values import Refusal

CLAUSES = ("plan/selection",)


@operation(
    permits="selection.run",
    action="selection.turn.called",
    clauses=CLAUSES,
    level=Secrecy.PUBLIC,
)
def call_next(
    *,
    project_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
    seconds: int = TURN_SECONDS,
) -> TurnRow:
    """Call the household that is next in the open batch; it has ``seconds`` to choose.

    Refuses with ``selection.no-open-batch``, ``selection.turn-running`` while another is called,
    and ``selection.nobody-to-call``.
    """
    batch = lock_open_batch(project_id)
    turns = {
        turn.place: turn
        for turn in TurnRecord.objects.filter(project_id=project_id, batch=batch.batch)
    }
    following = next_turn(mapping.live_turn(turn) for turn in turns.values())
    if following is None:
        raise Refusal("selection.nobody-to-call", batch=batch.batch)
    turn = turns[following.place]
    limit_at = at + timedelta(seconds=seconds)
    times_called = turn.times_called + 1
    _record_turn(turn, {"limit_at": limit_at.isoformat(), "times_called": times_called})
    changed = TurnRecord.objects.filter(
        project_id=project_id, id=turn.id, state=str(following.state)
    ).update(
        state="called", called_at=at, limit_at=limit_at, ended_at=None, times_called=times_called
    )
    if not changed:
        # A household that waives its turn need not wait for the batch's lock.
        raise Refusal("selection.turn-state", state="waived", wanted="called")
    return _row(project_id, turn.id)


@operation(
    permits="selection.run",
    action="selection.turn.missed",
    clauses=CLAUSES,
    level=Secrecy.PUBLIC,
)
def miss_turn(
    *,
    project_id: UUID,
    turn_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> TurnRow:
    """Note that a called household did not choose in its time.

    Refuses with ``selection.turn-still-running`` before its time is up, and with
    ``selection.turn-state`` a turn that is not called.
    """
    turn = _lock_turn(project_id, turn_id)
    check_move(old=TurnState(turn.state), new=TurnState.MISSED)
    if turn.limit_at is not None and at < turn.limit_at:
        raise Refusal(
            "selection.turn-still-running", place=turn.place, limit_at=turn.limit_at.isoformat()
        )
    _record_turn(turn, {"limit_at": turn.limit_at and turn.limit_at.isoformat()})
    TurnRecord.objects.filter(project_id=project_id, id=turn_id).update(state="missed", ended_at=at)
    return _row(project_id, turn_id)


@operation(
    permits="selection.choose",
    action="selection.turn.waived",
    clauses=CLAUSES,
    level=Secrecy.PUBLIC,
)
def waive_turn(
    *, project_id: UUID, turn_id: UUID, by: Actor, at: datetime, reason: str = "household"
) -> TurnRow:
    """Give up a turn for good; whatever homes are left stay for the others.

    ``reason``: ``household`` (it wants none), or ``no-lawful-home`` (none is left that it may
    have). Refuses with ``selection.turn-state`` a turn that is over.
    """
    turn = _lock_turn(project_id, turn_id, household_id=by.household_id)
    check_move(old=TurnState(turn.state), new=TurnState.WAIVED)
    _record_turn(turn, {"reason": reason})
    TurnRecord.objects.filter(project_id=project_id, id=turn_id).update(state="waived", ended_at=at)
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
    check_move(old=TurnState(turn.state), new=TurnState.RETURNED)
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


def _lock_turn(project_id: UUID, turn_id: UUID, *, household_id: UUID | None = None) -> TurnRecord:
    """Give a turn, locked; another household's turn is as unknown as one that does not exist."""
    found = TurnRecord.objects.select_for_update().filter(project_id=project_id, id=turn_id)
    if household_id is not None:
        found = found.filter(household_id=household_id)
    turn = found.first()
    if turn is None:
        raise Refusal("selection.turn-unknown")
    return turn


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
    turn = TurnRecord.objects.get(project_id=project_id, id=turn_id)
    place = PlaceRecord.objects.get(project_id=project_id, place=turn.place)
    return mapping.turn_row(turn, place)


def _ticket_of(turn: TurnRecord) -> str:
    return PlaceRecord.objects.get(project_id=turn.project_id, place=turn.place).ticket
