"""Ratings: five levels, the last two are bad."""

from __future__ import annotations

import pytest

from anju_rules.ratings import Given, Level, read_level, tally_by, tally_ratings
from anju_rules.shares import Share
from anju_rules.values import Refusal


@pytest.mark.req("PRT-3")
def test_of_five_levels_the_last_two_are_bad() -> None:
    assert [level.value for level in Level if level.is_bad] == [2, 1]
    assert read_level("5") is Level.VERY_GOOD
    for text in ("", "0", "6", "٣", "5.0"):
        with pytest.raises(Refusal, match=r"ratings\.no-such-level"):
            read_level(text)


@pytest.mark.req("PRT-3")
def test_what_was_a_slip_stays_told_and_is_not_counted() -> None:
    given = [Given(level=level) for level in Level]
    tally = tally_ratings([*given, Given(level=Level.VERY_BAD, is_left_out=True)])
    assert (tally.satisfied, tally.left_out) == (Share(3, 5), 1)
    assert tally_ratings([]).satisfied.fraction is None


@pytest.mark.req("PRT-3")
def test_ratings_are_counted_group_by_group() -> None:
    told = tally_by([("a", Given(level=Level.GOOD)), ("b", Given(level=Level.BAD))])
    assert {name: one.satisfied for name, one in told.items()} == {
        "a": Share(1, 1),
        "b": Share(0, 1),
    }
