"""Reads of eligibility: how households stand, what a review is decided on, who decided."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.db import connections

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import case_by_id, cases_by_id
from anju.foundation.core.clock import city_time
from anju.foundation.exchange.departments.types import Answer
from anju.resettlement.eligibility.mapping import (
    kept_sheet_from,
    objection_from,
    published_from,
    review_from,
)
from anju.resettlement.eligibility.meetings import meetings_of
from anju.resettlement.eligibility.models import (
    ObjectionRecord,
    PublishedRecord,
    ReviewRecord,
    SheetRecord,
)
from anju.resettlement.eligibility.sheets import consider, differing_steps
from anju.resettlement.eligibility.showing import unshown_cases
from anju.resettlement.eligibility.types import (
    AnswerRow,
    NoticeStep,
    ObjectionRow,
    ReviewCounts,
    ReviewFile,
    ReviewRow,
    ShownRow,
)
from anju.resettlement.households.queries import count_households
from anju_rules.applications import Standing, earning_claims
from anju_rules.eligibility.claims import proven_claims
from anju_rules.procedures.states import Status
from anju_rules.values import Refusal

_SEES = "eligibility.see"


def review_of_household(*, project_id: UUID, household_id: UUID, by: Actor) -> ReviewRow | None:
    """Give the last round of a household's review; needs ``eligibility.see``."""
    require_permission(by, _SEES)
    with reading(by=by):
        kept = (
            ReviewRecord.objects.filter(project_id=project_id, household_id=household_id)
            .order_by("-round")
            .first()
        )
        return None if kept is None else _row(kept)


def review_file(*, project_id: UUID, case_id: UUID, by: Actor, at: datetime) -> ReviewFile:
    """Give everything a review is decided on: statement, answer and finding beside each other.

    Reckoned anew, so it is what a decision would rest on now. Needs ``eligibility.see``; refuses
    with ``eligibility.unknown-review``. Numbers of persons are masked.
    """
    require_permission(by, _SEES)
    with reading(by=by):
        kept = ReviewRecord.objects.filter(project_id=project_id, id=case_id).first()
        if kept is None:
            raise Refusal("eligibility.unknown-review")
        mine = {"project_id": project_id, "household_id": kept.household_id}
        considered = consider(**mine, at=at)
        claims = considered.statement.statement.claims if considered.statement else {}
        return ReviewFile(
            review=_row(kept),
            statement=considered.statement,
            answers=tuple(_answer(one) for one in considered.told),
            sheet=considered.sheet,
            meetings=meetings_of(**mine) if by.kind == "officer" else (),
            differing=differing_steps(project_id=project_id, case_id=case_id),
            kept=tuple(
                kept_sheet_from(one)
                for one in SheetRecord.objects.filter(
                    project_id=project_id, case_id=case_id
                ).order_by("made_at")
            ),
            published=tuple(
                published_from(one)
                for one in PublishedRecord.objects.filter(
                    project_id=project_id, case_id=case_id
                ).order_by("published_at")
            ),
            objections=_objections(project_id=project_id, review_id=case_id),
            claims=claims,
            earning=earning_claims(
                claims,
                proven=proven_claims(considered.answers, on=city_time(at).date()),
                standing=Standing(kept.standing),
            ),
        )


def standings(*, project_id: UUID) -> dict[UUID, Standing]:
    """Give how each household stands that has a review at all. Call it while reading or writing."""
    kept = ReviewRecord.objects.filter(project_id=project_id).order_by("round")
    return {
        household_id: Standing(standing)
        for household_id, standing in kept.values_list("household_id", "standing")
    }


def approvers_of(*, project_id: UUID) -> dict[UUID, UUID]:
    """Give who had the last word on each confirmed household. Call it while reading."""
    kept = ReviewRecord.objects.filter(
        project_id=project_id, standing=Standing.CONFIRMED.value
    ).order_by("round")
    return {
        one.household_id: approver
        for one in kept
        if (approver := one.city_by or one.district_by) is not None
    }


def count_reviews(*, project_id: UUID, by: Actor) -> ReviewCounts:
    """Count how a project's households stand; needs ``eligibility.see``."""
    require_permission(by, _SEES)
    with reading(by=by):
        told = standings(project_id=project_id)
        households = count_households(project_id=project_id)
        by_standing = Counter(told.values())
        by_standing[Standing.NONE] = households - len(told)
        return ReviewCounts(
            households=households,
            by_standing=dict(by_standing),
            by_step=_steps(project_id),
            objections=ObjectionRecord.objects.filter(project_id=project_id, ended_at=None).count(),
        )


def _steps(project_id: UUID) -> dict[str, int]:
    open_ones = ReviewRecord.objects.filter(
        project_id=project_id, standing=Standing.OPEN.value
    ).values_list("id", flat=True)
    counted: Counter[str] = Counter()
    for case in cases_by_id(project_id=project_id, case_ids=list(open_ones)).values():
        counted.update(("intake",) if case.status is Status.INTAKE else case.open_steps)
    return dict(counted)


def unshown_households(*, project_id: UUID, step: NoticeStep) -> tuple[UUID, ...]:
    """Give whom a notice is still to show, as the operation takes them. Call it while reading."""
    return tuple(unshown_cases(project_id=project_id, step=step))


def objections_of(*, project_id: UUID, by: Actor) -> tuple[ObjectionRow, ...]:
    """Give a project's objections in sight, the newest first; needs ``eligibility.see``."""
    require_permission(by, _SEES)
    with reading(by=by):
        kept = ObjectionRecord.objects.filter(project_id=project_id).order_by("-lodged_at", "id")
        return tuple(objection_from(one) for one in kept)


def upheld_objections(*, project_id: UUID, about_id: UUID) -> tuple[ObjectionRow, ...]:
    """Give the upheld objections to entries of a household. Call it while reading or writing."""
    kept = ObjectionRecord.objects.filter(project_id=project_id, about_id=about_id, is_upheld=True)
    return tuple(objection_from(one) for one in kept.order_by("lodged_at", "id"))


def shown_in_notice(*, project_id: UUID, notice_id: UUID, number: str) -> ShownRow:
    """Find an entry of a notice by its number; refuses with ``eligibility.not-in-notice``."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT case_id, household_id, step, division FROM eligibility_shown(%s, %s, %s)",
            [project_id, notice_id, number.strip()],
        )
        found = cursor.fetchone()
    if found is None:
        raise Refusal("eligibility.not-in-notice", number=number[:40])
    case_id, household_id, step, division = found
    return ShownRow(
        case_id=case_id, household_id=household_id, step=NoticeStep(step), division=division
    )


def _objections(*, project_id: UUID, review_id: UUID) -> tuple[ObjectionRow, ...]:
    kept = ObjectionRecord.objects.filter(project_id=project_id, review_id=review_id)
    return tuple(objection_from(one) for one in kept.order_by("lodged_at", "id"))


def _row(kept: ReviewRecord) -> ReviewRow:
    case = None
    if kept.take_over_id is None:
        case = case_by_id(project_id=kept.project_id, case_id=kept.id)
    return review_from(kept, case=case)


def _answer(one: Answer) -> AnswerRow:
    return AnswerRow(
        kind=one.kind.value,
        department=one.department,
        state=one.state.value,
        answered_at=one.answered_at,
        is_late=one.is_late,
        differing=one.differing,
    )
