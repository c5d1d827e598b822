"""Judging a record of choices: the real event, mutations of it, and small records made by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import replay
from anju_rules.policy import AreaBudget, RuleSet
from anju_rules.replay import RecordedChoice, ReplayReport, judge_choices
from anju_rules.turns import Turn, TurnRow, reconstruct_turns
from anju_rules.values import AreaSqm, Home, Household, HouseholdNumber, UnitNumber
from tests.support.choice_mutations import Mutation, Mutator, SelectionEvent, read_selection_event
from tests.support.rule_sets import plan_table, rule_set

RULES = rule_set()
SEED = 20260601


@pytest.fixture(scope="module")
def event() -> SelectionEvent:
    return read_selection_event()


@pytest.fixture(scope="module")
def mutations(event: SelectionEvent) -> list[Mutation]:
    return list(Mutator(event, SEED).mutations(200))


def misjudged(
    event: SelectionEvent, mutations: Iterable[Mutation], rules: RuleSet | None = None
) -> list[str]:
    """Tell of the mutations that are not refused once, with the right code, and nothing else."""
    return [
        f"{mutation.kind}: {dict(report.refused)} {mutation.told}"
        for mutation in mutations
        if dict((report := event.judge(mutation.choices, rules=rules)).refused)
        != {mutation.code: 1}
    ]


@pytest.mark.req("SEL-2")
def test_every_choice_of_the_real_selection_is_lawful(event: SelectionEvent) -> None:
    report = event.judge()
    assert (report.choices, report.accepted, dict(report.refused)) == (3472, 3472, {})
    assert all(judgement.is_accepted for judgement in report.judgements)


@pytest.mark.req("SEL-2")
def test_just_six_turns_of_the_real_selection_are_late(event: SelectionEvent) -> None:
    rows = [
        TurnRow(choice.household, event.lottery_numbers[choice.household], choice.seconds)
        for choice in event.choices
    ]
    explanations = reconstruct_turns(rows)
    assert len(explanations) == 1
    late = {
        row.number for row, turn in zip(rows, explanations[0], strict=True) if turn is Turn.LATE
    }
    assert late == {174, 240, 939, 961, 1030, 1217}


@pytest.mark.req("SEL-2")
@pytest.mark.pitfall("P9")
@pytest.mark.pitfall("P10")
@pytest.mark.pitfall("P11")
def test_two_hundred_mutations_are_all_refused_and_nothing_else_is(
    event: SelectionEvent, mutations: list[Mutation]
) -> None:
    assert {mutation.kind for mutation in mutations} == {
        "home-taken",
        "over-budget",
        "second-home",
        "excluded",
        "moved",
        "inserted",
        "relabelled",
    }
    assert misjudged(event, mutations) == []


def few(mutations: list[Mutation], kind: str) -> list[Mutation]:
    return [mutation for mutation in mutations if mutation.kind == kind][:5]


def test_control_without_the_budget_larger_homes_pass(
    event: SelectionEvent, mutations: list[Mutation]
) -> None:
    assert isinstance(event.rules.entitlement, AreaBudget)
    entitlement = dataclasses.replace(
        event.rules.entitlement, excess_below_sqm=AreaSqm(Decimal(10_000))
    )
    rules = dataclasses.replace(event.rules, entitlement=entitlement)
    found = misjudged(event, few(mutations, "over-budget"), rules)
    assert len(found) == 5


@pytest.mark.parametrize("kind", ["second-home", "excluded"])
def test_control_without_community_limits_they_pass(
    event: SelectionEvent, mutations: list[Mutation], kind: str
) -> None:
    rules = dataclasses.replace(event.rules, communities=None)
    assert len(misjudged(event, few(mutations, kind), rules)) == 5


def test_control_without_a_memory_of_holders_a_home_is_given_twice(
    event: SelectionEvent, mutations: list[Mutation], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(dict[UnitNumber, HouseholdNumber]):
        def get(self, *_: object) -> None:  # type: ignore[override]
            return None

    class Judge(replay._Judge):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]
            self._holders = Forgetful()

    monkeypatch.setattr(replay, "_Judge", Judge)
    assert len(misjudged(event, few(mutations, "home-taken"))) == 5


@pytest.mark.parametrize("kind", ["moved", "inserted", "relabelled"])
def test_control_without_turns_nobody_is_out_of_turn(
    event: SelectionEvent, mutations: list[Mutation], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_on_time(rows: list[TurnRow]) -> list[list[Turn]]:
        return [[Turn.ON_TIME] * len(rows)]

    monkeypatch.setattr(replay, "reconstruct_turns", all_on_time)
    assert len(misjudged(event, few(mutations, kind))) == 5


# ------------------------------------------------------------------- small records made by hand


def record(
    told: str,
    numbers: dict[str, int],
    *,
    rules: RuleSet = RULES,
    seconds: list[int] | None = None,
    claimed: dict[int, int] | None = None,
) -> ReplayReport:
    """Judge a record told as households' letters, each taking a home of its own."""
    choices = [
        RecordedChoice(
            seq=place,
            household=HouseholdNumber(letter),
            unit=UnitNumber(f"u{place}"),
            seconds=None if seconds is None else seconds[place],
            lottery_number=(claimed or {}).get(place, numbers.get(letter)),
        )
        for place, letter in enumerate(told)
    ]
    return judge_choices(
        choices=choices,
        households={
            HouseholdNumber(letter): Household(
                number=HouseholdNumber(letter), facts={"confirmed_area_sqm": Decimal(1000)}
            )
            for letter in {*numbers, *"ABC"}
        },
        homes={
            choice.unit: Home(number=choice.unit, area_sqm=AreaSqm(Decimal(50)))
            for choice in choices
        },
        lottery_numbers={HouseholdNumber(letter): n for letter, n in numbers.items()},
        rules=rules,
    )


