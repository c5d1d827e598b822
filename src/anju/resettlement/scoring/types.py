"""What others see of scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from anju_rules.scoring import ScoreLine, ScoreSheet, published_lines
from anju_rules.values import Tenths


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
