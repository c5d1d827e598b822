"""Which recording of a day of choosing is kept where, and until when (DLV-4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.pages import china_day
from anju.resettlement.selection.models import BatchRecord, RecordingRecord
from anju.resettlement.selection.record import RECORDED
from anju.resettlement.selection.recordings import (
    LONGEST_CAMERA,
    LONGEST_PLACE,
    NewRecording,
    standing_record,
)
from anju_rules.hashing import bytes_from_hex
from anju_rules.notices import refuse_personal_text
from anju_rules.recordings import KEPT_FOR, RecordingKind, kept_until
from anju_rules.values import Refusal

KINDS = (RecordingKind.SELECTION, RecordingKind.PROCESS)
"""What is filmed on a day of choosing; a draw's recording stands with its ceremony."""
_CLAUSES = ("plan/selection", "plan/archive", "civil-code/202")


@operation(permits="selection.run", action=RECORDED, clauses=_CLAUSES, level=Secrecy.PUBLIC)
def enter_recording(
    *,
    project_id: UUID,
    recording: NewRecording,
    by: Actor,
    at: datetime,
) -> UUID:
    """Enter which recording of a closed batch is kept where; give the line's id.

    A line that ``corrects`` another takes its place, and the other stays to be read. Refuses with
    ``selection.recording-kind``, ``selection.batch-unknown``, ``selection.recording-too-early``
    before the batch is closed, ``selection.recording-day`` outside of its days,
    ``selection.recording-incomplete``, ``notices.personal-text``, ``value.not-a-digest``,
    ``selection.recording-twice`` (a file stands once), ``selection.recording-unknown`` and
    ``selection.recording-corrected``.
    """
    if recording.kind not in KINDS:
        raise Refusal("selection.recording-kind", kind=recording.kind.value)
    _check_day(project_id, recording)
    told = _read_told(recording)
    _check_line(project_id, recording)
    recording_id = new_id()
    facts = {
        "batch": recording.batch,
        "kind": recording.kind.value,
        "recorded_on": recording.recorded_on.isoformat(),
        **told,
        "corrects": None if recording.corrects is None else str(recording.corrects),
    }
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={
            "recording": str(recording_id),
            **facts,
            "kept_until": kept_until(kind=recording.kind, since=recording.recorded_on).isoformat(),
            "clause": KEPT_FOR[recording.kind].clause,
        },
    )
    RecordingRecord.objects.create(
        project_id=project_id,
        id=recording_id,
        batch=recording.batch,
        kind=recording.kind.value,
        recorded_on=recording.recorded_on,
        **told,
        corrects_id=recording.corrects,
        entered_at=at,
        entered_by=by.id,
        event_id=receipt.event_id,
    )
    return recording_id


def _check_day(project_id: UUID, recording: NewRecording) -> None:
    batches = BatchRecord.objects.filter(project_id=project_id)
    batch = batches.filter(batch=recording.batch).first()
    if batch is None:
        raise Refusal("selection.batch-unknown", batch=recording.batch, batches=batches.count())
    if batch.opened_at is None or batch.closed_at is None:
        raise Refusal("selection.recording-too-early", batch=batch.batch)
    first, last = china_day(batch.opened_at), china_day(batch.closed_at)
    if not first <= recording.recorded_on <= last:
        raise Refusal(
            "selection.recording-day",
            day=recording.recorded_on.isoformat(),
            batch=batch.batch,
            first=first.isoformat(),
            last=last.isoformat(),
        )


def _read_told(recording: NewRecording) -> dict[str, str]:
    """Give camera, digest and place as they are kept; what is published names nobody."""
    camera, place = (" ".join(text.split()) for text in (recording.camera, recording.place))
    if not 0 < len(camera) <= LONGEST_CAMERA or not 0 < len(place) <= LONGEST_PLACE:
        raise Refusal("selection.recording-incomplete", camera=LONGEST_CAMERA, place=LONGEST_PLACE)
    refuse_personal_text(camera, where="camera")
    refuse_personal_text(place, where="place")
    bytes_from_hex(recording.digest)
    return {"camera": camera, "digest": recording.digest, "place": place}


def _check_line(project_id: UUID, recording: NewRecording) -> None:
    _lock_closed_batches(project_id)
    records = RecordingRecord.objects.filter(project_id=project_id)
    if recording.corrects is not None:
        if not records.filter(id=recording.corrects, batch=recording.batch).exists():
            raise Refusal("selection.recording-unknown", batch=recording.batch)
        if records.filter(corrects_id=recording.corrects).exists():
            raise Refusal("selection.recording-corrected")
    standing = standing_record(project_id=project_id, digest=recording.digest)
    if standing is not None and standing.id != recording.corrects:
        raise Refusal("selection.recording-twice", batch=standing.batch, camera=standing.camera)


def _lock_closed_batches(project_id: UUID) -> None:
    """Have two officers enter one file one after the other; the open batch waits for neither."""
    closed = BatchRecord.objects.select_for_update().filter(project_id=project_id, state="closed")
    list(closed.order_by("batch"))
