"""Clocks that stop and start: pauses, provisional days, alerts, and a walk day by day beside."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.alerts import AlertRung, find_rungs, find_rungs_in_hours
from anju_rules.calendar import (
    LAST_NOTICE_YEAR,
    SETTLED_UNTIL,
    STATE_COUNCIL,
    calendar_as_of,
    calendar_with_notice,
    due_after,
    due_after_calendar_days,
)
from anju_rules.clocks import (
    Budget,
    Clock,
    Convention,
    Pause,
    PauseReason,
    Unit,
    count_used,
    find_deadline,
    read_clock_on,
    reckon_again,
    refuse_unlisted_reasons,
)
from anju_rules.hour_clocks import HourClock, HourPause, find_moment_due, is_overdue, time_used
from anju_rules.values import Refusal
from tests.support.real_data import real_data

SEED = 20260917
Span = tuple[date, date]
DueOn = Callable[[date, int, Sequence[Span]], date]
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


def due_on(start: date, length: int, spans: Sequence[Span], unit: Unit = Unit.WORKING_DAYS) -> date:
    due = find_deadline(clock_of(start, length, spans, unit))
    assert due is not None
    return due.on


def spans_after(start: date, gaps: Sequence[tuple[int, int]]) -> list[Span]:
    """Lay pauses one after the other: so many days on, so many days long."""
    spans, day = [], start
    for gap, length in gaps:
        began = day + timedelta(days=gap)
        day = began + timedelta(days=length)
        spans.append((began, day))
    return spans


def is_worked(day: date) -> bool:
    """What the library answers by itself; Monday to Friday where it knows no notice."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def due_day_by_day(start: date, length: int, spans: Sequence[Span]) -> date:
    """Walk and count: the day a pause begins counts, the day it ends does not."""
    day, counted = start, 0
    while counted < length:
        day += timedelta(days=1)
        stands = any(began < day <= ended for began, ended in spans)
        counted += is_worked(day) and not stands
    return day


def due_if_pauses_were_a_flag(start: date, length: int, spans: Sequence[Span]) -> date:  # noqa: ARG001
    """The clock seen elsewhere: suspended is a yes or no, and moves no deadline."""
    return due_after(start=start, working_days=length).on


def due_if_the_first_day_stood(start: date, length: int, spans: Sequence[Span]) -> date:
    earlier = [(began - timedelta(days=1), ended) for began, ended in spans]
    return due_day_by_day(start, length, earlier)


