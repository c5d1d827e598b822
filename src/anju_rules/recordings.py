"""How long what was filmed is kept (DLV-4): a draw and a choosing longer than other process video.

The terms are years, reckoned as the Civil Code reckons them (202): a term ends with the day of the
same number in its last year, and with the month where that day is missing (29 February).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class RecordingKind(StrEnum):
    """What a recording shows."""

    DRAW = "draw"
    """A ceremony of the public draw, whole."""
    SELECTION = "selection"
    """The choosing of homes, whole, as one desk or camera saw it."""
    PROCESS = "process"
    """What went on around it: queueing, signing in, handing out tickets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingTerm:
    """How long one kind is kept at least, and the clause that says so."""

    years: int
    clause: str


KEPT_FOR: Mapping[RecordingKind, KeepingTerm] = {
    RecordingKind.DRAW: KeepingTerm(years=15, clause="plan/archive#1"),
    RecordingKind.SELECTION: KeepingTerm(years=15, clause="plan/archive#1"),
    RecordingKind.PROCESS: KeepingTerm(years=10, clause="plan/archive#2"),
}


def kept_until(*, kind: RecordingKind, since: date) -> date:
    """Give the last day on which a recording must still be there.

    ``since``: the day from which its term runs, itself not counted.

    >>> kept_until(kind=RecordingKind.SELECTION, since=date(2026, 9, 1))
    datetime.date(2041, 9, 1)
    >>> kept_until(kind=RecordingKind.PROCESS, since=date(2028, 2, 29))
    datetime.date(2038, 2, 28)
    """
    year = since.year + KEPT_FOR[kind].years
    return date(year, since.month, min(since.day, monthrange(year, since.month)[1]))
