"""Writes of homes: steps of others' operations, each inside their transaction."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connections
from django.db.models import Max

from anju.foundation.exchange.bulk import BulkColumn, Noted, insert_rows, update_rows
from anju.resettlement.inventory.changing import note_changes, tell_values
from anju.resettlement.inventory.mapping import TABLE_COLUMNS
from anju.resettlement.inventory.models import UnitRecord
from anju.resettlement.inventory.types import UnitChanges, UnitDraft, UnitState
from anju_rules.values import Refusal

_KEYS = (BulkColumn("project_id", "uuid"), BulkColumn("id", "uuid"))
_CONTENT = BulkColumn("content_digest", "bytea")
_ADDED = (
    *_KEYS,
    BulkColumn("number", "text"),
    BulkColumn("place", "integer"),
    BulkColumn("state", "text"),
    BulkColumn("import_ids", "uuid[]"),
    BulkColumn("attachments", "jsonb"),
    _CONTENT,
    *TABLE_COLUMNS,
)

_KEEP_DECIDED = """
UPDATE inventory_unit SET
  quality_grade = coalesce(decided->>'quality_grade', quality_grade),
  location_tier = coalesce(decided->>'location_tier', location_tier),
  amenity_tier = coalesce(decided->>'amenity_tier', amenity_tier),
  reserved_for = coalesce(decided->>'reserved_for', reserved_for)
WHERE project_id = %s AND id = ANY (%s) AND decided <> '{}'
"""


def store_units(
    *, project_id: UUID, changes: UnitChanges, import_id: UUID, note: Noted | None = None
) -> None:
    """Write what an import adds and changes; where it does neither, nothing is written.

    Refuses with ``intake.unit-in-use`` where a home to be changed was held or taken meanwhile.
    """
    if changes.added:
        last = UnitRecord.objects.filter(project_id=project_id).aggregate(last=Max("place"))["last"]
        rows = [
            (
                *(project_id, draft.id, draft.number, place, "free"),
                *([import_id], [], draft.digest),
                *_values(draft),
            )
            for place, draft in enumerate(changes.added, start=(last or 0) + 1)
        ]
        insert_rows("inventory_unit", _ADDED, rows, note=note)
    if changes.changed:
        changed = [draft.id for draft in changes.changed]
        before = tell_values(project_id=project_id, unit_ids=changed)
        written = update_rows(
            "inventory_unit",
            (*_KEYS, _CONTENT, *TABLE_COLUMNS),
            [(project_id, draft.id, draft.digest, *_values(draft)) for draft in changes.changed],
            keys=("project_id", "id"),
            only_where="kept.state NOT IN ('held', 'taken')",
            note=note,
        )
        if written != len(changes.changed):
            raise Refusal("intake.unit-in-use", unit="")
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "UPDATE inventory_unit SET import_ids = import_ids || %s::uuid"
                " WHERE project_id = %s AND id = ANY (%s)",
                [import_id, project_id, changed],
            )
            # What officers decided of a home after the table stands above what the table says.
            cursor.execute(_KEEP_DECIDED, [project_id, changed])
        note_changes(project_id=project_id, before=before, cause_id=import_id)


def move_units(
    *,
    project_id: UUID,
    unit_ids: Collection[UUID],
    from_states: Collection[UnitState],
    to_state: UnitState,
) -> None:
    """Move homes from one of ``from_states`` to ``to_state``, all of them or none.

    The state is asked and changed in one statement, so two who want one home cannot both have it.
    Refuses with ``inventory.unit-not-free`` where one of them is in another state or is no home of
    the project.
    """
    wanted = list(set(unit_ids))
    moved = UnitRecord.objects.filter(
        project_id=project_id, id__in=wanted, state__in=list(from_states)
    ).update(state=to_state)
    if moved != len(wanted):
        raise Refusal("inventory.unit-not-free", wanted=len(wanted), free=moved)


def _values(draft: UnitDraft) -> tuple[object, ...]:
    return tuple(draft.values[column.name] for column in TABLE_COLUMNS)
