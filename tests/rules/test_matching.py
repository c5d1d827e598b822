"""Giving homes in order, by wishes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.entitlement import judge_homes
from anju_rules.matching import Placement, assign_in_order
from anju_rules.policy import RuleSet
from anju_rules.values import AreaSqm, Home, Household, HouseholdNumber, UnitNumber
from tests.support.real_data import real_data
from tests.support.rule_sets import BANDS, rule_set

RULES = rule_set()
OFFER = rule_set(matching={"unplaced": "first-lawful"})


def homes_of(*homes: Home) -> dict[UnitNumber, Home]:
    return {home.number: home for home in homes}


def home(number: str, area: str = "80", community: str = "A", **more: Any) -> Home:
    return Home(
        number=UnitNumber(number), area_sqm=AreaSqm(Decimal(area)), community=community, **more
    )


def household(
    number: str, *, budget: int = 100, stratum: str = "普通户", needs: tuple[str, ...] = ()
) -> Household:
    return Household(
        number=HouseholdNumber(number),
        stratum=stratum,
        facts={"confirmed_area_sqm": Decimal(budget), "persons": 3},
        needs=frozenset(needs),
    )


def assign(
    order: list[Household],
    wishes: dict[str, list[str]],
    homes: dict[UnitNumber, Home],
    rules: RuleSet = RULES,
) -> list[Placement]:
    return assign_in_order(
        order=order,
        wishes={
            HouseholdNumber(number): [
                tuple(UnitNumber(unit) for unit in wish.split("+")) for wish in listed
            ]
            for number, listed in wishes.items()
        },
        homes=homes,
        rules=rules,
    )


@pytest.mark.req("SEL-2")
@pytest.mark.pitfall("P9")
@pytest.mark.pitfall("P11")
def test_a_home_goes_to_the_first_in_order_and_to_nobody_else() -> None:
    placements = assign(
        [household("b"), household("a")],
        {"a": ["1", "2"], "b": ["1"]},
        homes_of(home("1"), home("2")),
    )
    assert [(one.household, one.homes, one.wish) for one in placements] == [
        ("b", ("1",), 1),
        ("a", ("2",), 2),
    ]
    assert placements[1].reason_codes == (("selection.unit-already-held",),)


def test_each_refused_wish_says_why() -> None:
    placements = assign(
        [household("a")],
        {"a": ["9", "1+2", "3", "4+4", "5"]},
        homes_of(
            home("1", "10", "E"),
            home("2", "10", "F"),
            home("3", "500"),
            home("4"),
            home("5"),
        ),
    )
    assert placements[0].homes == ("5",)
    assert placements[0].reason_codes == (
        ("selection.unit-unknown",),
        ("selection.community-excluded",),
        ("selection.over-area-budget",),
        ("selection.over-area-budget", "selection.home-named-twice"),
    )


def test_several_homes_of_one_wish_are_given_together_or_not_at_all() -> None:
    homes = homes_of(home("1", "50"), home("2", "50"), home("3", "50"))
    placements = assign([household("a"), household("b")], {"a": ["1+2"], "b": ["2+3", "3"]}, homes)
    assert [one.homes for one in placements] == [("1", "2"), ("3",)]


def test_the_unplaced_wait_or_get_the_first_lawful_home_of_the_table() -> None:
    homes = homes_of(home("1", "500"), home("2"), home("3"))
    order = [household("a"), household("b"), household("c")]
    assert [one.homes for one in assign(order, {"a": ["2"]}, homes)] == [("2",), (), ()]
    offered = assign(order, {"a": ["2"]}, homes, OFFER)
    assert [(one.homes, one.wish) for one in offered] == [(("2",), 1), (("3",), None), ((), None)]


def test_reserved_homes_open_when_the_stratum_before_is_done() -> None:
    homes = homes_of(home("1", floor=1, reserved_for="barrier-free"))
    first = household("a", stratum="优先户")
    needy = household("b", stratum="优先户", needs=("barrier-free",))
    other = household("c")
    refused = (("selection.home-reserved",),)
    wishes = {"a": ["1"], "b": [], "c": ["1"]}
    placements = assign([first, needy, other], wishes, homes)
    assert [one.homes for one in placements] == [(), (), ("1",)]
    assert placements[0].reason_codes == refused
    placements = assign([first, needy, other], {**wishes, "b": ["1"]}, homes)
    assert [one.homes for one in placements] == [(), ("1",), ()]
    # With nobody left in the stratum there is nobody for whom to keep them.
    assert assign([other], wishes, homes)[0].homes == ("1",)
    never_opens = rule_set(
        needs=[{"need": "barrier-free", "home": {"floor_at_most": 2}, "clause": "c"}]
    )
    assert assign([other], wishes, homes, never_opens)[0].reason_codes == refused


def test_with_everyone_wishing_freely_it_is_the_serial_dictatorship_of_the_vectors() -> None:
    path = real_data("vectors/house_allocation.json")
    cases = json.loads(path.read_text(encoding="utf-8"))["house_allocation_existing_tenants"]
    for case in cases:
        numbers = sorted({str(one) for wishes in case["prefs"].values() for one in wishes})
        placements = assign(
            [household(str(number)) for number in case["order"]],
            {number: [str(one) for one in wishes] for number, wishes in case["prefs"].items()},
            homes_of(*(home(number) for number in numbers)),
        )
        expected = case["serial_dictatorship_all_vacant"]
        assert {one.household: one.homes for one in placements} == {
            number: (str(given),) for number, given in expected.items()
        }


HOMES = st.lists(
    st.tuples(
        st.sampled_from(["50", "60", "80", "90", "110", "200"]),
        st.sampled_from("ADEF"),
        st.sampled_from([None, 1, 2, 9]),
        st.sampled_from(["", "barrier-free"]),
    ),
    max_size=8,
)
HOUSEHOLDS = st.lists(
    st.tuples(
        st.integers(0, 150),
        st.sampled_from([(), ("barrier-free",)]),
        st.lists(st.lists(st.integers(0, 8), min_size=1, max_size=2), max_size=3),
    ),
    max_size=8,
)


@pytest.mark.pitfall("P9")
@given(HOMES, HOUSEHOLDS, st.integers(0, 8), st.sampled_from(["budget", "bands"]))
def test_no_home_twice_and_nothing_unlawful(
    offers: list[tuple[str, str, int | None, str]],
    people: list[tuple[int, tuple[str, ...], list[list[int]]]],
    priority: int,
    kind: str,
) -> None:
    changes = {"entitlement": BANDS} if kind == "bands" else {}
    rules = rule_set(matching={"unplaced": "first-lawful"}, **changes)
    homes = homes_of(
        *(
            home(str(place), area, community, floor=floor, reserved_for=reserved)
            for place, (area, community, floor, reserved) in enumerate(offers)
        )
    )
    order = [
        household(
            str(place),
            budget=budget,
            stratum="优先户" if place < priority else "普通户",
            needs=needs,
        )
        for place, (budget, needs, _) in enumerate(people)
    ]
    wishes = {
        str(place): ["+".join(map(str, wish)) for wish in listed]
        for place, (_, _, listed) in enumerate(people)
    }
    placements = assign(order, wishes, homes, rules)
    given_homes = [number for placement in placements for number in placement.homes]
    assert len(given_homes) == len(set(given_homes))
    held: set[str] = set()
    for place, (one, placement) in enumerate(zip(order, placements, strict=True)):
        opened = frozenset({"barrier-free"} if place >= min(priority, len(order)) else ())
        lawful = [
            number
            for number, offer in homes.items()
            if number not in held
            and judge_homes(household=one, homes=[offer], opened_needs=opened, rules=rules).met
        ]
        if placement.wish is None:
            # The quick search finds just what asking every home in table order finds.
            assert placement.homes == tuple(lawful[:1])
        else:
            assert judge_homes(
                household=one,
                homes=[homes[number] for number in placement.homes],
                opened_needs=opened,
                rules=rules,
            ).met
        held.update(placement.homes)


def test_twenty_thousand_households_are_placed_each_in_a_home_of_its_own() -> None:
    count = 20_000
    homes = homes_of(
        *(home(f"u{place}", f"{60 + place % 67}.{place % 10}") for place in range(count))
    )
    order = [household(str(place), budget=place % 160) for place in range(count)]
    wishes = {
        str(place): [f"u{place * 7 * k % 5000}" for k in range(1, 6)] for place in range(count)
    }
    placements = assign(order, wishes, homes, OFFER)
    assert len({number for one in placements for number in one.homes}) == sum(
        bool(one.homes) for one in placements
    )
