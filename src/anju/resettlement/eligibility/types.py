"""What goes into reviews of eligibility, and what others see of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anju.foundation.casework.types import CaseRow
from anju_rules.applications import Repeat, Standing
from anju_rules.eligibility.sheet import Claim, Sheet, Statement

REVIEW = "eligibility-review"
OBJECTION = "objection"


class NoticeStep(StrEnum):
    """The two steps of a review that are notices."""

    FIRST = "first-notice"
    FINAL = "final-notice"

    @property
    def label(self) -> str:
        """What the notice is called."""
        return "初审结果" if self is NoticeStep.FIRST else "终审结果"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One round of a household's review."""

    id: UUID
    """Its case; of a review taken over from paper, an id of its own."""
    project_id: UUID
    household_id: UUID
    round: int
    standing: Standing
    take_over_id: UUID | None
    opened_at: datetime
    decided_at: datetime | None
    street_by: UUID | None
    district_by: UUID | None
    city_by: UUID | None
    visited_at: datetime | None
    case: CaseRow | None
    """``None`` where it was taken over from paper."""

    @property
    def is_taken_over(self) -> bool:
        """Whether it was finished on paper, before the platform came."""
        return self.take_over_id is not None

    @property
    def approver(self) -> UUID | None:
        """Who had the last word; ``None`` while nobody has had it."""
        if self.standing is not Standing.CONFIRMED:
            return None
        return self.city_by or self.district_by


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """What a household stated, in one version."""

    version: int
    statement: Statement
    stated_by: UUID
    stated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """Another application that meets this one, wherever in the city it is."""

    project_id: UUID
    household_id: UUID
    repeat: Repeat
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """What a department answered, as it lies beside the statement."""

    kind: str
    department: str
    state: str
    answered_at: datetime | None
    is_late: bool
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSheet:
    """The comparisons as they stood when a step was decided on them."""

    step: str
    outcome: str
    digest: str
    made_at: datetime
    made_by: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRow:
    """An objection, and what became of it."""

    id: UUID
    """Its case."""
    project_id: UUID
    notice_id: UUID
    step: NoticeStep
    review_id: UUID
    about_id: UUID
    household_id: UUID | None
    lodged_at: datetime
    ended_at: datetime | None
    is_upheld: bool | None
    """``None`` while it runs, and where it was withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRow:
    """A notice in which a review stood."""

    notice_id: UUID
    step: NoticeStep
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """An entry of a notice, found by the number that everybody reads."""

    case_id: UUID
    household_id: UUID
    step: NoticeStep
    division: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFile:
    """Everything that a review is decided on, beside each other."""

    review: ReviewRow
    statement: StatementRow | None
    answers: tuple[AnswerRow, ...]
    sheet: Sheet
    """Statement, answer and finding, line by line."""
    meetings: tuple[MeetingRow, ...]
    differing: frozenset[str]
    """The comparisons of which somebody said that they differ."""
    kept: tuple[KeptSheet, ...]
    published: tuple[PublishedRow, ...]
    objections: tuple[ObjectionRow, ...]
    claims: Mapping[str, Claim]
    earning: frozenset[str]
    """The claims that count: claimed, proven, and not withdrawn."""

    @property
    def asks_visit(self) -> bool:
        """Whether a doubt stands for which nobody has been at the home."""
        has_doubt = bool(self.sheet.doubts or self.meetings or self.differing)
        return has_doubt and self.review.visited_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObjector:
    """Who objects where no household's account does."""

    name: str = field(repr=False)
    contact: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What came of one household of a bulk act: a case, or why not."""

    household_id: UUID
    case_id: UUID | None
    code: str
    """The refusal's code; empty where it was done."""
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCounts:
    """How a project's households stand."""

    households: int
    by_standing: Mapping[Standing, int]
    by_step: Mapping[str, int]
    """Open reviews by the step they wait at; ``intake`` before acceptance."""
    objections: int
    """Objections that run."""
