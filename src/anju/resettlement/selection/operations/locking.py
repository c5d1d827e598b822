"""Locks of the selection: one at a time moves a project's batches; a choice waits for none."""

from __future__ import annotations

from uuid import UUID

from anju.resettlement.selection.models import BatchRecord
from anju_rules.values import Refusal


def lock_open_batch(project_id: UUID) -> BatchRecord:
    """Give the open batch, locked; refuses with ``selection.no-open-batch`` where none is open."""
    found = BatchRecord.objects.select_for_update().filter(project_id=project_id, state="open")
    batch = next(iter(found), None)
    if batch is None:
        raise Refusal("selection.no-open-batch")
    return batch
