"""Taxes and fees of a title: dated lines, reliefs, gates, and policies that are refused."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.fees.gates import Proof, ProofKind, judge_proofs
from anju_rules.fees.reading import read_fee_policy
from anju_rules.fees.reckoning import FeeSheet, reckon_fee, reckon_fees
from anju_rules.fees.types import FEE_FACTS, FeeKind
from anju_rules.values import Fact, Refusal

FILE = Path(__file__).parents[2] / "src/anju/policies/rates/titles.toml"
TABLE = tomllib.loads(FILE.read_text(encoding="utf-8"))
POLICY = read_fee_policy(TABLE)
NOW = date(2026, 6, 1)
UNIT = "370105012002GB00001F00010751"
HOME: dict[str, Fact] = {
    "is_home": True,
    "is_parking": False,
    "is_first_sale": True,
    "homes_owned": 1,
    "area_sqm": Decimal(100),
    "price_fen": 80_000_000,
    "further_copies": 0,
    "construction_cost_fen_per_sqm": 250_000,
    "is_allocated_land": False,
    "is_for_expropriated": False,
}


def fee(kind: str, on: date = NOW, table: dict[str, Any] | None = None, **facts: Fact) -> FeeSheet:
    policy = POLICY if table is None else read_fee_policy(table)
    return reckon_fee(kind=kind, policy=policy, facts={**HOME, **facts}, on=on)


def changed(**incentive: Any) -> dict[str, Any]:
    """Give the policy with one more relief of the city."""
    table = copy.deepcopy(TABLE)
    table["reliefs"].append(
        {
            "code": "early",
            "fee": "deed-tax",
            "title": {"zh": "按期签约奖励", "en": "for signing in time"},
            "from": date(2026, 1, 1),
            "when": [{"fact": "signed_early", "is": True}],
            "clause": "city/incentive#1",
            "source": "市政府",
            "certainty": "P",
            **incentive,
        }
    )
    return table


@pytest.mark.req("TTL-9")
@pytest.mark.parametrize(
    ("on", "area", "homes", "due"),
    [
        (date(2026, 6, 1), "140", 1, 800_000),
        (date(2026, 6, 1), "140.01", 1, 1_200_000),
        (date(2026, 6, 1), "140", 2, 800_000),
        (date(2026, 6, 1), "140.01", 2, 1_600_000),
        (date(2026, 6, 1), "60", 3, 2_400_000),
        (date(2024, 12, 1), "100", 1, 800_000),
        (date(2024, 11, 30), "100", 1, 1_200_000),
        (date(2024, 11, 30), "90", 2, 800_000),
    ],
)
def test_deed_tax_goes_by_the_day_the_area_and_the_homes_owned(
    on: date, area: str, homes: int, due: int
) -> None:
    sheet = fee("deed-tax", on, area_sqm=Decimal(area), homes_owned=homes)
    assert sheet.due_fen == due
    assert sheet.is_unconfirmed


@pytest.mark.req("TTL-9")
def test_fees_by_the_case_the_fund_and_the_premium() -> None:
    assert fee("registration-fee").due_fen == 8_000
    assert fee("registration-fee", is_home=False, is_parking=True).due_fen == 8_000
    assert fee("registration-fee", is_home=False).due_fen == 55_000
    assert fee("further-copies", further_copies=2).due_fen == 2_000
    assert fee("maintenance-fund").due_fen == 1_250_000
    assert fee("maintenance-fund", is_first_sale=False).due_fen == 0
    assert fee("land-premium").due_fen == 0
    assert fee("land-premium", is_allocated_land=True, land_price_fen=1_000_000).due_fen == 400_000
    sheets = reckon_fees(policy=POLICY, facts=HOME, on=NOW)
    assert [sheet.kind for sheet in sheets] == list(FeeKind)


def test_a_home_for_an_expropriated_one_is_taxed_beyond_the_compensation_only() -> None:
    for compensation, due in ((50_000_000, 300_000), (80_000_000, 0), (90_000_000, 0)):
        sheet = fee("deed-tax", is_for_expropriated=True, compensation_fen=compensation)
        assert sheet.due_fen == due
        assert [line.clause for line in sheet.lines][1] == "deed-tax-law/7"


def test_an_incentive_of_the_city_is_paid_back_and_never_a_lower_tax() -> None:
    table = changed(effect="refund", share="0.5")
    sheet = fee("deed-tax", table=table, signed_early=True)
    assert (sheet.due_fen, sheet.refund_fen) == (800_000, 400_000)
    waived = fee("deed-tax", table=changed(effect="waive"), signed_early=True)
    assert (waived.due_fen, waived.refund_fen) == (0, 0)
    assert [line.fen for line in waived.lines] == [800_000, -800_000]


@pytest.mark.parametrize(
    ("code", "kind", "on", "facts"),
    [
        ("fees.unknown-kind", "window-tax", NOW, {}),
        ("fees.no-line", "deed-tax", date(2016, 2, 21), {}),
        ("fees.fact-wrong", "deed-tax", NOW, {"area_sqm": -1}),
        ("fees.fact-wrong", "deed-tax", NOW, {"is_home": 1}),
        ("fees.fact-wrong", "deed-tax", NOW, {"price_fen": 10**16}),
        ("fees.fact-missing", "land-premium", NOW, {"is_allocated_land": True}),
    ],
)
def test_what_cannot_be_reckoned_is_refused_and_never_taken_as_nought(
    code: str, kind: str, on: date, facts: dict[str, Fact]
) -> None:
    with pytest.raises(Refusal) as refusal:
        reckon_fee(kind=kind, policy=POLICY, facts={**HOME, **facts}, on=on)
    assert refusal.value.code == code


def test_a_fact_that_is_not_asked_for_may_be_unknown() -> None:
    """A home on granted land has no land price to tell."""
    assert "land_price_fen" not in HOME
    assert fee("land-premium").due_fen == 0


@given(
    st.dates(date(2021, 9, 1), date(2030, 1, 1)),
    st.decimals("1", "1000", places=2),
    st.integers(1, 5),
    st.fixed_dictionaries(
        dict.fromkeys(("is_home", "is_parking", "is_allocated_land"), st.booleans())
    ),
)
def test_every_home_has_one_line_of_each_fee_on_every_day(
    on: date, area: Decimal, homes: int, flags: dict[str, bool]
) -> None:
    facts = {
        **HOME,
        "area_sqm": area,
        "homes_owned": homes,
        "land_price_fen": 1,
        **flags,
    }
    for sheet in reckon_fees(policy=POLICY, facts=facts, on=on):
        assert sheet.due_fen >= 0
        assert all(line.clause for line in sheet.lines)


def test_control_two_lines_for_one_home_are_found() -> None:
    table = copy.deepcopy(TABLE)
    table["lines"].append({**table["lines"][5], "code": "again"})
    with pytest.raises(Refusal) as refusal:
        fee("deed-tax", table=table, area_sqm=Decimal(150))
    assert refusal.value.code == "fees.lines-overlap"


def wrong(change: str) -> dict[str, Any]:  # noqa: C901 - a table of faults
    """Break the policy in one way."""
    table = copy.deepcopy(TABLE)
    lines = {line["code"]: line for line in table["lines"]}
    match change:
        case "below the law":
            lines["further-home"]["rate"] = "0.02"
        case "turned band":
            lines["further-home"]["band"] = ["0.05", "0.03"]
        case "ends first":
            lines["home"]["until"] = date(2016, 1, 1)
        case "by price":
            lines["home"] |= {"rate": "0.001", "of": ["price_fen"]}
        case "by area":
            lines["further-copy"]["of"] = ["area_sqm"]
        case "unknown fact":
            lines["home"]["when"] = [{"fact": "colour", "is": True}]
        case "times a flag":
            lines["no-home"]["of"] = ["is_home"]
        case "twice":
            lines["home"]["code"] = "parking"
        case "no source":
            del lines["home"]["source"]
        case "unknown fee":
            lines["home"]["fee"] = "window-tax"
        case "binary float":
            lines["further-home"]["rate"] = 0.03
        case "deducts area":
            table["reliefs"][0]["deducts"] = "area_sqm"
        case "deducts nothing known":
            table["reliefs"][0]["deducts"] = "luck_fen"
        case "from square metres":
            table["reliefs"][0]["fee"] = "maintenance-fund"
        case "more than all":
            table = changed(effect="refund", share="1.1")
    return table


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("below the law", "fees.outside-band"),
        ("turned band", "policy.not-from-to"),
        ("ends first", "fees.ends-before-it-begins"),
        ("by price", "fees.by-area-or-price"),
        ("by area", "fees.by-area-or-price"),
        ("unknown fact", "policy.unknown-fact"),
        ("times a flag", "policy.unknown-fact"),
        ("twice", "policy.duplicate"),
        ("no source", "policy.missing-source"),
        ("unknown fee", "policy.not-one-of"),
        ("binary float", "policy.wrong-type"),
        ("deducts area", "fees.relief-unclear"),
        ("deducts nothing known", "policy.unknown-fact"),
        ("from square metres", "fees.relief-unclear"),
        ("more than all", "fees.relief-unclear"),
    ],
)
def test_a_policy_that_nobody_could_mean_is_refused(change: str, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_fee_policy(wrong(change))
    assert refusal.value.code in {code, "policy.binary-float"}
    assert refusal.value.facts["path"]


def test_second_hand_lines_say_that_they_are_to_be_confirmed() -> None:
    assert {one.code for one in POLICY.gates} - {one.code for one in POLICY.unconfirmed} == {
        "tax-proof"
    }
    assert set(FEE_FACTS) >= {fact for line in POLICY.lines for fact in line.of}


def proof(**more: Any) -> Proof:
    told = {
        "kind": FeeKind.DEED_TAX,
        "says": ProofKind.PAID,
        "number": "完税-1",
        "unit_code": UNIT,
        "on": NOW,
    }
    return Proof(**{**told, **more})


@pytest.mark.req("TTL-9")
@pytest.mark.parametrize(
    ("proofs", "unmet"),
    [
        ([], {"fees.not-proven"}),
        ([proof()], set()),
        ([proof(says=ProofKind.EXEMPT)], set()),
        ([proof(kind=FeeKind.REGISTRATION)], {"fees.not-proven"}),
        ([proof(unit_code=UNIT[:-1] + "2")], {"fees.proof-of-another-home"}),
        ([proof(on=date(2026, 6, 2))], {"fees.proof-from-later"}),
        ([proof(number=" ")], {"fees.proof-without-number"}),
    ],
)
def test_no_proof_of_tax_no_registration(proofs: list[Proof], unmet: set[str]) -> None:
    verdict = judge_proofs(policy=POLICY, facts=HOME, unit_code=UNIT, proofs=proofs, on=NOW)
    assert {finding.code for finding in verdict.unmet} == unmet
    assert {finding.clause for finding in verdict.findings} == {"deed-tax-law/11"}


def test_control_without_the_gate_the_tax_is_not_asked_for() -> None:
    table = copy.deepcopy(TABLE)
    table["gates"] = []
    verdict = judge_proofs(
        policy=read_fee_policy(table), facts=HOME, unit_code=UNIT, proofs=[], on=NOW
    )
    assert verdict.met


def test_allocated_land_asks_for_the_premium_too() -> None:
    facts: dict[str, Fact] = {**HOME, "is_allocated_land": True}
    verdict = judge_proofs(policy=POLICY, facts=facts, unit_code=UNIT, proofs=[proof()], on=NOW)
    assert [finding.clause for finding in verdict.unmet] == ["urban-property-law/40"]
