"""Whom a notice is still to show; the page that announces it and the operation ask the same."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.casework.queries import cases_by_id
from anju.foundation.casework.types import CaseRow
from anju.foundation.notices.queries import find_notice
from anju.resettlement.eligibility.models import PublishedRecord, ReviewRecord
from anju.resettlement.eligibility.types import NoticeStep
from anju_rules.applications import Standing


def unshown_cases(*, project_id: UUID, step: NoticeStep) -> dict[UUID, CaseRow]:
    """Give by household the cases that no notice shows yet: who waits for it, who was refused.

    A notice that was withdrawn shows nobody, nor one from before a review went back.
    """
    shown = _last_shown(project_id, step)
    reviews = [
        review
        for review in ReviewRecord.objects.filter(
            project_id=project_id,
            take_over_id=None,
            standing__in=[Standing.OPEN.value, Standing.REFUSED.value],
        ).order_by("round")
        if not _is_shown(review, shown.get(review.id))
    ]
    cases = cases_by_id(project_id=project_id, case_ids=[review.id for review in reviews])
    return {
        review.household_id: cases[review.id]
        for review in reviews
        if step.value in cases[review.id].open_steps
        or (
            not cases[review.id].status.is_open
            and (review.street_by is None) is (step is NoticeStep.FIRST)
        )
    }


def _last_shown(project_id: UUID, step: NoticeStep) -> dict[UUID, datetime]:
    """Give when each case was shown last, by a notice that was not withdrawn."""
    kept = list(
        PublishedRecord.objects.filter(project_id=project_id, step=step.value).order_by(
            "published_at"
        )
    )
    notices = {one.notice_id: find_notice(notice_id=one.notice_id) for one in kept}
    standing = {key for key, row in notices.items() if row and row.withdrawn_at is None}
    return {one.case_id: one.published_at for one in kept if one.notice_id in standing}


def _is_shown(review: ReviewRecord, at: datetime | None) -> bool:
    return at is not None and (review.returned_at is None or at >= review.returned_at)
