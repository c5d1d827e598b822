"""What a draw looks like from outside: figures by which anybody may see that chance was at work.

Nothing is decided by these figures. A draw is valid because it can be recomputed, not because it
looks even; that is why floats are allowed here and nowhere near a decision. A figure far from what
is expected says "look here": six neighbours of a list in a row were once how ghost households came
to light.

Every figure has an exact expected value under a fair draw, and a p-value: how often a fair draw
gives a figure at least as far off. Fair draws give small ones too, one in twenty under 0.05.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

MOST_GROUPS = 10
"""Tenths: of the list and of the drawn order."""
LEAST_EXPECTED = 5
"""The chi-square is trusted where every cell expects at least so many (Cochran's rule)."""
LEAST_MARKS = 10
"""The runs test's normal is trusted from so many of each kind on (Wald and Wolfowitz 1940)."""
LARGEST_EXACT = 3_000
"""Up to this size the longest run is counted exactly, beyond it by Poisson's law."""


class Figure(StrEnum):
    """What is looked at."""

    PLACES = "places"
    """Chi-square: tenths of the list against tenths of the order."""
    STREETS = "streets"
    """Chi-square: streets against tenths of the order."""
    RUNS = "runs"
    """Wald-Wolfowitz: along the list, drawn in the first or the second half."""
    LONGEST = "longest"
    """The longest stretch of list neighbours all drawn at the front."""
    IN_A_ROW = "in-a-row"
    """The longest stretch of list neighbours drawn one right after the other."""
    SAME_STREET = "same-street"
    """Neighbours in the order who live in one street."""
    SAME_APPROVER = "same-approver"
    """Neighbours in the order whose papers one person approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnList:
    """A published draw as the statistics read it."""

    order: tuple[str, ...]
    """Tickets as drawn."""
    street_of: Mapping[str, str]
    """Street of a ticket; empty or absent: not told."""
    approver_of: Mapping[str, str]
    """Who approved a ticket's papers, as any stable word; absent: not told."""
    take: int | None = None
    """How many at the front are taken; None: the first tenth is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One figure of one draw."""

    figure: Figure
    size: int
    """Households in the draw."""
    observed: float
    expected: float | None
    """Exact under a fair draw; None where it is not told."""
    p_value: float | None
    """How often a fair draw is at least so far off; None: too few households to say anything."""
    groups: int = 0
    """How many groups, streets, or how many at the front, were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedRow:
    """One figure over many draws, by Fisher's method: it finds what leans one way every time."""

    figure: Figure
    draws: int
    under_5_percent: int
    """Draws whose p-value is under 0.05; about one in twenty is expected."""
    p_value: float | None


def judge_looks(drawn: DrawnList) -> tuple[FigureRow, ...]:
    """Give every figure of a draw. Streets and approvers only where at least two are known."""
    listed = sorted(drawn.order)
    place_of = {ticket: place for place, ticket in enumerate(listed)}
    places = [place_of[ticket] for ticket in drawn.order]
    rows = [
        measure_places(places),
        measure_runs(places),
        measure_longest(places, take=drawn.take),
        measure_in_a_row(places),
    ]
    streets = [drawn.street_of.get(ticket, "") for ticket in drawn.order]
    if len(set(streets)) > 1:
        rows += [measure_streets(streets), measure_together(streets, figure=Figure.SAME_STREET)]
    approvers = [drawn.approver_of.get(ticket, "") for ticket in drawn.order]
    if len(set(approvers)) > 1:
        rows.append(measure_together(approvers, figure=Figure.SAME_APPROVER))
    return tuple(rows)


def combine_figures(draws: Sequence[Sequence[FigureRow]]) -> tuple[CombinedRow, ...]:
    """Put each figure together over all draws: minus twice the sum of logarithms (Fisher 1925)."""
    found: dict[Figure, list[float]] = {}
    for rows in draws:
        for row in rows:
            known = found.setdefault(row.figure, [])
            if row.p_value is not None:
                known.append(row.p_value)
    return tuple(
        CombinedRow(
            figure=figure,
            draws=len(known),
            under_5_percent=sum(1 for p_value in known if p_value < 0.05),
            p_value=_combine(known),
        )
        for figure, known in sorted(found.items(), key=lambda pair: list(Figure).index(pair[0]))
    )


def measure_places(places: Sequence[int]) -> FigureRow:
    """Chi-square of tenths of the list against tenths of the order.

    Args:
        places: for each drawn household, in the drawn order, its place in the list from 0.

    Fewer groups where the list is short, so that each cell expects five.
    """
    size = len(places)
    groups = min(MOST_GROUPS, math.isqrt(size // LEAST_EXPECTED)) if size else 0
    labels = [place * groups // size for place in places]
    return _chi_square(labels, parts=groups, figure=Figure.PLACES)


def measure_streets(streets: Sequence[str]) -> FigureRow:
    """Chi-square of streets against parts of the order; the smallest streets count as one."""
    counts = Counter(streets)
    least = 2 * LEAST_EXPECTED
    labels = [street if counts[street] >= least else "" for street in streets]
    smallest = min(Counter(labels).values(), default=0)
    parts = min(MOST_GROUPS, smallest // LEAST_EXPECTED)
    return _chi_square(labels, parts=parts, figure=Figure.STREETS)


def measure_runs(places: Sequence[int]) -> FigureRow:
    """Count runs along the list of "drawn in the first half" and "in the second"."""
    size = len(places)
    front = size // 2
    is_front = [False] * size
    for place in places[:front]:
        is_front[place] = True
    runs = 1 + sum(1 for one, other in pairwise(is_front) if one != other) if size else 0
    rest = size - front
    if min(front, rest) < LEAST_MARKS:
        return _row(Figure.RUNS, size, observed=runs)
    both = 2 * front * rest
    expected = 1 + Fraction(both, size)
    variance = Fraction(both * (both - size), size * size * (size - 1))
    return _row(
        Figure.RUNS,
        size,
        observed=runs,
        expected=expected,
        p_value=_two_sided(runs, expected, variance),
    )


def measure_longest(places: Sequence[int], *, take: int | None = None) -> FigureRow:
    """Find the longest stretch of list neighbours that all stand at the front of the order.

    The front is the ``take`` that are taken, or the first tenth. The p-value is exact up to
    3,000 households: sequences of m ones and n zeros without a run of k ones are counted by
    inclusion and exclusion.
    """
    size = len(places)
    front = min(take, size) if take is not None else -(-size // 10)
    is_front = [False] * size
    for place in places[:front]:
        is_front[place] = True
    longest = _longest_stretch(is_front)
    if front < 2 or size - front < LEAST_MARKS:
        return _row(Figure.LONGEST, size, observed=longest, groups=front)
    reaches = _reach_exactly if size <= LARGEST_EXACT else _reach_about
    p_value = reaches(size=size, front=front, length=longest)
    return _row(Figure.LONGEST, size, observed=longest, p_value=p_value, groups=front)


def measure_in_a_row(places: Sequence[int]) -> FigureRow:
    """Find the longest stretch of list neighbours drawn one right after the other, up or down.

    The p-value is Poisson's for the number of such stretches, whose mean is exact.
    """
    size = len(places)
    longest = _longest_row(places)
    if size < 2 * LEAST_MARKS:
        return _row(Figure.IN_A_ROW, size, observed=longest)
    # Places in the order times stretches in the list, times both directions, times the chance.
    mean = Fraction(2 * (size - longest + 1) ** 2)
    for step in range(longest):
        mean /= size - step
    p_value = 1.0 if longest < 2 else -math.expm1(-float(mean))
    return _row(Figure.IN_A_ROW, size, observed=longest, p_value=p_value)


def measure_together(labels: Sequence[str], *, figure: Figure) -> FigureRow:
    """Count neighbours in the order with one label; mean and variance are exact.

    Args:
        labels: the street, or the approver, of each household in the drawn order.
        figure: which of the two it is.
    """
    size = len(labels)
    together = sum(1 for one, other in pairwise(labels) if one == other)
    counts = list(Counter(labels).values())
    if size < 2 * LEAST_MARKS:
        return _row(figure, size, observed=together, groups=len(counts))
    pairs = sum(count * (count - 1) for count in counts)
    triples = sum(count * (count - 1) * (count - 2) for count in counts)
    fours = sum(math.perm(count, 4) for count in counts)
    across = pairs * pairs - sum((count * (count - 1)) ** 2 for count in counts)
    expected = Fraction(pairs, size)
    second = (
        expected
        + Fraction(2 * (size - 2) * triples, math.perm(size, 3))
        + Fraction((size - 2) * (size - 3) * (fours + across), math.perm(size, 4))
    )
    variance = second - expected * expected
    if variance < 1:
        return _row(figure, size, observed=together, expected=expected, groups=len(counts))
    return _row(
        figure,
        size,
        observed=together,
        expected=expected,
        p_value=_two_sided(together, expected, variance),
        groups=len(counts),
    )


def _chi_square(labels: Sequence[object], *, parts: int, figure: Figure) -> FigureRow:
    size, totals = len(labels), Counter(labels)
    if parts < 2 or len(totals) < 2:
        return _row(figure, size, observed=0, groups=max(1, len(totals)))
    cells = Counter((label, at * parts // size) for at, label in enumerate(labels))
    widths = Counter(at * parts // size for at in range(size))
    found = Fraction(0)
    for label, total in totals.items():
        for part, width in widths.items():
            wanted = Fraction(total * width, size)
            found += (cells[label, part] - wanted) ** 2 / wanted
    freedom = (len(totals) - 1) * (parts - 1)
    # A permutation, not a sample: the exact mean is freedom times n/(n-1).
    expected = Fraction(freedom * size, size - 1)
    p_value = chi_square_tail(float(found), freedom=freedom)
    return _row(
        figure, size, observed=found, expected=expected, p_value=p_value, groups=len(totals)
    )


def _longest_stretch(marks: Sequence[bool]) -> int:
    longest = current = 0
    for mark in marks:
        current = current + 1 if mark else 0
        longest = max(longest, current)
    return longest


def _longest_row(places: Sequence[int]) -> int:
    longest = current = min(1, len(places))
    step = 0
    for one, other in pairwise(places):
        now = other - one if abs(other - one) == 1 else 0
        current = (current + 1 if now == step else 2) if now else 1
        step = now
        longest = max(longest, current)
    return longest


def _reach_exactly(*, size: int, front: int, length: int) -> float:
    """Give the chance that ``front`` of ``size`` hold ``length`` neighbours."""
    rest = size - front
    without = sum(
        (-1) ** cut * math.comb(rest + 1, cut) * math.comb(size - cut * length, rest)
        for cut in range(min(rest + 1, front // length) + 1)
    )
    return float(1 - Fraction(without, math.comb(size, front)))


def _reach_about(*, size: int, front: int, length: int) -> float:
    """Give the same by Poisson's law over the starts of such stretches."""
    all_front = 1.0
    for step in range(length):
        all_front *= max(0, front - step) / (size - step)
    begun = all_front * (size - front) / (size - length) if size > length else 0.0
    return -math.expm1(-(all_front + (size - length) * begun))


def _two_sided(observed: int, expected: Fraction, variance: Fraction) -> float:
    return math.erfc(abs(float(observed - expected)) / math.sqrt(2 * float(variance)))


def _combine(p_values: Sequence[float]) -> float | None:
    if not p_values:
        return None
    total = -2 * sum(math.log(max(p_value, 1e-300)) for p_value in p_values)
    return chi_square_tail(total, freedom=2 * len(p_values))


def chi_square_tail(value: float, *, freedom: int) -> float:
    """Give how often a chi-square of ``freedom`` degrees is at least ``value``.

    The regularised upper incomplete gamma function: its series below the middle, its continued
    fraction (Lentz) above.

    >>> (
    ...     round(chi_square_tail(3.841459, freedom=1), 6),
    ...     round(chi_square_tail(18.307, freedom=10), 4),
    ... )
    (0.05, 0.05)
    """
    shape, x = freedom / 2, value / 2
    if x <= 0:
        return 1.0
    scale = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        step = shape
        while term > total * 1e-15:
            step += 1
            term *= x / step
            total += term
        return max(0.0, 1 - total * scale)
    tiny = 1e-300
    b = x + 1 - shape
    c, d = 1 / tiny, 1 / b
    found = d
    for turn in range(1, 10_000):
        a = -turn * (turn - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        found *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return min(1.0, found * scale)


def _row(
    figure: Figure,
    size: int,
    *,
    observed: Fraction | int,
    expected: Fraction | None = None,
    p_value: float | None = None,
    groups: int = 0,
) -> FigureRow:
    return FigureRow(
        figure=figure,
        size=size,
        observed=float(observed),
        expected=None if expected is None else float(expected),
        p_value=p_value,
        groups=groups,
    )
