"""Rule sets: read whole or refused with the path of the fault; said again, they are the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.policy import read_rule_set
from anju_rules.values import Refusal
from tests.support.rule_sets import BANDS, plan_table, rule_set

Change = Callable[[dict[str, Any]], object]


def refusal_of(change: Change) -> Refusal:
    table = plan_table()
    change(table)
    with pytest.raises(Refusal) as refused:
        read_rule_set(table)
    return refused.value


def scoring(table: dict[str, Any], place: int) -> dict[str, Any]:
    line: dict[str, Any] = table["rules"]["scoring"][place - 1]
    return line


@pytest.mark.req("SCO-1")
def test_a_plan_is_read_with_each_line_on_its_clause() -> None:
    rules = rule_set()
    assert rules.effective_on == date(2026, 6, 1)
    assert [line.tenths for line in rules.scoring] == [3, 20, 50, 30, 40, 20, 10, 10]
    assert all(line.clause.startswith("plan/scoring#") for line in rules.scoring)
    assert [line.code for line in rules.unconfirmed] == ["crowded", "disability"]
    assert rules.scoring_facts[:3] == ("persons", "home_area_sqm", "has_no_home")


@pytest.mark.req("SCO-3")
def test_the_canonical_form_reads_again_to_an_equal_rule_set() -> None:
    for rules in (rule_set(), rule_set(entitlement={**BANDS, "flexible_sqm": "5"})):
        canonical = rules.canonical()
        assert read_rule_set(json.loads(json.dumps(canonical))) == rules
        assert read_rule_set(canonical).canonical() == canonical


def test_the_canonical_form_holds_no_float_and_no_date() -> None:
    def walk(value: object) -> None:
        assert type(value) in {dict, list, str, int, bool}
        for part in value.values() if isinstance(value, dict) else ():
            walk(part)
        for part in value if isinstance(value, list) else ():
            walk(part)

    canonical = rule_set().canonical()
    walk(canonical)
    assert canonical["rules"]["effective_on"] == "2026-06-01"  # type: ignore[index]


@given(st.decimals(min_value=0, max_value=10**6, places=1), st.integers(0, 12))
def test_bounds_and_points_survive_the_canonical_form(points: Any, zeros: int) -> None:
    table = plan_table()
    scoring(table, 1)["points"] = f"{points:f}"
    scoring(table, 2)["when"]["below"] = "0." + "0" * zeros + "1"
    rules = read_rule_set(table)
    assert read_rule_set(rules.canonical()) == rules
    assert "E" not in json.dumps(rules.canonical()["rules"]["scoring"][1]["when"])  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (
            lambda t: scoring(t, 3).update(points="0.25"),
            "policy.finer-than-a-tenth",
            "rules.scoring[3].points",
        ),
        (
            lambda t: scoring(t, 3).update(points=0.3),
            "policy.binary-float",
            "rules.scoring[3].points",
        ),
        (lambda t: scoring(t, 3).update(points=3), "policy.wrong-type", "rules.scoring[3].points"),
        (
            lambda t: scoring(t, 3).update(points="3e1"),
            "policy.not-a-number",
            "rules.scoring[3].points",
        ),
        (
            lambda t: scoring(t, 2)["when"].update(below=15.0),
            "policy.binary-float",
            "rules.scoring[2].when.below",
        ),
        (lambda t: scoring(t, 1).pop("clause"), "policy.missing-clause", "rules.scoring[1].clause"),
        (
            lambda t: scoring(t, 1).update(clause=" "),
            "policy.missing-clause",
            "rules.scoring[1].clause",
        ),
        (lambda t: scoring(t, 1).pop("source"), "policy.missing-source", "rules.scoring[1].source"),
        (
            lambda t: scoring(t, 1).pop("certainty"),
            "policy.missing-certainty",
            "rules.scoring[1].certainty",
        ),
        (
            lambda t: scoring(t, 1).update(certainty="X"),
            "policy.bad-certainty",
            "rules.scoring[1].certainty",
        ),
        (
            lambda t: scoring(t, 1).update(weight="2"),
            "policy.unknown-key",
            "rules.scoring[1].weight",
        ),
        (
            lambda t: scoring(t, 1).update(per="heads"),
            "policy.unknown-fact",
            "rules.scoring[1].per",
        ),
        (
            lambda t: scoring(t, 1).update(per="is_low_income"),
            "policy.wrong-fact-type",
            "rules.scoring[1].per",
        ),
        (
            lambda t: scoring(t, 4).update(per="persons"),
            "policy.measure-unclear",
            "rules.scoring[4]",
        ),
        (lambda t: scoring(t, 4).pop("when"), "policy.measure-unclear", "rules.scoring[4]"),
        (
            lambda t: scoring(t, 4)["when"].pop("is"),
            "policy.missing-key",
            "rules.scoring[4].when.is",
        ),
        (
            lambda t: scoring(t, 2)["when"].pop("below"),
            "policy.measure-unclear",
            "rules.scoring[2].when",
        ),
        (
            lambda t: scoring(t, 4).update(code="population"),
            "policy.duplicate",
            "rules.scoring[4].code",
        ),
        (
            lambda t: scoring(t, 4).update(code="care"),
            "policy.reserved-code",
            "rules.scoring[4].code",
        ),
        (
            lambda t: scoring(t, 4).update(code="Low Income"),
            "policy.not-a-stable-word",
            "rules.scoring[4].code",
        ),
        (
            lambda t: scoring(t, 3).update(points="-1"),
            "policy.penalty-in-group",
            "rules.scoring[3].points",
        ),
        (
            lambda t: scoring(t, 3).update(sensitive=True),
            "policy.group-mixes-sensitive",
            "rules.scoring[3].sensitive",
        ),
        (
            lambda t: scoring(t, 4).update(sensitive="yes"),
            "policy.wrong-type",
            "rules.scoring[4].sensitive",
        ),
        (
            lambda t: scoring(t, 4).update(at_most_times=2),
            "policy.unknown-key",
            "rules.scoring[4].at_most_times",
        ),
        (
            lambda t: t["rules"].pop("scoring_clause"),
            "policy.missing-clause",
            "rules.scoring_clause",
        ),
        (lambda t: t["rules"].pop("entitlement"), "policy.missing-key", "rules.entitlement"),
        (
            lambda t: t["rules"].update(effective_on="2026-6-1"),
            "policy.not-a-date",
            "rules.effective_on",
        ),
        (
            lambda t: t["rules"].update(effective_on=20260601),
            "policy.wrong-type",
            "rules.effective_on",
        ),
        (lambda t: t["rules"].update(extra=1), "policy.unknown-key", "rules.extra"),
        (lambda t: t.update(draw={}), "policy.unknown-key", "draw"),
        (lambda t: t["facts"].update(persons="area"), "policy.wrong-fact-type", "facts.persons"),
        (lambda t: t["facts"].update(rooms="number"), "policy.not-one-of", "facts.rooms"),
        (
            lambda t: t["facts"].update(home_area_per_person_sqm="area"),
            "policy.derived-fact-declared",
            "facts.home_area_per_person_sqm",
        ),
        (
            lambda t: t["facts"].pop("home_area_sqm"),
            "policy.unknown-fact",
            "rules.scoring[2].when.fact",
        ),
        (
            lambda t: t["rules"]["entitlement"].update(kind="none"),
            "policy.not-one-of",
            "rules.entitlement.kind",
        ),
        (
            lambda t: t["rules"]["entitlement"].pop("clause"),
            "policy.missing-clause",
            "rules.entitlement.clause",
        ),
        (
            lambda t: t["rules"]["entitlement"].pop("excess_below_sqm"),
            "policy.measure-unclear",
            "rules.entitlement",
        ),
        (
            lambda t: t["rules"]["entitlement"].update(most_homes=0),
            "policy.out-of-range",
            "rules.entitlement.most_homes",
        ),
        (
            lambda t: t["rules"]["entitlement"].update(most_homes=True),
            "policy.wrong-type",
            "rules.entitlement.most_homes",
        ),
        (
            lambda t: t["rules"]["entitlement"]["communities"].update(one_home="D"),
            "policy.wrong-type",
            "rules.entitlement.communities.one_home",
        ),
        (
            lambda t: t["rules"]["entitlement"]["communities"].update(one_home=["D", "D"]),
            "policy.duplicate",
            "rules.entitlement.communities.one_home[2]",
        ),
        (
            lambda t: t["rules"]["turns"].update(late="sometimes"),
            "policy.not-one-of",
            "rules.turns.late",
        ),
        (
            lambda t: t["rules"]["needs"][0].update(home={}),
            "policy.measure-unclear",
            "rules.needs[1].home",
        ),
        (
            lambda t: t["rules"]["needs"][0].update(home={"any": []}),
            "policy.measure-unclear",
            "rules.needs[1].home.any",
        ),
        (
            lambda t: t["rules"]["needs"].append(dict(t["rules"]["needs"][0])),
            "policy.duplicate",
            "rules.needs[2].need",
        ),
        (
            lambda t: t["rules"]["matching"].update(unplaced="lottery"),
            "policy.not-one-of",
            "rules.matching.unplaced",
        ),
        (lambda t: t["rules"].update(scoring={}), "policy.wrong-type", "rules.scoring"),
        (lambda t: t["rules"].update(scoring=["x"]), "policy.wrong-type", "rules.scoring[1]"),
    ],
)
def test_a_faulty_rule_set_is_refused_with_the_path_of_the_fault(
    change: Change, code: str, path: str
) -> None:
    refused = refusal_of(change)
    assert (refused.code, refused.facts["path"]) == (code, path)


@pytest.mark.req("PLN-4")
@pytest.mark.parametrize(
    ("fact", "change", "path"),
    [
        (
            "petition_record",
            lambda t: scoring(t, 1).update(per="petition_record"),
            "rules.scoring[1].per",
        ),
        ("petition_record", lambda _: None, "facts.petition_record"),
        ("is_low_income", lambda _: None, "rules.scoring[4].when.fact"),
        ("home_area_sqm", lambda _: None, "rules.scoring[2].when.fact"),
        ("home_area_per_person_sqm", lambda _: None, "rules.scoring[2].when.fact"),
        ("confirmed_area_sqm", lambda _: None, "rules.entitlement"),
        ("barrier-free", lambda _: None, "rules.needs[1].need"),
        ("优先户", lambda _: None, "rules.needs[1].reserved_opens_after_stratum"),
    ],
)
def test_a_prohibited_fact_refuses_the_rule_set_wherever_it_is_used(
    fact: str, change: Change, path: str
) -> None:
    def prohibit(table: dict[str, Any]) -> None:
        if fact == "petition_record":
            table["facts"]["petition_record"] = "integer"
        table["rules"]["prohibitions"][0]["fact"] = fact
        change(table)

    refused = refusal_of(prohibit)
    assert (refused.code, refused.facts["path"]) == ("policy.prohibited-fact", path)
    assert refused.clause == "policy/petitions#1"


def test_control_without_the_prohibition_the_same_line_is_read() -> None:
    table = plan_table(prohibitions=None)
    table["facts"]["petition_record"] = "integer"
    scoring(table, 1)["per"] = "petition_record"
    assert read_rule_set(table).scoring[0].per == "petition_record"


@pytest.mark.parametrize(
    ("bands", "code"),
    [
        ([{"persons": [1, 2], "area_sqm": ["60", "50"]}], "policy.not-from-to"),
        ([{"persons": [1], "area_sqm": ["50", "60"]}], "policy.not-from-to"),
        ([*BANDS["bands"], {"persons": [99, 100], "area_sqm": ["1", "2"]}], "policy.bands-overlap"),
        ([], "policy.missing-key"),
    ],
)
def test_faulty_bands_are_refused(bands: list[object], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        rule_set(entitlement={**BANDS, "bands": bands})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"excess_steps": [{"up_to_sqm": "15", "price_fen_per_sqm": 1}]}, "policy.missing-key"),
        (
            {
                "base_price_fen_per_sqm": 1,
                "excess_steps": [{"up_to_sqm": "15", "price_fen_per_sqm": 1}],
            },
            "policy.steps-too-short",
        ),
        (
            {
                "base_price_fen_per_sqm": 1,
                "excess_steps": [
                    {"up_to_sqm": "60", "price_fen_per_sqm": 1},
                    {"up_to_sqm": "60", "price_fen_per_sqm": 2},
                ],
            },
            "policy.steps-not-rising",
        ),
    ],
)
def test_excess_steps_that_leave_a_lawful_area_without_a_price_are_refused(
    changes: dict[str, object], code: str
) -> None:
    entitlement = {**plan_table()["rules"]["entitlement"], **changes}
    with pytest.raises(Refusal) as refused:
        rule_set(entitlement=entitlement)
    assert refused.value.code == code


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3)
    ),
    max_leaves=8,
)


@given(st.data())
def test_junk_anywhere_in_a_plan_is_refused_or_read_but_never_a_crash(data: st.DataObject) -> None:
    table = plan_table()
    node: Any = table
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.booleans()):
            break
        node = node[key]
    node[key] = data.draw(JUNK)
    try:
        rules = read_rule_set(table)
    except Refusal as refusal:
        refused = refusal
    else:
        assert read_rule_set(rules.canonical()) == rules
        return
    assert refused.code.startswith("policy.")
    assert "path" in refused.facts