def refused(report: ReplayReport) -> dict[int, str]:
    return {
        judgement.choice.seq: judgement.refusal.code.removeprefix("selection.")
        for judgement in report.judgements
        if judgement.refusal is not None
    }


ABCDE = {"A": 1, "B": 2, "C": 3, "D": 4, "E": 5}
OUT = "not-your-turn"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("AABBBCC", {}),
        ("ACCBDE", {}),  # of two neighbours turned round the one that comes second is late
        ("BCDEA", {}),  # late at the end
        ("AABACC", {2: OUT}),  # B has not been called: A has not finished
        ("AABABBCC", {2: OUT}),
        ("ABBABCC", {3: OUT}),  # A had its go
        ("ABBCCADD", {5: OUT}),
        ("EABBCCDDEE", {0: OUT}),  # before its number was reached
        ("AAEBBCCDDEE", {2: OUT}),
        ("BBCCADDEEA", {9: OUT}),  # late once is late, twice is not
        ("AACCBBCCDD", {4: OUT, 5: OUT}),  # two rows of B inside C's go of four
    ],
)
def test_turns_are_read_back_from_the_order_alone(told: str, expected: dict[int, str]) -> None:
    assert refused(record(told, ABCDE)) == expected


@pytest.mark.parametrize(
    ("told", "seconds", "expected"),
    [
        ("AABBCC", [0, 0, 9, 9, 20, 20], {}),
        ("BBACC", [9, 9, 9, 20, 20], {2: OUT}),  # late, but at B's moment
        ("BBACC", [9, 9, 12, 20, 20], {}),
        ("BBACC", [9, 9, 3, 20, 20], {2: OUT}),  # its moment lies before its place
        ("ABCCDD", [0, 0, 9, 9, 20, 20], {1: OUT}),  # two singles at one moment: the later one
        ("ABBCC", [0, 9, 10, 20, 20], {}),  # a go may last
    ],
)
def test_one_turn_at_a_time(told: str, seconds: list[int], expected: dict[int, str]) -> None:
    # Lawful goes around, for moments are evidence only where most of the record is clear.
    numbers = {**ABCDE, **{letter: 10 + place for place, letter in enumerate("FGHIJKLM")}}
    shown = record(told + "FGHIJKLM", numbers, seconds=[*seconds, *range(30, 110, 10)])
    assert refused(shown) == expected


def test_moments_that_many_share_say_nothing() -> None:
    assert refused(record("AABBCCDD", ABCDE, seconds=[0, 0, 0, 0, 1, 1, 1, 1])) == {}


def test_households_with_one_number_come_in_any_order() -> None:
    for told in ("ABBCCD", "ACCBBD"):
        assert refused(record(told, {"A": 1, "B": 2, "C": 2, "D": 3})) == {}


@pytest.mark.parametrize("late", ["refused", None])
def test_a_late_turn_is_refused_where_the_plan_does_not_allow_it(late: str | None) -> None:
    turns = None if late is None else {"late": late, "clause": "plan/selection#6"}
    rules = rule_set(turns=turns)
    assert refused(record("BBAACC", ABCDE, rules=rules)) == {2: "late-turn", 3: "late-turn"}


