"""Letting the day run by itself: each household takes its first wish that is lawful and free.

For demonstrations and for absentees who left their wishes. It decides nothing of its own: every
step is an operation that an officer could have carried out by hand, with its own entry. In a
rehearsal the platform signs for whoever is missing, and each such signature says that it is
automatic; where a draw counts it waits for people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from anju.foundation.access.types import Actor, system_actor
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection.attendance import may_follow_wishes
from anju.resettlement.selection.lawful import lawful_wishes
from anju.resettlement.selection.mapping import is_rehearsal
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.signing import sign_choice
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)
from anju.resettlement.selection.overdue import drop_unsigned
from anju.resettlement.selection.queries import (
    expired_turn,
    flow_of,
    options_of,
)
from anju.resettlement.selection.types import FlowRow, TurnRow
from anju_rules.values import Refusal

Step = Literal[
    "opened",
    "called",
    "named",
    "chosen",
    "dropped",
    "waived",
    "missed",
    "returned",
    "closed",
    "waiting",
    "done",
]
"""``named``: people are still to sign; ``waiting``: nothing is to do until somebody does."""
_OVERTAKEN = frozenset({"selection.unit-already-held", "inventory.unit-not-free"})
"""Somebody else was faster: the next home is asked for (P14)."""
_PLATFORM = system_actor(request_id="selection.auto-play", name="自动演练")


def play_step(
    *, project_id: UUID, by: Actor, at: datetime, left_alone: Collection[UUID] = ()
) -> Step:
    """Take the one step that is next, and say which it was.

    What was not signed in time is dropped, and who did not choose in time has missed the turn. A
    batch is opened, households are called to every desk, the called ones choose (or waive, where no
    home is left that they may have); those that missed their turn come back; the batch is closed.
    ``left_alone``: households, by id, for which nothing is done. Refuses with
    ``selection.not-drawn`` a project without an order.
    """
    if drop_unsigned(project_id=project_id, by=by, at=at):
        return "dropped"
    late = expired_turn(project_id=project_id, at=at)
    if late is not None:
        miss_turn(project_id=project_id, turn_id=late.id, by=by, at=at)
        return "missed"
    flow = flow_of(project_id=project_id)
    if flow.may_call:
        call_next(project_id=project_id, by=by, at=at)
        return "called"
    for turn in flow.called:
        if turn.household_id not in left_alone and _may_be_played(turn):
            return choose_by_wishes(turn=turn, by=by, at=at)
    return "waiting" if flow.called else _move_batch(flow, project_id, by=by, at=at)


def choose_by_wishes(
    *, turn: TurnRow, by: Actor, at: datetime
) -> Literal["chosen", "named", "waived"]:
    """Choose for a called household: its first wish that is lawful and free, else the first home.

    Whoever is overtaken asks for the next: while a home is left that it may have, it gets one
    (P14). What the household has named itself is only signed. Refuses like
    :func:`~anju.resettlement.selection.operations.choosing.choose_homes`,
    but for the refusals that only mean the next home is to be tried.
    """
    if turn.is_named:
        return sign_for_missing(turn=turn, at=at)
    whose = {"project_id": turn.project_id, "household_id": turn.household_id}
    is_absent = may_follow_wishes(**whose, by=by)
    for unit_ids, is_wish in _candidates(turn, by=by):
        try:
            choice = choose_homes(
                project_id=turn.project_id,
                turn_id=turn.id,
                unit_ids=unit_ids,
                by=by,
                at=at,
                by_wishes=is_wish and is_absent,
                call=turn.times_called,
            )
        except Refusal as refusal:
            if refusal.code in _OVERTAKEN:
                continue
            raise
        return "chosen" if choice.is_made else sign_for_missing(turn=turn, at=at)
    waive_turn(project_id=turn.project_id, turn_id=turn.id, by=by, at=at, reason="no-lawful-home")
    return "waived"


def sign_for_missing(*, turn: TurnRow, at: datetime) -> Literal["chosen", "named"]:
    """Sign for whoever is missing, in a rehearsal; where a draw counts people sign."""
    if not is_rehearsal(turn.project_id):
        return "named"
    sign_choice(project_id=turn.project_id, turn_id=turn.id, by=_PLATFORM, at=at)
    return "chosen"


def _may_be_played(turn: TurnRow) -> bool:
    return not turn.is_named or is_rehearsal(turn.project_id)


def _candidates(turn: TurnRow, *, by: Actor) -> Iterator[tuple[Sequence[UUID], bool]]:
    """Give what may be asked for, the best first, and whether it is a wish.

    What is taken meanwhile is found by asking. The whole table is judged only where no wish can
    be fulfilled.
    """
    project_id, household_id = turn.project_id, turn.household_id
    for wish in lawful_wishes(project_id=project_id, household_id=household_id, by=by):
        yield wish, True
    for option in options_of(project_id=project_id, household_id=household_id, by=by):
        if option.is_lawful:
            yield (option.tile.unit_id,), False


def _move_batch(flow: FlowRow, project_id: UUID, *, by: Actor, at: datetime) -> Step:
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
