"""What a review is decided on: the statement beside the answers, reckoned anew when it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.departments.queries import answers_of
from anju.foundation.exchange.departments.types import Answer, QuestionState
from anju.resettlement.eligibility.mapping import seal_lines, statement_from, write_lines
from anju.resettlement.eligibility.meetings import identity_index
from anju.resettlement.eligibility.models import SheetRecord, StatementRecord
from anju.resettlement.eligibility.types import StatementRow
from anju.resettlement.households.queries import identity_indexes
from anju.resettlement.planning.queries import known_since
from anju_rules.eligibility.comparing import compare_statement
from anju_rules.eligibility.sheet import Answers, Result, Sheet, Statement
from anju_rules.hashing import digest
from anju_rules.values import Refusal

HOUSEHOLD = "household"
"""The kind of thing that departments are asked about, and that a review is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """What is known of a household at one moment."""

    statement: StatementRow | None
    told: tuple[Answer, ...]
    answers: Answers
    sheet: Sheet


def newest_statement(*, project_id: UUID, household_id: UUID) -> StatementRecord | None:
    """Give what a household stated last."""
    return (
        StatementRecord.objects.filter(project_id=project_id, household_id=household_id)
        .order_by("-version")
        .first()
    )


def consider(*, project_id: UUID, household_id: UUID, at: datetime) -> Considered:
    """Lay what a household states beside what departments answered, as it is now."""
    kept = newest_statement(project_id=project_id, household_id=household_id)
    statement = None if kept is None else _open_unless_erased(kept)
    told = answers_of(project_id=project_id, subject_kind=HOUSEHOLD, subject_id=household_id)
    answers = Answers(
        facts={one.kind: one.facts for one in told if one.state is QuestionState.ANSWERED},
        contradictory=frozenset(
            one.kind for one in told if one.state is QuestionState.CONTRADICTORY
        ),
    )
    stated = statement.statement if statement else Statement()
    sheet = compare_statement(
        stated,
        answers,
        on=city_time(at).date(),
        announced_on=known_since(project_id),
        is_registered=_is_registered(project_id, household_id, stated),
    )
    return Considered(statement=statement, told=told, answers=answers, sheet=sheet)


def _open_unless_erased(kept: StatementRecord) -> StatementRow | None:
    """Open a statement; of a household that was erased there is none any more."""
    try:
        return statement_from(kept)
    except Refusal as refusal:
        if refusal.code != "sealing.key-destroyed":
            raise
        return None


def _is_registered(project_id: UUID, household_id: UUID, statement: Statement) -> bool | None:
    known = identity_indexes(project_id=project_id, household_ids=[household_id])
    if household_id not in known or not statement.holder:
        return None
    return known[household_id] == identity_index(statement.holder)


def differing_steps(*, project_id: UUID, case_id: UUID) -> frozenset[str]:
    """Give the comparisons of which somebody last said that they differ."""
    kept = SheetRecord.objects.filter(project_id=project_id, case_id=case_id).order_by("made_at")
    latest = dict(kept.values_list("step", "outcome"))
    return frozenset(step for step, outcome in latest.items() if outcome == Result.DIFFERS)


def keep_sheet(
    *,
    project_id: UUID,
    case_id: UUID,
    household_id: UUID,
    sheet: Sheet,
    step: str,
    outcome: str,
    by: UUID,
    at: datetime,
) -> None:
    """Keep the comparisons as they stood when a step was decided on them."""
    row_id, text = new_id(), write_lines(sheet.lines)
    SheetRecord(
        project_id=project_id,
        id=row_id,
        case_id=case_id,
        household_id=household_id,
        step=step,
        outcome=outcome,
        lines_sealed=seal_lines(text, household_id=household_id, row_id=row_id),
        digest=digest(text.encode()).hex(),
        made_at=at,
        made_by=by,
    ).save(force_insert=True)
