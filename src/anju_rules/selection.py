"""Live turns: whose turn is next, and what may become of a turn (SEL-2).

Within a batch households are called in the order of their places. One that is called chooses,
waives, or misses its turn when its time is up. Where the plan allows a late turn, those that missed
theirs come back once, after everyone else of the batch and in the original order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from anju_rules.policy.types import RuleSet
from anju_rules.values import Refusal


class TurnState(StrEnum):
    """Where a turn stands."""

    WAITING = "waiting"
    CALLED = "called"
    CHOSEN = "chosen"
    MISSED = "missed"
    WAIVED = "waived"
    RETURNED = "returned"
    """It missed its turn, or let the others go first, and waits for the end of the batch."""


MOVES: Mapping[TurnState, frozenset[TurnState]] = {
    TurnState.WAITING: frozenset({TurnState.CALLED, TurnState.RETURNED, TurnState.WAIVED}),
    TurnState.CALLED: frozenset(
        {TurnState.CHOSEN, TurnState.MISSED, TurnState.RETURNED, TurnState.WAIVED}
    ),
    TurnState.MISSED: frozenset({TurnState.RETURNED}),
    TurnState.RETURNED: frozenset({TurnState.CALLED, TurnState.WAIVED}),
    TurnState.CHOSEN: frozenset(),
    TurnState.WAIVED: frozenset(),
}
"""What may become of a turn. A choice and a waiver are final; only a called turn can choose."""
STILL_TO_COME = frozenset({TurnState.WAITING, TurnState.CALLED, TurnState.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTurn:
    """A turn as the rules see it."""

    place: int
    state: TurnState
    has_come_back: bool = False
    """Whether it has missed or deferred its turn before; it comes back once only."""


def check_move(*, old: TurnState, new: TurnState) -> None:
    """Refuse with ``selection.turn-state`` what cannot become of a turn.

    >>> check_move(old=TurnState.CALLED, new=TurnState.CHOSEN)
    """
    if new not in MOVES[old]:
        raise Refusal("selection.turn-state", state=str(old), wanted=str(new))


def may_return(*, turn: LiveTurn, rules: RuleSet) -> bool:
    """Whether a missed turn may come back: the plan says so, and it has not come back before."""
    allowed = rules.turn_terms.late == "allowed"
    return allowed and turn.state is TurnState.MISSED and not turn.has_come_back


def may_defer(*, turn: LiveTurn, rules: RuleSet) -> bool:
    """Whether a turn may let the others of its batch go first (缓选), waiting or called.

    It is the one return that the plan allows a missed turn, used before it is missed.
    """
    allowed = rules.turn_terms.late == "allowed"
    is_here = turn.state in (TurnState.WAITING, TurnState.CALLED)
    return allowed and is_here and not turn.has_come_back


def next_turn(turns: Iterable[LiveTurn], *, desks: int = 1) -> LiveTurn | None:
    """Give the turn that is called next in a batch, or None: everyone waiting, then the returned.

    Refuses with ``selection.turn-running`` while a household is called at each of the ``desks``.

    >>> early, late = (LiveTurn(place=at, state=TurnState.WAITING) for at in (4, 7))
    >>> next_turn([late, early]).place
    4
    """
    called: list[int] = []
    waiting: LiveTurn | None = None
    returned: LiveTurn | None = None
    for turn in turns:
        if turn.state is TurnState.CALLED:
            called.append(turn.place)
        if turn.state is TurnState.WAITING and (waiting is None or turn.place < waiting.place):
            waiting = turn
        if turn.state is TurnState.RETURNED and (returned is None or turn.place < returned.place):
            returned = turn
    if len(called) >= desks:
        raise Refusal("selection.turn-running", place=min(called), desks=desks)
    return waiting or returned


def desk_to_call(*, busy: Collection[int], desks: int, desk: int | None) -> int:
    """Give the desk that calls: the one asked for, else the lowest free one.

    ``busy``: the desks at which a household is called. Refuses with ``selection.no-such-desk`` a
    desk the plan does not have, and with ``selection.desk-busy``.

    >>> desk_to_call(busy=[1], desks=3, desk=None)
    2
    """
    if desk is None:
        return next((one for one in range(1, desks + 1) if one not in busy), desks)
    if not 1 <= desk <= desks:
        raise Refusal("selection.no-such-desk", desk=desk, desks=desks)
    if desk in busy:
        raise Refusal("selection.desk-busy", desk=desk)
    return desk


def turns_to_return(*, turns: Sequence[LiveTurn], rules: RuleSet) -> list[LiveTurn]:
    """Give the missed turns that come back now, in the original order.

    None comes back before everybody else of the batch is through.
    """
    if any(turn.state in STILL_TO_COME for turn in turns):
        return []
    returning = [turn for turn in turns if may_return(turn=turn, rules=rules)]
    return sorted(returning, key=lambda turn: turn.place)


def check_batch_done(*, turns: Sequence[LiveTurn], rules: RuleSet) -> None:
    """Refuse with ``selection.batch-not-done`` to close a batch in which somebody is to come.

    A household that missed its turn and may still come back counts among them.
    """
    to_come = [
        turn for turn in turns if turn.state in STILL_TO_COME or may_return(turn=turn, rules=rules)
    ]
    if to_come:
        raise Refusal(
            "selection.batch-not-done",
            to_come=len(to_come),
            place=min(turn.place for turn in to_come),
        )


def opened_needs(*, batch: int, last_batches: Mapping[str, int], rules: RuleSet) -> frozenset[str]:
    """Give the needs whose reserved homes are open to all while ``batch`` chooses.

    They open once the stratum that the plan names is through. ``last_batches``: for each stratum
    the number of its last batch; a stratum that nobody belongs to is through from the beginning.
    """
    return frozenset(
        rule.need
        for rule in rules.needs
        if rule.reserved_opens_after_stratum is not None
        and last_batches.get(rule.reserved_opens_after_stratum, 0) < batch
    )
