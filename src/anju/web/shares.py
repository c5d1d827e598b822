"""How a share is said: in percent to a tenth, with what it was counted from; or that nobody did."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from anju_rules.shares import Share, percent_tenths

NO_DATA = "还没有数据"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareWords:
    """A share as a page shows it."""

    percent: str
    """``95%``, or that there is no data yet."""
    told: str
    """``19 / 20``; empty without data."""
    width: int
    """Hundredths, for a bar."""
    has_data: bool


def say_share(share: Share | None) -> ShareWords:
    """Say a share, never rounded up.

    >>> say_share(Share(19, 20)).percent, say_share(Share(0, 0)).percent
    ('95%', '还没有数据')
    """
    fraction = None if share is None else share.fraction
    if share is None or fraction is None:
        return ShareWords(percent=NO_DATA, told="", width=0, has_data=False)
    return ShareWords(
        percent=say_percent(fraction),
        told=f"{share.numerator:,} / {share.denominator:,}",
        width=percent_tenths(fraction) // 10,
        has_data=True,
    )


def say_percent(fraction: Fraction) -> str:
    """Say a fraction in percent, rounded down to a tenth; a whole percent without it.

    >>> say_percent(Fraction(3, 4)), say_percent(Fraction(2, 3))
    ('75%', '66.6%')
    """
    whole, tenth = divmod(percent_tenths(fraction), 10)
    is_exact = fraction * 100 == whole
    return f"{whole}%" if is_exact else f"{whole}.{tenth}%"
