"""Alerts of a deadline: which rungs of the ladder a clock has climbed, and when.

Half the budget used, two units of it left, the last day, and after it the first and the third
working day, the last of which tells the supervisor. A rung is a fact of the clock: whoever asks
gets the same answer, so that a rung written down once is never told twice.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from anju_rules.calendar import STATE_COUNCIL, WorkingCalendar
from anju_rules.clocks import FIRST_DAY_COUNTS, Clock, Convention, find_day_reached
from anju_rules.hour_clocks import HourClock, find_moment_reached


class AlertRung(StrEnum):
    """When somebody is told of a deadline; each rung is climbed once."""

    HALF = "half"
    TWO_LEFT = "two-left"
    DUE = "due"
    ONE_LATE = "one-late"
    THREE_LATE = "three-late"

    @property
    def tells_supervisor(self) -> bool:
        """Whether the supervisor is told, and not only who holds the case."""
        return self is AlertRung.THREE_LATE


def find_rungs(
    clock: Clock,
    *,
    calendar: WorkingCalendar = STATE_COUNCIL,
    convention: Convention = FIRST_DAY_COUNTS,
) -> tuple[tuple[AlertRung, date], ...]:
    """Give the day of each alert, in order; those that an open pause keeps away are left out.

    Half the budget used (rounded up), two days of it left, the last day, and the first and third
    working day after it: once a clock is late, stopping it helps nobody.
    """
    length = clock.budget.length
    before = [(AlertRung.HALF, (length + 1) // 2)] if length > 1 else []
    if length > 2:
        before.append((AlertRung.TWO_LEFT, length - 2))
    rungs: list[tuple[AlertRung, date]] = []
    for rung, days in (*before, (AlertRung.DUE, length)):
        reached = find_day_reached(clock, length=days, calendar=calendar, convention=convention)
        if reached is None:
            continue
        rungs.append((rung, reached.on))
        if rung is AlertRung.DUE:
            rungs += [
                (late, calendar.due_after(start=reached.on, working_days=days_late).on)
                for late, days_late in ((AlertRung.ONE_LATE, 1), (AlertRung.THREE_LATE, 3))
            ]
    return tuple(sorted(rungs, key=_day_of))


def _day_of(rung: tuple[AlertRung, date]) -> date:
    return rung[1]


def find_rungs_in_hours(clock: HourClock) -> tuple[tuple[AlertRung, datetime], ...]:
    """Give the moment of each alert of a limit in hours; late rungs are one and three hours."""
    length = clock.budget.length
    before = [(AlertRung.HALF, (length + 1) // 2)] if length > 1 else []
    if length > 2:
        before.append((AlertRung.TWO_LEFT, length - 2))
    rungs: list[tuple[AlertRung, datetime]] = []
    for rung, hours in (*before, (AlertRung.DUE, length)):
        reached = find_moment_reached(clock, hours=hours)
        if reached is None:
            continue
        rungs.append((rung, reached))
        if rung is AlertRung.DUE:
            rungs.append((AlertRung.ONE_LATE, reached + timedelta(hours=1)))
            rungs.append((AlertRung.THREE_LATE, reached + timedelta(hours=3)))
    return tuple(sorted(rungs, key=lambda rung: rung[1]))