def test_what_the_record_claims_must_agree_with_the_register() -> None:
    assert refused(record("AABB", ABCDE, claimed={1: 7})) == {1: "wrong-number"}


def test_what_nobody_knows_is_refused_and_disturbs_nobody() -> None:
    assert refused(record("AXABCB", {"A": 1, "B": 2})) == {
        1: "household-unknown",
        4: "household-without-number",
    }


def test_a_home_that_is_not_in_the_table_is_refused() -> None:
    household = Household(number=HouseholdNumber("A"), facts={"confirmed_area_sqm": Decimal(100)})
    report = judge_choices(
        choices=[RecordedChoice(seq=1, household=household.number, unit=UnitNumber("9"))],
        households={household.number: household},
        homes={},
        lottery_numbers={household.number: 1},
        rules=RULES,
    )
    assert refused(report) == {1: "unit-unknown"}


@pytest.mark.pitfall("P11")
def test_a_refused_choice_holds_nothing() -> None:
    numbers = {HouseholdNumber("A"): 1, HouseholdNumber("B"): 2}
    households = {
        number: Household(number=number, facts={"confirmed_area_sqm": Decimal(budget)})
        for number, budget in zip(numbers, (0, 100), strict=True)
    }
    unit = UnitNumber("1")
    homes = {unit: Home(number=unit, area_sqm=AreaSqm(Decimal(70)))}
    told = ("A", "B", "B")
    report = judge_choices(
        choices=[
            RecordedChoice(seq=place, household=HouseholdNumber(letter), unit=unit)
            for place, letter in enumerate(told)
        ],
        households=households,
        homes=homes,
        lottery_numbers=numbers,
        rules=RULES,
    )
    assert refused(report) == {0: "over-area-budget", 2: "unit-already-held"}
    assert dict(report.refused) == {
        "selection.over-area-budget": 1,
        "selection.unit-already-held": 1,
    }


def test_reserved_homes_open_after_the_last_turn_of_the_stratum() -> None:
    table = plan_table()["rules"]["needs"]
    rules = rule_set(needs=table)
    strata = {"A": "优先户", "B": "普通户"}
    households = {
        HouseholdNumber(letter): Household(
            number=HouseholdNumber(letter),
            stratum=stratum,
            facts={"confirmed_area_sqm": Decimal(100)},
        )
        for letter, stratum in strata.items()
    }
    homes = {
        UnitNumber(str(place)): Home(
            number=UnitNumber(str(place)),
            area_sqm=AreaSqm(Decimal(50)),
            floor=1,
            reserved_for="barrier-free",
        )
        for place in range(2)
    }
    report = judge_choices(
        choices=[
            RecordedChoice(seq=0, household=HouseholdNumber("A"), unit=UnitNumber("0")),
            RecordedChoice(seq=1, household=HouseholdNumber("B"), unit=UnitNumber("1")),
        ],
        households=households,
        homes=homes,
        lottery_numbers={HouseholdNumber("A"): 1, HouseholdNumber("B"): 2},
        rules=rules,
    )
    assert refused(report) == {0: "home-reserved"}


@given(st.text("ABCDE", max_size=24), st.booleans(), st.data())
def test_any_record_is_judged_and_accepted_goes_are_whole(
    told: str, with_seconds: bool, data: st.DataObject
) -> None:
    seconds = (
        data.draw(st.lists(st.integers(0, 30), min_size=len(told), max_size=len(told)))
        if with_seconds
        else None
    )
    report = record(told, ABCDE, seconds=seconds)
    assert report.accepted + sum(report.refused.values()) == len(told)
    accepted = [one.choice.household for one in report.judgements if one.is_accepted]
    # What is accepted is one go a household, whole.
    changes = sum(one != other for one, other in pairwise(accepted))
    assert changes + bool(accepted) == len(set(accepted))


@given(st.permutations("ABCDE"))
def test_households_that_come_in_any_order_once_each_are_on_time_or_late(order: list[str]) -> None:
    report = record("".join(letter * 2 for letter in order), ABCDE)
    assert set(report.refused) <= {"selection.not-your-turn"}
    # Whoever comes with nobody of a higher number before it in the called order is never late.
    assert refused(record("".join(sorted(order)), ABCDE)) == {}
