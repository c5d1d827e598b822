"""What others see of legacy problems, and what they hand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from anju_rules.procedures.types import Words
from anju_rules.shares import Share
from anju_rules.triage.planning import CommunityPlan
from anju_rules.triage.types import Community, OwedBy
from anju_rules.values import Fen, Refusal

BlockerState = Literal["absent", "open", "working", "blocked", "solved"]
SpentOn = Literal["archive", "survey", "appraisal", "legal", "other"]
ExpenseState = Literal["recorded", "claimed", "recovered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered to one kind's question for one building."""

    stands: bool
    """Whether there is such a problem."""
    facts: str = ""
    owed_by: OwedBy = OwedBy.NOBODY
    home_numbers: tuple[str, ...] = ()
    """The homes it touches; none named: all of the building."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockerRow:
    """What was answered to one kind's question for one building."""

    project_id: UUID
    id: UUID
    building: str
    kind: str
    state: BlockerState
    home_ids: frozenset[UUID]
    owed_by: OwedBy
    facts: str
    found_by: UUID
    found_at: datetime
    case_id: UUID | None
    solved_at: datetime | None

    @property
    def code(self) -> str:
        """Its code among the blockers of its community."""
        return f"{self.building}/{self.kind}"

    @property
    def stands(self) -> bool:
        """Whether it is in the way still."""
        return self.state in ("open", "working", "blocked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """A community as triage sees it, from the rows."""

    community: Community
    """Homes without a title, by number, and all that stands or is supposed to stand."""
    rows: Mapping[str, BlockerRow]
    """The newest answer for each building and kind, by the blocker's code."""
    home_ids: Mapping[str, UUID]
    """The ids of the homes, by number."""
    is_separated: bool
    """As the newest frozen plan decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCommunity:
    """A community with the plan that its rows come to."""

    triage: Triage
    plan: CommunityPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A frozen plan of a community (一小区一方案); the newest version holds."""

    project_id: UUID
    id: UUID
    version: int
    is_separated: bool
    """Whether no title waits for what the developer owes (证缴分离)."""
    staff_days: int | None
    """The means it was planned under; ``None``: no limit, here and for the money."""
    money_fen: Fen | None
    content: Mapping[str, Any]
    """The whole plan, with the homes' numbers: the office's copy."""
    digest: str
    """SM3 of ``content``, in hex."""
    public_digest: str
    """SM3 of its public part, which counts homes and names none."""
    frozen_at: datetime
    frozen_by: UUID
    second_id: UUID
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Why no title may be given to a home now."""

    blocker_id: UUID | None
    """``None`` where the home's own unit code says that its land is disputed."""
    kind: str
    title: Words
    owner: str
    clause: str
    is_dispute: bool
    """A dispute of land or ownership: no tolerance and no commitment passes over it."""

    def refusal(self, *, home: str) -> Refusal:
        """Give the refusal of a title: ``legacy.title-disputed`` or ``legacy.title-blocked``."""
        code = "legacy.title-disputed" if self.is_dispute else "legacy.title-blocked"
        facts = {"home": home, "kind": self.title.zh, "kind_en": self.title.en, "owner": self.owner}
        return Refusal(code, clause=self.clause, **facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExpense:
    """What was spent in a developer's place."""

    blocker_id: UUID
    spent_on: SpentOn
    words: str
    """For what, in the office's words; no person's number."""
    amount_fen: Fen
    paid_on: date
    document_id: UUID | None = None
    """The bill, where one was handed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseRow:
    """A cost, and how far it was claimed and recovered."""

    id: UUID
    blocker_id: UUID
    spent_on: SpentOn
    words: str
    amount_fen: Fen
    paid_on: date
    document_id: UUID | None
    state: ExpenseState
    claim: str
    """The number of the letter it was claimed by; empty before."""
    claimed_at: datetime | None
    recovered_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRow:
    """A paper of a rebuilt archive: which one, and from whose copy."""

    id: UUID
    blocker_id: UUID
    paper: str
    source: str
    """Whose copy it is."""
    document_id: UUID
    digest: str
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyCounts:
    """How far the city is with its older communities."""

    planned: Share
    """Communities with a frozen plan, among those with problems on file."""
    solved: Share
    """Problems (a building and a kind) solved, among those found."""
