"""Reads of notices. All of it is public; who may publish is decided by the operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count

from anju.foundation.notices.mapping import notice_from, standing_from
from anju.foundation.notices.models import (
    MissedDayRecord,
    NoticeRecord,
    ObjectionRecord,
    SightingRecord,
)
from anju.foundation.notices.types import NoticeRow, NoticeStanding
from anju_rules.notices import NoticeState
from anju_rules.values import Refusal

__all__ = [
    "count_objections",
    "find_notice",
    "is_over",
    "missed_days_noted",
    "newest_notices",
    "notice_by_id",
    "notices_of",
    "notices_of_subject",
    "standing_of",
    "unfinished_notices",
]


def find_notice(*, notice_id: UUID) -> NoticeRow | None:
    """Give a notice by its id alone, as its public address names it."""
    kept = NoticeRecord.objects.filter(id=notice_id).first()
    return None if kept is None else notice_from(kept)


def notice_by_id(*, project_id: UUID, notice_id: UUID) -> NoticeRow:
    """Give one notice of a project; refuses with ``notices.unknown``."""
    kept = NoticeRecord.objects.filter(project_id=project_id, id=notice_id).first()
    if kept is None:
        raise Refusal("notices.unknown")
    return notice_from(kept)


def standing_of(*, project_id: UUID, notice_id: UUID, at: datetime) -> NoticeStanding:
    """Say how one notice stands at a moment; refuses with ``notices.unknown``."""
    kept = NoticeRecord.objects.filter(project_id=project_id, id=notice_id).first()
    if kept is None:
        raise Refusal("notices.unknown")
    return _standings(project_id, [kept], at=at)[0]


def notices_of(*, project_id: UUID, at: datetime) -> tuple[NoticeStanding, ...]:
    """Give a project's notices as they stand at a moment, the newest first; withdrawn ones too."""
    kept = NoticeRecord.objects.filter(project_id=project_id).order_by("-published_at", "-number")
    return _standings(project_id, list(kept), at=at)


def notices_of_subject(
    *, project_id: UUID, subject_kind: str, subject_id: UUID, at: datetime
) -> tuple[NoticeStanding, ...]:
    """Give the notices about one thing of another context, the newest first."""
    kept = NoticeRecord.objects.filter(
        project_id=project_id, subject_kind=subject_kind, subject_id=subject_id
    ).order_by("-published_at", "-number")
    return _standings(project_id, list(kept), at=at)


def is_over(*, project_id: UUID, notice_id: UUID, at: datetime) -> bool:
    """Whether a notice has stood its whole time, so that what follows it may begin.

    A withdrawn notice is never over: its successor must stand its own time.
    Refuses with ``notices.unknown``.
    """
    standing = standing_of(project_id=project_id, notice_id=notice_id, at=at)
    return standing.state is NoticeState.OVER


def count_objections(*, project_id: UUID, notice_id: UUID) -> int:
    """Count the objections that came in time."""
    return ObjectionRecord.objects.filter(project_id=project_id, notice_id=notice_id).count()


def missed_days_noted(*, project_id: UUID, notice_id: UUID) -> tuple[date, ...]:
    """Give the missed days of a notice that the ledger tells of already."""
    noted = MissedDayRecord.objects.filter(project_id=project_id, notice_id=notice_id)
    return tuple(noted.order_by("missed_on").values_list("missed_on", flat=True))


def unfinished_notices() -> tuple[NoticeRow, ...]:
    """Give the notices of all projects that still stand: what the platform looks after."""
    kept = NoticeRecord.objects.filter(withdrawn_at=None, closed_at=None).order_by("published_at")
    return tuple(notice_from(one) for one in kept)


def newest_notices(*, most: int = 200) -> tuple[NoticeRow, ...]:
    """Give the notices of all projects that were published last."""
    return tuple(notice_from(one) for one in NoticeRecord.objects.order_by("-published_at")[:most])


def _standings(
    project_id: UUID, kept: Sequence[NoticeRecord], *, at: datetime
) -> tuple[NoticeStanding, ...]:
    """Lay notices out with their sightings and counts: four questions, however many they are."""
    ids = [one.id for one in kept]
    sightings = defaultdict[UUID, list[SightingRecord]](list)
    for sighting in SightingRecord.objects.filter(project_id=project_id, notice_id__in=ids):
        sightings[sighting.notice_id].append(sighting)
    objections = dict(
        ObjectionRecord.objects.filter(project_id=project_id, notice_id__in=ids)
        .values_list("notice_id")
        .annotate(Count("id"))
    )
    successors = {
        one.predecessor_id: one
        for one in NoticeRecord.objects.filter(project_id=project_id, predecessor_id__in=ids)
    }
    return tuple(
        standing_from(
            notice_from(one),
            sightings=sightings[one.id],
            objections=objections.get(one.id, 0),
            successor=successors.get(one.id),
            at=at,
        )
        for one in kept
    )
