"""Entitlement: budget or bands, communities, needs, and the price of an excess."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.entitlement import Standing, judge_choice, judge_homes, price_homes
from anju_rules.policy import RuleSet
from anju_rules.values import (
    AreaSqm,
    Fact,
    Home,
    Household,
    HouseholdNumber,
    Refusal,
    UnitNumber,
    Verdict,
)
from tests.support.real_data import real_data
from tests.support.rule_sets import BANDS, rule_set

RULES = rule_set()
VILLAGE = rule_set(
    entitlement={
        "kind": "budget",
        "per_person_sqm": "50",
        "per": "persons",
        "excess_at_most_sqm": "30",
        "base_price_fen_per_sqm": 400000,
        "excess_steps": [
            {"up_to_sqm": "15", "price_fen_per_sqm": 400000},
            {"up_to_sqm": "30", "price_fen_per_sqm": 600000},
        ],
        "clause": "village/price#1",
    }
)


def home(number: str, area: str | Decimal = "80", community: str = "A", **more: Any) -> Home:
    return Home(
        number=UnitNumber(number), area_sqm=AreaSqm(Decimal(area)), community=community, **more
    )


def household(*needs: str, **facts: Fact) -> Household:
    return Household(number=HouseholdNumber("1"), facts=facts, needs=frozenset(needs))


def unmet(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.unmet]


@pytest.mark.parametrize(
    ("held", "area", "is_lawful"),
    [("100", "59.99", True), ("100", "60", False), ("100", "60.01", False), ("0", "159.99", True)],
)
def test_the_total_may_exceed_the_budget_by_less_than_the_bound(
    held: str, area: str, *, is_lawful: bool
) -> None:
    standing = Standing(
        household=household(confirmed_area_sqm=Decimal(100)), homes=(home("1", held),)
    )
    verdict = judge_choice(standing=standing, home=home("2", area), rules=RULES)
    assert verdict.met is is_lawful
    finding = verdict.findings[0]
    assert (finding.code, finding.clause) == ("selection.over-area-budget", "plan/selection#3")
    assert finding.facts["total"] == Decimal(held) + Decimal(area)


def test_an_inclusive_bound_includes_itself() -> None:
    one = household(persons=1)
    assert judge_homes(household=one, homes=[home("1", "80")], rules=VILLAGE).met
    assert not judge_homes(household=one, homes=[home("1", "80.01")], rules=VILLAGE).met


def test_a_bound_of_nothing_allows_the_budget_and_no_more() -> None:
    rules = rule_set(
        entitlement={
            "kind": "budget",
            "budget": "confirmed_area_sqm",
            "excess_at_most_sqm": "0",
            "clause": "c",
        }
    )
    one = household(confirmed_area_sqm=Decimal(80))
    assert judge_homes(household=one, homes=[home("1", "80")], rules=rules).met
    assert not judge_homes(household=one, homes=[home("1", "80.01")], rules=rules).met


def test_village_price_vectors() -> None:
    cases = json.loads(real_data("vectors/village_price.json").read_text(encoding="utf-8"))
    assert cases["cases"]
    for case in cases["cases"]:
        homes = [home(str(place), str(area)) for place, area in enumerate(case["units"])]
        one = household(persons=case["persons"])
        price = price_homes(household=one, homes=homes, rules=VILLAGE)
        assert price == (None if case["price"] is None else case["price"] * 100), case
        assert judge_homes(household=one, homes=homes, rules=VILLAGE).met is (price is not None)


@pytest.mark.parametrize(
    ("areas", "yuan"),
    [
        (("50",), 200000),
        (("55",), 220000),
        (("65",), 260000),
        (("65.01",), 260060),
        (("80",), 350000),
    ],
)
def test_an_excess_is_priced_step_by_step(areas: tuple[str, ...], yuan: int) -> None:
    homes = [home(str(place), area) for place, area in enumerate(areas)]
    assert price_homes(household=household(persons=1), homes=homes, rules=VILLAGE) == yuan * 100


def test_where_the_plan_states_no_price_there_is_none() -> None:
    one = household(confirmed_area_sqm=Decimal(100), persons=2)
    assert price_homes(household=one, homes=[home("1")], rules=RULES) is None
    bands = rule_set(entitlement=BANDS)
    assert price_homes(household=one, homes=[home("1")], rules=bands) is None


@given(
    st.integers(1, 6),
    st.lists(st.decimals(30, 140, places=2), min_size=1, max_size=4),
    st.decimals("0.01", 20, places=2),
)
def test_a_larger_home_never_costs_less(persons: int, areas: list[Decimal], more: Decimal) -> None:
    homes = [home(str(place), area) for place, area in enumerate(areas)]
    larger = [*homes[:-1], home("x", areas[-1] + more)]
    one = household(persons=persons)
    price = price_homes(household=one, homes=homes, rules=VILLAGE)
    dearer = price_homes(household=one, homes=larger, rules=VILLAGE)
    if dearer is not None:
        assert price is not None
        assert price < dearer


@pytest.mark.req("MAT-1")
@pytest.mark.parametrize(
    ("persons", "area", "is_lawful"),
    [
        (1, "50", True),
        (2, "60", True),
        (2, "60.01", False),
        (3, "60", False),
        (3, "70", True),
        (4, "90", True),
        (5, "99.99", False),
        (5, "100", True),
        (9, "120", True),
        (9, "121", False),
    ],
)
def test_the_household_size_decides_the_area_band(
    persons: int, area: str, *, is_lawful: bool
) -> None:
    rules = rule_set(entitlement=BANDS)
    verdict = judge_homes(
        household=household(persons=persons), homes=[home("1", area)], rules=rules
    )
    assert verdict.met is is_lawful
    assert unmet(verdict) == ([] if is_lawful else ["selection.outside-area-band"])


@pytest.mark.req("MAT-1")
def test_bands_may_be_exchanged_within_the_stated_bound_only() -> None:
    rules = rule_set(entitlement={**BANDS, "flexible_sqm": "10"})
    two = household(persons=2)
    lawful = {
        area: judge_homes(household=two, homes=[home("1", area)], rules=rules).met
        for area in ("39.99", "40", "70", "70.01")
    }
    assert lawful == {"39.99": False, "40": True, "70": True, "70.01": False}


def test_under_bands_a_household_has_one_home_and_a_size_without_a_band_none() -> None:
    rules = rule_set(entitlement={**BANDS, "bands": BANDS["bands"][:1]})
    pair = judge_homes(
        household=household(persons=1), homes=[home("1", "50"), home("2", "50")], rules=rules
    )
    assert unmet(pair) == ["selection.too-many-homes"]
    many = judge_homes(household=household(persons=3), homes=[home("1", "50")], rules=rules)
    assert unmet(many) == ["selection.outside-area-band"]


@pytest.mark.parametrize(
    ("communities", "code"),
    [
        (("A", "A", "B"), None),
        (("D", "D"), "selection.community-limit"),
        (("D", "E"), None),
        (("E", "F"), "selection.community-excluded"),
        (("E", "E"), "selection.community-limit"),
        (("A", "F", "D", "E"), "selection.community-excluded"),
    ],
)
def test_communities_are_limited_and_exclude_each_other(
    communities: tuple[str, ...], code: str | None
) -> None:
    one = household(confirmed_area_sqm=Decimal(1000))
    homes = [home(str(place), "10", name) for place, name in enumerate(communities)]
    at_once = judge_homes(household=one, homes=homes, rules=RULES)
    step_by_step = judge_choice(
        standing=Standing(household=one, homes=tuple(homes[:-1])), home=homes[-1], rules=RULES
    )
    assert unmet(at_once) == unmet(step_by_step) == ([code] if code else [])


def test_a_home_named_twice_is_refused() -> None:
    one = household(confirmed_area_sqm=Decimal(1000))
    assert unmet(judge_homes(household=one, homes=[home("1"), home("1")], rules=RULES)) == [
        "selection.home-named-twice"
    ]


@pytest.mark.req("MAT-1")
@pytest.mark.parametrize(
    ("described", "is_lawful"),
    [
        ({"is_barrier_free": True, "floor": 9}, True),
        ({"floor": 2}, True),
        ({"floor": 3, "has_lift": True}, False),
        ({"floor": None}, False),
    ],
)
def test_a_special_need_is_a_hard_rule(described: dict[str, Any], *, is_lawful: bool) -> None:
    one = household("barrier-free", confirmed_area_sqm=Decimal(100))
    verdict = judge_homes(household=one, homes=[home("1", **described)], rules=RULES)
    assert unmet(verdict) == ([] if is_lawful else ["selection.need-unmet"])


@pytest.mark.parametrize(
    ("condition", "described", "is_lawful"),
    [
        ({"has_lift": True}, {"has_lift": True}, True),
        ({"has_lift": True}, {}, False),
        ({"rooms_at_least": 3}, {"rooms": 3}, True),
        ({"rooms_at_least": 3}, {"rooms": 2}, False),
        ({"rooms_at_least": 3}, {}, False),
        ({"floor_at_least": 2, "floor_at_most": 5}, {"floor": 5}, True),
        ({"floor_at_least": 2, "floor_at_most": 5}, {"floor": 1}, False),
        ({"floor_at_least": 2, "floor_at_most": 5}, {}, False),
    ],
)
def test_each_condition_on_a_home_is_judged(
    condition: dict[str, object], described: dict[str, Any], *, is_lawful: bool
) -> None:
    rules = rule_set(needs=[{"need": "special", "home": condition, "clause": "c"}])
    one = household("special", confirmed_area_sqm=Decimal(100))
    assert judge_homes(household=one, homes=[home("1", **described)], rules=rules).met is is_lawful


def test_a_need_without_a_rule_is_never_passed_over() -> None:
    one = household("quiet", confirmed_area_sqm=Decimal(100))
    with pytest.raises(Refusal) as refused:
        judge_homes(household=one, homes=[home("1")], rules=RULES)
    assert refused.value.code == "entitlement.need-without-rule"


def test_reserved_homes_are_for_the_need_until_they_open() -> None:
    kept = home("1", floor=1, reserved_for="barrier-free")
    needy = household("barrier-free", confirmed_area_sqm=Decimal(100))
    other = household(confirmed_area_sqm=Decimal(100))
    assert judge_homes(household=needy, homes=[kept], rules=RULES).met
    assert unmet(judge_homes(household=other, homes=[kept], rules=RULES)) == [
        "selection.home-reserved"
    ]
    opened = frozenset({"barrier-free"})
    assert judge_homes(household=other, homes=[kept], opened_needs=opened, rules=RULES).met


def test_a_missing_or_odd_budget_is_refused_by_name() -> None:
    for facts, code in (
        ({}, "entitlement.fact-missing"),
        ({"confirmed_area_sqm": True}, "entitlement.wrong-fact"),
        ({"confirmed_area_sqm": Decimal(-1)}, "entitlement.wrong-fact"),
    ):
        with pytest.raises(Refusal) as refused:
            judge_homes(household=household(**facts), homes=[home("1")], rules=RULES)
        assert (refused.value.code, refused.value.facts["fact"]) == (code, "confirmed_area_sqm")


def choose_greedily(rules: RuleSet, budget: int, offers: list[tuple[str, str]]) -> list[Home]:
    one = household(confirmed_area_sqm=Decimal(budget))
    held: tuple[Home, ...] = ()
    for place, (area, community) in enumerate(offers):
        offer = home(str(place), area, community)
        if judge_choice(standing=Standing(household=one, homes=held), home=offer, rules=rules).met:
            held = (*held, offer)
    return list(held)


OFFERS = st.lists(
    st.tuples(st.sampled_from(["55", "66.5", "88", "107.36"]), st.sampled_from("ABDEF")),
    max_size=12,
)


def breaks_the_rules(homes: list[Home], budget: int) -> bool:
    communities = [one.community for one in homes]
    return (
        (bool(homes) and sum(one.area_sqm for one in homes) - budget >= 60)
        or any(communities.count(name) > 1 for name in "DEF")
        or {"E", "F"} <= set(communities)
    )


@given(st.integers(0, 400), OFFERS)
def test_never_over_budget_never_two_in_a_one_home_community(
    budget: int, offers: list[tuple[str, str]]
) -> None:
    assert not breaks_the_rules(choose_greedily(RULES, budget, offers), budget)


def test_control_without_the_limits_the_same_property_fails() -> None:
    offers = [("55", "D"), ("55", "D"), ("55", "E"), ("55", "F")]
    for changes in (
        {
            "entitlement": {
                "kind": "budget",
                "budget": "confirmed_area_sqm",
                "excess_below_sqm": "60",
                "clause": "c",
            }
        },
        {
            "entitlement": {
                "kind": "budget",
                "budget": "confirmed_area_sqm",
                "excess_below_sqm": "600",
                "clause": "c",
                "communities": {"one_home": ["D"], "clause": "c"},
            }
        },
    ):
        assert breaks_the_rules(choose_greedily(rule_set(**changes), 100, offers), 100)
