"""Endpoints of eligibility: how a project's households stand, and one household's review."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import Number, ProjectCode, Refused
from anju.resettlement.eligibility.queries import count_reviews, review_of_household
from anju.resettlement.households.queries import household_by_number
from anju_rules.applications import Standing

router = Router(tags=["eligibility"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}


class ReviewsOut(Schema):
    """How a project's households stand, in counts."""

    households: int
    by_standing: dict[Standing, int]
    by_step: dict[str, int]
    objections: int


class ReviewOut(Schema):
    """The last round of a household's review."""

    standing: Standing
    round: int = 0
    """0 before the first."""
    case_id: UUID | None = None
    """``None`` too where the review was taken over from paper."""
    case_number: str = ""
    open_steps: tuple[str, ...] = ()
    is_taken_over: bool = False
    opened_at: datetime | None = None
    visited_at: datetime | None = None
    decided_at: datetime | None = None


@router.get("/{code}/reviews", response={200: ReviewsOut, **_REFUSED})
@asks("eligibility.see")
def count_all(request: HttpRequest, code: ProjectCode) -> ReviewsOut:
    """Count how a project's households stand, and at which steps their reviews wait."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    return ReviewsOut.from_orm(count_reviews(project_id=project.id, by=by))


@router.get("/{code}/households/{number}/review", response={200: ReviewOut, **_REFUSED})
@asks("eligibility.see")
def show_review(request: HttpRequest, code: ProjectCode, number: Number) -> ReviewOut:
    """Give how a household stands; its case tells the rest."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    household = household_by_number(project_id=project.id, number=number)
    row = review_of_household(project_id=project.id, household_id=household.id, by=by)
    if row is None:
        return ReviewOut(standing=Standing.NONE)
    case = row.case
    return ReviewOut(
        standing=row.standing,
        round=row.round,
        case_id=case.id if case else None,
        case_number=case.number if case else "",
        open_steps=case.open_steps if case else (),
        is_taken_over=row.is_taken_over,
        opened_at=row.opened_at,
        visited_at=row.visited_at,
        decided_at=row.decided_at,
    )
