"""What a policy of fees is, once read: lines, reliefs and gates, dated, each with its clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from anju_rules.policy.types import Basis, Condition, FactType
from anju_rules.procedures.types import Words


class FeeKind(StrEnum):
    """What is paid for a title."""

    DEED_TAX = "deed-tax"
    """契税."""
    REGISTRATION = "registration-fee"
    """登记费."""
    COPIES = "further-copies"
    """Certificates beyond the first (增发证书工本费)."""
    FUND = "maintenance-fund"
    """The first payment into the maintenance fund (维修资金)."""
    PREMIUM = "land-premium"
    """土地出让金."""


class Effect(StrEnum):
    """What a relief does."""

    WAIVE = "waive"
    """Nothing is due."""
    DEDUCT = "deduct"
    """What is levied upon is less."""
    REFUND = "refund"
    """It is due in full, and the city pays a share of it back: all that a city may grant."""


FEE_FACTS: Mapping[str, FactType] = {
    "area_sqm": "area",
    "price_fen": "integer",
    "homes_owned": "integer",
    "is_home": "flag",
    "is_parking": "flag",
    "is_first_sale": "flag",
    "further_copies": "integer",
    "construction_cost_fen_per_sqm": "integer",
    "is_allocated_land": "flag",
    "land_price_fen": "integer",
    "is_for_expropriated": "flag",
    "compensation_fen": "integer",
    "signed_early": "flag",
}
"""Every fact that a line may ask of a home. ``homes_owned`` counts the family's homes with this
one; ``is_for_expropriated``: bought or exchanged for a home that was expropriated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """What every line has: a name, days on which it holds, whom it concerns, what it rests on."""

    code: str
    kind: FeeKind
    title: Words
    from_on: date
    until_on: date | None
    """The last day; None while it holds."""
    when: tuple[Condition, ...]
    """All must hold; asked in order, so that a later fact may be unknown where an earlier fails."""
    basis: Basis

    def is_in_force(self, on: date) -> bool:
        """Whether the line holds on a day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine(Dated):
    """How much: ``rate`` times the product of the facts ``of``, in fen."""

    rate: Decimal
    """A share of an amount in fen, or so many fen each."""
    of: tuple[str, ...]
    """No facts: the rate itself is the amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief(Dated):
    """Who pays less, and how."""

    effect: Effect
    deducts: str
    """The fact, in fen, by which what is levied upon is less; empty for other effects."""
    share: Decimal
    """The share paid back; nought for other effects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Dated):
    """What must be proven before a title may be registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePolicy:
    """A policy of fees: what a registry charges, forgives and asks proof of."""

    code: str
    title: Words
    lines: tuple[FeeLine, ...]
    reliefs: tuple[Relief, ...]
    gates: tuple[Gate, ...]

    @property
    def unconfirmed(self) -> Iterator[Dated]:
        """What is second hand or from memory, and must show "to be confirmed"."""
        every: tuple[Dated, ...] = (*self.lines, *self.reliefs, *self.gates)
        return (one for one in every if one.basis.is_unconfirmed)
