"""The words every rule shares: quantities, names, findings and refusals.

Areas are :class:`~decimal.Decimal` square metres, money is whole fen, scores are whole tenths of a
point. No binary float takes part in a decision: 0.3 x 12 must be 3.6, or a legal tie is broken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NewType

AreaSqm = NewType("AreaSqm", Decimal)
"""Square metres, exact."""
Fen = NewType("Fen", int)
"""Money in fen, a hundredth of a yuan."""
Tenths = NewType("Tenths", int)
"""A score in tenths of a point."""
HouseholdNumber = NewType("HouseholdNumber", str)
"""The number a household has in its project's register."""
Ticket = NewType("Ticket", str)
"""The public, meaningless name of a household in a draw: ``[A-Z0-9-]{1,32}``."""
UnitNumber = NewType("UnitNumber", str)
"""The number a home has in its project's unit table."""

_PLAIN_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)

Fact = int | Decimal | bool
"""A fact about a household that a clause may ask for."""


class Refusal(Exception):
    """A rule says no: a stable code, the clause it rests on, and the facts.

    The words are made at the edge, in the reader's language; ``str()`` is for developers.
    """

    def __init__(self, code: str, *, clause: str = "", **facts: object) -> None:
        super().__init__(code, clause, facts)
        self.code = code
        self.clause = clause
        self.facts: dict[str, object] = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code


@dataclass(frozen=True, slots=True)
class Finding:
    """What one clause says of one case."""

    code: str
    """The refusal's code if the clause is not met, e.g. ``selection.over-area-budget``."""
    clause: str
    met: bool
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with its reasons, in the order in which the clauses were asked."""

    findings: tuple[Finding, ...]

    @property
    def met(self) -> bool:
        """Whether every clause is met."""
        return all(finding.met for finding in self.findings)

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The clauses that are not met."""
        return tuple(finding for finding in self.findings if not finding.met)

    def raise_if_unmet(self) -> None:
        """Raise the first unmet clause as a :class:`Refusal`."""
        for finding in self.unmet:
            raise Refusal(finding.code, clause=finding.clause, **finding.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A home as the rules see it."""

    number: UnitNumber
    area_sqm: AreaSqm
    community: str = ""
    building: str = ""
    stair: str = ""
    floor: int | None = None
    total_floors: int | None = None
    room: str = ""
    layout: str = ""
    rooms: int | None = None
    orientation: str = ""
    has_lift: bool = False
    is_barrier_free: bool = False
    reserved_for: str = ""
    """The need it is kept for until the plan opens it: ``barrier-free``, ``elderly`` or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household as the rules see it: no name, no identity number."""

    number: HouseholdNumber
    stratum: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    """What the household must have: ``barrier-free``, ``elderly``, ``three-rooms``."""


def exact_decimal(text: str) -> Decimal:
    """Read a plain decimal number: no exponent, no space, no bare point, nothing but digits.

    >>> exact_decimal("88.50")
    Decimal('88.50')
    """
    if _PLAIN_DECIMAL.fullmatch(text) is None:
        raise Refusal("value.not-a-number", value=text)
    return Decimal(text)


def tenths_from_points(points: str) -> Tenths:
    """Turn points as a plan states them into whole tenths.

    >>> tenths_from_points("0.3"), tenths_from_points("5")
    (3, 50)
    """
    scaled = exact_decimal(points) * 10
    if scaled != scaled.to_integral_value():
        raise Refusal("value.finer-than-a-tenth", value=points)
    return Tenths(int(scaled))


def points_from_tenths(score: Tenths) -> str:
    """Write tenths as points.

    >>> points_from_tenths(Tenths(126)), points_from_tenths(Tenths(-5))
    ('12.6', '-0.5')
    """
    whole, part = divmod(abs(score), 10)
    return f"{'-' if score < 0 else ''}{whole}.{part}"
