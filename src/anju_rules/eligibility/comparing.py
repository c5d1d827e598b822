"""A statement beside what departments answered, line by line.

A line agrees, differs, or cannot be said yet; nothing is decided here, and a line that differs
opens a home visit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from anju_rules.departments.kinds import FOUND, NO, YES, QuestionKind
from anju_rules.eligibility.sheet import (
    Answers,
    Check,
    Group,
    Line,
    Result,
    Sheet,
    Statement,
)
from anju_rules.eligibility.texts import normal_text
from anju_rules.masking import mask_address, mask_identity_number
from anju_rules.values import Refusal, exact_decimal

BASIC_CLAUSE = "plan/eligibility#2"
COMPARISON_CLAUSE = "plan/eligibility#3"
_BETWEEN = re.compile(r"[,，、;；\s]+")


def compare_statement(
    statement: Statement,
    answers: Answers,
    *,
    on: date,
    announced_on: date | None = None,
    is_registered: bool | None = None,
) -> Sheet:
    """Lay a statement beside the answers.

    ``announced_on``: when the plan became known; a household that was split off afterwards is
    doubtful. ``is_registered``: whether the project's own register names this holder; ``None``
    where it names nobody.

    >>> sheet = compare_statement(Statement(), Answers(), on=date(2026, 6, 1))
    >>> sheet.proposes(Group.BASIC), sheet.proposes(Group.TITLE)
    (<Result.DIFFERS: 'differs'>, <Result.UNKNOWN: 'unknown'>)
    """
    return Sheet(
        lines=(
            _judge_agreement(statement, on=on),
            _judge_notary(statement),
            _judge_holder(statement, answers),
            _judge_first_time(statement, answers),
            _judge_people(statement, answers, is_registered=is_registered),
            _judge_split(answers, announced_on=announced_on),
            _judge_title(statement, answers),
            _judge_area(statement, answers),
            _judge_free(answers),
            _judge_residence(statement, answers),
        )
    )


def _line(
    check: Check, group: Group, result: Result, *, stated: str = "", answered: str = ""
) -> Line:
    return Line(
        check=check,
        group=group,
        result=result,
        code=_CODES[check],
        clause=BASIC_CLAUSE if group is Group.BASIC else COMPARISON_CLAUSE,
        stated=stated,
        answered=answered,
    )


_CODES = {
    Check.AGREEMENT: "eligibility.agreement-invalid",
    Check.NOTARISED: "eligibility.not-notarised",
    Check.HOLDER: "eligibility.not-the-holder",
    Check.FIRST_TIME: "eligibility.resettled-before",
    Check.PEOPLE: "eligibility.people-differ",
    Check.SPLIT: "eligibility.household-split",
    Check.TITLE: "eligibility.title-differs",
    Check.AREA: "eligibility.area-differs",
    Check.FREE: "eligibility.title-restricted",
    Check.RESIDENCE: "eligibility.residence-differs",
}


def _met(is_met: bool) -> Result:  # noqa: FBT001 - it turns a yes or no into a word
    return Result.AGREES if is_met else Result.DIFFERS


def _judge_agreement(statement: Statement, *, on: date) -> Line:
    agreement = statement.agreement
    signed_on = agreement.signed_on if agreement else None
    is_valid = bool(agreement and agreement.number.strip()) and (
        signed_on is not None and signed_on <= on
    )
    return _line(
        Check.AGREEMENT,
        Group.BASIC,
        _met(is_valid),
        stated=f"{agreement.number} {signed_on or ''}".strip() if agreement else "",
    )


def _judge_notary(statement: Statement) -> Line:
    number = statement.agreement.notarial_number.strip() if statement.agreement else ""
    return _line(Check.NOTARISED, Group.BASIC, _met(bool(number)), stated=number)


def _judge_holder(statement: Statement, answers: Answers) -> Line:
    """The signer must be who holds the title."""
    told = answers.of(QuestionKind.TITLE_RECORD)
    holders = _numbers(told, "holder_identity_number")
    if not statement.holder:
        result = Result.DIFFERS
    elif told is None:
        result = Result.UNKNOWN
    else:
        result = _met(statement.holder in holders)
    return _line(
        Check.HOLDER,
        Group.BASIC,
        result,
        stated=_masked([statement.holder]),
        answered=_masked(sorted(holders)),
    )


def _judge_first_time(statement: Statement, answers: Answers) -> Line:
    told = answers.of(QuestionKind.RESETTLEMENT_RECORD)
    if statement.resettled_before:
        result = Result.DIFFERS
    elif told is None:
        result = Result.UNKNOWN
    else:
        result = _met(told.get(FOUND) == NO)
    return _line(
        Check.FIRST_TIME,
        Group.BASIC,
        result,
        stated=YES if statement.resettled_before else NO,
        answered=_joined(told, FOUND, "project", "resettled_on"),
    )


def _judge_people(statement: Statement, answers: Answers, *, is_registered: bool | None) -> Line:
    """Household register and system: the same people, and the holder of our own register."""
    told = answers.of(QuestionKind.HOUSEHOLD_REGISTER)
    members, head = ("member_identity_numbers", "head_identity_number")
    registered = _numbers(told, members) | _numbers(told, head)
    stated = frozenset(statement.people)
    if is_registered is False:
        result = Result.DIFFERS
    elif told is None:
        result = Result.UNKNOWN
    else:
        result = _met(registered == stated and statement.holder in registered)
    return _line(
        Check.PEOPLE,
        Group.REGISTER,
        result,
        stated=_masked(sorted(stated)),
        answered=_masked(sorted(registered)),
    )


def _judge_split(answers: Answers, *, announced_on: date | None) -> Line:
    """A household that was split off once the project was known counts its people twice."""
    told = answers.of(QuestionKind.HOUSEHOLD_REGISTER)
    split_on = _joined(told, "split_on")
    if told is None:
        result = Result.UNKNOWN
    elif not split_on or announced_on is None:
        result = Result.AGREES
    else:
        result = _met(split_on <= announced_on.isoformat())
    return _line(Check.SPLIT, Group.REGISTER, result, answered=split_on)


def _judge_title(statement: Statement, answers: Answers) -> Line:
    told = answers.of(QuestionKind.TITLE_RECORD)
    result = Result.UNKNOWN
    if told is not None:
        certificate = normal_text(statement.certificate)
        result = _met(
            bool(certificate) and certificate == normal_text(told.get("title_number", ""))
        )
    return _line(
        Check.TITLE,
        Group.TITLE,
        result,
        stated=statement.certificate,
        answered=_joined(told, "title_number"),
    )


def _judge_area(statement: Statement, answers: Answers) -> Line:
    told = answers.of(QuestionKind.TITLE_RECORD)
    area = None if told is None else _area(told.get("area_sqm", ""))
    if told is None or area is None:
        result = Result.UNKNOWN
    else:
        result = _met(statement.area_sqm is not None and statement.area_sqm == area)
    return _line(
        Check.AREA,
        Group.TITLE,
        result,
        stated="" if statement.area_sqm is None else str(statement.area_sqm),
        answered="" if area is None else str(area),
    )


def _judge_free(answers: Answers) -> Line:
    """A dwelling that is sealed or pledged cannot be given up for another."""
    told = answers.of(QuestionKind.TITLE_RECORD)
    result = Result.UNKNOWN if told is None else _met(told.get("is_seized") == NO)
    return _line(Check.FREE, Group.TITLE, result, answered=_joined(told, "is_seized"))


def _judge_residence(statement: Statement, answers: Answers) -> Line:
    """Where they say they live, and where they are registered; one may tell more than the other."""
    told = answers.of(QuestionKind.HOUSEHOLD_REGISTER)
    if not statement.lives_there:
        result = Result.DIFFERS
    elif told is None:
        result = Result.UNKNOWN
    else:
        stated, known = normal_text(statement.address), normal_text(told.get("address", ""))
        result = _met(bool(stated and known) and (stated in known or known in stated))
    return _line(
        Check.RESIDENCE,
        Group.RESIDENCE,
        result,
        stated=mask_address(statement.address),
        answered=mask_address(_joined(told, "address")),
    )


def _numbers(told: Mapping[str, str] | None, name: str) -> frozenset[str]:
    listed = (told or {}).get(name, "")
    return frozenset(number.upper() for number in _BETWEEN.split(listed) if number)


def _joined(told: Mapping[str, str] | None, *names: str) -> str:
    return " ".join(told[name] for name in names if told.get(name)) if told else ""


def _masked(numbers: Sequence[str]) -> str:
    return "、".join(mask_identity_number(number) for number in numbers if number)


def _area(text: str) -> Decimal | None:
    """Read an area that a department wrote; what is no number says nothing."""
    try:
        return exact_decimal(text.strip())
    except Refusal:
        return None
