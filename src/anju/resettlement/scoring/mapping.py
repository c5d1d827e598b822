"""Score sheets and corrections into rows and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from anju.foundation.core.sealing import open_field, seal_field
from anju.resettlement.households.facts import facts_from, told_facts
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.scoring.models import CorrectionRecord, ScoringRecord, SheetRecord
from anju.resettlement.scoring.types import (
    CorrectionRow,
    CorrectionState,
    FactChange,
    ScoringRow,
    SheetRow,
)
from anju_rules.moves import Direction, Move, Standing
from anju_rules.scoring import ScoreLine, ScoreSheet
from anju_rules.values import HouseholdNumber, Refusal, Tenths

_CORRECTIONS = "scoring_correction"


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


def correction_from(kept: CorrectionRecord, *, household: HouseholdRow) -> CorrectionRow:
    """Give a correction's frozen row, its reasons opened; those of an erased family are empty."""
    before, after = facts_from(kept.facts_before), facts_from(kept.facts_after)
    return CorrectionRow(
        id=kept.id,
        project_id=kept.project_id,
        household_id=kept.household_id,
        number=household.number,
        stratum=household.stratum,
        state=CorrectionState(kept.state),
        facts=tuple(
            FactChange(fact=fact, before=before.get(fact), after=value)
            for fact, value in after.items()
        ),
        total_before=Tenths(kept.total_before),
        total_after=Tenths(kept.total_after),
        reason=_open_reason(kept, "reason_sealed"),
        document_ids=tuple(UUID(told) for told in kept.document_ids),
        case_id=kept.case_id,
        proposed_by=kept.proposed_by,
        proposed_role=kept.proposed_role,
        proposed_at=kept.proposed_at,
        closed_by=kept.closed_by,
        closed_role=kept.closed_role,
        closed_at=kept.closed_at,
        closing_reason=_open_reason(kept, "closing_sealed"),
        own_move=None if kept.own_move is None else _move_from(kept.own_move),
        moved={Direction(told): count for told, count in (kept.moved or {}).items()},
        event_id=kept.event_id,
    )


def seal_reason(kept: CorrectionRecord, *, column: str, text: str) -> bytes:
    """Seal a reason with the family's own key."""
    return seal_field(
        subject_id=kept.household_id,
        table=_CORRECTIONS,
        row_id=kept.id,
        column=column,
        text=text,
    )


def _open_reason(kept: CorrectionRecord, column: str) -> str:
    sealed = getattr(kept, column)
    if sealed is None:
        return ""
    try:
        return open_field(
            subject_id=kept.household_id,
            table=_CORRECTIONS,
            row_id=kept.id,
            column=column,
            sealed=sealed,
        )
    except Refusal as refusal:
        if refusal.code != "sealing.key-destroyed":
            raise
        return ""


def _move_from(told: Sequence[Any]) -> Move:
    number, stratum, *bounds = told
    before, after = (
        Standing(total=Tenths(total), first=first, last=last) for total, first, last in bounds
    )
    return Move(household=HouseholdNumber(number), stratum=stratum, before=before, after=after)
