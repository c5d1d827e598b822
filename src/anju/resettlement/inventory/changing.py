"""What an import or an act changes of homes, value by value: asked before it and after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import connections

from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.bulk import BulkColumn, insert_rows
from anju.resettlement.inventory.mapping import TABLE_COLUMNS

_COLUMNS = (
    BulkColumn("project_id", "uuid"),
    BulkColumn("id", "uuid"),
    BulkColumn("unit_id", "uuid"),
    BulkColumn("cause_id", "uuid"),
    BulkColumn("columns", "jsonb"),
)
_TELL = (
    "SELECT id, "  # noqa: S608 - the names stand in the code
    + ", ".join(f"coalesce({column.name}::text, '')" for column in TABLE_COLUMNS)
    + " FROM inventory_unit WHERE project_id = %s AND id = ANY (%s)"
)
"""As text, so that no area becomes a binary fraction on the way."""

Told = Mapping[UUID, tuple[str, ...]]


def tell_values(*, project_id: UUID, unit_ids: Collection[UUID]) -> Told:
    """Give every value of these homes as text, in the order of the table's columns."""
    if not unit_ids:
        return {}
    with connections["default"].cursor() as cursor:
        cursor.execute(_TELL, [project_id, list(unit_ids)])
        return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}


def note_changes(*, project_id: UUID, before: Told, cause_id: UUID) -> None:
    """Keep what is different now from ``before``, inside the caller's operation.

    ``cause_id`` is the import, or the ledger's entry of the act. A home of which nothing changed
    has no row.
    """
    after = tell_values(project_id=project_id, unit_ids=list(before))
    rows = []
    for unit_id, values in before.items():
        columns = {
            column.name: [was, now]
            for column, was, now in zip(TABLE_COLUMNS, values, after[unit_id], strict=True)
            if was != now
        }
        if columns:
            rows.append((project_id, new_id(), unit_id, cause_id, columns))
    insert_rows("inventory_change", _COLUMNS, rows)
