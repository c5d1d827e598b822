"""The five years' plan laid out for a page: phases, targets, bars with the target's mark."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from anju.titles.partners.policy import title_programme
from anju.web.clauses import say_clause
from anju.web.public.plan_page import say_full_date
from anju.web.public.programme_lines import FigureLine, draw_lines
from anju.web.shares import ShareWords, say_percent, say_share
from anju.web.title_counts import title_counts
from anju_rules.programme import Judged, Kind, Light, judge_programme
from anju_rules.shares import percent_tenths

LIGHTS: dict[Light, tuple[str, str]] = {
    Light.REACHED: ("已达到", "jade"),
    Light.ON_PACE: ("按进度", "sky"),
    Light.BEHIND: ("落后", "amber"),
    Light.MISSED: ("到期未达到", "alarm"),
    Light.NOT_BEGUN: ("未到这一阶段", ""),
    Light.NO_DATA: ("还没有数据", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRow:
    """One target."""

    title: str
    goal: str
    goal_mark: int
    """Where its mark stands, in hundredths; the last one is left free, to be seen."""
    share: ShareWords
    counted: str
    """What is counted, among what."""
    light: str
    colour: str
    forecast: str
    forecast_width: int
    basis: str
    is_unconfirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRow:
    """One phase."""

    title: str
    from_to: str
    is_now: bool
    targets: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePage:
    """The plan as it stands."""

    month: int
    months: int
    elapsed: int
    """Hundredths of the plan's time."""
    behind: int
    without_data: int
    phases: tuple[PhaseRow, ...]
    lines: tuple[FigureLine, ...]
    """How each figure went so far; empty before the first month was kept."""


def lay_out_programme(*, on: date) -> ProgrammePage:
    """Lay out the plan and where each target stands on a day."""
    programme = title_programme()
    counts = title_counts(on=on)
    judged = judge_programme(programme=programme, counts=counts, on=on)
    lights = [one.light for _, ones in judged for one in ones]
    months = programme.phases[-1].last_month
    month = min(programme.month_of(on), months)
    return ProgrammePage(
        month=month,
        months=months,
        elapsed=100 * month // months,
        behind=sum(light in (Light.BEHIND, Light.MISSED) for light in lights),
        without_data=sum(light is Light.NO_DATA for light in lights),
        phases=tuple(
            PhaseRow(
                title=phase.title.zh,
                from_to=f"{say_full_date(programme.first_day(phase))}至"
                f"{say_full_date(programme.last_day(phase))}",
                is_now=programme.first_day(phase) <= on <= programme.last_day(phase),
                targets=tuple(_target_row(one) for one in ones),
            )
            for phase, ones in judged
        ),
        lines=draw_lines(programme=programme, counts=counts, on=on),
    )


def _target_row(one: Judged) -> TargetRow:
    light, colour = LIGHTS[one.light]
    indicator = one.target.indicator
    return TargetRow(
        title=indicator.title.zh,
        goal=say_percent(one.target.at_least),
        goal_mark=min(99, percent_tenths(one.target.at_least) // 10),
        share=say_share(one.share),
        counted=f"{indicator.numerator.zh} ÷ {indicator.denominator.zh}",
        light=light,
        colour=colour,
        forecast=_say_forecast(one),
        forecast_width=percent_tenths(one.forecast) // 10 if one.forecast is not None else 0,
        basis=say_clause(one.target.basis.clause),
        is_unconfirmed=one.target.basis.is_unconfirmed,
    )


def _say_forecast(one: Judged) -> str:
    """Say what the pace so far comes to, for what is running or still to come."""
    if one.forecast is None or one.light in (Light.REACHED, Light.MISSED):
        return ""
    if one.target.indicator.kind is Kind.LEVEL:
        return ""
    words = f"照目前的速度，到 {say_full_date(one.last_day)} 约 {say_percent(one.forecast)}"
    if one.reached_on is None:
        return f"{words}，还看不出哪天能达到"
    if one.days_late:
        return f"{words}；要到 {say_full_date(one.reached_on)} 才达到，晚 {one.days_late:,} 天"
    return f"{words}，能按时达到"