def assert_published_pauses_hold(reckon: DueOn) -> None:
    with real_data("holidays/paused_clocks.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) == 40
    wrong = []
    for case in cases:
        spans = [
            (date.fromisoformat(began), date.fromisoformat(ended))
            for began, _, ended in (
                span.partition("..") for span in case["pauses"].split(";") if span
            )
        ]
        due = reckon(date.fromisoformat(case["accepted_on"]), int(case["working_days"]), spans)
        if due.isoformat() != case["due_on"]:
            wrong.append(case)
    assert wrong == []


@pytest.mark.req("TTL-4")
@pytest.mark.pitfall("P18")
def test_all_published_pauses_hold() -> None:
    assert_published_pauses_hold(due_on)
    assert_published_pauses_hold(due_day_by_day)


@pytest.mark.pitfall("P18")
@pytest.mark.parametrize("wrong", [due_if_pauses_were_a_flag, due_if_the_first_day_stood])
def test_control_a_clock_that_reckons_otherwise_fails_them(wrong: DueOn) -> None:
    with pytest.raises(AssertionError):
        assert_published_pauses_hold(wrong)


@pytest.mark.pitfall("P17")
def test_all_published_deadlines_hold() -> None:
    with real_data("holidays/deadline_cases.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) == 134
    wrong = [
        case
        for case in cases
        if due_on(date.fromisoformat(case["accepted_on"]), int(case["working_days"]), ())
        != date.fromisoformat(case["due_on"])
    ]
    assert wrong == []


@pytest.mark.req("TTL-4")
@pytest.mark.pitfall("P18")
def test_three_days_are_used_when_the_clock_starts_again() -> None:
    clock = clock_of(date(2026, 9, 17), 5, [(date(2026, 9, 21), date(2026, 9, 28))])
    on_the_stop = read_clock_on(clock, on=date(2026, 9, 27))
    assert (on_the_stop.used, on_the_stop.left, on_the_stop.gross_days) == (3, 2, 10)
    due = find_deadline(clock)
    assert due is not None
    assert (due.on, due.provisional) == (date(2026, 9, 30), False)
    assert not read_clock_on(clock, on=due.on).is_overdue
    late = read_clock_on(clock, on=date(2026, 10, 8))
    assert (late.is_overdue, late.left) == (True, -1)


@pytest.mark.pitfall("P17")
@pytest.mark.pitfall("P18")
def test_every_start_from_2004_to_2026_equals_a_walk_day_by_day() -> None:
    """All 8,401 starts; length and pauses of each from a fixed seed."""
    print(f"seed {SEED}")  # noqa: T201
    chance = random.Random(SEED)
    first, last = date(2004, 1, 1), date(2026, 12, 31)
    worked = {
        day: is_worked(day)
        for day in (first + timedelta(days=number) for number in range((last - first).days + 400))
    }
    walked = 0
    for number in range((last - first).days + 1):
        start = first + timedelta(days=number)
        length = chance.choice((1, 3, 5, 10, 20))
        spans = spans_after(
            start, [(chance.randrange(12), chance.randrange(15)) for _ in range(number % 4)]
        )
        day, counted = start, 0
        while counted < length:
            day += timedelta(days=1)
            if worked[day] and not any(began < day <= ended for began, ended in spans):
                counted += 1
        assert due_on(start, length, spans) == day, (start, length, spans)
        walked += 1
    assert walked == 8401


@given(start=STARTS, length=LENGTHS, gaps=GAPS)
def test_a_paused_deadline_equals_counting_day_by_day(
    start: date, length: int, gaps: list[tuple[int, int]]
) -> None:
    spans = spans_after(start, gaps)
    due = find_deadline(clock_of(start, length, spans))
    assert due is not None
    assert due.on == due_day_by_day(start, length, spans)
    assert due.provisional == (due.on > SETTLED_UNTIL)


@given(start=STARTS, length=LENGTHS, gaps=GAPS)
def test_calendar_days_end_on_the_first_working_day_on_which_the_clock_runs(
    start: date, length: int, gaps: list[tuple[int, int]]
) -> None:
    spans = spans_after(start, gaps)

    def runs(day: date) -> bool:
        return not any(began < day <= ended for began, ended in spans)

    day, counted = start, 0
    while counted < length:
        day += timedelta(days=1)
        counted += runs(day)
    while not (is_worked(day) and runs(day)):
        day += timedelta(days=1)
    assert due_on(start, length, spans, Unit.CALENDAR_DAYS) == day


@pytest.mark.pitfall("P18")
@given(
    start=STARTS,
    length=LENGTHS,
    gaps=GAPS,
    unit=st.sampled_from([*Unit][:2]),
    more=st.integers(1, 9),
)
def test_a_pause_never_shortens_and_a_longer_one_never_hastens(
    start: date, length: int, gaps: list[tuple[int, int]], unit: Unit, more: int
) -> None:
    spans = spans_after(start, gaps)
    due = due_on(start, length, spans, unit)
    assert due >= due_on(start, length, (), unit)
    if spans:
        began, ended = spans[-1]
        longer = [*spans[:-1], (began, ended + timedelta(days=more))]
        assert due_on(start, length, longer, unit) >= due
        assert due_on(start, length, spans[:-1], unit) <= due


@given(start=STARTS, length=LENGTHS, gaps=GAPS, unit=st.sampled_from([*Unit][:2]))
def test_the_order_of_pauses_does_not_matter(
    start: date, length: int, gaps: list[tuple[int, int]], unit: Unit
) -> None:
    spans = spans_after(start, gaps[:3])
    assert len({due_on(start, length, order, unit) for order in permutations(spans)}) == 1


@given(start=STARTS, length=LENGTHS, gaps=GAPS)
def test_on_the_last_day_the_budget_is_used_to_the_day(
    start: date, length: int, gaps: list[tuple[int, int]]
) -> None:
    clock = clock_of(start, length, spans_after(start, gaps))
    due = find_deadline(clock)
    assert due is not None
    assert count_used(clock, on=due.on) == length
    assert count_used(clock, on=due.on - timedelta(days=1)) == length - 1
    assert count_used(clock, on=start) == 0


@pytest.mark.pitfall("P18")
@pytest.mark.parametrize(
    ("spans", "code"),
    [
        ([("2026-09-18", "2026-09-25"), ("2026-09-24", "2026-09-28")], "clock.pauses-overlap"),
        ([("2026-09-18", None), ("2026-09-24", "2026-09-28")], "clock.pauses-overlap"),
        ([("2026-09-18", "2026-09-17")], "clock.pause-turned-round"),
        ([("2026-09-16", "2026-09-18")], "clock.pause-before-start"),
    ],
)
def test_what_no_clock_can_have_done_is_refused(
    spans: list[tuple[str, str | None]], code: str
) -> None:
    pauses = tuple(
        Pause(date.fromisoformat(began), date.fromisoformat(ended) if ended else None)
        for began, ended in spans
    )
    for order in permutations(pauses):
        with pytest.raises(Refusal) as caught:
            Clock(
                started_on=date(2026, 9, 17),
                budget=Budget(5, Unit.WORKING_DAYS),
                pauses=order,
            )
        assert caught.value.code == code


def test_a_pause_may_begin_on_the_day_another_ends() -> None:
    start, middle = date(2026, 9, 17), date(2026, 9, 25)
    one = [(date(2026, 9, 21), date(2026, 9, 28))]
    two = [(date(2026, 9, 21), middle), (middle, date(2026, 9, 28))]
    assert due_on(start, 5, two) == due_on(start, 5, one)


def test_a_clock_that_stands_still_has_no_deadline_yet() -> None:
    stop = Pause(date(2026, 9, 21), None)
    clock = Clock(started_on=date(2026, 9, 17), budget=Budget(5, Unit.WORKING_DAYS), pauses=(stop,))
    reading = read_clock_on(clock, on=date(2026, 12, 1))
    assert (reading.due, reading.is_stopped, reading.is_overdue) == (None, True, False)
    assert (reading.used, reading.left) == (3, 2)
    assert [rung for rung, _ in find_rungs(clock)] == [AlertRung.HALF, AlertRung.TWO_LEFT]
    too_late = Clock(
        started_on=date(2026, 9, 17),
        budget=Budget(3, Unit.WORKING_DAYS),
        pauses=(stop,),
    )
    due = find_deadline(too_late)
    assert due is not None
    assert due.on == date(2026, 9, 21)


def test_a_registry_may_count_the_ends_of_a_pause_otherwise() -> None:
    clock = clock_of(date(2026, 9, 17), 5, [(date(2026, 9, 21), date(2026, 9, 28))])
    dues = [
        find_deadline(clock, convention=Convention(counts_first_day=first, counts_last_day=last))
        for first in (True, False)
        for last in (True, False)
    ]
    assert [due.on.isoformat() for due in dues if due] == [
        "2026-09-29", "2026-09-30", "2026-09-30", "2026-10-08",
    ]  # fmt: skip


def test_a_reason_beyond_the_list_or_without_clause_stops_no_clock() -> None:
    stop = Pause(date(2026, 9, 21), None, PauseReason.HEARING, "licensing-law/45")
    refuse_unlisted_reasons([stop], allowed=[PauseReason.HEARING])
    with pytest.raises(Refusal) as caught:
        refuse_unlisted_reasons([stop], allowed=[PauseReason.SUPPLEMENT])
    assert caught.value.code == "clock.reason-not-allowed"
    with pytest.raises(Refusal) as caught:
        refuse_unlisted_reasons(
            [Pause(date(2026, 9, 21), None, PauseReason.HEARING)], allowed=[PauseReason.HEARING]
        )
    assert caught.value.code == "clock.pause-without-clause"


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
            moved += change.moved_days != 0
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


def test_without_pauses_a_clock_is_the_calendar() -> None:
    start = date(2026, 9, 24)
    assert due_on(start, 10, (), Unit.CALENDAR_DAYS) == (
        due_after_calendar_days(start=start, days=10).on
    )
    with pytest.raises(Refusal) as caught:
        Clock(started_on=start, budget=Budget(2, Unit.HOURS))
    assert caught.value.code == "clock.wrong-unit"


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
