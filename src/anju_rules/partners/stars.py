"""Property managers' stars (星级评定): reckoned from facts by a published formula, never voted.

Each fact says whether one thing was done as it should be. A part of the formula is the share done
of its kind, times its weight; a kind without facts is left out and the others weigh more. Points
are whole tenths of a hundred. Who has too few facts has **no star**: no star is not a bad one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from anju_rules.policy.types import Basis
from anju_rules.procedures.types import Words
from anju_rules.shares import Share
from anju_rules.values import Tenths

FULL_MARKS = Tenths(1000)
"""A hundred points."""


class FactKind(StrEnum):
    """What is noted of a property manager."""

    DEADLINE = "deadline-kept"
    """A date agreed for the community's titles (配合办证按期)."""
    MATERIAL = "material-collected"
    """A material the manager collects from owners (代收材料)."""
    ANSWER = "answer-given"
    """A question of the registry or an owner answered (答复)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of fact and what it weighs."""

    kind: FactKind
    title: Words
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """So many stars from so many points."""

    stars: int
    at_least: Tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A published way of giving stars, dated, with its clause."""

    code: str
    title: Words
    least_facts: int
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    """The most stars first; the last begins at nought."""
    from_on: date
    until_on: date | None
    basis: Basis

    def is_in_force(self, on: date) -> bool:
        """Whether the formula holds on a day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPoints:
    """What one part came to, so that anybody can reckon it again."""

    part: Part
    share: Share
    tenths: Tenths
    """Of the weight it has among the parts with facts, rounded half up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Star:
    """What came of it."""

    stars: int | None
    """None: too few facts."""
    tenths: Tenths | None
    facts: int
    least_facts: int
    parts: tuple[PartPoints, ...]
    formula: str


def give_star(*, formula: Formula, facts: Mapping[FactKind, Share]) -> Star:
    """Reckon a manager's stars.

    The sum is exact and rounded once, half up, to a tenth; the parts' points are for reading.
    """
    told = [
        (part, facts[part.kind])
        for part in formula.parts
        if part.kind in facts and facts[part.kind].denominator
    ]
    count = sum(share.denominator for _, share in told)
    weights = sum(part.weight for part, _ in told)
    exact = [
        Fraction(FULL_MARKS * part.weight * share.numerator, weights * share.denominator)
        for part, share in told
    ]
    parts = tuple(
        PartPoints(part=part, share=share, tenths=_half_up(points))
        for (part, share), points in zip(told, exact, strict=True)
    )
    if not told or count < formula.least_facts:
        stars, tenths = None, None
    else:
        tenths = _half_up(sum(exact, Fraction(0)))
        stars = next(step.stars for step in formula.steps if tenths >= step.at_least)
    return Star(
        stars=stars,
        tenths=tenths,
        facts=count,
        least_facts=formula.least_facts,
        parts=parts,
        formula=formula.code,
    )


def _half_up(exact: Fraction) -> Tenths:
    return Tenths((2 * exact.numerator + exact.denominator) // (2 * exact.denominator))
