"""The sixty-month plan: where we stand by the pace so far."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.programme import Judged, Light, judge_programme, read_programme
from anju_rules.shares import Share
from anju_rules.values import Refusal

FILE = Path(__file__).parents[2] / "src/anju/policies/programme/titles.toml"
TABLE = tomllib.loads(FILE.read_text(encoding="utf-8"))
PLAN = read_programme(TABLE)


def judge(phase: str, code: str, share: Share | None, on: date) -> Judged:
    judged = judge_programme(programme=PLAN, counts={code: share}, on=on)
    targets = next(ones for one, ones in judged if one.code == phase)
    return next(one for one in targets if one.target.indicator.code == code)


@pytest.mark.req("MIL-3")
def test_the_plan_runs_sixty_months_without_a_gap() -> None:
    assert [(one.first_month, one.last_month) for one in PLAN.phases] == [
        (1, 12),
        (13, 36),
        (37, 60),
    ]
    assert PLAN.last_day(PLAN.phases[0]) == date(2026, 12, 31)
    assert PLAN.last_day(PLAN.phases[2]) == date(2030, 12, 31)
    assert [
        PLAN.month_of(on) for on in (date(2025, 12, 31), date(2026, 1, 1), date(2028, 2, 29))
    ] == [
        0,
        1,
        26,
    ]


@pytest.mark.req("MIL-3")
@pytest.mark.req("MIL-4")
def test_a_stock_is_forecast_by_its_pace() -> None:
    half_way = date(2026, 7, 2)  # the 183rd day of 365
    on_pace = judge("first-year", "legacy-planned", Share(26, 100), half_way)
    assert on_pace.light is Light.ON_PACE
    assert on_pace.forecast == Fraction(26, 100) * Fraction(365, 183)
    behind = judge("first-year", "legacy-planned", Share(24, 100), half_way)
    assert behind.light is Light.BEHIND
    assert behind.reached_on == half_way + timedelta(days=199)
    assert behind.days_late == 17
    assert judge("first-year", "legacy-planned", Share(1, 2), half_way).light is Light.REACHED
    assert judge("first-year", "legacy-planned", Share(0, 9), half_way).reached_on is None


@pytest.mark.req("MIL-3")
def test_a_level_is_held_until_its_phase_ends() -> None:
    within, after = date(2028, 12, 31), date(2029, 1, 1)
    assert judge("three-years", "satisfied", Share(90, 100), within).light is Light.ON_PACE
    assert judge("three-years", "satisfied", Share(90, 100), after).light is Light.REACHED
    assert judge("three-years", "satisfied", Share(89, 100), within).light is Light.BEHIND
    assert judge("three-years", "satisfied", Share(89, 100), after).light is Light.MISSED
    assert (
        judge("three-years", "satisfied", Share(99, 100), date(2026, 5, 1)).light is Light.NOT_BEGUN
    )


@pytest.mark.req("MIL-3")
@pytest.mark.parametrize("share", [None, Share(0, 0)])
def test_what_nobody_counted_is_no_data_and_not_nought(share: Share | None) -> None:
    told = judge("first-year", "five-days", share, date(2026, 6, 1))
    assert (told.light, told.forecast, told.reached_on) == (Light.NO_DATA, None, None)
    assert judge("first-year", "five-days", Share(0, 5), date(2026, 6, 1)).light is Light.BEHIND
    assert judge("first-year", "five-days", Share(1, 1), date(2025, 6, 1)).light is Light.NOT_BEGUN


@pytest.mark.req("MIL-4")
@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 364))
def test_the_day_reached_is_the_first_on_which_the_pace_gives_the_target(
    some: int, more: int, days: int
) -> None:
    on = date(2026, 1, 1) + timedelta(days=days)
    share = Share(some, some + more)
    told = judge("first-year", "legacy-planned", share, on)
    assert share.fraction is not None
    assert told.reached_on is not None
    pace = share.fraction / (days + 1)
    later = (told.reached_on - on).days
    assert share.fraction + pace * later >= Fraction(1, 2)
    assert later == 0 or share.fraction + pace * (later - 1) < Fraction(1, 2)
    assert (told.days_late == 0) is (told.light is not Light.BEHIND)


def plant(change: Callable[[dict[str, Any]], object]) -> str:
    table = copy.deepcopy(TABLE)
    change(table)
    with pytest.raises(Refusal) as refusal:
        read_programme(table)
    return refusal.value.code


def test_a_plan_that_does_not_hold_together_is_refused() -> None:
    assert plant(lambda t: t["phases"][1].update(months=[14, 36])) == "programme.phases-apart"
    assert plant(lambda t: t["phases"][1].update(months=[13])) == "policy.not-from-to"
    assert plant(lambda t: t["indicators"].pop()) == "programme.unknown-indicator"
    late = {"starts_on": date(2026, 1, 31)}
    assert plant(lambda t: t.update(late)) == "programme.starts-late-in-month"
    assert plant(lambda t: t["phases"][0]["targets"][0].pop("source")) == "policy.missing-source"
