"""What a clock tells: its alerts, what a new notice moves, what a family reads, hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.alerts import AlertRung, find_rungs, find_rungs_in_hours
from anju_rules.calendar import (
    LAST_NOTICE_YEAR,
    STATE_COUNCIL,
    calendar_as_of,
    calendar_with_notice,
)
from anju_rules.clocks import Budget, Clock, Pause, Unit, find_deadline, read_clock_on, reckon_again
from anju_rules.hour_clocks import HourClock, HourPause, find_moment_due, is_overdue, time_used
from anju_rules.values import Refusal
from tests.support.clocks import GAPS, LENGTHS, STARTS, clock_of, spans_after


@pytest.mark.req("TTL-4")
def test_each_rung_falls_on_its_day() -> None:
    told = find_rungs(clock_of(date(2026, 9, 17), 5, [(date(2026, 9, 21), date(2026, 9, 28))]))
    assert [(rung.value, day.isoformat()) for rung, day in told] == [
        ("half", "2026-09-21"),
        ("two-left", "2026-09-21"),
        ("due", "2026-09-30"),
        ("one-late", "2026-10-08"),
        ("three-late", "2026-10-10"),
    ]
    assert [rung for rung in AlertRung if rung.tells_supervisor] == [AlertRung.THREE_LATE]


@given(start=STARTS, length=LENGTHS, gaps=GAPS, unit=st.sampled_from([*Unit][:2]))
def test_rungs_rise_and_each_stands_once(
    start: date, length: int, gaps: list[tuple[int, int]], unit: Unit
) -> None:
    told = find_rungs(clock_of(start, length, spans_after(start, gaps), unit))
    assert [day for _, day in told] == sorted(day for _, day in told)
    assert len({rung for rung, _ in told}) == len(told)
    assert {AlertRung.DUE, AlertRung.ONE_LATE, AlertRung.THREE_LATE} <= {rung for rung, _ in told}


@pytest.mark.req("TTL-4")
@pytest.mark.parametrize("year", range(2015, LAST_NOTICE_YEAR))
def test_a_loaded_notice_moves_only_what_was_provisional(year: int) -> None:
    before, after = calendar_as_of(year), calendar_as_of(year + 1)
    moved = settled = 0
    for number in range(365):
        start = date(year, 4, 1) + timedelta(days=number)
        clock = clock_of(start, 20, [(start + timedelta(days=3), start + timedelta(days=9))])
        was = find_deadline(clock, calendar=before)
        change = reckon_again(clock, before=before, after=after)
        assert was is not None
        if not was.provisional:
            assert change is None
            assert find_deadline(clock, calendar=after) == was
            settled += 1
        elif change is not None:
            assert change.was == was
            assert change.now == find_deadline(clock, calendar=after)
            moved += change.now.on != change.was.on
    assert settled > 200
    assert moved


def test_the_next_notice_may_be_loaded_before_the_library_has_it() -> None:
    year = LAST_NOTICE_YEAR + 1
    rest = [date(year, 1, 1), *(date(year, 10, day) for day in range(1, 8))]
    loaded = calendar_with_notice(year=year, off_days=rest, worked_weekends=[])
    # Three working days before the rest begins.
    start = date(year, 9, 30)
    clock = clock_of(start, 1, [])
    change = reckon_again(clock, before=STATE_COUNCIL, after=loaded)
    assert change is not None
    assert change.is_settled
    assert change.now.on == loaded.due_after(start=date(year, 10, 7), working_days=1).on
    for off, worked, code in (
        ([date(year, 1, 1)], [], "calendar.notice-malformed"),
        ([*rest, date(year + 1, 1, 1)], [], "calendar.notice-malformed"),
        (rest, rest[:1], "calendar.notice-malformed"),
    ):
        with pytest.raises(Refusal) as caught:
            calendar_with_notice(year=year, off_days=off, worked_weekends=worked)
        assert caught.value.code == code
    with pytest.raises(Refusal) as caught:
        calendar_with_notice(year=year + 1, off_days=rest, worked_weekends=[])
    assert caught.value.code == "calendar.notice-out-of-turn"
    with pytest.raises(Refusal) as caught:
        calendar_as_of(LAST_NOTICE_YEAR + 1)
    assert caught.value.code == "calendar.no-such-notice"


def test_a_family_sees_net_working_days_and_days_since_it_first_came() -> None:
    clock = Clock(
        started_on=date(2026, 9, 17),
        budget=Budget(10, Unit.CALENDAR_DAYS),
        pauses=(Pause(date(2026, 9, 21), date(2026, 9, 28)),),
        first_came_on=date(2026, 9, 10),
    )
    reading = read_clock_on(clock, on=date(2026, 9, 30))
    assert (reading.used, reading.net_working_days, reading.gross_days) == (6, 5, 20)
    with pytest.raises(Refusal) as caught:
        read_clock_on(clock, on=date(2026, 9, 16))
    assert caught.value.code == "clock.before-start"


@pytest.mark.req("GOV-2")
def test_hours_run_through_the_night_and_stand_still_in_a_pause() -> None:
    start = datetime(2026, 9, 30, 22, tzinfo=UTC)
    stop = HourPause(start + timedelta(minutes=30), start + timedelta(hours=3))
    clock = HourClock(started_at=start, budget=Budget(2, Unit.HOURS), pauses=(stop,))
    due = start + timedelta(hours=4, minutes=30)
    assert find_moment_due(clock) == due
    assert time_used(clock, at=start + timedelta(hours=2)) == timedelta(minutes=30)
    assert not is_overdue(clock, at=due)
    assert is_overdue(clock, at=due + timedelta(seconds=1))
    assert [rung.value for rung, _ in find_rungs_in_hours(clock)] == [
        "half", "due", "one-late", "three-late",
    ]  # fmt: skip
    still = HourClock(
        started_at=start, budget=Budget(2, Unit.HOURS), pauses=(HourPause(start, None),)
    )
    assert find_moment_due(still) is None
    with pytest.raises(Refusal) as caught:
        HourClock(started_at=start, budget=Budget(2, Unit.HOURS), pauses=(stop, stop))
    assert caught.value.code == "clock.pauses-overlap"
