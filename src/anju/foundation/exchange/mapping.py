"""Rows of imports into what others see."""

from __future__ import annotations

import json
from typing import cast
from uuid import UUID

from anju.foundation.core.sealing import open_field, seal_field
from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.models import ImportProgress, ImportRecord
from anju.foundation.exchange.types import (
    ImportCounts,
    ImportKind,
    ImportRow,
    ImportState,
    faults_as_told,
    faults_from,
)

_TABLE, _COLUMN = "exchange_import", "faults_sealed"


def import_from(record: ImportRecord, progress: ImportProgress | None = None) -> ImportRow:
    """Give an import's frozen row; its faults are unsealed."""
    is_running = record.state == "received" and progress is not None
    state = "reading" if is_running else record.state
    rows_total = progress.rows_total if is_running and progress else record.rows_total
    return ImportRow(
        id=record.id,
        project_id=record.project_id,
        kind=cast("ImportKind", record.kind),
        file_name=record.file_name,
        digest=record.digest,
        size=record.size,
        is_dry_run=record.is_dry_run,
        state=cast("ImportState", state),
        stage=progress.stage if is_running and progress else "",
        rows_total=rows_total,
        rows_done=progress.rows_done if is_running and progress else rows_total,
        counts=ImportCounts(
            rows_total=record.rows_total,
            added=record.added,
            changed=record.changed,
            unchanged=record.unchanged,
            staying=record.staying,
        ),
        faults_count=record.faults_count,
        faults=_open_faults(record),
        received_by=record.received_by,
        received_at=record.received_at,
        finished_at=record.finished_at,
    )


def seal_faults(faults: tuple[Fault, ...], *, project_id: UUID, import_id: UUID) -> bytes | None:
    """Seal faults: a faulty value may be an identity number. None where there is no fault."""
    if not faults:
        return None
    return seal_field(
        subject_id=project_id,
        table=_TABLE,
        row_id=import_id,
        column=_COLUMN,
        text=json.dumps(faults_as_told(faults), ensure_ascii=False),
    )


def _open_faults(record: ImportRecord) -> tuple[Fault, ...]:
    if record.faults_sealed is None:
        return ()
    text = open_field(
        subject_id=record.project_id,
        table=_TABLE,
        row_id=record.id,
        column=_COLUMN,
        sealed=bytes(record.faults_sealed),
    )
    return faults_from(json.loads(text))
