"""The sixty-month plan (MIL-3): phases, targets, and where we stand by the pace so far (MIL-4).

A target is a share with its numerator, denominator and clause. Two kinds: a *stock* grows from
nought at the start of the programme (files planned, homes titled) and is forecast by its pace; a
*level* is how things went so far (satisfaction) and is forecast to stay. Everything is exact; a
figure that nobody has counted is "no data yet", never nought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from anju_rules.policy.lines import read_full_basis
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import Basis
from anju_rules.procedures.reading import read_lines, read_words
from anju_rules.procedures.types import Words
from anju_rules.shares import Share, take_share

_DECEMBER = 12


class Kind(StrEnum):
    """How an indicator moves."""

    STOCK = "stock"
    LEVEL = "level"


class Light(StrEnum):
    """Where a target stands."""

    NO_DATA = "no-data"
    NOT_BEGUN = "not-begun"
    """Its phase lies ahead, and it is not reached yet."""
    REACHED = "reached"
    ON_PACE = "on-pace"
    BEHIND = "behind"
    MISSED = "missed"
    """Its phase is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A figure of the programme: what is counted, among what."""

    code: str
    title: Words
    numerator: Words
    denominator: Words
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A share to be reached by the end of a phase."""

    indicator: Indicator
    at_least: Fraction
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Months of the programme, counted from one."""

    code: str
    title: Words
    first_month: int
    last_month: int
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The plan."""

    code: str
    title: Words
    starts_on: date
    indicators: Mapping[str, Indicator]
    phases: tuple[Phase, ...]

    def first_day(self, phase: Phase) -> date:
        """Give the first day of a phase."""
        return add_months(self.starts_on, phase.first_month - 1)

    def last_day(self, phase: Phase) -> date:
        """Give the last day of a phase."""
        return add_months(self.starts_on, phase.last_month) - timedelta(days=1)

    def month_of(self, on: date) -> int:
        """Give the month of the programme a day lies in; 0 before it begins."""
        month = 0
        while add_months(self.starts_on, month) <= on:
            month += 1
        return month


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Where a target stands on a day, with all that it was judged by."""

    target: Target
    light: Light
    share: Share | None
    forecast: Fraction | None
    """What the share will be on the phase's last day, at the pace so far; never over one."""
    reached_on: date | None
    """When the target will be reached at that pace; None: never, or no data."""
    days_late: int
    """By how much that is after the phase's last day."""
    last_day: date


def add_months(day: date, months: int) -> date:
    """Give the same day so many months later, for a day of the month that every month has.

    >>> add_months(date(2026, 11, 1), 2)
    datetime.date(2027, 1, 1)
    """
    years, month = divmod(day.month - 1 + months, _DECEMBER)
    return day.replace(year=day.year + years, month=month + 1)


def judge_programme(
    *, programme: Programme, counts: Mapping[str, Share | None], on: date
) -> tuple[tuple[Phase, tuple[Judged, ...]], ...]:
    """Judge every target of every phase on a day.

    ``counts``: what was counted, by indicator; one that is missing or None has no data.
    """
    return tuple(
        (
            phase,
            tuple(
                judge_target(
                    programme=programme,
                    phase=phase,
                    target=target,
                    share=counts.get(target.indicator.code),
                    on=on,
                )
                for target in phase.targets
            ),
        )
        for phase in programme.phases
    )


def judge_target(
    *, programme: Programme, phase: Phase, target: Target, share: Share | None, on: date
) -> Judged:
    """Judge one target: reached, on pace or behind, and what the pace so far comes to."""
    last_day = programme.last_day(phase)
    value = None if share is None else share.fraction
    # The day itself is worked through: on the first day, one day has gone by.
    gone = (on - programme.starts_on).days + 1
    if value is None or gone <= 0:
        light = Light.NO_DATA if value is None else Light.NOT_BEGUN
        return Judged(
            target=target,
            light=light,
            share=share,
            forecast=None,
            reached_on=None,
            days_late=0,
            last_day=last_day,
        )
    is_level = target.indicator.kind is Kind.LEVEL
    left = max(0, (last_day - on).days)
    forecast = value if is_level else min(Fraction(1), value + value * Fraction(left, gone))
    reached_on = _day_reached(value, target.at_least, gone=gone, on=on, is_level=is_level)
    return Judged(
        target=target,
        light=_light(
            value,
            target,
            forecast,
            has_begun=on >= programme.first_day(phase),
            is_over=on > last_day,
        ),
        share=share,
        forecast=forecast,
        reached_on=reached_on,
        days_late=max(0, (reached_on - last_day).days) if reached_on else 0,
        last_day=last_day,
    )


