"""Recordings of the choosing as pages say them: what, where, and until when it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from anju.resettlement.selection.recordings import RecordingRow
from anju.web.public.draw_words import group_hex
from anju.web.public.saying import say_moment, say_whole_date
from anju_rules.recordings import RecordingKind

KINDS: Mapping[RecordingKind, str] = {
    RecordingKind.DRAW: "摇号录像",
    RecordingKind.SELECTION: "选房录像",
    RecordingKind.PROCESS: "过程视频",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCard:
    """One recording in words."""

    id: UUID
    batch: int
    kind: str
    day: str
    camera: str
    digest: str
    """In groups of four."""
    place: str
    kept_until: str
    years: int
    clause: str
    entered: str
    event_id: str
    corrected: tuple[RecordingCard, ...]
    """What stood there before, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedBatch:
    """A batch with its recordings."""

    batch: int
    recordings: tuple[RecordingCard, ...]


def lay_out_recordings(rows: tuple[RecordingRow, ...]) -> list[RecordedBatch]:
    """Lay recordings out batch by batch."""
    return [
        RecordedBatch(
            batch=batch,
            recordings=tuple(lay_out_recording(row) for row in rows if row.batch == batch),
        )
        for batch in sorted({row.batch for row in rows})
    ]


def lay_out_recording(row: RecordingRow) -> RecordingCard:
    """Lay one recording out, with the lines it took the place of."""
    return RecordingCard(
        id=row.id,
        batch=row.batch,
        kind=KINDS[row.kind],
        day=say_whole_date(row.recorded_on),
        camera=row.camera,
        digest=group_hex(row.digest),
        place=row.place,
        kept_until=say_whole_date(row.kept_until),
        years=row.years,
        clause=row.clause,
        entered=say_moment(row.entered_at),
        event_id=str(row.event_id),
        corrected=tuple(lay_out_recording(one) for one in row.corrected),
    )
