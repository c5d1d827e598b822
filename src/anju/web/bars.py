"""Bars of time as pages draw them: stretches of days of one kind beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days of one kind as a part of the bar: where it begins and how wide it is, in hundredths."""

    kind: str
    """``used``, ``pause``, ``left`` or ``over``: how it is painted."""
    start: str
    width: str


def draw_stretches(kinds: Sequence[str]) -> tuple[Stretch, ...]:
    """Draw days, each of a kind, as stretches of the same kind.

    >>> [(one.kind, one.start, one.width) for one in draw_stretches(["used", "pause", "pause"])]
    [('used', '0.00', '33.33'), ('pause', '33.33', '66.67')]
    """
    bar, at = [], 0
    for kind, same in groupby(kinds):
        wide = len(list(same))
        bar.append(Stretch(kind=kind, start=_share(at, len(kinds)), width=_share(wide, len(kinds))))
        at += wide
    return tuple(bar)


def _share(part: int, whole: int) -> str:
    return str((Decimal(100 * part) / whole).quantize(Decimal("0.01")))
