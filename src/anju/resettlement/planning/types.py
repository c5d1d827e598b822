"""What goes into a plan's approval, and what others see of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from anju.foundation.casework.types import CaseRow, StepLine
from anju.foundation.notices.types import NoticeStanding
from anju.resettlement.projects.types import ProjectRow
from anju_rules.procedures.types import Words
from anju_rules.statutes.editions import ClauseChange


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPaper:
    """A paper of a plan: a stored document, or the digest of what the archive keeps."""

    title: str
    document_id: UUID | None = None
    digest: str = ""
    """SM3, hexadecimal; needed where there is no document, and read from it otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A paper of a version."""

    title: str
    digest: str
    document_id: UUID | None
    """``None``: it lies in the paper archive, and the digest is that of its scan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexRow:
    """What the approval brought forth and publishes: the hearing's record, a legal opinion."""

    code: str
    """The material's code in the procedure."""
    title: Words
    document_id: UUID | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCount:
    """How the households stand to a version: counted one by one, of all of them."""

    households: int
    consenting: int
    refusing: int
    share: tuple[int, int]
    """The share of all households that must consent: two of three is (2, 3)."""
    is_closed: bool
    """Whether it was counted, so that no vote changes any more."""
    digest: str = ""
    """SM3 of the canonical list of [mark, is_for]; empty until it was counted."""

    @property
    def missing(self) -> int:
        """Households that have not said anything."""
        return self.households - self.consenting - self.refusing

    @property
    def needed(self) -> int:
        """The fewest households that make the share."""
        numerator, denominator = self.share
        return -(-numerator * self.households // denominator)

    @property
    def is_reached(self) -> bool:
        """Whether the share of *all* households consents; in whole numbers, never rounded."""
        return self.households > 0 and self.needed <= self.consenting


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of a project's plan."""

    id: UUID
    project_id: UUID
    number: int
    case_id: UUID | None
    """The case of its approval; ``None`` where it was approved on paper."""
    rule_set_id: UUID | None
    rules_version: str
    rules_digest: str
    """SM3 of the rule set that the plan's text puts into words; empty without one."""
    papers: tuple[PaperRow, ...]
    """Its text first."""
    drafted_at: datetime
    taken_over_reason: str
    approved_on: date | None
    """The day of its approval on paper."""
    counted_at: datetime | None
    in_force_at: datetime | None

    @property
    def is_taken_over(self) -> bool:
        """Whether it was approved on paper, before the platform came."""
        return self.case_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """A household's own vote."""

    version_id: UUID
    household_id: UUID
    is_for: bool
    mark: str
    """What the public list shows in place of a name."""
    code: str = field(repr=False)
    """With this the household finds its line in the public list."""
    given_at: datetime
    is_from_paper: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentLine:
    """One line of the public list."""

    mark: str
    is_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """Everything public about a project's plan."""

    project_id: UUID
    versions: tuple[VersionRow, ...]
    """The newest first."""
    in_force: VersionRow | None
    """The version that binds now, even while a newer one is being approved."""
    case: CaseRow | None
    """The approval of the newest version; ``None`` where it was taken over from paper."""
    steps: tuple[StepLine, ...]
    annexes: tuple[AnnexRow, ...]
    notice: NoticeStanding | None
    """The newest version's notice, the last one published."""
    consent: ConsentCount | None
    """Of the newest version; ``None`` where it was taken over from paper."""

    @property
    def newest(self) -> VersionRow:
        """The version that was drafted last."""
        return self.versions[0]

    @property
    def in_force_since(self) -> datetime | None:
        """Since when a version binds; ``None`` before that."""
        return self.in_force.in_force_at if self.in_force else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedProject:
    """A project that a changed clause concerns."""

    project: ProjectRow
    changes: tuple[ClauseChange, ...]
    case: CaseRow | None
    """In which its owner was prompted; ``None``: not yet."""
