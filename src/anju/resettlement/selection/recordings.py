"""What is known of the recordings of a day of choosing, as everybody may read it (DLV-4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from anju.resettlement.selection.models import RecordingRecord
from anju_rules.recordings import KEPT_FOR, RecordingKind, kept_until

LONGEST_CAMERA = 40
LONGEST_PLACE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecording:
    """A recording as an officer enters it."""

    batch: int
    kind: RecordingKind
    recorded_on: date
    """The day in China on which it was filmed."""
    camera: str
    """Which desk or camera, in a few words."""
    digest: str
    """SM3 of the file, 64 lower-case hex digits."""
    place: str
    """The archive and its number, in plain words."""
    corrects: UUID | None = None
    """The line that this one takes the place of; that one stays to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """One line: which recording is kept where, and until when at least."""

    id: UUID
    batch: int
    kind: RecordingKind
    recorded_on: date
    camera: str
    digest: str
    place: str
    kept_until: date
    years: int
    """How many years it is kept at least."""
    clause: str
    """What says so."""
    entered_at: datetime
    event_id: UUID
    corrected: tuple[RecordingRow, ...] = ()
    """The lines it took the place of, the newest first."""


def recordings_of(*, project_id: UUID) -> tuple[RecordingRow, ...]:
    """Give the recordings of a project's choosing, by batch and day, each with what it corrects.

    It needs no context: a line holds no person.
    """
    records = list(RecordingRecord.objects.filter(project_id=project_id))
    by_id = {record.id: record for record in records}
    replaced = {record.corrects_id for record in records}
    rows = [
        _row(record, tuple(_row(one) for one in _earlier(record, by_id)))
        for record in records
        if record.id not in replaced
    ]
    return tuple(sorted(rows, key=_in_order))


def standing_record(*, project_id: UUID, digest: str) -> RecordingRecord | None:
    """Give the line that stands for a file; None where none does."""
    replaced = RecordingRecord.objects.filter(
        project_id=project_id, corrects_id__isnull=False
    ).values("corrects_id")
    return next(
        iter(
            RecordingRecord.objects.filter(project_id=project_id, digest=digest).exclude(
                id__in=replaced
            )
        ),
        None,
    )


def _in_order(row: RecordingRow) -> tuple[object, ...]:
    is_beside = row.kind is RecordingKind.PROCESS
    return row.batch, row.recorded_on, is_beside, row.camera, row.id


def _earlier(
    record: RecordingRecord, by_id: dict[UUID, RecordingRecord]
) -> Iterator[RecordingRecord]:
    while record.corrects_id is not None:
        record = by_id[record.corrects_id]
        yield record


def _row(record: RecordingRecord, corrected: tuple[RecordingRow, ...] = ()) -> RecordingRow:
    kind = RecordingKind(record.kind)
    return RecordingRow(
        id=record.id,
        batch=record.batch,
        kind=kind,
        recorded_on=record.recorded_on,
        camera=record.camera,
        digest=record.digest,
        place=record.place,
        kept_until=kept_until(kind=kind, since=record.recorded_on),
        years=KEPT_FOR[kind].years,
        clause=KEPT_FOR[kind].clause,
        entered_at=record.entered_at,
        event_id=record.event_id,
        corrected=corrected,
    )
