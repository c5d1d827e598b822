"""Letting the day run by itself: each household takes its first wish that is lawful and free.

For demonstrations and for absentees who left their wishes. It decides nothing of its own: every
step is an operation that an officer could have carried out by hand, with its own entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection.lawful import lawful_wishes
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)
from anju.resettlement.selection.queries import called_turn, expired_turn, flow_of, options_of
from anju.resettlement.selection.types import TurnRow
from anju_rules.values import Refusal

Step = Literal["opened", "called", "chosen", "waived", "missed", "returned", "closed", "done"]
_OVERTAKEN = frozenset({"selection.unit-already-held", "inventory.unit-not-free"})
"""Somebody else was faster: the next home is asked for (P14)."""


def play_turn(*, project_id: UUID, by: Actor, at: datetime) -> Step:
    """Take steps until one turn is over; ``done`` where nobody is left to choose."""
    while True:
        step = play_step(project_id=project_id, by=by, at=at)
        if step in ("chosen", "waived", "missed", "done"):
            return step


def play_step(*, project_id: UUID, by: Actor, at: datetime) -> Step:
    """Take the one step that is next, and say which it was.

    A batch is opened, a household called, the called one chooses (or waives, where no home is left
    that it may have); those that missed their turn come back; the batch is closed. Refuses with
    ``selection.not-drawn`` a project without an order.
    """
    late = expired_turn(project_id=project_id, at=at)
    if late is not None:
        miss_turn(project_id=project_id, turn_id=late.id, by=by, at=at)
        return "missed"
    called = called_turn(project_id=project_id)
    if called is not None:
        return choose_by_wishes(turn=called, by=by, at=at)
    return _move_batch(project_id, by=by, at=at)


def choose_by_wishes(*, turn: TurnRow, by: Actor, at: datetime) -> Literal["chosen", "waived"]:
    """Choose for a called household: its first wish that is lawful and free, else the first home.

    Whoever is overtaken asks for the next: while a home is left that it may have, it gets one
    (P14). Refuses like :func:`~anju.resettlement.selection.operations.choosing.choose_homes`,
    but for the refusals that only mean the next home is to be tried.
    """
    for unit_ids in _candidates(turn, by=by):
        try:
            choose_homes(
                project_id=turn.project_id, turn_id=turn.id, unit_ids=unit_ids, by=by, at=at
            )
        except Refusal as refusal:
            if refusal.code in _OVERTAKEN:
                continue
            raise
        return "chosen"
    waive_turn(project_id=turn.project_id, turn_id=turn.id, by=by, at=at, reason="no-lawful-home")
    return "waived"


def _candidates(turn: TurnRow, *, by: Actor) -> Iterator[Sequence[UUID]]:
    """Give what may be asked for, the best first; what is taken meanwhile is found by asking.

    The whole table is judged only where no wish can be fulfilled.
    """
    project_id, household_id = turn.project_id, turn.household_id
    yield from lawful_wishes(project_id=project_id, household_id=household_id, by=by)
    for option in options_of(project_id=project_id, household_id=household_id, by=by):
        if option.is_lawful:
            yield (option.tile.unit_id,)


def _move_batch(project_id: UUID, *, by: Actor, at: datetime) -> Step:
    flow = flow_of(project_id=project_id)
    if flow.may_call:
        call_next(project_id=project_id, by=by, at=at)
        return "called"
    if flow.to_return:
        for turn in flow.to_return:
            return_turn(project_id=project_id, turn_id=turn.id, by=by, at=at)
        return "returned"
    if flow.may_close:
        close_batch(project_id=project_id, by=by, at=at)
        return "closed"
    if not flow.batches:
        raise Refusal("selection.not-drawn", project=project_by_id(project_id=project_id).code)
    if flow.next_batch is None:
        return "done"
    open_batch(project_id=project_id, batch=flow.next_batch, by=by, at=at)
    return "opened"
