"""Reviews opened, for one household or for all; what a household states of itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.resettlement.eligibility.laying import lay_review, lay_statement, newest_review
from anju.resettlement.eligibility.models import ReviewRecord
from anju.resettlement.eligibility.types import RowResult
from anju.resettlement.households.queries import registered_households
from anju.resettlement.planning.queries import require_plan_in_force
from anju_rules.applications import Standing
from anju_rules.eligibility.sheet import Statement
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal


@operation(
    permits="eligibility.open",
    action="eligibility.review.opened",
    clauses=("plan/eligibility#1",),
    level=Secrecy.INTERNAL,
)
def open_review(
    *,
    project_id: UUID,
    household_id: UUID,
    by: Actor,
    at: datetime,
    papers: Sequence[HandedIn] = (),
    statement: Statement | None = None,
    division: str = "",
) -> CaseRow:
    """Open a household's review: by itself, or by an office for it.

    ``division``: the street whose office reviews it; without one, any street of the project.
    Refuses with ``planning.plan-not-in-force`` before the plan binds anybody, and as
    :func:`~anju.resettlement.eligibility.laying.lay_review` and
    :func:`~anju.resettlement.eligibility.laying.lay_statement` do.
    """
    require_plan_in_force(project_id)
    case = lay_review(
        project_id=project_id,
        household_id=household_id,
        papers=papers,
        division=division,
        by=by,
        at=at,
    )
    version = 0
    if statement is not None:
        version = lay_statement(
            project_id=project_id, household_id=household_id, statement=statement, by=by, at=at
        )
    record(
        target=case.id,
        project_id=project_id,
        household_id=household_id,
        body={
            "number": case.number,
            "statement": version,
            "materials": [paper.code for paper in papers],
        },
    )
    return case


def open_reviews(
    *,
    project_id: UUID,
    by: Actor,
    at: datetime,
    household_ids: Sequence[UUID] | None = None,
    division: str = "",
) -> tuple[RowResult, ...]:
    """Open the reviews of many households, each in a transaction and with an entry of its own.

    Without ``household_ids`` of everybody in the register who has no review yet.
    """
    if household_ids is None:
        with reading(by=by):
            has_one = set(
                ReviewRecord.objects.filter(project_id=project_id).values_list(
                    "household_id", flat=True
                )
            )
            household_ids = [
                row.id
                for row in registered_households(project_id=project_id)
                if row.id not in has_one
            ]
    return tuple(
        _open_one(project_id, one, division=division, by=by, at=at) for one in household_ids
    )


def _open_one(
    project_id: UUID, household_id: UUID, *, division: str, by: Actor, at: datetime
) -> RowResult:
    try:
        case = open_review(
            project_id=project_id, household_id=household_id, division=division, by=by, at=at
        )
    except Refusal as refusal:
        return RowResult(
            household_id=household_id, case_id=None, code=refusal.code, facts=refusal.facts
        )
    return RowResult(household_id=household_id, case_id=case.id, code="", facts={})


@operation(
    permits="eligibility.state",
    action="eligibility.facts.stated",
    clauses=("plan/eligibility#2", "plan/eligibility#3"),
    level=Secrecy.INTERNAL,
)
def state_facts(
    *,
    project_id: UUID,
    household_id: UUID,
    statement: Statement,
    by: Actor,
    at: datetime,
    papers: Sequence[HandedIn] = (),
) -> int:
    """Keep what a household states of itself, with the papers that show it; gives the version.

    By the household's own account, or by an officer at the window. Every version is kept. Refuses
    with ``eligibility.no-review`` and, once it was decided, ``eligibility.review-over``; and as
    :func:`~anju.resettlement.eligibility.laying.lay_statement` does.
    """
    review = newest_review(project_id=project_id, household_id=household_id)
    if review is None:
        raise Refusal("eligibility.no-review")
    if review.standing != Standing.OPEN:
        raise Refusal("eligibility.review-over")
    version = lay_statement(
        project_id=project_id, household_id=household_id, statement=statement, by=by, at=at
    )
    if papers:
        act = NewAction(kind=ActionKind.SUPPLY, materials=tuple(papers))
        lay_action(project_id=project_id, case_id=review.id, act=act, by=by, at=at)
    record(
        target=review.id,
        project_id=project_id,
        household_id=household_id,
        body={"statement": version, "materials": [paper.code for paper in papers]},
    )
    return version
