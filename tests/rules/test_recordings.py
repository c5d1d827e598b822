"""How long what was filmed is kept."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.recordings import KEPT_FOR, RecordingKind, kept_until

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.req("DLV-4")
def test_a_draw_and_a_choosing_are_kept_fifteen_years_and_process_video_ten() -> None:
    day = date(2026, 9, 1)
    assert {kind.value: kept_until(kind=kind, since=day) for kind in RecordingKind} == {
        "draw": date(2041, 9, 1),
        "selection": date(2041, 9, 1),
        "process": date(2036, 9, 1),
    }
    assert {term.clause for term in KEPT_FOR.values()} == {"plan/archive#1", "plan/archive#2"}


@pytest.mark.req("DLV-4")
def test_a_term_from_a_leap_day_ends_with_february() -> None:
    leap = date(2028, 2, 29)
    assert kept_until(kind=RecordingKind.DRAW, since=leap) == date(2043, 2, 28)
    assert kept_until(kind=RecordingKind.PROCESS, since=leap) == date(2038, 2, 28)
    # The control: the day after has its day in every year.
    assert kept_until(kind=RecordingKind.DRAW, since=date(2028, 3, 1)) == date(2043, 3, 1)


@pytest.mark.req("DLV-4")
@given(since=DAYS, later=DAYS, kind=st.sampled_from(RecordingKind))
def test_a_term_is_its_years_to_the_month_and_never_ends_before_an_earlier_one(
    since: date, later: date, kind: RecordingKind
) -> None:
    until = kept_until(kind=kind, since=since)
    assert (until.year - since.year, until.month) == (KEPT_FOR[kind].years, since.month)
    assert until.day == since.day or (since.month, since.day, until.day) == (2, 29, 28)
    if later >= since:
        assert kept_until(kind=kind, since=later) >= until
