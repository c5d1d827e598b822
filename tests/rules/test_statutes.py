"""The policy library: 61 items of 13 laws, each looked after by somebody, and what they forbid."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from anju_rules.clocks import Budget, Unit
from anju_rules.policy import RuleSet, ScoringLine, read_rule_set
from anju_rules.policy.types import Basis, Condition, NeedRule
from anju_rules.statutes.citations import cited_clauses
from anju_rules.statutes.editions import Change, compare_editions, touched_by
from anju_rules.statutes.procedure_checks import PROCEDURE_CHECKS, judge_procedures
from anju_rules.statutes.reading import read_statute
from anju_rules.statutes.rule_checks import RULE_CHECKS, judge_rules
from anju_rules.statutes.types import Guard, ItemKind, Statute
from anju_rules.values import Refusal, Tenths
from tests.support.procedures import NAMES, definition

FOLDER = Path(__file__).parents[2] / "src/anju/policies"
LAW: dict[str, Any] = {
    "code": "city-rules",
    "title": {"zh": "市办法", "en": "rules of the city"},
    "source": "市政府",
    "edition": date(2026, 1, 1),
    "certainty": "C",
    "clauses": [
        {
            "number": "1",
            "title": {"zh": "第一条", "en": "first"},
            "cited_as": ["policy/city#1"],
            "items": [{"kind": "permits", "zh": "可以", "en": "may", "check": "human"}],
        },
        {
            "number": "2",
            "title": {"zh": "第二条", "en": "second"},
            "touches": ["turns"],
            "items": [
                {"kind": "limit", "zh": "三日", "en": "three days", "check": "human"},
                {
                    "kind": "forbids",
                    "zh": "不得",
                    "en": "may not",
                    "check": "rules:no-petition-record",
                    "certainty": "P",
                },
            ],
        },
    ],
}


def laws() -> list[Statute]:
    return [
        read_statute(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in sorted(FOLDER.glob("*.toml"))
    ]


def plain_rules() -> RuleSet:
    """Give rules that nothing forbids: points for persons, and for having signed early."""
    return read_rule_set(
        {
            "facts": {"signed_early": "flag"},
            "rules": {
                "version": "1",
                "effective_on": date(2026, 6, 1),
                "scoring_clause": "plan/scoring",
                "scoring": [scoring("early", "提前签约", "signed_early")],
                "entitlement": {
                    "kind": "budget",
                    "per_person_sqm": "40",
                    "per": "persons",
                    "excess_at_most_sqm": "10",
                    "clause": "order-590/21",
                },
            },
        }
    )


def scoring(code: str, label: str, fact: str) -> dict[str, object]:
    return {
        "code": code,
        "label": label,
        "points": "1",
        "when": {"fact": fact, "is": True},
        "clause": "plan/scoring#1",
        "source": "方案第九条",
        "certainty": "C",
    }


def with_line(*, label: str = "加分", fact: str = "signed_early", tenths: int = 10) -> RuleSet:
    """Give the plain rules with one more line."""
    line = ScoringLine(
        code="more",
        label=label,
        tenths=Tenths(tenths),
        basis=Basis(clause="plan/scoring#2"),
        when=Condition(fact=fact, is_true=True),
    )
    rules = plain_rules()
    return replace(rules, facts={**rules.facts, fact: "flag"}, scoring=(*rules.scoring, line))


@pytest.mark.req("PLN-4")
def test_thirteen_laws_are_broken_down_into_61_items() -> None:
    library = laws()
    items = [item for law in library for item in law.items]
    assert (len(library), len(items), len({item.code for item in items})) == (13, 61, 61)
    assert {item.kind for item in items} == set(ItemKind)
    asked = {
        guard: {item.check for item in items if item.guard is guard}
        for guard in (Guard.RULES, Guard.PROCEDURE)
    }
    assert asked == {Guard.RULES: set(RULE_CHECKS), Guard.PROCEDURE: set(PROCEDURE_CHECKS)}
    guards = Counter(item.guard for item in items)
    print(f"items: {len(items)}, by people: {guards[Guard.HUMAN]}")  # noqa: T201


FORBIDDEN = (
    ("petition-rules/no-disadvantage#1", with_line(fact="petition_record", tenths=-10)),
    ("petition-rules/no-disadvantage#1", with_line(label="无上访记录")),
    ("order-590/14#1", with_line(fact="raised_objection", tenths=-5)),
    ("order-590/3#2", with_line(label="村干部")),
    ("order-590/27#2", with_line(label="逾期未签约", tenths=-10)),
    ("civil-code/4#1", with_line(fact="married_out", tenths=-10)),
    ("pipl/28#1", with_line(label="少数民族")),
    ("pipl/28#2", with_line(fact="credit_score_good")),
    ("pipl/28#3", with_line(fact="has_disability")),
    ("pipl/6#1", replace(plain_rules(), facts={**plain_rules().facts, "hobby": "flag"})),
    (
        "petition-rules/no-disadvantage#1",
        replace(
            plain_rules(),
            needs=(NeedRule(need="no-petition", home_any=(), basis=Basis(clause="plan/needs#1")),),
        ),
    ),
)


@pytest.mark.req("PLN-4")
def test_what_the_law_forbids_no_rule_set_may_say() -> None:
    library = laws()
    assert judge_rules(plain_rules(), statutes=library).met
    for item, rules in FORBIDDEN:
        unmet = judge_rules(rules, statutes=library).unmet
        assert [finding.facts["item"] for finding in unmet] == [item]
        # The control: without the item the same rules pass.
        law = item.partition("/")[0]
        others = [one for one in library if one.code != law]
        assert judge_rules(rules, statutes=others).met, item
    # Points for what may be used, folded where it is delicate, are nobody's business.
    line = replace(with_line(fact="has_disability").scoring[-1], sensitive=True)
    folded = replace(with_line(fact="has_disability"), scoring=(plain_rules().scoring[0], line))
    assert judge_rules(folded, statutes=library).met


@pytest.mark.req("PLN-4")
def test_a_clause_that_the_law_does_not_have_cannot_be_cited() -> None:
    rules = plain_rules()
    wrong = replace(
        rules, entitlement=replace(rules.entitlement, basis=Basis(clause="order-590/99"))
    )
    (finding,) = judge_rules(wrong, statutes=laws()).unmet
    assert (finding.code, finding.facts["cited"]) == ("statute.unknown-clause", "order-590/99")
    assert cited_clauses(rules.canonical()) == {"plan/scoring", "plan/scoring#1", "order-590/21"}


@pytest.mark.req("PLN-4")
def test_the_procedures_do_what_the_law_asks() -> None:
    procedures = {name: definition(name) for name in NAMES}
    assert judge_procedures(procedures, statutes=laws()).met
    plan, review = procedures["plan-approval"], procedures["eligibility-review"]
    notice = plan.steps["notice"]
    short = replace(notice, lasts_at_least=Budget(29, Unit.CALENDAR_DAYS))
    silent = replace(plan.materials["comments-report"], is_published=False)
    asked = replace(review.materials["agreement"], code="title-record")
    spoilt = {
        "order-590/10#1": replace(plan, steps={**plan.steps, "notice": short}),
        "order-590/11#1": replace(plan, materials={**plan.materials, "comments-report": silent}),
        "order-590/11#2": replace(
            plan,
            steps={
                **plan.steps,
                "internal-review": replace(plan.steps["internal-review"], after=("draft",)),
            },
        ),
        "registration-rules/24#1": replace(
            procedures["objection"], materials={"title-record": asked}
        ),
    }
    for item, changed in spoilt.items():
        unmet = judge_procedures({**procedures, changed.code: changed}, statutes=laws()).unmet
        assert [finding.facts["item"] for finding in unmet] == [item]


@pytest.mark.req("PLN-5")
def test_a_new_edition_says_what_it_changes_and_whom_it_touches() -> None:
    before = read_statute(LAW)
    table = {**LAW, "edition": date(2027, 1, 1)}
    first, second = LAW["clauses"]
    limit = {**second["items"][0], "zh": "五日"}
    third = {**first, "number": "3", "cited_as": [], "touches": ["objection"]}
    table["clauses"] = [{**second, "items": [limit, second["items"][1]]}, third]
    changes = compare_editions(before, read_statute(table))
    assert [(one.clause.code, one.change) for one in changes] == [
        ("city-rules/2", Change.CHANGED),
        ("city-rules/3", Change.NEW),
        ("city-rules/1", Change.REPEALED),
    ]
    assert compare_editions(before, before) == ()
    assert len(compare_editions(None, before)) == 2

    def touched(cited: set[str], parts: set[str]) -> list[str]:
        return [one.clause.code for one in touched_by(changes, cited=cited, parts=parts)]

    assert touched(set(), set()) == []
    assert touched({"city-rules/2#1"}, set()) == ["city-rules/2"]
    assert touched({"policy/city#1"}, set()) == ["city-rules/1"]
    assert touched(set(), {"turns", "objection"}) == ["city-rules/2", "city-rules/3"]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("check", "rules:", "statute.bad-check"),
        ("check", "human:somebody", "statute.bad-check"),
        ("check", "nobody", "statute.bad-check"),
        ("kind", "asks", "policy.not-one-of"),
        ("certainty", "X", "policy.not-one-of"),
        ("surplus", "1", "policy.unknown-key"),
    ],
)
def test_a_law_with_a_fault_is_refused_with_its_path(key: str, value: str, code: str) -> None:
    clause = LAW["clauses"][0]
    item = {**clause["items"][0], key: value}
    with pytest.raises(Refusal, match=code):
        read_statute({**LAW, "clauses": [{**clause, "items": [item]}]})


def test_a_clause_without_items_or_twice_is_refused() -> None:
    clause = LAW["clauses"][0]
    with pytest.raises(Refusal, match=r"statute\.no-items"):
        read_statute({**LAW, "clauses": [{**clause, "items": []}]})
    with pytest.raises(Refusal, match=r"policy\.duplicate"):
        read_statute({**LAW, "clauses": [clause, {**clause, "number": "4"}]})
