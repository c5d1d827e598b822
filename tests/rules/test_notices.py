"""Notices: begun by a sighting, a day longer for each day missed, ended on a working day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.calendar import is_working_day
from anju_rules.notices import (
    LEAST_TERMS,
    CellKind,
    Counting,
    NoticeKind,
    NoticeState,
    Term,
    Window,
    mask_rows,
    read_window,
    refuse_personal_text,
    refuse_short_term,
)
from anju_rules.values import Refusal

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)
terms = st.builds(
    Term,
    length=st.integers(1, 45),
    counting=st.sampled_from(Counting),
    ends_on_working_day=st.booleans(),
)
starts = st.integers(0, 250).map(lambda days: FIRST + days * DAY)


def days_from(start: date, count: int) -> list[date]:
    return [start + place * DAY for place in range(count)]


def seen_for_ever(start: date, *, on: date) -> list[date]:
    return days_from(start, (on - start).days + 1)


def at(term: Term, *, start: date, on: date, missed: Collection[date] = ()) -> Window:
    seen = [day for day in seen_for_ever(start, on=on) if day not in missed]
    return read_window(term, seen_on=seen, on=on)


@pytest.mark.req("PUB-2")
@pytest.mark.pitfall("P17")
@pytest.mark.parametrize(
    ("start", "length", "counting", "last"),
    [
        # 2026-09-20 is a Sunday that is worked; 25-27 September is Mid-Autumn, 1-7 October off.
        (date(2026, 9, 13), 7, Counting.CALENDAR, date(2026, 9, 20)),
        (date(2026, 9, 17), 7, Counting.CALENDAR, date(2026, 9, 24)),
        (date(2026, 9, 18), 7, Counting.CALENDAR, date(2026, 9, 28)),
        (date(2026, 9, 24), 7, Counting.CALENDAR, date(2026, 10, 8)),
        (date(2026, 9, 1), 30, Counting.CALENDAR, date(2026, 10, 8)),
        (date(2026, 9, 24), 5, Counting.WORKING, date(2026, 10, 9)),
        (date(2026, 9, 17), 2, Counting.WORKING, date(2026, 9, 20)),
    ],
)
def test_the_last_day_follows_the_holiday_notices(
    start: date, length: int, counting: Counting, last: date
) -> None:
    term = Term(length=length, counting=counting)
    window = at(term, start=start, on=last)
    assert window.due is not None
    assert (window.due.on, window.state, window.left) == (last, NoticeState.RUNNING, 0)
    assert at(term, start=start, on=last + DAY).state is NoticeState.OVER


@pytest.mark.pitfall("P17")
def test_control_a_weekends_only_helper_ends_on_other_days() -> None:
    end = date(2026, 9, 13) + 7 * DAY
    while end.weekday() > 4:
        end += DAY
    due = at(Term(length=7), start=date(2026, 9, 13), on=date(2026, 9, 14)).due
    assert due is not None
    assert due.on != end


def test_without_the_clause_of_rest_the_end_stays_where_it_falls() -> None:
    term = Term(length=7, ends_on_working_day=False)
    due = at(term, start=date(2026, 9, 24), on=date(2026, 9, 25)).due
    assert due is not None
    assert (due.on, due.provisional) == (date(2026, 10, 1), False)


@pytest.mark.req("PUB-2")
def test_a_notice_nobody_saw_has_not_begun() -> None:
    window = read_window(Term(length=7), seen_on=[], on=date(2026, 9, 17))
    assert (window.state, window.due, window.left) == (NoticeState.WAITING, None, 7)
    assert window.takes_objections


def test_an_end_beyond_the_last_holiday_notice_is_provisional() -> None:
    start = date(2027, 3, 1)
    due = at(Term(length=7), start=start, on=start).due
    assert due is not None
    assert due.provisional


@pytest.mark.req("PUB-2")
@pytest.mark.pitfall("P18")
def test_each_missed_day_makes_it_a_day_longer() -> None:
    term = Term(length=7, ends_on_working_day=False)
    start = date(2026, 9, 1)
    for missing in range(5):
        lost = days_from(start + 2 * DAY, missing)
        window = at(term, start=start, on=date(2026, 9, 8), missed=lost)
        assert window.missed == tuple(lost)
        assert window.due is not None
        assert window.first_due is not None
        assert window.due.on - window.first_due.on == missing * DAY
        assert window.due.on == date(2026, 9, 8) + missing * DAY


def test_missing_on_the_very_last_day_is_made_up_for() -> None:
    term, start, last = Term(length=7), date(2026, 9, 17), date(2026, 9, 24)
    window = at(term, start=start, on=last + DAY, missed=[last])
    assert window.state is NoticeState.RUNNING
    # The 25th to the 27th are days of rest.
    assert window.due is not None
    assert window.due.on == date(2026, 9, 28)
    # A day that is not over yet is not missed yet.
    assert at(term, start=start, on=last, missed=[last]).missed == ()


def test_a_working_day_notice_loses_nothing_on_a_day_of_rest() -> None:
    term = Term(length=5, counting=Counting.WORKING)
    holiday = days_from(date(2026, 10, 1), 7)
    window = at(term, start=date(2026, 9, 28), on=date(2026, 10, 12), missed=holiday)
    assert window.missed == ()
    assert window.due is not None
    assert window.due.on == date(2026, 10, 10)


def test_a_withdrawn_notice_is_never_over() -> None:
    start = date(2026, 9, 1)
    seen = days_from(start, 5)
    for on in (date(2026, 9, 6), date(2027, 1, 1)):
        window = read_window(Term(length=7), seen_on=seen, on=on, withdrawn_on=start + 4 * DAY)
        assert (window.state, window.due, window.missed) == (NoticeState.WITHDRAWN, None, ())
        assert not window.takes_objections


def test_one_missing_for_years_still_stands_and_can_be_withdrawn() -> None:
    term, on = Term(length=30), date(2026, 1, 5)
    window = read_window(term, seen_on=[date(2020, 1, 2)], on=on)
    assert (window.state, window.counted) == (NoticeState.RUNNING, 0)
    assert len(window.missed) == (on - date(2020, 1, 3)).days
    gone = read_window(term, seen_on=[date(2020, 1, 2)], on=on, withdrawn_on=on)
    assert gone.state is NoticeState.WITHDRAWN


@given(term=terms, start=starts, lost=st.sets(st.integers(1, 60)), passed=st.integers(0, 90))
@pytest.mark.pitfall("P18")
def test_the_window_is_what_counting_by_hand_gives(
    term: Term, start: date, lost: set[int], passed: int
) -> None:
    """The oracle lays all days out in a list first; the rule walks and never looks ahead."""
    on = start + passed * DAY
    missing = {start + place * DAY for place in lost if start + place * DAY < on}
    window = at(term, start=start, on=on, missed=missing)
    days = days_from(start + DAY, 400)
    standing = [
        day
        for day in days
        if day not in missing and (term.counting is Counting.CALENDAR or is_working_day(day))
    ]
    last = standing[term.length - 1]
    if term.ends_on_working_day:
        last = next(d for d in days if d >= last and is_working_day(d) and d not in missing)
    assert window.due is not None
    assert window.due.on == last
    assert (window.state is NoticeState.OVER) == (on > last)
    assert window.counted == sum(day <= on for day in standing[: term.length])
    assert window.counted + window.left == term.length
    assert set(window.missed) <= missing


@given(term=terms, start=starts, lost=st.sets(st.integers(1, 30), max_size=8))
def test_a_lost_day_never_brings_the_end_nearer(term: Term, start: date, lost: set[int]) -> None:
    on = start + 120 * DAY
    missing = {start + place * DAY for place in lost}
    before, after = at(term, start=start, on=on), at(term, start=start, on=on, missed=missing)
    assert before.due is not None
    assert after.due is not None
    assert after.due.on >= before.due.on
    assert after.first_due == before.due


@pytest.mark.req("PUB-2")
@pytest.mark.parametrize(("kind", "days"), [(NoticeKind.PLAN, 30), (NoticeKind.ELIGIBILITY, 7)])
def test_a_notice_shorter_than_the_law_asks_is_refused(kind: NoticeKind, days: int) -> None:
    refuse_short_term(kind, Term(length=days))
    refuse_short_term(kind, Term(length=days, counting=Counting.WORKING))
    with pytest.raises(Refusal) as refused:
        refuse_short_term(kind, Term(length=days - 1))
    assert (refused.value.code, refused.value.clause) == (
        "notices.too-short",
        LEAST_TERMS[kind].clause,
    )
    with pytest.raises(Refusal, match="rest-day-not-moved"):
        refuse_short_term(kind, Term(length=days, ends_on_working_day=False))


@pytest.mark.parametrize(
    ("length", "code"), [(0, "calendar.term-too-short"), (366, "notices.too-long")]
)
def test_a_term_of_nothing_or_of_years_is_refused(length: int, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        Term(length=length)
    assert refused.value.code == code


@pytest.mark.req("PUB-3")
def test_a_table_is_masked_column_by_column() -> None:
    kinds = [CellKind.TEXT, CellKind.NAME, CellKind.IDENTITY, CellKind.PHONE, CellKind.ADDRESS]
    row = ["H0001", "王秀兰", "11010519491231002X", "13812345678", "柳岸村五一路12号"]
    masked = mask_rows(kinds, [row])
    assert masked == (("H0001", "王*兰", "1101************2X", "138****5678", "柳岸村五一路*号"),)
    assert mask_rows(kinds, masked) == masked


@pytest.mark.req("PUB-3")
@pytest.mark.parametrize(
    "text",
    [
        "王秀兰 11010519491231002X 已通过",
        "证件：１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002x",
        "请打 13812345678",
        "请打138 1234 5678",
    ],
)
def test_a_persons_number_in_plain_text_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        refuse_personal_text(text, where="paragraphs")
    assert refused.value.code == "notices.personal-text"
    with pytest.raises(Refusal):
        mask_rows([CellKind.TEXT], [[text]])


@pytest.mark.parametrize(
    "text", ["0531-88881234", "编号 GS-2026-0001", "1-101 至 18-2604", "2026 年 11 月 27 日 09:30"]
)
def test_numbers_of_offices_homes_and_days_are_no_persons(text: str) -> None:
    refuse_personal_text(text, where="channel")


def test_an_offices_mobile_may_stand_where_one_objects() -> None:
    refuse_personal_text("联系 13812345678", where="channel", phones_allowed=True)
    with pytest.raises(Refusal, match="personal-text"):
        refuse_personal_text("11010519491231002X", where="channel", phones_allowed=True)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        mask_rows([CellKind.TEXT, CellKind.NAME], [["H1", "王兰"], ["H2"]])
    assert (refused.value.code, refused.value.facts["row"]) == ("notices.row-length", 2)
