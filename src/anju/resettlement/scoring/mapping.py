"""Score sheets into rows and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anju.resettlement.households.facts import facts_from, told_facts
from anju.resettlement.scoring.models import ScoringRecord, SheetRecord
from anju.resettlement.scoring.types import ScoringRow, SheetRow
from anju_rules.scoring import ScoreLine, ScoreSheet
from anju_rules.values import HouseholdNumber, Tenths


def scoring_from(record: ScoringRecord) -> ScoringRow:
    """Give a scoring's frozen row."""
    return ScoringRow(
        id=record.id,
        project_id=record.project_id,
        rule_set_id=record.rule_set_id,
        version=record.version,
        rules_digest=record.rules_digest,
        households=record.households,
        totals_digest=record.totals_digest,
        scored_at=record.scored_at,
    )


def told_lines(sheet: ScoreSheet) -> list[dict[str, object]]:
    """Give the lines of a sheet as values of JSON; decimals as text."""
    return [
        {
            "code": line.code,
            "label": line.label,
            "quantity": line.quantity,
            "tenths": line.tenths,
            "clause": line.clause,
            "sensitive": line.sensitive,
            "yields_to": line.yields_to,
            # A list: the order of the facts is part of the sheet, and JSON tables have none.
            "facts": [[name, told_facts({name: fact})[name]] for name, fact in line.facts],
        }
        for line in sheet.lines
    ]


def sheet_from(record: SheetRecord, *, number: HouseholdNumber, clause: str) -> SheetRow:
    """Give a sheet's frozen row."""
    return SheetRow(
        project_id=record.project_id,
        household_id=record.household_id,
        run_id=record.run_id,
        sheet=ScoreSheet(
            household=number,
            version=record.rules_version,
            clause=clause,
            lines=_lines_from(record.lines),
            total=Tenths(record.total_tenths),
        ),
    )


def _lines_from(told: Sequence[Mapping[str, Any]]) -> tuple[ScoreLine, ...]:
    return tuple(
        ScoreLine(
            code=line["code"],
            label=line["label"],
            quantity=line["quantity"],
            tenths=Tenths(line["tenths"]),
            clause=line["clause"],
            sensitive=line["sensitive"],
            yields_to=line["yields_to"],
            facts=tuple(facts_from(dict(line["facts"])).items()),
        )
        for line in told
    )
