"""A selection that was held live, judged from its record: who was called, and what it took.

The order is not taken from the record: it follows from draw, scores and batches. The record says
what happened in each turn, and every line of it is judged by that order, by the plan's rules on
late turns, and by what the household may have. Nobody's wishes are needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from anju_rules.entitlement import judge_homes
from anju_rules.policy.types import RuleSet
from anju_rules.queue import Place
from anju_rules.selection import (
    STILL_TO_COME,
    LiveTurn,
    TurnState,
    check_move,
    may_defer,
    may_return,
    next_turn,
    opened_needs,
)
from anju_rules.values import Home, Household, Refusal, Ticket, UnitNumber

What = Literal["called", "chosen", "missed", "waived", "returned", "exchanged"]
"""``exchanged``: the household swapped all its homes for those of another of its batch."""
WAIVED_WHY = frozenset({"household", "no-lawful-home"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLine:
    """One line of the record: what happened in a household's turn, and when."""

    at: datetime
    """When it happened; of a choice: when its homes were named, which its limit is for."""
    place: int
    ticket: Ticket
    batch: int
    what: What
    limit_at: datetime | None = None
    """Until when a household that is called may choose; of a call only."""
    reason: str = ""
    """Why a turn was waived: ``household``, or ``no-lawful-home``; of a waiver only."""
    units: tuple[UnitNumber, ...] = ()
    """The homes taken, in the order in which they were named; of a choice or an exchange only."""


class Outcome(NamedTuple):
    """What became of a household: the state of its turn, and the homes it took."""

    place: Place
    state: TurnState
    units: tuple[UnitNumber, ...]
    area_sqm: Decimal


def judge_turns(
    *,
    lines: Sequence[TurnLine],
    places: Sequence[Place],
    households: Mapping[Ticket, Household],
    homes: Mapping[UnitNumber, Home],
    rules: RuleSet,
) -> list[Outcome]:
    """Judge a record line by line, and give what became of every place, in order.

    The record may end before everybody is through: then the others wait. Refuses with

    - ``live.line-of-another``: place, ticket and batch are not those of the order;
    - ``live.line-malformed``: a choice without homes, a call without a limit, or the reverse;
    - ``live.time-runs-back``: before the line above it (a waiver waits for nobody, and may);
    - ``live.batch-not-done``: an earlier batch was not through;
    - ``selection.turn-running``, ``live.out-of-turn``: every desk was busy, or another is to be
      called;
    - ``selection.turn-state``: this cannot become of the turn;
    - ``selection.turn-expired``, ``selection.turn-still-running``: chosen after, missed before the
      limit;
    - ``selection.late-turn``, ``selection.not-batch-end``: no late turn, or not yet;
    - ``live.exchange-unknown``: the homes exchanged for are not all those of one other household
      of the batch that has chosen;
    - ``live.home-unknown``, ``live.home-twice``, and the codes of
      :func:`anju_rules.entitlement.judge_choice`.
    """
    record = _Record(places=places, households=households, homes=homes, rules=rules)
    for seq, line in enumerate(lines, start=1):
        record.add(line, seq=seq)
    return record.outcomes()


