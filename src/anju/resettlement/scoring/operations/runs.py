"""Scoring a register: every household's sheet, by the frozen rules alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.bulk import BulkColumn, insert_rows
from anju.foundation.policies.queries import rule_set_in_force
from anju.foundation.policies.types import RuleSetRow
from anju.resettlement.households.queries import registered_households
from anju.resettlement.projects.operations import lock_register
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.mapping import scoring_from, told_lines
from anju.resettlement.scoring.models import ScoringRecord, SheetRecord
from anju.resettlement.scoring.types import ScoringRow
from anju_rules.hashing import canonical, digest
from anju_rules.scoring import score_household
from anju_rules.values import HouseholdNumber, Refusal, Tenths

_COLUMNS = (
    BulkColumn("project_id", "uuid"),
    BulkColumn("id", "uuid"),
    BulkColumn("household_id", "uuid"),
    BulkColumn("run_id", "uuid"),
    BulkColumn("total_tenths", "integer"),
    BulkColumn("lines", "jsonb"),
    BulkColumn("rules_version", "text"),
)


@operation(
    permits="scoring.score",
    action="scoring.project.scored",
    clauses=("plan/scoring",),
    level=Secrecy.INTERNAL,
)
def score_project(*, project_id: UUID, by: Actor, at: datetime) -> ScoringRow:
    """Score every household of the register; the sheets replace those of an earlier scoring.

    Refuses with ``scoring.rules-not-frozen``, with ``scoring.draw-frozen`` once a draw rests on
    the scores, with ``scoring.no-households``, and with what
    :func:`anju_rules.scoring.score_household` refuses: a missing fact is never taken for zero.
    """
    lock_register(project_id=project_id)
    if project_by_id(project_id=project_id).register_frozen_at is not None:
        raise Refusal("scoring.draw-frozen")
    rule_set = rule_set_in_force(project_id=project_id)
    if rule_set is None:
        raise Refusal("scoring.rules-not-frozen")
    households = registered_households(project_id=project_id)
    if not households:
        raise Refusal("scoring.no-households")
    sheets = [score_household(household=row.household, rules=rule_set.rules) for row in households]
    totals = {sheet.household: sheet.total for sheet in sheets}
    run = keep_run(project_id=project_id, rule_set=rule_set, totals=totals, at=at)
    SheetRecord.objects.filter(project_id=project_id).delete()
    rows = [
        (
            *(project_id, new_id(), row.id, run.id, sheet.total),
            *(told_lines(sheet), sheet.version),
        )
        for row, sheet in zip(households, sheets, strict=True)
    ]
    insert_rows("scoring_sheet", _COLUMNS, rows)
    record(
        target=run.id,
        project_id=project_id,
        body={
            "by_system": by.kind == "system",
            "version": run.version,
            "rules": run.rules_digest,
            "households": run.households,
            "totals": run.totals_digest,
            "sheets": {
                str(row.id): sheet.total for row, sheet in zip(households, sheets, strict=True)
            },
        },
    )
    return scoring_from(run)


def keep_run(
    *,
    project_id: UUID,
    rule_set: RuleSetRow,
    totals: Mapping[HouseholdNumber, Tenths],
    at: datetime,
) -> ScoringRecord:
    """Note a scoring, inside the caller's operation: by which rules, and what it all came to."""
    run = ScoringRecord(
        project_id=project_id,
        id=new_id(),
        rule_set_id=rule_set.id,
        version=rule_set.version,
        rules_digest=rule_set.digest,
        clause=rule_set.rules.scoring_clause,
        households=len(totals),
        totals_digest=_totals_digest(totals),
        scored_at=at,
    )
    run.save(force_insert=True)
    return run


def _totals_digest(totals: Mapping[HouseholdNumber, Tenths]) -> str:
    told = sorted((str(number), int(total)) for number, total in totals.items())
    return digest(canonical([list(entry) for entry in told])).hex()
