"""Writes of wishes: steps of an import, inside its transaction."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.bulk import BulkColumn, Noted, insert_rows
from anju.resettlement.preferences.models import WishRecord
from anju.resettlement.preferences.types import WishChanges

_COLUMNS = (
    BulkColumn("project_id", "uuid"),
    BulkColumn("id", "uuid"),
    BulkColumn("household_id", "uuid"),
    BulkColumn("rank", "integer"),
    BulkColumn("unit_ids", "uuid[]"),
)


def store_wishes(*, project_id: UUID, changes: WishChanges, note: Noted | None = None) -> None:
    """Write what an import adds, and put changed wishes in the place of the household's earlier.

    Where nothing is added or changed, nothing is written.
    """
    if changes.changed:
        WishRecord.objects.filter(
            project_id=project_id, household_id__in=list(changes.changed)
        ).delete()
    rows = [
        (project_id, new_id(), household_id, rank, unit_ids)
        for household_id, wishes in {**changes.added, **changes.changed}.items()
        for rank, unit_ids in enumerate(wishes, start=1)
    ]
    insert_rows("preferences_wish", _COLUMNS, rows, note=note)
