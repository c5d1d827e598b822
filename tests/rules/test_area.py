"""Area settlement: the real vectors, the 3 % bound, and the wrong constants that must fail."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.area import (
    LAW,
    AreaTerms,
    TermsFrom,
    choose_terms,
    settle_area,
    settle_at_actual,
    settle_by_plan,
    settle_nothing,
)
from anju_rules.area_terms import read_terms
from anju_rules.sheets import fen_from_yuan, yuan_from_fen
from anju_rules.values import AreaSqm, Fen, Home, Household, HouseholdNumber, Refusal, UnitNumber
from tests.support.real_data import real_data
from tests.support.rule_sets import rule_set

CASES = [
    ("102", "16000.00"), ("103", "24000.00"), ("103.01", "24000.00"), ("105", "24000.00"),
    ("98", "-16000.00"), ("97", "-24000.00"), ("96.99", "-24160.00"), ("95", "-56000.00"),
]  # fmt: skip
AREAS = st.decimals("1", "2000", places=2).map(AreaSqm)
PRICES = st.integers(0, 10_000_000).map(Fen)


def owed(contracted: str, registered: str, price: str = "8000", terms: AreaTerms = LAW) -> str:
    sheet = settle_area(
        contracted_sqm=AreaSqm(Decimal(contracted)),
        registered_sqm=AreaSqm(Decimal(registered)),
        price_fen_per_sqm=fen_from_yuan(price),
        terms=terms,
    )
    return yuan_from_fen(sheet.buyer_pays_fen)


def vectors(terms: AreaTerms) -> list[bool]:
    """Say for each real vector whether ``terms`` give what it gives."""
    cases = json.loads(real_data("vectors/area_rule.json").read_text(encoding="utf-8"))["cases"]
    held = []
    for case in cases:
        sheet = settle_area(
            contracted_sqm=AreaSqm(Decimal(case["contract"])),
            registered_sqm=AreaSqm(Decimal(case["registered"])),
            price_fen_per_sqm=fen_from_yuan(case["price"]),
            terms=terms,
        )
        told = (yuan_from_fen(sheet.buyer_pays_fen), sheet.may_withdraw)
        wanted = (case["buyer_pays"], case["buyer_may_rescind"])
        held.append(told == wanted and f"{sheet.area_error_ratio:f}" == case["ratio"])
    return held


@pytest.mark.req("LEG-3", "TTL-9")
@pytest.mark.pitfall("P21")
def test_the_real_vectors_hold() -> None:
    assert all(vectors(LAW))


@pytest.mark.req("LEG-3")
@pytest.mark.parametrize(("registered", "amount"), CASES)
def test_a_hundred_square_metres_at_eight_thousand(registered: str, amount: str) -> None:
    assert owed("100", registered) == amount


@pytest.mark.pitfall("P21")
@pytest.mark.parametrize(
    "wrong",
    [
        replace(LAW, tolerance=Decimal("0.0299")),
        replace(LAW, tolerance=Decimal("0.0301")),
        replace(LAW, tolerance=Decimal("0.05")),
        replace(LAW, smaller_beyond=1),
        replace(LAW, smaller_beyond=3),
        replace(LAW, larger_beyond=1),
        replace(LAW, may_withdraw=False),
        settle_at_actual(source=TermsFrom.LAW, clause="wrong"),
    ],
)
def test_control_a_wrong_constant_fails_the_vectors(wrong: AreaTerms) -> None:
    assert not all(vectors(wrong))


def test_exactly_three_percent_is_inside_where_binary_floats_are_not() -> None:
    assert (91.155 - 88.5) / 88.5 > 0.03
    for registered, is_within in (("91.155", True), ("91.155001", False), ("85.845", True)):
        sheet = settle_area(
            contracted_sqm=AreaSqm(Decimal("88.5")),
            registered_sqm=AreaSqm(Decimal(registered)),
            price_fen_per_sqm=Fen(800000),
            terms=LAW,
        )
        assert (sheet.is_within, sheet.may_withdraw) == (is_within, not is_within)


@given(AREAS, AREAS, PRICES)
def test_what_lies_within_is_owed_alike_by_both_sides(a: AreaSqm, off: AreaSqm, p: Fen) -> None:
    inside = min(off, a * 3 / 100)
    more, less = (
        settle_area(
            contracted_sqm=AreaSqm(a * 100),
            registered_sqm=AreaSqm(a * 100 + sign * inside),
            price_fen_per_sqm=p,
            terms=LAW,
        ).buyer_pays_fen
        for sign in (1, -1)
    )
    assert more == -less


@given(AREAS, AREAS, st.decimals("0", "5", places=4), PRICES)
def test_a_little_more_area_never_jumps_nor_falls(
    a: AreaSqm, measured: AreaSqm, step: Decimal, p: Fen
) -> None:
    """Continuous and rising, at the bounds too: nothing is worth more than twice its price."""
    first, second = (
        settle_area(
            contracted_sqm=a, registered_sqm=AreaSqm(area), price_fen_per_sqm=p, terms=LAW
        ).buyer_pays_fen
        for area in (measured, measured + step)
    )
    assert 0 <= second - first <= 2 * step * p + 1


def test_at_the_bound_neither_side_gains_by_a_square_millimetre() -> None:
    for bound in ("103", "97"):
        for off in ("0.000001", "-0.000001"):
            beside = str(Decimal(bound) + Decimal(off))
            assert abs(Decimal(owed("100", beside)) - Decimal(owed("100", bound))) <= Decimal(
                "0.02"
            )


def test_the_contract_comes_first_and_a_resettled_home_goes_by_its_plan() -> None:
    actual = settle_at_actual(source=TermsFrom.CONTRACT, clause="contract/area#actual")
    fixed = settle_nothing(source=TermsFrom.CONTRACT, clause="contract/area#fixed")
    assert choose_terms(is_resettled=False, stated=None) is LAW
    assert choose_terms(is_resettled=False, stated=actual) is actual
    assert owed("100", "105", terms=actual) == "40000.00"
    assert owed("100", "95", terms=actual) == "-40000.00"
    assert owed("100", "120", terms=fixed) == "0.00"
    plan = replace(actual, source=TermsFrom.PLAN, clause="plan/area#1")
    assert choose_terms(is_resettled=True, stated=plan) is plan
    for is_resettled, stated, code in (
        (True, None, "area.plan-silent"),
        (True, actual, "area.terms-of-another"),
        (False, plan, "area.terms-of-another"),
    ):
        with pytest.raises(Refusal) as refusal:
            choose_terms(is_resettled=is_resettled, stated=stated)
        assert refusal.value.code == code


def test_the_lines_of_a_sheet_come_to_its_sum() -> None:
    sheet = settle_area(
        contracted_sqm=AreaSqm(Decimal("88.5")),
        registered_sqm=AreaSqm(Decimal("80.123")),
        price_fen_per_sqm=Fen(999999),
        terms=LAW,
    )
    exact = sum((line.fen for line in sheet.lines if line.fen is not None), Decimal(0))
    assert abs(exact - sheet.buyer_pays_fen) <= Decimal("0.5")
    assert [line.code for line in sheet.lines] == [
        "area.line-difference", "area.line-beyond", "area.line-inner", "area.line-smaller",
    ]  # fmt: skip
    assert {line.clause for line in sheet.lines} == {"sales-rules/20"}


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


def homes(*areas: str) -> tuple[Home, ...]:
    return tuple(
        Home(number=UnitNumber(f"{place}"), area_sqm=AreaSqm(Decimal(area)))
        for place, area in enumerate(areas)
    )


@pytest.mark.req("TTL-10")
def test_a_resettled_household_is_settled_by_its_plans_own_steps() -> None:
    one = Household(number=HouseholdNumber("7"), facts={"persons": 4})
    settled = settle_by_plan(
        household=one, chosen=homes("110", "105"), measured=homes("112", "106"), rules=VILLAGE
    )
    # 15 m2 of excess at 4,000 are used up by the choice: the three more cost 6,000 each.
    assert settled.household_pays_fen == Fen(1800000)
    assert settle_by_plan(
        household=one, chosen=homes("110", "105"), measured=homes("109", "105"), rules=VILLAGE
    ).household_pays_fen == Fen(-400000)
    for measured, code in (
        (homes("110"), "area.homes-differ"),
        (homes("110", "121"), "area.plan-without-price"),
    ):
        with pytest.raises(Refusal) as refusal:
            settle_by_plan(
                household=one, chosen=homes("110", "105"), measured=measured, rules=VILLAGE
            )
        assert refusal.value.code == code


@pytest.mark.parametrize("area", ["0", "-1", "10000001", "1.0000001"])
def test_what_is_no_area_is_refused(area: str) -> None:
    with pytest.raises(Refusal) as refusal:
        owed("100", area)
    assert refusal.value.code == "area.not-an-area"


def test_prices_and_terms_that_nobody_means_are_refused() -> None:
    for code, wrong in (
        ("area.not-a-price", lambda: owed("100", "100", "10000000001")),
        ("value.finer-than-a-fen", lambda: owed("100", "100", "0.001")),
        ("area.terms-unclear", lambda: replace(LAW, tolerance=Decimal(3))),
        ("area.terms-unclear", lambda: replace(LAW, clause=" ")),
        ("area.terms-unclear", lambda: replace(LAW, smaller_beyond=-1)),
    ):
        with pytest.raises(Refusal) as refusal:
            wrong()
        assert refusal.value.code == code


BOUNDS = {
    "rule": "bounds",
    "clause": "合同第八条",
    "percent": "2.5",
    "within": "1",
    "larger_beyond": "0",
    "smaller_beyond": "2",
}


@pytest.mark.req("LEG-3")
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("rule", "silent?", "area.rule-unknown"),
        ("clause", " ", "area.clause-missing"),
        ("percent", "", "area.percent-malformed"),
        ("percent", "0", "area.percent-malformed"),
        ("percent", "100", "area.percent-malformed"),
        ("percent", "3%", "area.percent-malformed"),
        ("percent", "2.55555", "area.percent-malformed"),
        ("within", "1.5", "area.times-malformed"),
        ("larger_beyond", "-1", "area.times-malformed"),
        ("smaller_beyond", "10", "area.times-malformed"),
        ("smaller_beyond", "２", "area.times-malformed"),
    ],
)
def test_bounds_that_nobody_can_mean_are_refused_with_their_field(
    field: str, value: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read_terms({**BOUNDS, field: value}, source=TermsFrom.CONTRACT)
    assert refused.value.code == code
    assert refused.value.facts["field"] == field


@pytest.mark.req("LEG-3")
def test_stated_bounds_are_exact_and_a_plan_is_never_silent() -> None:
    terms = read_terms(BOUNDS, source=TermsFrom.CONTRACT)
    assert terms.percent == "2.5"
    assert owed("100", "102.5", terms=terms) == "20000.00"
    assert owed("100", "102.51", terms=terms) == "20000.00"
    assert owed("100", "97", terms=terms) == "-28000.00"
    assert read_terms({"rule": "silent"}, source=TermsFrom.CONTRACT) is LAW
    with pytest.raises(Refusal, match=r"^area\.rule-unknown"):
        read_terms({"rule": "silent"}, source=TermsFrom.PLAN)
