"""Values of a review: what is stated, what is answered, and the sheet of lines between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from anju_rules.departments.kinds import QuestionKind
from anju_rules.values import Refusal


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
