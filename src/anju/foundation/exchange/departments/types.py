"""What others see of questions to departments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from anju_rules.departments.kinds import QuestionKind, QuestionState
from anju_rules.departments.messages import Signed
from anju_rules.procedures.types import Words

__all__ = [
    "Answer",
    "DepartmentRecord",
    "DueQuestion",
    "QuestionKind",
    "QuestionRow",
    "QuestionState",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a department says to one question; of a question still open, that it is asked.

    A contradictory question has several, one for each thing that was said.
    """

    question_id: UUID
    kind: QuestionKind
    department: str
    state: QuestionState
    facts: Mapping[str, str] = field(repr=False)
    """``found`` and what the kind's question lists; empty while nothing has come."""
    source: str
    """The register it comes from, as the department names it."""
    reason: str
    """Why the department cannot answer."""
    asked_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    """By the department's clock; ``None`` while nothing has come."""
    is_late: bool
    """Whether the limit passed before an answer came."""
    differing: tuple[str, ...]
    """Names of facts in which it differs from the first answer to the same question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A question as it stands; nothing in it names a person."""

    id: UUID
    project_id: UUID
    subject_kind: str
    subject_id: UUID
    household_id: UUID | None
    kind: QuestionKind
    department: str
    is_urgent: bool
    commitment: str
    state: QuestionState
    asked_at: datetime
    answer_by: datetime
    received_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueQuestion:
    """A question whose turn it is to be sent, with the very message that was signed."""

    project_id: UUID
    id: UUID
    department: str
    silence_noted_from: datetime
    """From when on silence is to be noted: as a breach, and at last as the end of asking."""
    answer_by: datetime
    attempts: int
    is_received: bool
    """Whether the department has confirmed already that it has it."""
    request: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentRecord:
    """How a department keeps what it agreed to, counted over the projects in sight."""

    department: str
    title: Words
    asked: int
    answered: int
    within_limit: int
    """Answered, and no limit passed before."""
    waiting: int
    contradictory: int
    failed: int
    breaches: int
    urgent_breaches: int
    unreachable: int
    """Breaches while its address did not answer: perhaps the line's fault, not the department's."""
    typical: timedelta | None
    """The median of how long answers took, by our clock."""
