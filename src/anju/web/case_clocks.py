"""A case's clock as pages draw it: used, paused with the reason and its clause, left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from anju.foundation.casework.types import ClockBar, PauseBar
from anju.web.bars import Stretch, draw_stretches
from anju.web.case_words import REASONS, UNITS
from anju.web.clauses import say_clause
from anju.web.public.saying import say_clock, say_date, say_day
from anju_rules.clocks import Unit

_LONGEST = 400
"""Days that a bar draws one by one; nothing in a procedure is meant to last longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseLine:
    """One stop in words."""

    when: str
    why: str
    clause: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClock:
    """One clock, drawn and in words."""

    bar: tuple[Stretch, ...]
    used: str
    left: str
    due: str
    """The last day, or that the clock stands still."""
    paused: str
    """How long it stood still in all; empty where it never did."""
    is_overdue: bool
    is_stopped: bool
    is_provisional: bool


def draw_clock(bar: ClockBar, *, on: date) -> CaseClock:
    """Lay a clock out as it stands at the end of ``on``."""
    unit = UNITS[bar.unit]
    stood = sum(pause.days for pause in bar.pauses)
    return CaseClock(
        bar=draw_stretches(_hours(bar) if bar.unit is Unit.HOURS else _days(bar, on=on)),
        used=f"已用 {bar.used} {unit}",
        left=f"超了 {-bar.left} {unit}" if bar.left < 0 else f"还剩 {bar.left} {unit}",
        due=_say_due(bar),
        paused=f"中间停了 {stood} 天" if bar.pauses else "",
        is_overdue=bar.is_overdue,
        is_stopped=bar.is_stopped,
        is_provisional=bar.is_provisional,
    )


def _say_due(bar: ClockBar) -> str:
    if bar.is_stopped:
        return "时间停着"
    if bar.due_at is not None:
        return f"最晚 {say_date(bar.due_at.date())} {say_clock(bar.due_at)[:5]}"
    return f"最晚 {say_day(bar.due_on)}" if bar.due_on is not None else ""


def _hours(bar: ClockBar) -> list[str]:
    used = min(bar.used, bar.length)
    return ["over" if bar.left < 0 else "used"] * used + ["left"] * (bar.length - used)


def _days(bar: ClockBar, *, on: date) -> list[str]:
    """Tell of each day from the first that counts what it is."""
    first = bar.started_on + timedelta(days=1)
    due = bar.due_on or on + timedelta(days=max(0, bar.left))
    last = max(first, due, on if bar.is_overdue else due)
    length = min((last - first).days + 1, _LONGEST)
    return [_kind_of(first + timedelta(days=place), bar, due=due, on=on) for place in range(length)]


def _kind_of(day: date, bar: ClockBar, *, due: date, on: date) -> str:
    if day > on:
        return "left"
    # The day a pause begins still runs, the day it ends does not (the rules' convention).
    if any(one.began_on < day <= (one.ended_on or on) for one in bar.pauses):
        return "pause"
    return "over" if day > due else "used"


def say_pauses(pauses: Sequence[PauseBar]) -> tuple[PauseLine, ...]:
    """Say every stop, with why and on what clause."""
    return tuple(
        PauseLine(
            when=f"{say_date(one.began_on)}到 {say_date(one.ended_on)}，停 {one.days} 天"
            if one.ended_on is not None
            else f"{say_date(one.began_on)}停到现在，已停 {one.days} 天",
            why=REASONS[one.reason],
            clause=say_clause(one.clause),
            is_open=one.ended_on is None,
        )
        for one in pauses
    )
