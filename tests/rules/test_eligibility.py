"""The basic checks, the three comparisons, applications that meet, and what earns nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from anju_rules.applications import Applicant, Repeat, Roll, Standing, earning_claims, find_repeats
from anju_rules.departments.kinds import QuestionKind
from anju_rules.eligibility.claims import proven_claims
from anju_rules.eligibility.comparing import compare_statement
from anju_rules.eligibility.sheet import (
    BARS,
    Agreement,
    Answers,
    Check,
    Claim,
    Group,
    Result,
    Sheet,
    Statement,
)
from anju_rules.eligibility.texts import normal_text
from anju_rules.values import Refusal
from tests.support.statements import Facts, answers_to, person, statement_of

TODAY = date(2026, 6, 1)
REGISTER, TITLE = QuestionKind.HOUSEHOLD_REGISTER, QuestionKind.TITLE_RECORD
RESETTLED = QuestionKind.RESETTLEMENT_RECORD


def sheet_of(statement: Statement, facts: Facts | None = None, **known: object) -> Sheet:
    told = answers_to(statement_of(1), 1) if facts is None else facts
    return compare_statement(statement, Answers(facts=told), on=TODAY, **known)  # type: ignore[arg-type]


def changed(kind: QuestionKind, **facts: str) -> Facts:
    """Give the departments' answers, one of them otherwise."""
    told = answers_to(statement_of(1), 1)
    return told | {kind: told[kind] | facts}


def differing(sheet: Sheet) -> list[Check]:
    return [line.check for line in sheet.doubts]


@pytest.mark.req("ELG-2", "ELG-3")
def test_a_household_that_states_the_truth_agrees_in_every_line() -> None:
    sheet = sheet_of(statement_of(1), is_registered=True)
    assert {line.result for line in sheet.lines} == {Result.AGREES}
    assert {line.check for line in sheet.lines} == set(Check)
    assert all(sheet.proposes(group) is Result.AGREES for group in Group)
    assert all(person(1) not in line.stated + line.answered for line in sheet.lines)


@pytest.mark.req("ELG-2", "ELG-3")
@pytest.mark.parametrize(
    ("stated", "facts", "wrong"),
    [
        ({"agreement": None}, None, [Check.AGREEMENT, Check.NOTARISED]),
        (
            {"agreement": Agreement(number="XY", signed_on=date(2026, 6, 2), notarial_number="1")},
            None,
            [Check.AGREEMENT],
        ),
        (
            {"agreement": Agreement(number="XY", signed_on=TODAY, notarial_number=" ")},
            None,
            [Check.NOTARISED],
        ),
        ({}, changed(TITLE, holder_identity_number=person(2)), [Check.HOLDER]),
        ({"resettled_before": True}, None, [Check.FIRST_TIME]),
        ({}, changed(RESETTLED, found="yes", project="旧项目"), [Check.FIRST_TIME]),
        ({"people": (person(1),)}, None, [Check.PEOPLE]),
        ({}, changed(REGISTER, split_on="2026-05-02"), [Check.SPLIT]),
        ({}, changed(TITLE, title_number="鲁(2001)济南市不动产权第0000002号"), [Check.TITLE]),
        ({"area_sqm": Decimal("62.51")}, None, [Check.AREA]),
        ({}, changed(TITLE, is_seized="yes"), [Check.FREE]),
        ({"lives_there": False}, None, [Check.RESIDENCE]),
        ({"address": "别处1号"}, None, [Check.RESIDENCE]),
    ],
)
def test_each_thing_that_is_not_so_makes_its_own_line_differ(
    stated: dict[str, object], facts: Facts | None, wrong: list[Check]
) -> None:
    sheet = sheet_of(statement_of(1, **stated), facts, announced_on=date(2026, 5, 1))
    assert differing(sheet) == wrong
    with pytest.raises(Refusal) as caught:
        sheet.require(wrong)
    assert caught.value.clause.startswith("plan/eligibility#")


def test_a_register_of_ours_that_names_another_holder_is_a_doubt() -> None:
    assert differing(sheet_of(statement_of(1), is_registered=False)) == [Check.PEOPLE]


