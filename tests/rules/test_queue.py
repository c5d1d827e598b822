"""Who chooses when, and in which batch."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.queue import order_places
from anju_rules.values import Refusal, Tenths, Ticket


def tickets(count: int, letter: str = "A") -> list[Ticket]:
    return [Ticket(f"{letter}-{number:03d}") for number in range(count)]


@pytest.mark.req("SCO-2")
@given(st.permutations(tickets(20)), st.lists(st.integers(0, 3), min_size=20, max_size=20))
def test_equal_totals_stand_in_the_order_of_the_draw(
    drawn: list[Ticket], scores: list[int]
) -> None:
    totals = {ticket: Tenths(score) for ticket, score in zip(tickets(20), scores, strict=True)}
    places = order_places(
        mode="score", strata=["普通户"], draws=[drawn], totals=totals, batch_size=30
    )
    for one, following in pairwise(places):
        assert one.total >= following.total
        if one.total == following.total:
            assert drawn.index(one.ticket) < drawn.index(following.ticket)
    assert {place.ticket for place in places} == set(drawn)
    assert all(drawn[place.draw_number - 1] == place.ticket for place in places)


@given(st.permutations(tickets(9)))
def test_by_lot_the_draw_is_the_order(drawn: list[Ticket]) -> None:
    totals = {ticket: Tenths(place) for place, ticket in enumerate(tickets(9))}
    places = order_places(mode="lottery", strata=["甲"], draws=[drawn], totals=totals, batch_size=4)
    assert [place.ticket for place in places] == drawn
    assert [place.batch for place in places] == [1, 1, 1, 1, 2, 2, 2, 2, 3]


@pytest.mark.req("SEL-1")
def test_strata_choose_one_after_the_other_and_share_no_batch() -> None:
    first, second = tickets(31, "A"), tickets(2, "B")
    totals = {**dict.fromkeys(first, Tenths(0)), **dict.fromkeys(second, Tenths(99))}
    places = order_places(
        mode="score", strata=["优先", "普通"], draws=[first, second], totals=totals, batch_size=30
    )
    assert [place.place for place in places] == list(range(1, 34))
    assert [place.batch for place in places] == [1] * 30 + [2] + [3] * 2


@pytest.mark.req("SEL-1")
@pytest.mark.parametrize("size", [0, 31, -1])
def test_more_than_thirty_a_batch_are_refused(size: int) -> None:
    with pytest.raises(Refusal) as refused:
        order_places(mode="lottery", strata=[], draws=[], totals={}, batch_size=size)
    assert refused.value.code == "selection.batch-too-large"
