"""Rows of notices into what others see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from anju.foundation.notices.contents import kinds_from, read_document, term_from
from anju.foundation.notices.models import NoticeRecord, SightingRecord
from anju.foundation.notices.pages import china_day
from anju.foundation.notices.types import (
    AnnexRow,
    ColumnRow,
    NoticeRow,
    NoticeStanding,
    SightFault,
    SightingRow,
)
from anju_rules.notices import NoticeKind, read_window


def notice_from(kept: NoticeRecord) -> NoticeRow:
    """Give a notice as it was published."""
    told = read_document(kept.document)
    return NoticeRow(
        id=kept.id,
        project_id=kept.project_id,
        number=kept.number,
        kind=NoticeKind(kept.kind),
        title=told["title"],
        issuer=told["issuer"],
        place=told["place"],
        paragraphs=tuple(told["paragraphs"]),
        columns=tuple(
            ColumnRow(label=column["label"], kind=kind)
            for column, kind in zip(told["columns"], kinds_from(told), strict=True)
        ),
        rows=tuple(tuple(row) for row in told["rows"]),
        annexes=tuple(AnnexRow(**annex) for annex in told["annexes"]),
        channel=told["channel"],
        clauses=tuple(told["clauses"]),
        term=term_from(told["term"]),
        published_at=kept.published_at,
        digest=kept.digest,
        event_id=kept.event_id,
        opens_entry=kept.opens_entry,
        predecessor_id=kept.predecessor_id,
        subject_kind=kept.subject_kind,
        subject_id=kept.subject_id,
        withdrawn_at=kept.withdrawn_at,
        withdrawn_reason=kept.withdrawn_reason,
        withdrawn_event_id=kept.withdrawn_event_id,
        closed_at=kept.closed_at,
        closed_event_id=kept.closed_event_id,
    )


def standing_from(
    notice: NoticeRow,
    *,
    sightings: Sequence[SightingRecord],
    objections: int,
    successor: NoticeRecord | None,
    at: datetime,
) -> NoticeStanding:
    """Give how a notice stands at a moment, from what was seen of it until then."""
    rows = tuple(
        SightingRow(
            at=kept.at,
            seen_on=kept.seen_on,
            fault=cast("SightFault", kept.fault),
            event_id=kept.event_id,
        )
        for kept in sorted(sightings, key=lambda kept: kept.at)
    )
    window = read_window(
        notice.term,
        seen_on={row.seen_on for row in rows if not row.fault},
        on=china_day(at),
        withdrawn_on=notice.withdrawn_at and china_day(notice.withdrawn_at),
    )
    return NoticeStanding(
        notice=notice,
        window=window,
        sightings=rows,
        objections=objections,
        successor_id=None if successor is None else successor.id,
    )
