"""Developers and property managers: bases, securities, the duty, the stars."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.partners import bases
from anju_rules.partners.bases import Act, LegalBasis, Rank, judge_basis
from anju_rules.partners.duties import Duty, DutyState, count_in_time, judge_duty
from anju_rules.partners.reading import read_partner_policy
from anju_rules.partners.securities import Demand, Form, Security, judge_demand, judge_security
from anju_rules.partners.stars import FactKind, give_star
from anju_rules.shares import Share, percent_tenths
from anju_rules.values import Fen, Refusal, Verdict

FILE = Path(__file__).parents[2] / "src/anju/policies/partners/titles.toml"
TABLE = tomllib.loads(FILE.read_text(encoding="utf-8"))
POLICY = read_partner_policy(TABLE)
DAY = date(2026, 6, 1)
BASIS = LegalBasis(
    act=Act.SECURITY,
    rank=Rank.REGULATION,
    clause="some-regulation/7",
    source="国务院令第 000 号",
    certainty="C",
    from_on=date(2026, 1, 1),
    until_on=date(2026, 12, 31),
)
DEMAND = Demand(
    amount_fen=Fen(100_000_00),
    forms=frozenset(Form),
    covers_until=date(2027, 6, 30),
)
LETTER = Security(
    form=Form.GUARANTEE,
    amount_fen=Fen(100_000_00),
    given_on=DAY,
    valid_until=date(2027, 6, 30),
    issuer="示例银行",
    number="BH-1",
)


def unmet(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.unmet]


@pytest.mark.req("PRT-1")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"act": Act.RESTRICTION}, "partners.basis-of-another-act"),
        ({"rank": Rank.LOCAL}, "partners.basis-too-low"),
        ({"certainty": "U"}, "partners.basis-unconfirmed"),
        ({"certainty": "P"}, "partners.basis-unconfirmed"),
        ({"withdrawn_on": DAY}, "partners.basis-withdrawn"),
        ({"from_on": date(2026, 6, 2)}, "partners.basis-not-yet"),
        ({"until_on": date(2026, 5, 31)}, "partners.basis-expired"),
    ],
)
def test_a_basis_that_does_not_hold_disables_the_act_and_says_why(
    change: dict[str, Any], code: str
) -> None:
    assert judge_basis(act=Act.SECURITY, basis=BASIS, on=DAY).met
    found = judge_basis(act=Act.SECURITY, basis=replace(BASIS, **change), on=DAY)
    assert unmet(found) == [code]
    assert found.unmet[0].clause == "business-environment/25"
    with pytest.raises(Refusal, match=code):
        found.raise_if_unmet()


@pytest.mark.req("PRT-1")
@pytest.mark.parametrize("act", Act)
def test_without_a_basis_nothing_may_be_done(act: Act) -> None:
    assert unmet(judge_basis(act=act, basis=None, on=DAY)) == ["partners.basis-missing"]


@pytest.mark.req("PRT-1")
def test_control_without_the_rank_a_local_rule_would_bar_a_company(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    local = replace(BASIS, act=Act.RESTRICTION, rank=Rank.LOCAL)
    assert not judge_basis(act=Act.RESTRICTION, basis=local, on=DAY).met
    monkeypatch.setattr(bases, "_ENOUGH", frozenset(Rank))
    assert judge_basis(act=Act.RESTRICTION, basis=local, on=DAY).met


@pytest.mark.req("PRT-1")
def test_where_a_deposit_is_asked_a_guarantee_does() -> None:
    assert judge_demand(demand=DEMAND, basis=BASIS, on=DAY).met
    cash = replace(DEMAND, forms=frozenset({Form.DEPOSIT}))
    assert unmet(judge_demand(demand=cash, basis=BASIS, on=DAY)) == ["partners.guarantee-must-do"]
    assert judge_security(demand=DEMAND, given=[LETTER]).met
    money = replace(LETTER, form=Form.DEPOSIT, valid_until=None)
    assert judge_security(demand=DEMAND, given=[money]).met


@pytest.mark.req("PRT-1")
def test_a_security_must_be_enough_and_last_long_enough() -> None:
    half = replace(LETTER, amount_fen=Fen(50_000_00))
    assert unmet(judge_security(demand=DEMAND, given=[half])) == ["partners.security-short"]
    assert judge_security(demand=DEMAND, given=[half, half]).met
    early = replace(LETTER, valid_until=date(2027, 6, 29))
    assert unmet(judge_security(demand=DEMAND, given=[early])) == ["partners.guarantee-ends-early"]
    unnamed = replace(LETTER, issuer=" ")
    assert unmet(judge_security(demand=DEMAND, given=[unnamed])) == ["partners.security-unnamed"]


def standing(**days: date | None) -> Any:
    told = {"accepted_on": None, "handed_over_on": None, "registered_on": None, **days}
    return judge_duty(duty=Duty(**told), lines=POLICY.duties, on=DAY)


@pytest.mark.req("PRT-1")
def test_the_earliest_term_counts_and_a_day_of_rest_moves_it() -> None:
    # 60 days from 2026-02-03 is 04-04, a Saturday of the Qingming holiday: the next working day.
    told = standing(accepted_on=date(2026, 2, 2), handed_over_on=date(2026, 2, 3))
    assert told.due_on == date(2026, 4, 7)
    assert told.line.code == "papers-after-hand-over"
    assert (told.state, told.days_late) == (DutyState.OVERDUE, 55)


@pytest.mark.req("PRT-1")
def test_the_duty_ends_by_registration_alone() -> None:
    handed = date(2026, 4, 20)
    assert standing(handed_over_on=handed).state is DutyState.RUNNING
    assert standing(handed_over_on=handed, registered_on=DAY).state is DutyState.IN_TIME
    old = standing(handed_over_on=date(2020, 1, 1), registered_on=DAY)
    assert old.state is DutyState.LATE
    assert standing().state is DutyState.WAITING


@pytest.mark.req("PRT-1")
def test_responsibility_reaches_back_to_buildings_older_than_the_rule() -> None:
    told = standing(handed_over_on=date(1998, 5, 1))
    assert told.is_retroactive
    assert told.due_on == date(2001, 7, 31)
    assert told.is_provisional
    assert told.state is DutyState.OVERDUE


@pytest.mark.req("PRT-1")
def test_the_rate_counts_only_whose_time_is_decided() -> None:
    states = [DutyState.IN_TIME] * 19 + [DutyState.OVERDUE, DutyState.RUNNING, DutyState.WAITING]
    share = count_in_time([replace(standing(), state=state) for state in states])
    assert share == Share(19, 20)
    assert share.reaches(POLICY.in_time.at_least)
    assert not Share(949, 1000).reaches(POLICY.in_time.at_least)
    assert count_in_time([]).fraction is None


@pytest.mark.req("PRT-2")
def test_stars_follow_the_published_formula() -> None:
    facts = {
        FactKind.DEADLINE: Share(9, 10),
        FactKind.MATERIAL: Share(2, 3),
        FactKind.ANSWER: Share(1, 1),
    }
    star = give_star(formula=POLICY.formula_on(DAY), facts=facts)
    # 40 x 9/10 + 40 x 2/3 + 20 = 82.666…
    assert (star.stars, star.tenths) == (4, 827)
    assert [one.tenths for one in star.parts] == [360, 267, 200]


@pytest.mark.req("PRT-2")
def test_too_few_facts_is_no_star_and_not_a_bad_one() -> None:
    formula = POLICY.formula_on(DAY)
    few = give_star(formula=formula, facts={FactKind.ANSWER: Share(0, 9)})
    assert (few.stars, few.tenths, few.facts) == (None, None, 9)
    enough = give_star(formula=formula, facts={FactKind.ANSWER: Share(0, 10)})
    assert (enough.stars, enough.tenths) == (1, 0)
    assert give_star(formula=formula, facts={}).stars is None


@pytest.mark.req("PRT-2")
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=3, max_size=3))
def test_one_more_thing_done_never_costs_a_point(told: list[tuple[int, int]]) -> None:
    formula = POLICY.formula_on(DAY)
    shares = [Share(min(done, all_), all_) for done, all_ in told]
    more = [Share(min(one.numerator + 1, one.denominator), one.denominator) for one in shares]
    before = give_star(formula=formula, facts=dict(zip(FactKind, shares, strict=True)))
    after = give_star(formula=formula, facts=dict(zip(FactKind, more, strict=True)))
    assert (before.stars or 0) <= (after.stars or 0)
    assert (before.tenths or 0) <= (after.tenths or 0)


def plant(change: Callable[[dict[str, Any]], object]) -> str:
    table = copy.deepcopy(TABLE)
    change(table)
    with pytest.raises(Refusal) as refusal:
        read_partner_policy(table)
    return refusal.value.code


def test_a_policy_that_does_not_hold_together_is_refused() -> None:
    again = {**TABLE["formulas"][0], "code": "stars-2027"}
    assert plant(lambda t: t["formulas"].append(again)) == "partners.formulas-overlap"
    assert plant(lambda t: t["formulas"][0]["steps"].pop()) == "partners.steps-unclear"
    assert plant(lambda t: t["formulas"][0]["steps"].reverse()) == "partners.steps-unclear"
    ends = {"until": date(1999, 1, 1)}
    assert plant(lambda t: t["duties"][0].update(ends)) == "partners.ends-before-it-begins"
    assert plant(lambda t: t["duties"][0].pop("clause")) == "policy.missing-clause"
    assert plant(lambda t: t["in_time"].update(at_least="1.1")) == "policy.above-range"
    with pytest.raises(Refusal, match=r"partners\.no-formula"):
        POLICY.formula_on(date(2025, 12, 31))


def test_a_share_is_exact_and_never_rounded_up() -> None:
    with pytest.raises(Refusal, match=r"shares\.impossible"):
        Share(2, 1)
    assert percent_tenths(Fraction(9496, 10000)) == 949
