"""Moves: where households stand by score before a change and after it, in whole places.

By score a household's place is a span: those with one total share it, and the draw alone decides
among them (SCO-2). So a standing is the best and the worst place that the draw may still give; a
change moves a household up or down where the span moves, and says so to whoever must sign it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from anju_rules.values import HouseholdNumber, Tenths


class Direction(StrEnum):
    """Which way a household moves."""

    UP = "up"
    """Neither bound of its span is worse, and one is better."""
    DOWN = "down"
    EITHER = "either"
    """The span grew, or shrank, at both ends: the draw decides whether that helps."""
    STAYS = "stays"
    """Its total changed, its places did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a household stands in its stratum by score alone."""

    total: Tenths
    first: int
    """The best place the draw may give it, counted from 1."""
    last: int
    """The worst; the same as ``first`` where nobody else has its total."""

    @property
    def ties(self) -> int:
        """How many others have the same total."""
        return self.last - self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a change does to one household."""

    household: HouseholdNumber
    stratum: str
    before: Standing
    after: Standing

    @property
    def direction(self) -> Direction:
        """Which way it moves."""
        better = self.after.first < self.before.first or self.after.last < self.before.last
        worse = self.after.first > self.before.first or self.after.last > self.before.last
        if better and worse:
            return Direction.EITHER
        if better:
            return Direction.UP
        return Direction.DOWN if worse else Direction.STAYS

    def show(self) -> list[object]:
        """Write it as a row of JSON: household, stratum, and both standings."""
        bounds = [
            [standing.total, standing.first, standing.last]
            for standing in (self.before, self.after)
        ]
        return [self.household, self.stratum, *bounds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everybody whom a change moves, by stratum and then as they stand after it."""

    households: int
    """How many were compared."""
    moves: tuple[Move, ...]

    @property
    def counts(self) -> Mapping[Direction, int]:
        """How many move which way; whoever keeps total and places is not among them."""
        found = Counter(move.direction for move in self.moves)
        return {direction: found[direction] for direction in Direction}

    def move_of(self, household: HouseholdNumber) -> Move | None:
        """Give what happens to one household; ``None`` where nothing does."""
        return next((move for move in self.moves if move.household == household), None)


def standings_by_score(
    *, totals: Mapping[HouseholdNumber, Tenths], strata: Mapping[HouseholdNumber, str]
) -> dict[HouseholdNumber, Standing]:
    """Give every household's standing in its stratum, the highest total first.

    >>> number = HouseholdNumber
    >>> found = standings_by_score(
    ...     totals={number("a"): Tenths(36), number("b"): Tenths(50), number("c"): Tenths(36)},
    ...     strata=dict.fromkeys([number("a"), number("b"), number("c")], ""),
    ... )
    >>> found[number("c")]
    Standing(total=36, first=2, last=3)
    """
    sizes: defaultdict[str, Counter[Tenths]] = defaultdict(Counter)
    for number, total in totals.items():
        sizes[strata[number]][total] += 1
    spans: dict[tuple[str, Tenths], Standing] = {}
    for stratum, counted in sizes.items():
        ahead = 0
        for total in sorted(counted, reverse=True):
            last = ahead + counted[total]
            spans[stratum, total] = Standing(total=total, first=ahead + 1, last=last)
            ahead = last
    return {number: spans[strata[number], total] for number, total in totals.items()}


def compare_totals(
    *,
    before: Mapping[HouseholdNumber, Tenths],
    after: Mapping[HouseholdNumber, Tenths],
    strata: Mapping[HouseholdNumber, str],
) -> Comparison:
    """Say whom a change of totals moves: a corrected fact, or another version of the rules.

    Args:
        before: every household's total as it stands.
        after: the total each of the same households would have.
        strata: where each of them chooses.
    """
    stood = standings_by_score(totals=before, strata=strata)
    stands = standings_by_score(totals=after, strata=strata)
    moves = [
        Move(household=number, stratum=strata[number], before=stood[number], after=stands[number])
        for number in stood
        if stood[number] != stands[number]
    ]
    moves.sort(key=lambda move: (move.stratum, move.after.first, move.household))
    return Comparison(households=len(stood), moves=tuple(moves))
