"""Working days and deadlines: the notices, the law's two rules, and what is not settled yet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.calendar import (
    FIRST_NOTICE_YEAR,
    LAST_NOTICE_YEAR,
    SETTLED_UNTIL,
    Deadline,
    WorkingCalendar,
    describe_day,
    due_after,
    due_after_calendar_days,
    is_working_day,
)
from anju_rules.values import Refusal
from tests.support.real_data import real_data

DueOn = Callable[[date, int], date]

# facts.md, section 6: accepted, five working days, due.
FIVE_WORKING_DAYS = (
    ("2026-02-10", "2026-02-24"),
    ("2026-04-30", "2026-05-11"),
    ("2026-09-17", "2026-09-23"),
    ("2026-09-24", "2026-10-09"),
    ("2026-09-30", "2026-10-13"),
)
STARTS = st.dates(date(2004, 1, 1), date(2032, 12, 31))
TERMS = st.integers(1, 400)


def due_by_the_notices(start: date, working_days: int) -> date:
    return due_after(start=start, working_days=working_days).on


def due_by_weekends_only(start: date, working_days: int) -> date:
    """The helper seen elsewhere: Monday to Friday, no notice."""
    day = start
    for _ in range(working_days):
        day += timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
    return day


def due_day_by_day(start: date, working_days: int) -> date:
    """Walk from the day after the start and count."""
    day, counted = start, 0
    while counted < working_days:
        day += timedelta(days=1)
        counted += is_working_day(day)
    return day


def assert_the_table_holds(due_on: DueOn) -> None:
    for accepted, expected in FIVE_WORKING_DAYS:
        assert due_on(date.fromisoformat(accepted), 5) == date.fromisoformat(expected)


def assert_the_published_cases_hold(due_on: DueOn) -> None:
    with real_data("holidays/deadline_cases.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) == 134
    wrong = [
        case
        for case in cases
        if due_on(date.fromisoformat(case["accepted_on"]), int(case["working_days"])).isoformat()
        != case["due_on"]
    ]
    assert wrong == []


@pytest.mark.pitfall("P17")
def test_five_working_days_fall_where_the_notices_put_them() -> None:
    assert_the_table_holds(due_by_the_notices)


@pytest.mark.pitfall("P17")
def test_all_published_cases_hold() -> None:
    assert_the_published_cases_hold(due_by_the_notices)


@pytest.mark.pitfall("P17")
def test_a_weekends_only_helper_fails_the_same_cases() -> None:
    with pytest.raises(AssertionError):
        assert_the_table_holds(due_by_weekends_only)
    with pytest.raises(AssertionError):
        assert_the_published_cases_hold(due_by_weekends_only)


@pytest.mark.pitfall("P17")
@pytest.mark.parametrize("year", range(2015, 2027))
def test_every_day_a_notice_names_is_worked_or_off_as_it_says(year: int) -> None:
    notice = json.loads(real_data(f"holidays/{year}.json").read_text(encoding="utf-8"))
    assert notice["days"]
    named = {date.fromisoformat(day["date"]): day["isOffDay"] for day in notice["days"]}
    assert {day: not is_working_day(day) for day in named} == named


@pytest.mark.pitfall("P17")
@pytest.mark.parametrize("year", range(2015, 2026))
def test_a_day_no_notice_names_is_worked_from_monday_to_friday(year: int) -> None:
    # Days of December may stand in the next year's notice, so two notices are asked.
    named = {
        date.fromisoformat(day["date"])
        for file in (year, year + 1)
        for day in json.loads(real_data(f"holidays/{file}.json").read_text(encoding="utf-8"))[
            "days"
        ]
    }
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(365))
    wrong = [day for day in days if day not in named and is_working_day(day) != (day.weekday() < 5)]
    assert wrong == []


def test_days_of_december_follow_the_next_years_notice() -> None:
    assert is_working_day(date(2018, 12, 29))
    assert not is_working_day(date(2018, 12, 31))
    assert describe_day(date(2018, 12, 29)).occasion == "元旦"
    assert due_after(start=date(2018, 12, 28), working_days=1).on == date(2018, 12, 29)


def test_before_the_next_notice_the_days_it_may_move_are_provisional() -> None:
    """With the notices up to 2018 only, 2018-12-29 cannot be known to be worked."""
    known_in_2018 = WorkingCalendar(
        off_days=[date(2018, 10, 1)],
        worked_weekends=[],
        first_year=2018,
        settled_until=date(2018, 12, 28),
    )
    early = known_in_2018.due_after(start=date(2018, 12, 28), working_days=1)
    assert early == Deadline(on=date(2018, 12, 31), provisional=True)
    later = due_after(start=date(2018, 12, 28), working_days=1)
    assert later == Deadline(on=date(2018, 12, 29), provisional=False)


def test_the_years_covered_are_found_in_the_data() -> None:
    assert FIRST_NOTICE_YEAR == 2004
    assert LAST_NOTICE_YEAR >= 2026
    assert SETTLED_UNTIL.year == LAST_NOTICE_YEAR
    assert SETTLED_UNTIL.month == 12
    assert SETTLED_UNTIL.day < 29


def test_a_deadline_is_provisional_exactly_beyond_what_is_settled() -> None:
    last = due_after(start=SETTLED_UNTIL - timedelta(days=1), working_days=1)
    assert last == Deadline(on=SETTLED_UNTIL, provisional=False)
    beyond = due_after(start=SETTLED_UNTIL, working_days=1)
    assert beyond.on > SETTLED_UNTIL
    assert beyond.provisional
    assert describe_day(beyond.on).provisional
    assert not describe_day(SETTLED_UNTIL).provisional


def test_far_beyond_the_notices_monday_to_friday_is_reckoned_and_marked() -> None:
    friday = date(LAST_NOTICE_YEAR + 3, 1, 5)
    while friday.weekday() != 4:
        friday += timedelta(days=1)
    assert due_after(start=friday, working_days=1) == Deadline(
        on=friday + timedelta(days=3), provisional=True
    )


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(1999, 5, 5)])
def test_a_start_before_the_first_notice_is_refused(day: date) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: due_after(start=day, working_days=5),
        lambda: due_after_calendar_days(start=day, days=5),
        lambda: is_working_day(day),
        lambda: describe_day(day),
    )
    for call in calls:
        with pytest.raises(Refusal) as caught:
            call()
        assert caught.value.code == "calendar.before-2004"


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_under_one_day_is_refused(days: int) -> None:
    with pytest.raises(Refusal) as working:
        due_after(start=date(2026, 1, 5), working_days=days)
    with pytest.raises(Refusal) as calendar_days:
        due_after_calendar_days(start=date(2026, 1, 5), days=days)
    assert working.value.code == calendar_days.value.code == "calendar.term-too-short"


def test_a_term_beyond_the_year_9999_is_refused() -> None:
    with pytest.raises(Refusal) as working:
        due_after(start=date(2026, 1, 5), working_days=9_999_999)
    with pytest.raises(Refusal) as calendar_days:
        due_after_calendar_days(start=date(2026, 1, 5), days=9_999_999)
    assert working.value.code == calendar_days.value.code == "calendar.beyond-calendar"


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-09-24", 10, "2026-10-08"),  # ends 10-04, in the National Day rest
        ("2026-09-24", 3, "2026-09-28"),  # ends on a Sunday of rest
        ("2026-09-17", 3, "2026-09-20"),  # ends on a Sunday that is worked: stays
        ("2026-02-13", 2, "2026-02-24"),  # ends on the first day of the Spring Festival
    ],
)
def test_a_term_of_calendar_days_ends_on_the_next_working_day(
    start: str, days: int, expected: str
) -> None:
    due = due_after_calendar_days(start=date.fromisoformat(start), days=days)
    assert due == Deadline(on=date.fromisoformat(expected), provisional=False)


@given(start=STARTS, working_days=TERMS)
def test_a_deadline_equals_counting_day_by_day(start: date, working_days: int) -> None:
    due = due_after(start=start, working_days=working_days)
    assert due.on == due_day_by_day(start, working_days)
    assert due.provisional == (due.on > SETTLED_UNTIL)


@given(start=STARTS, days=TERMS)
def test_a_term_of_calendar_days_equals_counting_day_by_day(start: date, days: int) -> None:
    day = start + timedelta(days=days)
    while not is_working_day(day):
        day += timedelta(days=1)
    due = due_after_calendar_days(start=start, days=days)
    assert due == Deadline(on=day, provisional=day > SETTLED_UNTIL)


@given(start=STARTS, working_days=TERMS)
def test_the_first_day_never_counts_and_the_last_is_worked(start: date, working_days: int) -> None:
    due = due_after(start=start, working_days=working_days)
    assert due.on > start
    assert is_working_day(due.on)
    assert (due.on - start).days >= working_days


@given(start=STARTS, working_days=TERMS)
def test_a_later_start_or_a_longer_term_never_ends_earlier(start: date, working_days: int) -> None:
    due = due_after(start=start, working_days=working_days).on
    assert due_after(start=start + timedelta(days=1), working_days=working_days).on >= due
    assert due_after(start=start, working_days=working_days + 1).on > due


@given(start=STARTS, first=st.integers(1, 60), second=st.integers(1, 60))
def test_a_term_may_be_counted_in_two_parts(start: date, first: int, second: int) -> None:
    middle = due_after(start=start, working_days=first).on
    whole = due_after(start=start, working_days=first + second)
    assert due_after(start=middle, working_days=second) == whole
