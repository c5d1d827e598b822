"""How each figure of the five years' plan went, month by month: a line, its target, and a table.

Drawn in whole numbers: a thousand wide for the plan's months, two hundred high for all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from anju.titles.partners.queries import programme_history
from anju.titles.partners.types import ProgrammeCount
from anju.web.public.plan_page import say_full_date
from anju.web.shares import say_percent
from anju_rules.programme import Programme
from anju_rules.shares import Share, percent_tenths

WIDE, HIGH = 1_000, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """One month of a figure."""

    month: str
    counted_on: str
    percent: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalStep:
    """What is to be reached by the end of a phase, while it runs."""

    start: int
    end: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """One figure over time."""

    title: str
    points: str
    """As SVG reads them."""
    dots: tuple[tuple[int, int], ...]
    goals: tuple[GoalStep, ...]
    months: tuple[MonthRow, ...]
    words: str
    """What the picture shows, for whoever does not see it."""


def draw_lines(
    *, programme: Programme, counts: Mapping[str, Share | None], on: date
) -> tuple[FigureLine, ...]:
    """Draw each figure that was kept at least once, with today's value at its end."""
    history = programme_history()
    return tuple(
        _line(programme, code, history[code], now=counts.get(code), on=on)
        for code in programme.indicators
        if code in history
    )


def _line(
    programme: Programme,
    code: str,
    kept: Sequence[ProgrammeCount],
    *,
    now: Share | None,
    on: date,
) -> FigureLine:
    told = [(one.counted_on, one.share) for one in kept]
    if now is not None and now.denominator and on > told[-1][0]:
        told.append((on, now))
    dots = tuple((_across(programme, day), _up(share)) for day, share in told)
    first, last = told[0], told[-1]
    return FigureLine(
        title=programme.indicators[code].title.zh,
        points=" ".join(f"{x},{y}" for x, y in dots),
        dots=dots,
        goals=tuple(
            GoalStep(
                start=_across(programme, programme.first_day(phase)),
                end=_across(programme, programme.last_day(phase)),
                height=HIGH - percent_tenths(target.at_least) * HIGH // 1000,
            )
            for phase in programme.phases
            for target in phase.targets
            if target.indicator.code == code
        ),
        months=tuple(_month(one) for one in reversed(kept)),
        words=f"{say_full_date(first[0])} {_percent(first[1])}，"
        f"{say_full_date(last[0])} {_percent(last[1])}",
    )


def _month(one: ProgrammeCount) -> MonthRow:
    return MonthRow(
        month=f"第 {one.month} 个月",
        counted_on=say_full_date(one.counted_on),
        percent=_percent(one.share),
        told=f"{one.share.numerator:,} ÷ {one.share.denominator:,}",
    )


def _percent(share: Share) -> str:
    fraction = share.fraction
    return "" if fraction is None else say_percent(fraction)


def _across(programme: Programme, day: date) -> int:
    whole = (programme.last_day(programme.phases[-1]) - programme.starts_on).days
    return max(0, min(WIDE, (day - programme.starts_on).days * WIDE // whole))


def _up(share: Share) -> int:
    fraction = share.fraction
    return HIGH if fraction is None else HIGH - percent_tenths(fraction) * HIGH // 1000
