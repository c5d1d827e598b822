"""Scores: exact, explained line by line, and equal for one household and for a million."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.scoring import (
    ScoreSheet,
    compile_totals,
    condition_holds,
    published_lines,
    score_household,
    score_totals,
    tie_groups,
)
from anju_rules.values import Fact, Household, HouseholdNumber, Refusal, Tenths
from tests.support.rule_sets import plan_table, rule_set

PLAIN: dict[str, Fact] = {
    "persons": 4,
    "home_area_sqm": Decimal(80),
    "has_no_home": False,
    "is_low_income": False,
    "has_disability": False,
    "members_over_70": 0,
    "signed_early": False,
    "moved_on_time": False,
}
RULES = rule_set()
FACTS = st.fixed_dictionaries(
    {
        "persons": st.integers(1, 15),
        "home_area_sqm": st.decimals(0, 300, places=2)
        | st.builds(lambda persons: Decimal(15 * persons), st.integers(1, 15)),
        "has_no_home": st.booleans(),
        "is_low_income": st.booleans(),
        "has_disability": st.booleans(),
        "members_over_70": st.integers(0, 4),
        "signed_early": st.booleans(),
        "moved_on_time": st.booleans(),
    }
)


def household(number: str = "1", /, **facts: Fact) -> Household:
    return Household(number=HouseholdNumber(number), facts={**PLAIN, **facts})


def sheet_of(rules: RuleSet = RULES, /, **facts: Fact) -> ScoreSheet:
    return score_household(household=household(**facts), rules=rules)


@pytest.mark.req("SCO-1")
def test_the_score_adds_population_housing_care_and_conduct() -> None:
    everything = sheet_of(
        persons=5,
        home_area_sqm=Decimal(0),
        has_no_home=True,
        is_low_income=True,
        has_disability=True,
        members_over_70=2,
        signed_early=True,
        moved_on_time=True,
    )
    assert everything.total == 15 + 50 + 30 + 40 + 20 + 10 + 10


@pytest.mark.req("SCO-3")
def test_the_sheet_explains_each_line_with_its_clause_and_facts() -> None:
    sheet = sheet_of(persons=4, home_area_sqm=Decimal("59.99"), has_no_home=True)
    by_code = {line.code: line for line in sheet.lines}
    assert [line.code for line in sheet.lines] == [line.code for line in RULES.scoring]
    assert (sheet.version, sheet.clause) == ("1", "plan/scoring")
    assert by_code["population"].facts == (("persons", 4),)
    assert (by_code["population"].quantity, by_code["population"].tenths) == (4, 12)
    # Both housing lines apply, the higher counts, and the sheet says to which the other yields.
    crowded = by_code["crowded"]
    assert (crowded.quantity, crowded.tenths, crowded.yields_to) == (1, 0, "homeless")
    assert crowded.facts == (("home_area_sqm", Decimal("59.99")), ("persons", 4))
    assert by_code["homeless"].tenths == 50
    assert sum(line.tenths for line in sheet.lines) == sheet.total


@pytest.mark.req("SCO-4")
@pytest.mark.pitfall("P15")
def test_twelve_persons_and_two_on_low_income_are_one_tie_group() -> None:
    many = household("b", persons=12, home_area_sqm=Decimal(1000))
    poor = household("a", persons=2, home_area_sqm=Decimal(1000), is_low_income=True)
    totals = score_totals(households=[many, poor], rules=RULES)
    groups = tie_groups(zip((many.number, poor.number), totals, strict=True))
    assert [(group.total, group.members) for group in groups] == [(36, ("a", "b"))]


@pytest.mark.pitfall("P15")
def test_control_with_binary_floats_the_same_tie_is_broken() -> None:
    totals = {"b": 0.3 * 12, "a": 0.3 * 2 + 3.0}
    assert totals["a"] != totals["b"]


@pytest.mark.parametrize(
    ("area", "persons", "is_crowded"),
    [
        ("30", 2, False),
        ("29.99", 2, True),
        ("45.00", 3, False),
        ("44.999999999999999999999999999999", 3, True),
    ],
)
def test_the_area_a_person_is_compared_exactly_by_cross_multiplication(
    area: str, persons: int, *, is_crowded: bool
) -> None:
    facts: dict[str, Fact] = {"home_area_sqm": Decimal(area), "persons": persons}
    assert bool(sheet_of(**facts).lines[1].quantity) is is_crowded
    assert compile_totals(RULES)([{**PLAIN, **facts}]) == [3 * persons + 20 * is_crowded]


@pytest.mark.req("SCO-4")
@given(st.lists(FACTS, max_size=30))
def test_totals_of_many_equal_their_sheets(rows: list[dict[str, Fact]]) -> None:
    sheets = [
        score_household(household=Household(number=HouseholdNumber("x"), facts=row), rules=RULES)
        for row in rows
    ]
    assert compile_totals(RULES)(iter(rows)) == [sheet.total for sheet in sheets]


LINES = st.lists(
    st.one_of(
        st.builds(
            lambda fact, most: {"per": fact} | ({"at_most_times": most} if most else {}),
            st.sampled_from(["persons", "members_over_70"]),
            st.integers(0, 3),
        ),
        st.builds(
            lambda fact, wanted: {"when": {"fact": fact, "is": wanted}},
            st.sampled_from(["has_no_home", "is_low_income"]),
            st.booleans(),
        ),
        st.builds(
            lambda fact, bounds: {"when": {"fact": fact, **bounds}},
            st.sampled_from(
                ["home_area_per_person_sqm", "home_area_sqm", "persons", "members_over_70"]
            ),
            st.dictionaries(
                st.sampled_from(["below", "at_most", "at_least", "above"]),
                st.sampled_from(["1", "2", "15", "20", "30.5"]),
                min_size=1,
            ),
        ),
    ),
    min_size=1,
    max_size=10,
)


@given(LINES, st.data(), st.lists(FACTS, min_size=1, max_size=8))
def test_totals_equal_sheets_for_any_rule_set(
    measures: list[dict[str, Any]], data: st.DataObject, rows: list[dict[str, Fact]]
) -> None:
    scoring = []
    for place, measure in enumerate(measures):
        group = data.draw(st.sampled_from([None, "a", "b"]))
        least = 0 if group else -50
        tenths = data.draw(st.integers(least, 90))
        line = {
            "code": f"line-{place}",
            "label": "x",
            "points": str(Decimal(tenths) / 10),
            "clause": f"c#{place}",
            "source": "s",
            "certainty": "C",
            **measure,
        }
        scoring.append({**line, "group": group} if group else line)
    rules = rule_set(scoring=scoring)
    expected = [
        score_household(
            household=Household(number=HouseholdNumber("x"), facts=row), rules=rules
        ).total
        for row in rows
    ]
    assert compile_totals(rules)(rows) == expected


@given(FACTS, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_facts_does_not_matter(facts: dict[str, Fact], order: Any) -> None:
    table = plan_table()
    order.shuffle(table["rules"]["scoring"])
    shuffled = list(facts.items())
    order.shuffle(shuffled)
    other = score_household(
        household=Household(number=HouseholdNumber("1"), facts=dict(shuffled)),
        rules=read_rule_set(table),
    )
    assert other.total == sheet_of(**facts).total


@given(FACTS, st.sampled_from(sorted(PLAIN)), st.integers(1, 5))
def test_a_raised_fact_never_lowers_a_score_unless_a_clause_says_so(
    facts: dict[str, Fact], fact: str, by: int
) -> None:
    before = facts[fact]
    raised = True if isinstance(before, bool) else before + by
    clause_says_so = any(
        (line.when.below, line.when.at_most) != (None, None) and fact == "home_area_sqm"
        for line in RULES.scoring
        if line.when is not None
    )
    assume(not clause_says_so)
    assert sheet_of(**{**facts, fact: raised}).total >= sheet_of(**facts).total


@given(FACTS, st.decimals(1, 50, places=2))
def test_more_area_lowers_a_score_only_by_the_line_that_says_below(
    facts: dict[str, Fact], by: Decimal
) -> None:
    before, after = (
        sheet_of(**facts),
        sheet_of(**{**facts, "home_area_sqm": facts["home_area_sqm"] + by}),
    )
    lowered = {
        one.code
        for one, other in zip(before.lines, after.lines, strict=True)
        if other.tenths < one.tenths
    }
    assert lowered <= {"crowded"}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"persons": -1}, "scoring.fact-out-of-range"),
        ({"persons": 0}, "scoring.no-persons"),
        ({"persons": True}, "scoring.wrong-fact-type"),
        ({"persons": Decimal(3)}, "scoring.wrong-fact-type"),
        ({"is_low_income": 1}, "scoring.wrong-fact-type"),
        ({"home_area_sqm": 80.0}, "scoring.wrong-fact-type"),
        ({"home_area_sqm": Decimal("NaN")}, "scoring.fact-out-of-range"),
        ({"home_area_sqm": Decimal("sNaN")}, "scoring.fact-out-of-range"),
        ({"home_area_sqm": Decimal("Infinity")}, "scoring.fact-out-of-range"),
        ({"home_area_sqm": Decimal(-1)}, "scoring.fact-out-of-range"),
    ],
)
def test_sheet_and_totals_refuse_the_same_facts(facts: dict[str, Any], code: str) -> None:
    faulty = household("7", **facts)
    fact = next(iter(facts))
    for score in (
        lambda: score_household(household=faulty, rules=RULES),
        lambda: score_totals(households=[household(), faulty], rules=RULES),
    ):
        with pytest.raises(Refusal) as refused:
            score()
        assert (refused.value.code, refused.value.facts["household"]) == (code, "7")
        assert refused.value.facts["fact"] == fact


@pytest.mark.parametrize("fact", sorted(PLAIN))
def test_a_missing_fact_is_refused_by_name_and_never_taken_for_zero(fact: str) -> None:
    facts = {name: value for name, value in PLAIN.items() if name != fact}
    lacking = Household(number=HouseholdNumber("7"), facts=facts)
    with pytest.raises(Refusal) as refused:
        score_household(household=lacking, rules=RULES)
    assert (refused.value.code, refused.value.facts["fact"]) == ("scoring.fact-missing", fact)
    with pytest.raises(Refusal) as refused_at_row:
        compile_totals(RULES)([PLAIN, facts])
    assert refused_at_row.value.facts == {"row": 2, "fact": fact}


@pytest.mark.req("SCO-2")
@given(
    st.lists(st.tuples(st.text("ab12", min_size=1), st.integers(-20, 20)), unique_by=lambda p: p[0])
)
def test_tie_groups_hold_everyone_once_and_descend(totals: list[tuple[str, int]]) -> None:
    pairs = [(HouseholdNumber(number), Tenths(total)) for number, total in totals]
    groups = tie_groups(pairs)
    assert groups == tie_groups(reversed(pairs))
    assert [group.total for group in groups] == sorted({total for _, total in totals}, reverse=True)
    assert sorted((member, group.total) for group in groups for member in group.members) == sorted(
        totals
    )


@pytest.mark.req("SCO-3")
@given(FACTS)
def test_the_public_sheet_folds_what_is_sensitive_and_keeps_the_total(
    facts: dict[str, Fact],
) -> None:
    sheet = sheet_of(**facts)
    public = published_lines(sheet)
    assert sum(line.tenths for line in public) == sheet.total
    care = public[-1]
    assert (care.code, care.quantity, care.clause) == ("care", 1, "plan/scoring#4; plan/scoring#5")
    assert {"low-income", "disability"}.isdisjoint(line.code for line in public)
    assert {"is_low_income", "has_disability"}.isdisjoint(
        fact for line in public for fact, _ in line.facts
    )


def test_a_rule_set_without_scoring_scores_nothing() -> None:
    rules = rule_set(scoring=None, scoring_clause=None)
    assert compile_totals(rules)([PLAIN, PLAIN]) == [0, 0]
    assert sheet_of(rules).total == 0


def test_a_condition_with_two_bounds_holds_between_them() -> None:
    scoring = plan_table()["rules"]["scoring"][:1]
    scoring.append(
        {
            **scoring[0],
            "code": "middle",
            "when": {"fact": "persons", "at_least": 2, "below": 4},
        }
    )
    scoring[1].pop("per")
    rules = rule_set(scoring=scoring)
    condition = rules.scoring[1].when
    assert condition is not None
    held = [condition_holds(condition, facts={"persons": persons}) for persons in (1, 2, 3, 4)]
    assert held == [False, True, True, False]
    rows = [{"persons": persons} for persons in (1, 2, 3, 4)]
    assert compile_totals(rules)(rows) == [3, 9, 12, 12]
