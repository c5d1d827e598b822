"""Writes of households: steps of an import or of a correction, inside its transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.db.models import Max

from anju.foundation.access.operations import on_erasure
from anju.foundation.core.sealing import FieldPlace, PlainField, seal_fields
from anju.foundation.exchange.bulk import (
    ROWS_A_STATEMENT,
    BulkColumn,
    Noted,
    insert_rows,
    update_rows,
)
from anju.resettlement.households.mapping import SEALED_COLUMNS, TABLE, draft_from
from anju.resettlement.households.models import HouseholdRecord
from anju.resettlement.households.queries import household_file
from anju.resettlement.households.tables import RegisteredHousehold
from anju.resettlement.households.types import HouseholdChanges, HouseholdDraft
from anju_rules.values import Fact

_COLUMNS = (
    BulkColumn("project_id", "uuid"),
    BulkColumn("id", "uuid"),
    BulkColumn("number", "text"),
    BulkColumn("stratum", "text"),
    BulkColumn("street", "text"),
    *(BulkColumn(column, "bytea") for column in SEALED_COLUMNS),
    BulkColumn("identity_index", "bytea"),
    BulkColumn("facts", "jsonb"),
    BulkColumn("needs", "jsonb"),
    BulkColumn("lottery_number", "bigint"),
    BulkColumn("content_index", "bytea"),
)
ERASED = b""
"""The content index of an erased household: no content has it."""
_PLACE = BulkColumn("place", "integer")


def store_households(
    *, project_id: UUID, changes: HouseholdChanges, note: Noted | None = None
) -> None:
    """Write what an import adds and changes; where it does neither, nothing is written.

    Names, identity numbers and phones are sealed with the household's own key.
    """
    if changes.added:
        last = HouseholdRecord.objects.filter(project_id=project_id).aggregate(last=Max("place"))
        place = (last["last"] or 0) + 1
        for part in _parts(changes.added):
            rows = _rows(project_id, part)
            placed = [(*row, place + at) for at, row in enumerate(rows)]
            insert_rows(TABLE, (*_COLUMNS, _PLACE), placed, note=note)
            place += len(part)
    for part in _parts(changes.changed):
        rows = _rows(project_id, part)
        update_rows(TABLE, _COLUMNS, rows, keys=("project_id", "id"), note=note)


def correct_facts(*, project_id: UUID, household_id: UUID, facts: Mapping[str, Fact]) -> None:
    """Put corrected facts into the register, inside the caller's operation; the others stay.

    Refuses with ``households.unknown-household``.
    """
    file = household_file(project_id=project_id, household_id=household_id)
    draft = draft_from(
        RegisteredHousehold(
            household=replace(file.row.household, facts={**file.row.facts, **facts}),
            name=file.name,
            identity_number=file.identity_number,
            phone=file.phone,
            street=file.row.street,
        ),
        project_id=project_id,
        household_id=household_id,
        lottery_number=file.row.lottery_number,
    )
    found = HouseholdRecord.objects.filter(project_id=project_id, id=household_id)
    found.update(facts=draft.facts)
    # An erased household has no content any more, and gets no index of one.
    found.exclude(content_index=ERASED).update(content_index=draft.content_index)


@on_erasure
def forget_household(household_id: UUID) -> None:
    """Take away of an erased household what a destroyed key does not close.

    Its number, stratum and facts stay: what was decided on them must remain checkable. The index
    of its content covers name, identity number and telephone: whoever holds the index key could
    try names against it.
    """
    HouseholdRecord.objects.filter(id=household_id).update(
        name_sealed=None,
        identity_sealed=None,
        phone_sealed=None,
        identity_index=None,
        content_index=ERASED,
    )


def _parts(drafts: Sequence[HouseholdDraft]) -> list[Sequence[HouseholdDraft]]:
    return [
        drafts[start : start + ROWS_A_STATEMENT]
        for start in range(0, len(drafts), ROWS_A_STATEMENT)
    ]


def _rows(project_id: UUID, drafts: Sequence[HouseholdDraft]) -> list[tuple[object, ...]]:
    plain = [
        PlainField(place=FieldPlace(draft.id, TABLE, draft.id, column), text=text)
        for draft in drafts
        for column, text in zip(SEALED_COLUMNS, _texts(draft), strict=True)
        if text
    ]
    sealed = {
        (field.place.row_id, field.place.column): data
        for field, data in zip(plain, seal_fields(fields=plain), strict=True)
    }
    return [
        (
            *(project_id, draft.id, draft.number, draft.stratum, draft.street),
            *(sealed.get((draft.id, column)) for column in SEALED_COLUMNS),
            *(draft.identity_index, draft.facts, draft.needs),
            *(draft.lottery_number, draft.content_index),
        )
        for draft in drafts
    ]


def _texts(draft: HouseholdDraft) -> tuple[str, str, str]:
    return draft.name, draft.identity_number, draft.phone
