"""Reads of imports: inside a context, else no row is seen."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.exchange.mapping import import_from
from anju.foundation.exchange.models import ImportProgress, ImportRecord
from anju.foundation.exchange.types import ImportRow
from anju_rules.values import Refusal


def import_row(*, import_id: UUID) -> ImportRow:
    """Give an import with how far it is; refuses with ``exchange.unknown-import``."""
    record = ImportRecord.objects.filter(id=import_id).first()
    if record is None:
        raise Refusal("exchange.unknown-import")
    return import_from(record, ImportProgress.objects.filter(import_id=import_id).first())


def imports_of(*, project_id: UUID) -> list[ImportRow]:
    """Give a project's imports, the newest first."""
    progress = {
        entry.import_id: entry for entry in ImportProgress.objects.filter(project_id=project_id)
    }
    records = ImportRecord.objects.filter(project_id=project_id).order_by("-received_at", "id")
    return [import_from(record, progress.get(record.id)) for record in records]
