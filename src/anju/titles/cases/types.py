"""What others see of title cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from anju.foundation.casework.types import CaseRow
from anju.foundation.exchange.departments.types import QuestionState
from anju_rules.fees.gates import ProofKind
from anju_rules.fees.reckoning import FeeSheet
from anju_rules.fees.types import FeeKind
from anju_rules.restrictions import RestrictionKind
from anju_rules.values import Fact, Fen

Kind = Literal["first", "transfer"]
Standing = Literal["open", "done", "refused", "withdrawn", "revoked"]

FIRST = "title-first"
"""The procedure of a developer's first registration."""
TRANSFERS = ("title-12-steps", "title-8-steps", "title-6-steps")
"""The versions of an owner's registration, the oldest first; they run side by side."""
PROCEDURES = frozenset({FIRST, *TRANSFERS})
HOME, COMMUNITY = "home", "community"
"""What a case in casework is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleCaseRow:
    """A registration of title as it stands."""

    id: UUID
    """The case."""
    project_id: UUID
    kind: Kind
    procedure: str
    home_id: UUID | None
    household_id: UUID | None
    facts: Mapping[str, Fact]
    standing: Standing
    owner_signed_at: datetime | None
    seller_signed_at: datetime | None
    alone_why: str
    held_by: UUID | None
    opened_at: datetime
    ended_at: datetime | None
    was_overdue: bool | None
    owed_until: date | None
    warned_for: date | None
    """The limit of which its owners were warned."""
    lapsed_at: datetime | None
    case: CaseRow | None
    """The case itself; ``None`` where only this context's row was asked for."""

    @property
    def is_applied_for(self) -> bool:
        """Whether everybody who must apply has."""
        if self.kind == "first":
            return self.seller_signed_at is not None
        return self.owner_signed_at is not None and (
            self.seller_signed_at is not None or bool(self.alone_why)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTimeCounts:
    """How many cases there are, and how many of them ran over: never a share without its parts."""

    cases: int
    overdue: int
    since_on: date | None = None

    @property
    def permille(self) -> int:
        """The share that ran over, in thousandths, rounded up: 30 is the most allowed."""
        return 0 if not self.cases else -(-self.overdue * 1000 // self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What an office says was paid or forgiven for a case."""

    id: UUID
    case_id: UUID
    kind: FeeKind
    says: ProofKind
    number: str
    unit_code: str
    amount_fen: Fen
    paid_on: date
    question_id: UUID | None
    """The question whose signed answer says it; ``None`` where a person entered it."""
    document_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxAnswer:
    """What the tax office was asked about a case, and what its answer is worth."""

    state: QuestionState
    asked_at: datetime
    answer_by: datetime
    is_taken: bool
    """Whether its answer stands among the receipts."""
    code: str = ""
    """Why an answer that came proves nothing: a refusal's code."""
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRow:
    """One fee of a case: the sheet that explains it, or why there is none yet."""

    kind: FeeKind
    sheet: FeeSheet | None
    code: str
    """Why it cannot be reckoned: a refusal's code; empty where it can."""
    facts: Mapping[str, object]
    paid_fen: Fen
    is_settled: bool
    """Whether it is paid, forgiven, or nothing is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeesRow:
    """What a case owes and what was paid, as of a day."""

    on: date
    fees: tuple[FeeRow, ...]
    receipts: tuple[Receipt, ...]

    @property
    def due_fen(self) -> Fen:
        """What is due in all, as far as it can be reckoned."""
        return Fen(sum(one.sheet.due_fen for one in self.fees if one.sheet is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionRow:
    """What stands or stood against a home."""

    id: UUID
    project_id: UUID
    home_id: UUID
    kind: RestrictionKind
    paper: str
    from_on: date
    until_on: date | None
    for_household: UUID | None
    sued_on: date | None
    lifted_at: datetime | None
    lift_why: str
    stands: bool
    """Whether it stands on the day it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRow:
    """A signed commitment, and what a check found of it."""

    id: UUID
    project_id: UUID
    case_id: UUID
    material: str
    document_id: UUID
    signed_at: datetime
    sample_id: UUID | None
    state: str
    """``unchecked``, ``drawn``, ``true`` or ``false``."""
    checked_at: datetime | None
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """A draw of commitments to be checked, with what everybody needs to recompute it."""

    id: UUID
    project_id: UUID
    count: int
    lines: tuple[tuple[str, str], ...]
    terms: Mapping[str, str]
    announcement: str
    secret_digest: str
    beacon: tuple[str, ...]
    secret: str
    """Empty until it is opened."""
    drawn: tuple[str, ...]
    frozen_at: datetime
    drawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionCounts:
    """How many cases run under one procedure, and how they stand."""

    procedure: str
    open: int
    done: int
    refused: int
    held: int
    """Open ones that stand still for a restriction."""
    owing: int
    """Open ones that still owe a material."""
    timed: int
    """Those that ended, or whose time runs: of these some ran over."""
    overdue: int
