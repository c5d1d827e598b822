"""Who moves: spans of places by score, equal to counting by hand and to every possible draw."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.moves import Direction, Standing, compare_totals, standings_by_score
from anju_rules.queue import order_stratum
from anju_rules.values import HouseholdNumber, Tenths

NUMBERS = [HouseholdNumber(f"H{place}") for place in range(9)]
TOTALS = st.lists(st.integers(0, 4).map(Tenths), min_size=1, max_size=9)
STRATA = st.lists(st.sampled_from(["优先户", "普通户"]), min_size=9, max_size=9)


def named(totals: list[Tenths]) -> dict[HouseholdNumber, Tenths]:
    return dict(zip(NUMBERS, totals, strict=False))


@pytest.mark.req("SCO-2")
@given(totals=TOTALS, strata=STRATA)
def test_a_standing_is_what_counting_those_ahead_gives(
    totals: list[Tenths], strata: list[str]
) -> None:
    told, where = named(totals), dict(zip(NUMBERS, strata, strict=True))
    found = standings_by_score(totals=told, strata=where)
    for number, total in told.items():
        others = [told[other] for other in told if where[other] == where[number]]
        ahead = sum(other > total for other in others)
        level = sum(other >= total for other in others)
        assert found[number] == Standing(total=total, first=ahead + 1, last=level)


@pytest.mark.req("SCO-2")
@given(totals=st.lists(st.integers(0, 2).map(Tenths), min_size=1, max_size=5))
def test_every_draw_gives_a_place_within_the_span_and_both_ends_are_reached(
    totals: list[Tenths],
) -> None:
    told = named(totals)
    found = standings_by_score(totals=told, strata=dict.fromkeys(told, ""))
    reached: dict[HouseholdNumber, set[int]] = {number: set() for number in told}
    for drawn in permutations(told):
        order = order_stratum(mode="score", scores=[told[number] for number in drawn])
        for place, position in enumerate(order, start=1):
            reached[drawn[position]].add(place)
    for number, standing in found.items():
        assert reached[number] == set(range(standing.first, standing.last + 1))


@pytest.mark.req("SCO-3")
@given(totals=TOTALS, strata=STRATA, raised=st.integers(0, 8), by=st.integers(-3, 3))
def test_one_corrected_total_moves_nobody_of_another_stratum_and_no_other_total(
    totals: list[Tenths], strata: list[str], raised: int, by: int
) -> None:
    before, where = named(totals), dict(zip(NUMBERS, strata, strict=True))
    number = NUMBERS[raised % len(totals)]
    after = before | {number: Tenths(before[number] + by)}
    found = compare_totals(before=before, after=after, strata=where)
    assert {move.stratum for move in found.moves} <= {where[number]}
    own = found.move_of(number)
    if by == 0:
        assert found.moves == ()
        return
    assert own is not None
    assert (own.before.total, own.after.total) == (before[number], after[number])
    others = [move for move in found.moves if move.household != number]
    assert all(move.before.total == move.after.total for move in others)
    assert all(abs(move.after.first - move.before.first) <= 1 for move in others)
    assert all(abs(move.after.last - move.before.last) <= 1 for move in others)
    # Whoever rises lifts nobody else, whoever falls pushes nobody else down.
    against = Direction.DOWN if by > 0 else Direction.UP
    assert {move.direction for move in others} <= {against}
    assert own.direction is not against
    assert sum(found.counts.values()) == len(found.moves)
    assert found.households == len(totals)


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ([9, 5, 5, 1], [9, 7, 5, 1], Direction.UP),
        ([9, 5, 5, 1], [9, 4, 5, 1], Direction.DOWN),
        ([9, 5, 5, 1], [9, 6, 6, 6], Direction.DOWN),
        ([9, 5, 4, 1], [5, 5, 5, 1], Direction.EITHER),
        ([9, 5, 4, 1], [9, 6, 4, 1], Direction.STAYS),
    ],
)
def test_a_direction_is_told_by_both_ends_of_the_span(
    before: list[int], after: list[int], direction: Direction
) -> None:
    told = [{NUMBERS[place]: Tenths(total) for place, total in enumerate(row)}
            for row in (before, after)]  # fmt: skip
    strata = dict.fromkeys(NUMBERS, "")
    found = compare_totals(before=told[0], after=told[1], strata=strata)
    move = found.move_of(NUMBERS[1])
    assert move is not None
    assert move.direction is direction
    assert found.counts[direction] >= 1
