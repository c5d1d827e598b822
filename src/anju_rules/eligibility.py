"""Who may be resettled: the basic checks and the three comparisons (三查三比).

What a household states is laid beside what departments answered, line by line. A line agrees,
differs, or cannot be said yet; nothing is decided here, and a line that differs opens a home visit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from anju_rules.departments.kinds import FOUND, NO, YES, QuestionKind
from anju_rules.masking import mask_address, mask_identity_number
from anju_rules.values import Refusal, exact_decimal

BASIC_CLAUSE = "plan/eligibility#2"
COMPARISON_CLAUSE = "plan/eligibility#3"
_BETWEEN = re.compile(r"[,，、;；\s]+")


class Check(StrEnum):
    """What is looked at, one line each."""

    AGREEMENT = "agreement"
    NOTARISED = "notarised"
    HOLDER = "holder"
    FIRST_TIME = "first-time"
    PEOPLE = "people"
    SPLIT = "split"
    TITLE = "title"
    AREA = "area"
    FREE = "free"
    RESIDENCE = "residence"


BARS = frozenset({Check.AGREEMENT, Check.NOTARISED, Check.FIRST_TIME})
"""What no visit can settle: without it nobody is eligible. The rest is weighed, with reasons."""


class Group(StrEnum):
    """The basic checks, and the three comparisons, each a step of the procedure."""

    BASIC = "basic"
    REGISTER = "check-register"
    TITLE = "check-title"
    RESIDENCE = "check-residence"


class Result(StrEnum):
    """What a line says."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    """An answer is still missing, so nothing can be said."""


class Claim(StrEnum):
    """What a household says of a priority it may have."""

    CLAIMED = "claimed"
    WAIVED = "waived"
    UNCLAIMED = "unclaimed"


# ------------------------------------------------------------------------ what is laid side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The compensation and resettlement agreement, as it was signed."""

    number: str
    signed_on: date | None = None
    notarial_number: str = ""
    """Empty: it was not notarised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a household states of itself. Identity numbers in their normal spelling."""

    holder: str = field(default="", repr=False)
    people: tuple[str, ...] = field(default=(), repr=False)
    """Everybody who is to be resettled, the holder too."""
    agreement: Agreement | None = None
    certificate: str = field(default="", repr=False)
    """The number of the title certificate of the old dwelling."""
    area_sqm: Decimal | None = None
    address: str = field(default="", repr=False)
    lives_there: bool = False
    resettled_before: bool = False
    claims: Mapping[str, Claim] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What departments answered; a question without an answer is not there."""

    facts: Mapping[QuestionKind, Mapping[str, str]] = field(default_factory=dict, repr=False)
    contradictory: frozenset[QuestionKind] = frozenset()
    """Questions that were answered twice, and not alike."""

    def of(self, question: QuestionKind) -> Mapping[str, str] | None:
        """Give the answer to a question, unless there is none, or there are two."""
        return None if question in self.contradictory else self.facts.get(question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the sheet: what was stated beside what was answered, masked as it is shown."""

    check: Check
    group: Group
    result: Result
    code: str
    """What is to be said where it does not agree: the code of a refusal."""
    clause: str
    stated: str
    answered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The sheet of the basic checks and the three comparisons (三查三比对照表)."""

    lines: tuple[Line, ...]

    def of(self, group: Group) -> tuple[Line, ...]:
        """Give the lines of one group."""
        return tuple(line for line in self.lines if line.group is group)

    def proposes(self, group: Group) -> Result:
        """Say what a group amounts to: one line that differs makes it differ."""
        results = {line.result for line in self.of(group)}
        for result in (Result.DIFFERS, Result.UNKNOWN):
            if result in results:
                return result
        return Result.AGREES

    @property
    def doubts(self) -> tuple[Line, ...]:
        """The lines that differ: each asks for a home visit."""
        return tuple(line for line in self.lines if line.result is Result.DIFFERS)

    def require(self, checks: Collection[Check], *, allows_unknown: bool = False) -> None:
        """Refuse with the code of the first of these lines that differs.

        Where an answer is missing, with ``eligibility.unanswered``.
        """
        asked = [line for line in self.lines if line.check in checks]
        for line in asked:
            if line.result is Result.DIFFERS:
                raise Refusal(line.code, clause=line.clause, check=line.check.value)
        for line in asked:
            if line.result is Result.UNKNOWN and not allows_unknown:
                raise Refusal("eligibility.unanswered", clause=line.clause, check=line.check.value)


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


def normal_text(text: str) -> str:
    """Give a number or an address as it is compared: half-width, upper case, no blanks or signs.

    >>> normal_text("鲁（2020）济南市 不动产权第0001234号")
    '鲁2020济南市不动产权第0001234号'
    """
    spelled = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in spelled if letter.isalnum())


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


_PROVEN_BY_GRADE: Mapping[str, frozenset[str]] = {
    "低保": frozenset({"is_low_income"}),
    "特困": frozenset({"is_low_income"}),
}
"""What a grade of the hardship record proves, as the facts that rule sets ask for."""


def proven_claims(answers: Answers, *, on: date) -> frozenset[str]:
    """Give the claims that the hardship record proves on a day."""
    told = answers.of(QuestionKind.HARDSHIP_RECORD)
    if told is None or told.get(FOUND) != YES or told.get("valid_until", "") < on.isoformat():
        return frozenset()
    return _PROVEN_BY_GRADE.get(told.get("grade", ""), frozenset())