def test_without_an_answer_or_with_two_nothing_agrees() -> None:
    told = answers_to(statement_of(1), 1)
    silent = sheet_of(statement_of(1), {})
    torn = compare_statement(
        statement_of(1), Answers(facts=told, contradictory=frozenset({TITLE})), on=TODAY
    )
    for sheet in (silent, torn):
        assert sheet.proposes(Group.TITLE) is Result.UNKNOWN
        assert not sheet.doubts
        with pytest.raises(Refusal, match=r"eligibility\.unanswered"):
            sheet.require({Check.TITLE})
    silent.require(BARS, allows_unknown=True)
    with pytest.raises(Refusal, match=r"eligibility\.unanswered"):
        silent.require(BARS)
    nonsense = sheet_of(statement_of(1), changed(TITLE, area_sqm="约62平"))
    assert nonsense.proposes(Group.TITLE) is Result.UNKNOWN


@pytest.mark.pitfall("P5")
def test_siblings_meet_nobody_and_one_identity_number_always_does() -> None:
    elder = Applicant(
        key="1", holder=person(1, born="19700101"), name="王一", born_on=date(1970, 1, 1)
    )
    younger = Applicant(
        key="2", holder=person(2, born="19750505"), name="王乙", born_on=date(1975, 5, 5)
    )
    assert find_repeats(elder, [younger]) == ()
    unnumbered = replace(younger, holder="")
    assert find_repeats(elder, [unnumbered]) == ()  # surname and initial are no ground
    twin = replace(unnumbered, name="王 一", born_on=date(1970, 1, 1))
    assert [one.repeat for one in find_repeats(elder, [twin])] == [Repeat.SAME_NAME_AND_BIRTH]
    again = replace(younger, holder=elder.holder)
    assert [one.repeat for one in find_repeats(elder, [again])] == [Repeat.SAME_HOLDER]
    assert find_repeats(elder, [elder]) == ()


@pytest.mark.pitfall("P5")
@pytest.mark.parametrize(
    ("other", "repeat"),
    [
        ({"people": frozenset({"mother"})}, Repeat.SHARED_PERSON),
        ({"holder": "mother"}, Repeat.SHARED_PERSON),
        ({"register": "R-1"}, Repeat.SAME_REGISTER),
        ({"dwelling": "D-1"}, Repeat.SAME_DWELLING),
    ],
)
def test_split_households_and_one_dwelling_meet(other: dict[str, object], repeat: Repeat) -> None:
    own = Applicant(
        key="1", holder="son", people=frozenset({"son", "mother"}), register="R-1", dwelling="D-1"
    )
    theirs = replace(Applicant(key="2", holder="daughter"), **other)  # type: ignore[arg-type]
    assert [one.repeat for one in find_repeats(own, [theirs])] == [repeat]
    assert repeat.is_bar is (repeat is Repeat.SHARED_PERSON)
    for gone in (Standing.REFUSED, Standing.WITHDRAWN):
        assert find_repeats(own, [replace(theirs, standing=gone)]) == ()


@pytest.mark.pitfall("P4")
def test_what_is_withdrawn_waived_or_never_claimed_earns_nothing() -> None:
    claims = {"a": Claim.CLAIMED, "b": Claim.WAIVED, "c": Claim.UNCLAIMED, "d": Claim.CLAIMED}
    everything = ["a", "b", "c"]
    earned = {
        standing: earning_claims(claims, proven=everything, standing=standing)
        for standing in Standing
    }
    assert earned[Standing.CONFIRMED] == earned[Standing.OPEN] == {"a"}
    assert not earned[Standing.WITHDRAWN] | earned[Standing.REFUSED] | earned[Standing.NONE]
    assert {standing: standing.roll for standing in Standing} == {
        Standing.NONE: Roll.UNDECIDED,
        Standing.OPEN: Roll.DISPUTED,
        Standing.CONFIRMED: Roll.MAIN,
        Standing.REFUSED: Roll.OUT,
        Standing.WITHDRAWN: Roll.OUT,
    }


def test_a_hardship_record_proves_what_it_says_while_it_is_valid() -> None:
    told = {"found": "yes", "grade": "低保", "valid_until": "2026-06-01"}
    answers = Answers(facts={QuestionKind.HARDSHIP_RECORD: told})
    assert proven_claims(answers, on=TODAY) == {"is_low_income"}
    assert proven_claims(answers, on=date(2026, 6, 2)) == frozenset()
    assert proven_claims(Answers(), on=TODAY) == frozenset()
    assert normal_text("ＡＢ（1） 号") == "AB1号"
