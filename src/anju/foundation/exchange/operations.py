"""Files that come in: received here; read and stored by who knows what they mean."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.mapping import import_from, seal_faults
from anju.foundation.exchange.models import ImportProgress, ImportRecord
from anju.foundation.exchange.sheets import MOST_BYTES
from anju.foundation.exchange.types import KINDS, ImportCounts, ImportKind, ImportRow, plain_name
from anju.foundation.exchange.uploads import keep_upload
from anju_rules.hashing import digest
from anju_rules.values import Refusal

MOST_FAULTS_KEPT = 2_000
"""Faults that are kept of one file; all of them are counted."""


@operation(
    permits="imports.receive",
    action="exchange.upload.received",
    clauses=("plan/registers",),
    level=Secrecy.INTERNAL,
)
def receive_upload(
    *,
    project_id: UUID,
    kind: ImportKind,
    data: bytes,
    file_name: str,
    is_dry_run: bool,
    by: Actor,
    at: datetime,
) -> ImportRow:
    """Keep a clerk's file, sealed, until it is read.

    Refuses with ``exchange.unknown-kind``, ``exchange.file-empty`` or ``exchange.file-too-large``;
    what stands in the file is judged when it is read.
    """
    if kind not in KINDS:
        raise Refusal("exchange.unknown-kind", kind=kind, known="、".join(KINDS))
    if not data:
        raise Refusal("exchange.file-empty")
    if len(data) > MOST_BYTES:
        raise Refusal("exchange.file-too-large", most=MOST_BYTES)
    import_id, told_digest = new_id(), digest(data).hex()
    received = ImportRecord(
        project_id=project_id,
        id=import_id,
        kind=kind,
        file_name=plain_name(file_name),
        digest=told_digest,
        size=len(data),
        is_dry_run=is_dry_run,
        state="received",
        received_by=by.id,
        received_at=at,
    )
    # The file first: a record without its file could never be read, a file without a record harms
    # nobody.
    keep_upload(project_id=project_id, import_id=import_id, data=data)
    received.save(force_insert=True)
    record(
        target=import_id,
        project_id=project_id,
        body={"kind": kind, "digest": told_digest, "size": len(data), "dry_run": is_dry_run},
    )
    return import_from(received)


def lock_import(*, project_id: UUID, import_id: UUID) -> bool:
    """Lock an import for the running transaction; gives whether it is still to be done.

    Refuses with ``exchange.unknown-import``.
    """
    found = (
        ImportRecord.objects.select_for_update()
        .filter(project_id=project_id, id=import_id)
        .values_list("state", flat=True)
        .first()
    )
    if found is None:
        raise Refusal("exchange.unknown-import")
    return found == "received"


def finish_import(
    *, project_id: UUID, import_id: UUID, counts: ImportCounts, at: datetime
) -> ImportRow:
    """Note, with the data and in their transaction, that an import is done."""
    return _finish(project_id, import_id, state="done", counts=counts, faults=(), at=at)


def refuse_import(
    *,
    project_id: UUID,
    import_id: UUID,
    counts: ImportCounts,
    faults: tuple[Fault, ...],
    has_failed: bool,
    at: datetime,
) -> ImportRow:
    """Note the faults for which nothing of a file was kept.

    ``has_failed``: the file itself could not be opened any more.
    """
    state = "failed" if has_failed else "faulty"
    return _finish(project_id, import_id, state=state, counts=counts, faults=faults, at=at)


def _finish(
    project_id: UUID,
    import_id: UUID,
    *,
    state: str,
    counts: ImportCounts,
    faults: tuple[Fault, ...],
    at: datetime,
) -> ImportRow:
    kept = ImportRecord.objects.get(project_id=project_id, id=import_id)
    kept.state = state
    kept.rows_total = counts.rows_total
    kept.added = counts.added
    kept.changed = counts.changed
    kept.unchanged = counts.unchanged
    kept.staying = counts.staying
    kept.faults_count = len(faults)
    kept.faults_sealed = seal_faults(
        faults[:MOST_FAULTS_KEPT], project_id=project_id, import_id=import_id
    )
    kept.finished_at = at
    kept.save()
    ImportProgress.objects.filter(import_id=import_id).delete()
    return import_from(kept)
