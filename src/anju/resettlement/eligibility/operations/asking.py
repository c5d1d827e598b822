"""Departments asked about a household, and about many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.exchange.departments.laying import lay_question
from anju.foundation.exchange.departments.types import QuestionRow
from anju.resettlement.eligibility.laying import newest_review
from anju.resettlement.eligibility.mapping import statement_from
from anju.resettlement.eligibility.sheets import HOUSEHOLD, newest_statement
from anju.resettlement.eligibility.types import RowResult
from anju.resettlement.households.queries import household_file
from anju_rules.applications import Standing
from anju_rules.departments.kinds import ABOUT_HOUSEHOLDS, SHARE_CLAUSE, QuestionKind
from anju_rules.values import Refusal


@operation(
    permits="departments.ask",
    action="eligibility.departments.asked",
    clauses=("plan/eligibility#3", SHARE_CLAUSE, "pipl#13"),
    level=Secrecy.INTERNAL,
)
def ask_departments(
    *,
    project_id: UUID,
    household_id: UUID,
    by: Actor,
    at: datetime,
    kinds: Sequence[QuestionKind] = ABOUT_HOUSEHOLDS,
    is_urgent: bool = False,
) -> tuple[QuestionRow, ...]:
    """Ask the departments about a household whose review is open; their answers come by themselves.

    They are told its holder's name and identity number, and nothing else. Refuses with
    ``eligibility.no-review``, ``eligibility.review-over``, and with
    ``eligibility.statement-missing`` a household whose holder has no number anywhere.
    """
    review = newest_review(project_id=project_id, household_id=household_id)
    if review is None:
        raise Refusal("eligibility.no-review")
    if review.standing != Standing.OPEN:
        raise Refusal("eligibility.review-over")
    fields = _fields(project_id, household_id)
    asked = tuple(
        lay_question(
            project_id=project_id,
            kind=kind,
            subject_kind=HOUSEHOLD,
            subject_id=household_id,
            household_id=household_id,
            fields=fields,
            is_urgent=is_urgent,
            by=by,
            at=at,
        )
        for kind in kinds
    )
    record(
        target=review.id,
        project_id=project_id,
        household_id=household_id,
        body={"questions": [[one.kind.value, str(one.id)] for one in asked]},
    )
    return asked


def ask_departments_of_many(
    *, project_id: UUID, household_ids: Sequence[UUID], by: Actor, at: datetime
) -> tuple[RowResult, ...]:
    """Ask about many households, each in a transaction and with an entry of its own."""
    return tuple(_ask_one(project_id, one, by=by, at=at) for one in household_ids)


def _ask_one(project_id: UUID, household_id: UUID, *, by: Actor, at: datetime) -> RowResult:
    code, facts = "", dict[str, object]()
    try:
        ask_departments(project_id=project_id, household_id=household_id, by=by, at=at)
    except Refusal as refusal:
        code, facts = refusal.code, refusal.facts
    return RowResult(household_id=household_id, case_id=None, code=code, facts=facts)


def _fields(project_id: UUID, household_id: UUID) -> dict[str, str]:
    register = household_file(project_id=project_id, household_id=household_id)
    kept = newest_statement(project_id=project_id, household_id=household_id)
    stated = statement_from(kept).statement.holder if kept else ""
    number = stated or register.identity_number
    if not number:
        raise Refusal("eligibility.statement-missing", clause="plan/eligibility#2")
    return {"identity_number": number, "name": register.name}
