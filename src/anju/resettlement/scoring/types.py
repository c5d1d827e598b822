"""What others see of scores, and of their corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anju_rules.moves import Comparison, Direction, Move
from anju_rules.scoring import ScoreLine, ScoreSheet, published_lines
from anju_rules.values import Fact, HouseholdNumber, Tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRow:
    """One scoring of a whole register."""

    id: UUID
    project_id: UUID
    rule_set_id: UUID
    version: str
    rules_digest: str
    """SM3 of the rule set it was scored by, hexadecimal."""
    households: int
    totals_digest: str
    """SM3 of the canonical list of [number, tenths], by number."""
    scored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A household's score sheet as it stands."""

    project_id: UUID
    household_id: UUID
    run_id: UUID
    sheet: ScoreSheet = field(repr=False)

    @property
    def total_tenths(self) -> Tenths:
        """The total, in tenths of a point."""
        return self.sheet.total

    @property
    def lines(self) -> tuple[ScoreLine, ...]:
        """Every line, for the household itself and its officers."""
        return self.sheet.lines

    @property
    def public_lines(self) -> tuple[ScoreLine, ...]:
        """The lines that may be public: sensitive ones are one subtotal."""
        return published_lines(self.sheet)


class CorrectionState(StrEnum):
    """Where a correction stands; it leaves ``proposed`` once, and for good."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    DECLINED = "declined"
    """The second person did not sign, and said why."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """One fact as it stands in the register, and as the evidence shows it."""

    fact: str
    before: Fact | None
    """``None``: the register has none."""
    after: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRow:
    """A correction of one household's facts."""

    id: UUID
    project_id: UUID
    household_id: UUID
    number: HouseholdNumber
    stratum: str
    state: CorrectionState
    facts: tuple[FactChange, ...] = field(repr=False)
    total_before: Tenths
    total_after: Tenths
    reason: str = field(repr=False)
    document_ids: tuple[UUID, ...]
    """What shows it, among the household's documents or those of the objection."""
    case_id: UUID | None
    """The upheld objection it rests on."""
    proposed_by: UUID
    proposed_role: str
    proposed_at: datetime
    closed_by: UUID | None
    closed_role: str
    closed_at: datetime | None
    closing_reason: str = field(repr=False)
    """Why it was not signed."""
    own_move: Move | None
    """Once signed: how it moved the household itself; ``None`` too where it did not."""
    moved: Mapping[Direction, int]
    """Once signed: how many it moved which way, the household itself among them."""
    event_id: UUID | None
    """Once signed: the entry that proves it."""

    @property
    def is_open(self) -> bool:
        """Whether it waits for the second person."""
        return self.state is CorrectionState.PROPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPreview:
    """What signing a correction would do now."""

    correction: CorrectionRow
    before: ScoreSheet = field(repr=False)
    after: ScoreSheet = field(repr=False)
    comparison: Comparison
    """Whom it moves; nobody where the order is by lot alone."""
    has_places: bool
    """Whether scores decide the order in this project."""
    seen: str
    """Digest of all that is shown here: a signature names it, and holds for nothing else."""
