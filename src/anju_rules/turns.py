"""Whose turn it was: the called order, read back from a record of choices.

A record holds who chose what, in file order, and not who was called or missed. What is known:
numbers are called in ascending order, and a household chooses in one *go*, a run of rows that
nobody else's row belongs into. A go that comes after its number was passed is late; one that
comes before, or inside another's go, is nobody's turn.

Where a record can be explained in more than one way, the explanation that refuses the fewest rows
holds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from anju_rules.values import HouseholdNumber

_CLEAR_SHARE = 4
"""Moments are evidence where at most one in four neighbouring goes share or turn one round."""


class Turn(Enum):
    """Whether a choice came in its household's turn."""

    ON_TIME = "on-time"
    LATE = "late"
    NOT_ITS_TURN = "not-its-turn"


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One choice as far as turns go."""

    household: HouseholdNumber
    number: int
    """The number the household drew, from the register: never what the record claims."""
    moment: int | None = None
    """Seconds since the start, where the record has them."""
    claims_its_number: bool = True
    """Whether the record gives the household the number it drew."""


def reconstruct_turns(rows: Sequence[TurnRow]) -> list[list[Turn]]:
    """Say for each row, in the order of the record, whether it came in its household's turn.

    Gives the likeliest explanation, and where a split go could as well be mended the other way, a
    second one: the caller takes the one that refuses fewer choices in the end.

    1. Rows are put together into goes. A go split by others' rows (A, A, B, A) is mended, and
       what split it is refused; so is one of two neighbouring goes that share a moment, where the
       record's moments are clear.
    2. The called order is the longest run of goes with ascending numbers; among equally long ones
       the one that comes earliest, so that of 175, 174 the 174 is late.
    3. A go beside it whose number had been passed is late, if it is its household's only one; any
       other is refused.
    """
    likeliest = _Record(rows)
    explanations = [_judge_goes(rows, likeliest.clear_goes())]
    if likeliest.has_doubt:
        explanations.append(_judge_goes(rows, _Record(rows, takes_likeliest=False).clear_goes()))
    return explanations


def _judge_goes(rows: Sequence[TurnRow], goes: Sequence[_Go]) -> list[Turn]:
    turns = [Turn.NOT_ITS_TURN] * len(rows)
    chain = _called_order(goes)
    for go in chain:
        for row in go.rows:
            turns[row] = Turn.ON_TIME
    claims = [row.claims_its_number for row in rows]
    for go, turn in _judge_others(goes, chain, claims):
        for row in go.rows:
            turns[row] = turn
    return turns


@dataclass(slots=True, eq=False)
class _Go:
    """A run of rows of one household."""

    household: HouseholdNumber
    number: int
    rows: list[int]
    is_in_order: bool = False
    """Whether it stands in the called order before anything is cleared."""

    def __len__(self) -> int:
        return len(self.rows)


class _Record:
    """A record of choices, being cleared of rows that stand inside another's turn."""

    def __init__(self, rows: Sequence[TurnRow], *, takes_likeliest: bool = True) -> None:
        self.has_doubt = False
        self._takes_likeliest = takes_likeliest
        self._rows = rows
        self._goes: list[_Go] = []
        for place, row in enumerate(rows):
            if self._goes and self._goes[-1].household == row.household:
                self._goes[-1].rows.append(place)
            else:
                self._goes.append(_Go(row.household, row.number, [place]))
        self._counts = Counter(go.household for go in self._goes)
        for go in _called_order(self._goes):
            go.is_in_order = True
        troubled = sum(self._are_at_odds(one, other) for one, other in pairwise(self._goes))
        self._are_moments_clear = troubled * _CLEAR_SHARE <= len(self._goes)

    def clear_goes(self) -> list[_Go]:
        """Give the goes that are left once nobody's row stands inside another's go."""
        self._mend_split_goes()
        if self._are_moments_clear:
            self._part_shared_moments()
        return self._goes

    # ---- what the rows say

    def _claims_its_number(self, go: _Go) -> bool:
        return all(self._rows[row].claims_its_number for row in go.rows)

    def _moments(self, go: _Go) -> set[int]:
        return {moment for row in go.rows if (moment := self._rows[row].moment) is not None}

    def _share(self, one: _Go, other: _Go) -> bool:
        return not self._moments(one).isdisjoint(self._moments(other))

    def _are_at_odds(self, one: _Go, other: _Go) -> bool:
        """Whether two neighbouring goes share a moment, or the later one is earlier in time."""
        last, first = self._rows[one.rows[-1]].moment, self._rows[other.rows[0]].moment
        return last is not None and first is not None and last >= first

    # ---- goes split by others

    def _mend_split_goes(self) -> None:
        """Resolve every A, B, A: either B stands inside A's go, or one of A's rows beside B's."""
        kept: list[_Go] = []
        for place, go in enumerate(self._goes):
            following = self._goes[place + 1].household if place + 1 < len(self._goes) else None
            current: _Go | None = go
            while (
                current is not None and len(kept) >= 2 and kept[-2].household == current.household
            ):
                before, between = kept[-2], kept[-1]
                stray = self._stray_of(before, between, current, following)
                self._counts[stray.household] -= 1
                if stray is between:
                    del kept[-2:]
                    current = self._merge(before, current)
                elif stray is before:
                    del kept[-2]
                    if len(kept) >= 2 and kept[-2].household == between.household:
                        kept[-2:] = [self._merge(kept[-2], between)]
                else:
                    current = None
            if current is None:
                continue
            if kept and kept[-1].household == current.household:
                kept[-1] = self._merge(kept[-1], current)
            else:
                kept.append(current)
        self._goes = kept

    def _merge(self, one: _Go, other: _Go) -> _Go:
        self._counts[one.household] -= 1
        return _Go(
            one.household,
            one.number,
            [*one.rows, *other.rows],
            is_in_order=one.is_in_order or other.is_in_order,
        )

    def _stray_of(
        self, before: _Go, between: _Go, after: _Go, following: HouseholdNumber | None
    ) -> _Go:
        """Say which of A, B, A is out of place: the shortest; of equals, by the evidence."""
        fewest = min(len(before), len(between), len(after))
        shortest = [go for go in (before, between, after) if len(go) == fewest]
        if len(shortest) == 1:
            return shortest[0]
        suspect = self._suspect(before, between, after, following)
        suspect = suspect if len(suspect) == fewest else shortest[0]
        self.has_doubt = True
        if self._takes_likeliest:
            return suspect
        return next(go for go in reversed(shortest) if go is not suspect)

    def _suspect(
        self, before: _Go, between: _Go, after: _Go, following: HouseholdNumber | None
    ) -> _Go:
        for go in (between, after, before):
            if not self._claims_its_number(go):
                return go
        has_gone_elsewhere = self._counts[between.household] > 1 and following != between.household
        if has_gone_elsewhere or not between.is_in_order:
            return between
        early = before if between.number < before.number else None
        moments = self._moments(between)
        if self._are_moments_clear and moments and self._moments(before) and self._moments(after):
            meets_before, meets_after = self._share(before, between), self._share(between, after)
            if meets_before != meets_after and not self._share(before, after):
                return before if meets_before else after
            if meets_before:
                return between
            if (
                max(self._moments(before))
                < min(moments)
                <= max(moments)
                < min(self._moments(after))
            ):
                return early or after  # three moments, one after the other: B's go is whole
        elif self._are_moments_clear:
            return between
        # No evidence: A had not finished when B came, unless B was to be called first.
        return early or between

    # ---- goes at one moment

    def _part_shared_moments(self) -> None:
        """Resolve neighbouring goes that share a moment or turn it round: one turn at a time."""
        kept: list[_Go] = []
        for go in self._goes:
            current = go
            while current.rows and kept and kept[-1].household != current.household:
                before = kept[-1]
                if not self._are_at_odds(before, current):
                    break
                shared = self._moments(before) & self._moments(current)
                tail = self._rows_at(before, shared)
                head = self._rows_at(current, shared)
                if self._is_first_stray(before, current, tail=len(tail), head=len(head)):
                    before.rows = [row for row in before.rows if row not in tail]
                    if before.rows:
                        break
                    kept.pop()
                    self._counts[before.household] -= 1
                else:
                    current.rows = [row for row in current.rows if row not in head]
                    break
            if not current.rows:
                self._counts[current.household] -= 1
            elif kept and kept[-1].household == current.household:
                kept[-1] = self._merge(kept[-1], current)
            else:
                kept.append(current)
        self._goes = kept

    def _rows_at(self, go: _Go, moments: set[int]) -> set[int]:
        """Give the rows of a go at some moments; all of them where none is shared."""
        if not moments:
            return set(go.rows)
        return {row for row in go.rows if self._rows[row].moment in moments}

    def _is_first_stray(self, first: _Go, second: _Go, *, tail: int, head: int) -> bool:
        """Say whether the first of two goes at odds is out of place, and not the second."""
        if tail != head:
            return tail < head
        elsewhere = [
            self._counts[go.household] > 1 or part < len(go)
            for go, part in ((first, tail), (second, head))
        ]
        if elsewhere[0] != elsewhere[1]:
            return elsewhere[0]
        claims = [self._claims_its_number(go) for go in (first, second)]
        if claims[0] != claims[1]:
            return not claims[0]
        called = [go.is_in_order for go in (first, second)]
        if called[0] != called[1]:
            # Of two swapped neighbours either may be left out: the higher number came too early.
            return not called[0]
        return first.number > second.number