def _light(
    value: Fraction, target: Target, forecast: Fraction, *, has_begun: bool, is_over: bool
) -> Light:
    is_there = value >= target.at_least
    is_level = target.indicator.kind is Kind.LEVEL
    if is_over:
        return Light.REACHED if is_there else Light.MISSED
    if is_there and not is_level:
        return Light.REACHED
    if not has_begun:
        return Light.NOT_BEGUN
    # What is only held so far may still be lost: a level is reached when its phase ends.
    return Light.ON_PACE if forecast >= target.at_least else Light.BEHIND


def _day_reached(
    value: Fraction, at_least: Fraction, *, gone: int, on: date, is_level: bool
) -> date | None:
    if value >= at_least:
        return on
    if is_level or value == 0:
        return None
    # What is missing, at so much a day, rounded up to whole days.
    days = -(-((at_least - value) * gone) // value)
    ordinal = on.toordinal() + days
    return date.fromordinal(ordinal) if ordinal <= date.max.toordinal() else None


def read_programme(table: Mapping[str, object]) -> Programme:
    """Read the plan from a table, as ``tomllib`` gives it.

    Refuses with a ``policy.*`` code, ``programme.phases-apart`` (months missing or twice),
    ``programme.unknown-indicator`` or ``programme.starts-late-in-month``.
    """
    top = PolicyTable(table, path="")
    code, title = top.take_word("code"), read_words(top)
    starts_on = top.take_date("starts_on")
    if starts_on.day != 1:
        refuse_at("starts_on", "programme.starts-late-in-month", value=starts_on.isoformat())
    indicators = {
        one.code: one for one in (_read_indicator(line) for line in read_lines(top, "indicators"))
    }
    phases = tuple(_read_phase(line, indicators) for line in read_lines(top, "phases"))
    top.close()
    _refuse_gaps(phases)
    return Programme(
        code=code, title=title, starts_on=starts_on, indicators=indicators, phases=phases
    )


def _refuse_gaps(phases: Sequence[Phase]) -> None:
    months = [(0, 0), *((phase.first_month, phase.last_month) for phase in phases)]
    for place, (before, after) in enumerate(pairwise(months), start=1):
        if after[0] != before[1] + 1 or after[1] < after[0]:
            refuse_at(f"phases[{place}].months", "programme.phases-apart")


def _read_indicator(table: PolicyTable) -> Indicator:
    indicator = Indicator(
        code=table.take_word("code"),
        title=read_words(table),
        numerator=read_words(table, "numerator"),
        denominator=read_words(table, "denominator"),
        kind=Kind(table.take_one_of("kind", tuple(one.value for one in Kind))),
    )
    table.close()
    return indicator


def _read_phase(table: PolicyTable, indicators: Mapping[str, Indicator]) -> Phase:
    months = table.take_wholes("months", at_least=1)
    if len(months) != 2:
        refuse_at(table.path_of("months"), "policy.not-from-to")
    phase = Phase(
        code=table.take_word("code"),
        title=read_words(table),
        first_month=months[0],
        last_month=months[1],
        targets=tuple(_read_target(line, indicators) for line in read_lines(table, "targets")),
    )
    table.close()
    return phase


def _read_target(table: PolicyTable, indicators: Mapping[str, Indicator]) -> Target:
    path, named = table.path_of("indicator"), table.take_word("indicator")
    if named not in indicators:
        refuse_at(path, "programme.unknown-indicator", indicator=named)
    target = Target(
        indicator=indicators[named], at_least=take_share(table), basis=read_full_basis(table)
    )
    table.close()
    return target
