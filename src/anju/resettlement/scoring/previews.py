"""What a correction would do: the household's two sheets, and whom it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from anju.foundation.policies.queries import rule_set_in_force
from anju.foundation.policies.types import RuleSetRow
from anju.resettlement.households.queries import household_by_id, registered_households
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.queries import (
    correction_by_id,
    latest_scoring,
    score_sheet,
    totals_of,
)
from anju.resettlement.scoring.types import CorrectionPreview
from anju_rules.hashing import canonical, digest
from anju_rules.moves import Comparison, compare_totals
from anju_rules.scoring import ScoreSheet, score_household, show_line
from anju_rules.values import Fact, HouseholdNumber, Refusal, Tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """One household scored anew with corrected facts, beside everybody else as they stand."""

    rule_set: RuleSetRow
    before: ScoreSheet
    after: ScoreSheet
    totals: Mapping[HouseholdNumber, Tenths]
    """Every household's total, with the corrected one."""
    comparison: Comparison
    has_places: bool

    @property
    def seen(self) -> str:
        """Digest of all that is shown of it."""
        return digest(
            canonical(
                {
                    "before": [show_line(line) for line in self.before.lines],
                    "after": [show_line(line) for line in self.after.lines],
                    "moves": [move.show() for move in self.comparison.moves],
                }
            )
        ).hex()


def scored_by(*, project_id: UUID) -> RuleSetRow:
    """Give the rule set that the sheets of a project were made by.

    Refuses with ``scoring.not-scored``, and with ``scoring.rules-changed`` where another version
    is in force: then everybody is scored anew, and no household alone.
    """
    rule_set, scoring = (
        rule_set_in_force(project_id=project_id),
        latest_scoring(project_id=project_id),
    )
    if rule_set is None or scoring is None:
        raise Refusal("scoring.not-scored")
    if rule_set.id != scoring.rule_set_id:
        raise Refusal("scoring.rules-changed", version=rule_set.version)
    return rule_set


def recompute(*, household: HouseholdRow, facts: Mapping[str, Fact]) -> Recomputed:
    """Score a household with corrected facts, by the rules its sheet was made by; writes nothing.

    Refuses as :func:`scored_by` and :func:`anju_rules.scoring.score_household` do.
    """
    project_id = household.project_id
    rule_set = scored_by(project_id=project_id)
    sheet = score_sheet(project_id=project_id, household_id=household.id)
    if sheet is None:
        raise Refusal("scoring.not-scored")
    corrected = replace(household.household, facts={**household.facts, **facts})
    after = score_household(household=corrected, rules=rule_set.rules)
    totals = totals_of(project_id=project_id)
    scored = [row for row in registered_households(project_id=project_id) if row.id in totals]
    stood = {row.number: totals[row.id] for row in scored}
    stands = {**stood, household.number: after.total}
    has_places = project_by_id(project_id=project_id).mode == "score"
    comparison = Comparison(households=len(stood), moves=())
    if has_places:
        strata = {row.number: row.stratum for row in scored}
        comparison = compare_totals(before=stood, after=stands, strata=strata)
    return Recomputed(
        rule_set=rule_set,
        before=sheet.sheet,
        after=after,
        totals=stands,
        comparison=comparison,
        has_places=has_places,
    )


def preview_correction(*, project_id: UUID, correction_id: UUID) -> CorrectionPreview:
    """Say what signing a correction would do now; call it while reading.

    Refuses with ``scoring.unknown-correction``, and as :func:`recompute` does.
    """
    correction = correction_by_id(project_id=project_id, correction_id=correction_id)
    household = household_by_id(project_id=project_id, household_id=correction.household_id)
    facts = {change.fact: change.after for change in correction.facts}
    found = recompute(household=household, facts=facts)
    return CorrectionPreview(
        correction=correction,
        before=found.before,
        after=found.after,
        comparison=found.comparison,
        has_places=found.has_places,
        seen=found.seen,
    )
