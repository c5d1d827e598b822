"""RFC 3797, the second named scheme: its reference draw is made again exactly."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.rfc3797 import LARGEST_POOL, key_from_seeds, read_seeds, select_by_rfc3797
from anju_rules.values import Refusal
from tests.support.real_data import real_data

REFERENCE_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
REFERENCE_PICKS = (17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4)
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


@pytest.mark.req("DRW-3")
def test_the_reference_draw_of_the_rfc_is_made_again() -> None:
    assert select_by_rfc3797(key=REFERENCE_KEY, pool=25, picks=16) == REFERENCE_PICKS


@pytest.mark.req("DRW-3")
def test_the_published_files_of_the_reference_draw_agree() -> None:
    seeds = read_seeds(
        lines=real_data("rfc3797/ref.seeds").read_text(encoding="utf-8").splitlines()
    )
    names = real_data("rfc3797/ref.names").read_text(encoding="utf-8").splitlines()
    results = real_data("rfc3797/ref.results").read_text(encoding="utf-8")
    published = re.findall(r"-> *([0-9]+) <-(?: *(\w+))?", results)
    assert key_from_seeds(seeds=seeds) == REFERENCE_KEY
    picks = select_by_rfc3797(key=key_from_seeds(seeds=seeds), pool=len(names), picks=16)
    assert len(published) == 16
    assert [int(place) for place, _ in published] == list(picks)
    assert all(names[int(place) - 1] == name for place, name in published if name)


@pytest.mark.pitfall("P3")
def test_the_identity_order_fails_the_reference() -> None:
    def pick_in_list_order(*, picks: int) -> tuple[int, ...]:
        return tuple(range(1, picks + 1))

    with pytest.raises(AssertionError):
        assert pick_in_list_order(picks=16) == REFERENCE_PICKS


@pytest.mark.pitfall("P3")
def test_all_orders_of_four_come_about_equally_often() -> None:
    """Chi-square over the 24 orders, 4,800 keys; the bound is passed by chance once in 10^5."""
    keys = 4_800
    counts = Counter(
        select_by_rfc3797(key=f"{number}./", pool=4, picks=4) for number in range(keys)
    )
    expected = keys // 24
    squares = sum((count - expected) ** 2 for count in counts.values())
    assert len(counts) == 24
    assert squares < 62 * expected


@given(key=KEYS, pool=st.integers(1, 200), data=st.data())
def test_picks_are_different_places_of_the_pool(key: str, pool: int, data: st.DataObject) -> None:
    picks = data.draw(st.integers(1, pool))
    chosen = select_by_rfc3797(key=key, pool=pool, picks=picks)
    assert len(chosen) == len(set(chosen)) == picks
    assert set(chosen) <= set(range(1, pool + 1))
    if picks > 1:
        assert select_by_rfc3797(key=key, pool=pool, picks=picks - 1) == chosen[:-1]


def test_numbers_of_a_source_are_sorted_by_value_and_sources_keep_their_order() -> None:
    assert key_from_seeds(seeds=[[10, 9], [3, 2, 1]]) == "9.10./1.2.3./"
    assert key_from_seeds(seeds=[[3, 2, 1], [10, 9]]) == "1.2.3./9.10./"


@pytest.mark.parametrize(
    ("key", "pool", "picks", "code"),
    [
        ("", 5, 1, "rfc3797.key"),
        ("１２./", 5, 1, "rfc3797.key"),
        ("1./", 0, 1, "rfc3797.pool"),
        ("1./", LARGEST_POOL + 1, 1, "rfc3797.pool"),
        ("1./", 5, 0, "rfc3797.picks"),
        ("1./", 5, 6, "rfc3797.picks"),
    ],
)
def test_what_the_rfc_does_not_cover_is_refused(key: str, pool: int, picks: int, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        select_by_rfc3797(key=key, pool=pool, picks=picks)
    assert caught.value.code == code


@pytest.mark.parametrize("seeds", [[], [[]], [[1], []], [[-1]]])
def test_a_source_without_numbers_is_refused(seeds: list[list[int]]) -> None:
    with pytest.raises(Refusal) as caught:
        key_from_seeds(seeds=seeds)
    assert caught.value.code == "rfc3797.seeds"


@pytest.mark.parametrize("line", ["12 x", "-3", "1.5", "٣", "9" * 5000])
def test_a_seed_line_that_is_no_whole_numbers_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_seeds(lines=["# fine", "1 2", line])
    assert caught.value.code == "rfc3797.seed-line"
    assert caught.value.facts["line"] == 3
