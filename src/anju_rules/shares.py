"""Shares: so many of so many, exact. A figure without its denominator is no figure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True)
class Share:
    """``numerator`` of ``denominator``; refuses with ``shares.impossible`` what no count gives."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        """Refuse less than nothing, and more than all."""
        if not 0 <= self.numerator <= self.denominator:
            raise Refusal(
                "shares.impossible", numerator=self.numerator, denominator=self.denominator
            )

    @property
    def fraction(self) -> Fraction | None:
        """The share; None of nothing, which is no nought.

        >>> Share(19, 20).fraction, Share(0, 0).fraction
        (Fraction(19, 20), None)
        """
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    def reaches(self, target: Fraction) -> bool:
        """Whether the share is the target or more; nothing reaches nothing.

        >>> Share(95, 100).reaches(Fraction(19, 20)), Share(0, 0).reaches(Fraction(0))
        (True, False)
        """
        return self.fraction is not None and self.fraction >= target


def take_share(table: PolicyTable, key: str = "at_least") -> Fraction:
    """Take a share of nought to one from a policy, written there as an exact decimal."""
    share = table.take_decimal(key)
    if share > 1:
        refuse_at(table.path_of(key), "policy.above-range", value=share, most=1)
    return Fraction(share)


def percent_tenths(fraction: Fraction) -> int:
    """Give a fraction in tenths of a percent, rounded down: 94.96 % never reads as 95 %.

    >>> percent_tenths(Fraction(2, 3)), percent_tenths(Fraction(1))
    (666, 1000)
    """
    return fraction.numerator * 1000 // fraction.denominator
