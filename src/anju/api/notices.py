"""Endpoints of notices: what stands or stood, masked as it was published, and when it was seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Schema

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import ProjectCode, Refused
from anju.foundation.core.clock import read_clock
from anju.foundation.notices.queries import notices_of, standing_of
from anju.foundation.notices.types import NoticeStanding
from anju_rules.notices import Counting, NoticeKind, NoticeState

router = Router(tags=["notices"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}
NoticeId = Annotated[UUID, Path(description="公示的 id")]


class NoticeOut(Schema):
    """A notice and how it stands today."""

    id: UUID
    number: str
    kind: NoticeKind
    title: str
    issuer: str
    state: NoticeState
    length: int
    counting: Counting
    clause: str
    published_at: datetime
    began_on: date | None
    due_on: date | None
    is_provisional: bool
    left: int
    missed: list[date]
    takes_objections: bool
    objections: int
    digest: str
    event_id: UUID | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    successor_id: UUID | None


class ColumnOut(Schema):
    """A column of a notice's table."""

    label: str
    kind: str


class SightingOut(Schema):
    """That a notice was looked for; ``fault`` is empty where it was seen as published."""

    at: datetime
    seen_on: date
    fault: str
    event_id: UUID


class WholeNoticeOut(NoticeOut):
    """A notice with all that it says, and the log of its visibility."""

    paragraphs: list[str]
    columns: list[ColumnOut]
    rows: list[list[str]]
    channel: str
    clauses: list[str]
    sightings: list[SightingOut]


@router.get("/{code}/notices", response={200: list[NoticeOut], **_REFUSED})
@asks("notices.see")
def list_notices(request: HttpRequest, code: ProjectCode) -> list[NoticeOut]:
    """Give a project's notices, the newest first, withdrawn ones among them."""
    project = project_in_sight(code, by=actor_of(request))
    standings = notices_of(project_id=project.id, at=read_clock())
    return [NoticeOut.model_validate(_told(standing)) for standing in standings]


@router.get("/{code}/notices/{notice_id}", response={200: WholeNoticeOut, **_REFUSED})
@asks("notices.see")
def show_notice(request: HttpRequest, code: ProjectCode, notice_id: NoticeId) -> WholeNoticeOut:
    """Give one notice with all that it says."""
    project = project_in_sight(code, by=actor_of(request))
    standing = standing_of(project_id=project.id, notice_id=notice_id, at=read_clock())
    notice = standing.notice
    return WholeNoticeOut.model_validate(
        {
            **_told(standing),
            "paragraphs": notice.paragraphs,
            "columns": notice.columns,
            "rows": notice.rows,
            "channel": notice.channel,
            "clauses": notice.clauses,
            "sightings": standing.sightings,
        },
        from_attributes=True,
    )


def _told(standing: NoticeStanding) -> dict[str, object]:
    notice, window = standing.notice, standing.window
    return {
        "id": notice.id,
        "number": notice.number,
        "kind": notice.kind,
        "title": notice.title,
        "issuer": notice.issuer,
        "state": window.state,
        "length": notice.term.length,
        "counting": notice.term.counting,
        "clause": notice.term.clause,
        "published_at": notice.published_at,
        "began_on": window.began_on,
        "due_on": window.due.on if window.due else None,
        "is_provisional": window.due.provisional if window.due else False,
        "left": window.left,
        "missed": window.missed,
        "takes_objections": window.takes_objections,
        "objections": standing.objections,
        "digest": notice.digest,
        "event_id": notice.event_id,
        "withdrawn_at": notice.withdrawn_at,
        "withdrawn_reason": notice.withdrawn_reason,
        "successor_id": standing.successor_id,
    }
