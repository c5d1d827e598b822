"""Clocks as they are drawn: used, paused, left, and the highest rung climbed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from anju.foundation.casework.folding import Unfolded, day_clock, hour_clock
from anju.foundation.casework.types import ClockBar, PauseBar
from anju_rules.alerts import AlertRung, find_rungs, find_rungs_in_hours
from anju_rules.calendar import WorkingCalendar
from anju_rules.clocks import Budget, Clock, Pause, Reading, Unit, read_clock_on
from anju_rules.hour_clocks import HourClock, find_moment_due, is_overdue, time_used
from anju_rules.procedures.types import Procedure


def bar_of(
    procedure: Procedure, found: Unfolded, *, step: str, at: datetime, calendar: WorkingCalendar
) -> ClockBar | None:
    """Give the bar of a step's clock or, without a step, of the whole case's; none without one."""
    days = day_clock(procedure, found.state, step=step)
    if days is not None:
        return day_bar(days, step=step, on=at.date(), calendar=calendar)
    hours = hour_clock(procedure, found, step=step)
    return hour_bar(hours, step=step, at=at) if hours is not None else None


def day_bar(clock: Clock, *, step: str, on: date, calendar: WorkingCalendar) -> ClockBar:
    """Give the bar of a clock of days, as it stands at the end of ``on``."""
    told = read_clock_on(clock, on=max(on, clock.started_on), calendar=calendar)
    return ClockBar(
        step=step,
        unit=clock.budget.unit,
        length=clock.budget.length,
        clause=clock.budget.clause,
        started_on=clock.started_on,
        used=told.used,
        left=told.left,
        due_on=told.due.on if told.due else None,
        due_at=None,
        is_provisional=told.due.provisional if told.due else False,
        is_stopped=told.is_stopped,
        is_overdue=told.is_overdue,
        net_working_days=told.net_working_days,
        gross_days=told.gross_days,
        pauses=pause_bars(clock.pauses, on=on),
        rung=highest_rung(clock, on=on, calendar=calendar),
    )


def hour_bar(clock: HourClock, *, step: str, at: datetime) -> ClockBar:
    """Give the bar of a clock of hours: whole hours that have run."""
    at = max(at, clock.started_at)
    due_at = find_moment_due(clock)
    used = int(time_used(clock, at=at).total_seconds()) // 3600
    pauses = [
        Pause(one.began_at.date(), one.ended_at.date() if one.ended_at else None, one.reason,
              one.clause)
        for one in clock.pauses
    ]  # fmt: skip
    climbed = [rung for rung, moment in find_rungs_in_hours(clock) if moment <= at]
    return ClockBar(
        step=step,
        unit=Unit.HOURS,
        length=clock.budget.length,
        clause=clock.budget.clause,
        started_on=clock.started_at.date(),
        used=used,
        left=clock.budget.length - used,
        due_on=due_at.date() if due_at else None,
        due_at=due_at,
        is_provisional=False,
        is_stopped=bool(clock.pauses) and clock.pauses[-1].ended_at is None,
        is_overdue=is_overdue(clock, at=at),
        net_working_days=0,
        gross_days=(at - clock.started_at).days,
        pauses=pause_bars(pauses, on=at.date()),
        rung=climbed[-1] if climbed else None,
    )


def pause_bars(pauses: Sequence[Pause], *, on: date) -> tuple[PauseBar, ...]:
    """Give the stops as they are drawn; one that lasts counts to ``on``."""
    return tuple(
        PauseBar(
            began_on=pause.began_on,
            ended_on=pause.ended_on,
            reason=pause.reason,
            clause=pause.clause,
            days=max(0, ((pause.ended_on or on) - pause.began_on).days),
        )
        for pause in pauses
    )


def highest_rung(clock: Clock, *, on: date, calendar: WorkingCalendar) -> AlertRung | None:
    """Give the highest rung that a clock has climbed by ``on``."""
    climbed = [rung for rung, day in find_rungs(clock, calendar=calendar) if day <= on]
    return climbed[-1] if climbed else None


def read_whole(
    found: Unfolded, *, on: date, calendar: WorkingCalendar
) -> tuple[int, int, tuple[PauseBar, ...]]:
    """Give the family's two figures, and the stops: net working days, days since they came."""
    state = found.state
    came_on = state.came_on or on
    last = min(state.ended_on or on, on)
    if state.started_on is None or last < state.started_on:
        return 0, (last - came_on).days, pause_bars(state.pauses, on=on)
    told: Reading = read_clock_on(
        Clock(
            started_on=state.started_on,
            budget=Budget(1, Unit.WORKING_DAYS),
            pauses=state.pauses,
            first_came_on=came_on,
        ),
        on=last,
        calendar=calendar,
    )
    return told.net_working_days, told.gross_days, pause_bars(state.pauses, on=on)