class _Record:
    """Where every turn stands after the lines read so far."""

    def __init__(
        self,
        *,
        places: Sequence[Place],
        households: Mapping[Ticket, Household],
        homes: Mapping[UnitNumber, Home],
        rules: RuleSet,
    ) -> None:
        self._places = {place.place: place for place in places}
        self._households, self._homes, self._rules = households, homes, rules
        self._turns: dict[int, dict[int, LiveTurn]] = {}
        for place in places:
            waiting = LiveTurn(place=place.place, state=TurnState.WAITING)
            self._turns.setdefault(place.batch, {})[place.place] = waiting
        self._last_batches = {place.stratum: place.batch for place in places}
        self._batch = 1
        self._limits: dict[int, datetime] = {}
        self._units: dict[int, tuple[UnitNumber, ...]] = {}
        self._holders: dict[UnitNumber, Ticket] = {}
        self._last: datetime | None = None

    def add(self, line: TurnLine, *, seq: int) -> None:
        """Judge one line, and let it happen."""
        place = self._places.get(line.place)
        if place is None or (place.ticket, place.batch) != (line.ticket, line.batch):
            raise Refusal("live.line-of-another", seq=seq, ticket=line.ticket)
        self._check_form(line, seq=seq)
        self._move_on(place.batch, seq=seq)
        turns = self._turns[place.batch]
        turn = turns[place.place]
        if line.what == "exchanged":
            self._exchange(line, place, seq=seq)
            return
        new = TurnState(line.what)
        check_move(old=turn.state, new=new)
        if new is TurnState.CALLED:
            following = next_turn(turns.values(), desks=self._rules.turn_terms.desks)
            if following is None or following.place != place.place:
                raise Refusal("live.out-of-turn", seq=seq, ticket=line.ticket)
            self._limits[place.place] = line.limit_at or line.at
        elif new is TurnState.CHOSEN:
            self._choose(line, place)
        elif new is TurnState.MISSED and line.at < self._limits[place.place]:
            limit_at = self._limits[place.place].isoformat()
            raise Refusal("selection.turn-still-running", place=place.place, limit_at=limit_at)
        elif new is TurnState.RETURNED:
            self._check_return(turn, ticket=line.ticket)
        has_come_back = turn.has_come_back or new is TurnState.RETURNED
        turns[place.place] = replace(turn, state=new, has_come_back=has_come_back)

    def outcomes(self) -> list[Outcome]:
        """Give what became of every place, in order."""
        return [
            Outcome(
                place,
                self._turns[place.batch][place.place].state,
                (units := self._units.get(place.place, ())),
                sum((self._homes[unit].area_sqm for unit in units), Decimal(0)),
            )
            for place in self._places.values()
        ]

    def _check_form(self, line: TurnLine, *, seq: int) -> None:
        sound = (
            (line.limit_at is not None) is (line.what == "called")
            and bool(line.units) is (line.what in ("chosen", "exchanged"))
            and (line.reason in WAIVED_WHY if line.what == "waived" else not line.reason)
            and (line.limit_at is None or line.limit_at > line.at)
        )
        if not sound:
            raise Refusal("live.line-malformed", seq=seq, ticket=line.ticket)
        # A waiver waits for no lock: it may stand beside a call that began a moment before.
        if self._last is not None and line.at < self._last and line.what != "waived":
            raise Refusal("live.time-runs-back", seq=seq, ticket=line.ticket)
        self._last = line.at if self._last is None else max(self._last, line.at)

    def _move_on(self, batch: int, *, seq: int) -> None:
        """Let ``batch`` choose, if every batch before it is through; none is opened again."""
        while self._batch < batch and not any(
            turn.state in STILL_TO_COME or may_return(turn=turn, rules=self._rules)
            for turn in self._turns[self._batch].values()
        ):
            self._batch += 1
        if batch != self._batch:
            raise Refusal("live.batch-not-done", seq=seq, batch=self._batch)

    def _check_return(self, turn: LiveTurn, *, ticket: Ticket) -> None:
        if may_defer(turn=turn, rules=self._rules):
            return
        if not may_return(turn=turn, rules=self._rules):
            raise Refusal("selection.late-turn", household=ticket, number=turn.place)
        others = STILL_TO_COME - {TurnState.RETURNED}
        to_come = sum(one.state in others for one in self._turns[self._batch].values())
        if to_come:
            raise Refusal("selection.not-batch-end", to_come=to_come)

    def _choose(self, line: TurnLine, place: Place) -> None:
        limit_at = self._limits[place.place]
        if line.at > limit_at:
            raise Refusal(
                "selection.turn-expired", place=place.place, limit_at=limit_at.isoformat()
            )
        for unit in line.units:
            if unit not in self._homes:
                raise Refusal("live.home-unknown", ticket=line.ticket, unit=unit)
            if unit in self._holders:
                holder = self._holders[unit]
                raise Refusal("live.home-twice", ticket=line.ticket, unit=unit, holder=holder)
            self._holders[unit] = line.ticket
        self._give(place, line.units)

    def _exchange(self, line: TurnLine, place: Place, *, seq: int) -> None:
        """Let two households of the running batch swap all that they have chosen."""
        own = self._units.get(place.place)
        other = next(
            (
                one
                for one in self._turns[place.batch]
                if one != place.place and set(self._units.get(one, ())) == set(line.units)
            ),
            None,
        )
        if own is None or other is None or len(set(line.units)) < len(line.units):
            raise Refusal("live.exchange-unknown", seq=seq, ticket=line.ticket)
        theirs = self._units[other]
        self._give(place, theirs)
        self._give(self._places[other], own)
        # A home that is named later is refused with the ticket of who has it now.
        self._holders |= dict.fromkeys(theirs, line.ticket)
        self._holders |= dict.fromkeys(own, self._places[other].ticket)

    def _give(self, place: Place, units: tuple[UnitNumber, ...]) -> None:
        judge_homes(
            household=self._households[place.ticket],
            homes=[self._homes[unit] for unit in units],
            opened_needs=opened_needs(
                batch=place.batch, last_batches=self._last_batches, rules=self._rules
            ),
            rules=self._rules,
        ).raise_if_unmet()
        self._units[place.place] = units
