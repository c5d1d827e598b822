"""Clocks with pauses for tests, and strategies that make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from anju_rules.clocks import Budget, Clock, Pause, Unit

Span = tuple[date, date]
STARTS = st.dates(date(2004, 1, 1), date(2031, 12, 31))
LENGTHS = st.integers(1, 60)
GAPS = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 40)), max_size=4)


def clock_of(
    start: date, length: int, spans: Sequence[Span], unit: Unit = Unit.WORKING_DAYS
) -> Clock:
    return Clock(
        started_on=start,
        budget=Budget(length, unit),
        pauses=tuple(Pause(began, ended) for began, ended in spans),
    )


def spans_after(start: date, gaps: Sequence[tuple[int, int]]) -> list[Span]:
    """Lay pauses one after the other: so many days on, so many days long."""
    spans, day = [], start
    for gap, length in gaps:
        began = day + timedelta(days=gap)
        day = began + timedelta(days=length)
        spans.append((began, day))
    return spans