def _called_order(goes: Sequence[_Go]) -> list[_Go]:
    """Give the longest run of goes with ascending numbers, of equally long ones the earliest.

    Households with one number may come in any order; a household comes once.
    """
    proper: dict[HouseholdNumber, int] = {}
    for place, go in enumerate(goes):
        known = proper.get(go.household)
        if known is None or len(go) > len(goes[known]):
            proper[go.household] = place
    keys = [(go.number, proper[go.household]) for go in goes]
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys)))}
    # longest_from[i]: how many goes the longest ascending run starting with go i has.
    longest_from = [0] * len(goes)
    # highest[k]: minus the highest start of a run of k + 1 goes, so ascending.
    highest: list[int] = []
    for place in range(len(goes) - 1, -1, -1):
        rank = -ranks[keys[place]]
        length = bisect_left(highest, rank)
        longest_from[place] = length + 1
        if length == len(highest):
            highest.append(rank)
        else:
            highest[length] = rank
    chain: list[_Go] = []
    last, wanted = -1, len(highest)
    for place, go in enumerate(goes):
        rank = ranks[keys[place]]
        if wanted and longest_from[place] == wanted and rank > last:
            chain.append(go)
            last, wanted = rank, wanted - 1
    return chain


def _judge_others(
    goes: Sequence[_Go], chain: Sequence[_Go], claims: Sequence[bool]
) -> list[tuple[_Go, Turn]]:
    """Judge the goes beside the called order: late, or out of turn.

    Of several late goes of a household the longest is its go; of equally long ones one that
    claims its number.
    """

    def weigh(go: _Go) -> tuple[int, int]:
        return len(go), sum(claims[row] for row in go.rows)

    called = set(chain)
    have_gone = {go.household for go in chain}
    judged: list[tuple[_Go, Turn]] = []
    late: dict[HouseholdNumber, _Go] = {}
    passed = -1
    for go in goes:
        if go in called:
            passed = go.number
        elif go.household in have_gone or passed <= go.number:
            # It had its go, or comes before its number was reached. With an equal number, which is
            # not passed yet, its household would be called here: only a second go is left over.
            judged.append((go, Turn.NOT_ITS_TURN))
        else:
            known = late.get(go.household)
            if known is None or weigh(go) > weigh(known):
                late[go.household] = go
            judged.append((go, Turn.LATE))
    return [
        (go, Turn.LATE if turn is Turn.LATE and late[go.household] is go else Turn.NOT_ITS_TURN)
        for go, turn in judged
    ]
