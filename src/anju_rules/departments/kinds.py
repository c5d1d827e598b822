"""Which departments there are, what each answers, what they must be told for it, and how fast.

The list of departments is that of the responsibility agreements (协同责任书); the contract that is
published for them is ``docs/algorithms/department-exchange.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from anju_rules.procedures.types import Words
from anju_rules.values import Refusal

SHARE_LIMIT = timedelta(hours=24)
"""Within this a department shares what it was asked for; ``agreement/duties#3``."""
URGENT_LIMIT = timedelta(hours=2)
"""Within this it answers an urgent question; ``agreement/duties#4``."""
SHARE_CLAUSE, URGENT_CLAUSE = "agreement/duties#3", "agreement/duties#4"
FOUND, YES, NO = "found", "yes", "no"
_PERSON = ("identity_number", "name")
_PERSON_OF_HOME = (*_PERSON, "unit_code")


class QuestionKind(StrEnum):
    """What is asked; the same words as the materials of the procedures."""

    HOUSEHOLD_REGISTER = "household-register"
    TITLE_RECORD = "title-record"
    RESETTLEMENT_RECORD = "resettlement-record"
    HARDSHIP_RECORD = "hardship-record"
    TAX_PROOF = "tax-proof"


class QuestionState(StrEnum):
    """How a question stands."""

    ASKED = "asked"
    LATE = "late"
    """Nobody answered within the limit; it is asked on."""
    ANSWERED = "answered"
    CONTRADICTORY = "contradictory"
    """Two answers do not say the same: both are kept, and a person looks."""
    FAILED = "failed"
    """The department said that it cannot, or was silent for too long."""

    @property
    def is_open(self) -> bool:
        """Whether an answer is still waited for."""
        return self in {QuestionState.ASKED, QuestionState.LATE}


OPEN_STATES = tuple(state.value for state in QuestionState if state.is_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One kind of question."""

    kind: QuestionKind
    title: Words
    department: str
    needs: tuple[str, ...]
    """What the department is told of the subject: this, no more and no less (PIPL 6)."""
    facts: tuple[str, ...]
    """What it answers where it has a record, beside ``found``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department with a responsibility agreement."""

    code: str
    title: Words


DEPARTMENTS: Mapping[str, Department] = {
    code: Department(code=code, title=Words(zh, en))
    for code, zh, en in (
        ("housing", "住房和城乡建设部门", "housing"),
        ("development-reform", "发展和改革部门", "development and reform"),
        ("finance", "财政部门", "finance"),
        ("civil-affairs", "民政部门", "civil affairs"),
        ("natural-resources", "自然资源部门", "natural resources"),
        ("justice", "司法行政部门", "justice"),
        ("tax", "税务部门", "tax"),
        ("public-security", "公安部门", "public security"),
        ("registration", "不动产登记机构", "registration"),
    )
}
QUESTIONS: Mapping[QuestionKind, Question] = {
    question.kind: question
    for question in (
        Question(
            kind=QuestionKind.HOUSEHOLD_REGISTER,
            title=Words("户籍登记信息", "household register"),
            department="public-security",
            needs=_PERSON,
            facts=(
                "household_number",
                "head_name",
                "head_identity_number",
                "address",
                "persons",
                "member_identity_numbers",
                "split_on",
            ),
        ),
        Question(
            kind=QuestionKind.TITLE_RECORD,
            title=Words("不动产登记信息", "title record"),
            department="registration",
            needs=_PERSON,
            facts=(
                "title_number",
                "holder_name",
                "holder_identity_number",
                "address",
                "area_sqm",
                "is_seized",
            ),
        ),
        Question(
            kind=QuestionKind.RESETTLEMENT_RECORD,
            title=Words("既往安置记录", "earlier resettlement record"),
            department="housing",
            needs=_PERSON,
            facts=("project", "address", "resettled_on"),
        ),
        Question(
            kind=QuestionKind.HARDSHIP_RECORD,
            title=Words("困难家庭认定信息", "hardship record"),
            department="civil-affairs",
            needs=_PERSON,
            facts=("grade", "valid_until"),
        ),
        Question(
            kind=QuestionKind.TAX_PROOF,
            title=Words("契税完税或者减免税信息", "deed tax paid or exempted"),
            department="tax",
            needs=_PERSON_OF_HOME,
            facts=("voucher_number", "unit_code", "says", "amount_fen", "paid_on"),
        ),
    )
}

ABOUT_HOUSEHOLDS = tuple(kind for kind, one in QUESTIONS.items() if one.needs == _PERSON)
"""What may be asked of a family by its holder's name and number alone."""


def department_by_code(code: str) -> Department:
    """Give a department; refuses with ``departments.unknown``."""
    found = DEPARTMENTS.get(code)
    if found is None:
        raise Refusal("departments.unknown", department=code)
    return found


def limit_of(*, is_urgent: bool) -> timedelta:
    """Give how long an answer may take."""
    return URGENT_LIMIT if is_urgent else SHARE_LIMIT


def require_fields(kind: QuestionKind, fields: Mapping[str, str]) -> None:
    """Refuse with ``departments.fields-differ`` to tell more or less than the question needs."""
    needs = QUESTIONS[kind].needs
    if set(fields) != set(needs) or not all(value.strip() for value in fields.values()):
        raise Refusal("departments.fields-differ", kind=kind.value, needs="、".join(needs))


def are_facts_whole(kind: QuestionKind, facts: Mapping[str, str]) -> bool:
    """Whether facts are what the contract says: none but ``found`` of what is not on record.

    >>> are_facts_whole(QuestionKind.HARDSHIP_RECORD, {"found": "no"})
    True
    >>> are_facts_whole(QuestionKind.HARDSHIP_RECORD, {"found": "yes", "grade": "低保"})
    False
    """
    if facts.get(FOUND) == NO:
        return set(facts) == {FOUND}
    return facts.get(FOUND) == YES and set(facts) == {FOUND, *QUESTIONS[kind].facts}


def differing_facts(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """Give the names under which two answers to one question do not say the same.

    >>> differing_facts({"found": "yes", "grade": "低保"}, {"found": "no"})
    ('found', 'grade')
    """
    return tuple(name for name in sorted({*one, *other}) if one.get(name) != other.get(name))
