"""Reads of scores and their corrections: inside a context, else no row is seen."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from anju.foundation.casework.queries import cases_by_id, cases_of_subject
from anju.foundation.casework.types import CaseRow
from anju.resettlement.eligibility.queries import upheld_objections
from anju.resettlement.eligibility.types import OBJECTION
from anju.resettlement.households.queries import household_by_id, households_by_id
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.scoring.mapping import correction_from, scoring_from, sheet_from
from anju.resettlement.scoring.models import CorrectionRecord, ScoringRecord, SheetRecord
from anju.resettlement.scoring.types import CorrectionRow, ScoringRow, SheetRow
from anju_rules.procedures.states import Status
from anju_rules.values import Refusal, Tenths


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


def corrections_of(*, project_id: UUID) -> tuple[CorrectionRow, ...]:
    """Give a project's corrections, the newest first."""
    found = CorrectionRecord.objects.filter(project_id=project_id)
    return _corrections_from(found.order_by("-proposed_at", "-id"))


def corrections_of_household(*, project_id: UUID, household_id: UUID) -> tuple[CorrectionRow, ...]:
    """Give a household's corrections, the newest first."""
    found = CorrectionRecord.objects.filter(project_id=project_id, household_id=household_id)
    return _corrections_from(found.order_by("-proposed_at", "-id"))


def correction_by_id(*, project_id: UUID, correction_id: UUID) -> CorrectionRow:
    """Give one correction; refuses with ``scoring.unknown-correction``."""
    found = CorrectionRecord.objects.filter(project_id=project_id, id=correction_id)
    for row in _corrections_from(found):
        return row
    raise Refusal("scoring.unknown-correction")


def objections_upheld(*, project_id: UUID, household_id: UUID) -> tuple[CaseRow, ...]:
    """Give the upheld objections about a household: to a notice, or lodged about its score alone.

    Call it while reading or writing.
    """
    to_notices = upheld_objections(project_id=project_id, about_id=household_id)
    found = cases_by_id(project_id=project_id, case_ids=[one.id for one in to_notices])
    own = cases_of_subject(project_id=project_id, subject_kind="household", subject_id=household_id)
    return tuple(
        case
        for case in (*own, *found.values())
        if case.procedure == OBJECTION and case.status is Status.DONE
    )


def _corrections_from(found: Iterable[CorrectionRecord]) -> tuple[CorrectionRow, ...]:
    listed = list(found)
    households: dict[UUID, HouseholdRow] = {}
    for project_id in {kept.project_id for kept in listed}:
        wanted = {kept.household_id for kept in listed}
        households |= households_by_id(project_id=project_id, household_ids=wanted)
    return tuple(correction_from(kept, household=households[kept.household_id]) for kept in listed)


def _latest(project_id: UUID) -> ScoringRecord | None:
    return ScoringRecord.objects.filter(project_id=project_id).order_by("-scored_at").first()
