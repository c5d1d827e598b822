"""Reads of scores: sheets inside a context, else no row is seen."""

from __future__ import annotations

from uuid import UUID

from anju.resettlement.households.queries import household_by_id
from anju.resettlement.scoring.mapping import scoring_from, sheet_from
from anju.resettlement.scoring.models import ScoringRecord, SheetRecord
from anju.resettlement.scoring.types import ScoringRow, SheetRow
from anju_rules.values import Tenths


def latest_scoring(*, project_id: UUID) -> ScoringRow | None:
    """Give the scoring that was done last; None before the first."""
    record = _latest(project_id)
    return None if record is None else scoring_from(record)


def totals_of(*, project_id: UUID) -> dict[UUID, Tenths]:
    """Give each household's total in tenths."""
    found = SheetRecord.objects.filter(project_id=project_id).values_list(
        "household_id", "total_tenths"
    )
    return {household_id: Tenths(total) for household_id, total in found}


def count_scored(*, project_id: UUID) -> int:
    """Count the households of a project that are scored."""
    return SheetRecord.objects.filter(project_id=project_id).count()


def score_sheet(*, project_id: UUID, household_id: UUID) -> SheetRow | None:
    """Give a household's sheet, line by line; None before it is scored."""
    record = SheetRecord.objects.filter(project_id=project_id, household_id=household_id).first()
    if record is None:
        return None
    run = ScoringRecord.objects.get(project_id=project_id, id=record.run_id)
    household = household_by_id(project_id=project_id, household_id=household_id)
    return sheet_from(record, number=household.number, clause=run.clause)


def _latest(project_id: UUID) -> ScoringRecord | None:
    return ScoringRecord.objects.filter(project_id=project_id).order_by("-scored_at").first()
