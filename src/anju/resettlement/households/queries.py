"""Reads of households: inside a context (``reading`` or an operation), else no row is seen.

What names a person stays sealed but in :func:`household_file` and :func:`register_for_plan`; every
other answer is masked before it leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import FieldPlace, SealedField, open_unless_erased
from anju.resettlement.households.mapping import SEALED_COLUMNS, TABLE, draft_from, row_from
from anju.resettlement.households.models import HouseholdRecord
from anju.resettlement.households.tables import RegisteredHousehold
from anju.resettlement.households.types import (
    HouseholdChanges,
    HouseholdDraft,
    HouseholdFile,
    HouseholdRow,
    MaskedRow,
)
from anju_rules.masking import mask_name
from anju_rules.values import HouseholdNumber, Refusal


def registered_households(*, project_id: UUID) -> list[HouseholdRow]:
    """Give a project's households in the order of their register, without names."""
    return [row_from(record) for record in _records(project_id)]


def household_by_id(*, project_id: UUID, household_id: UUID) -> HouseholdRow:
    """Give one household; refuses with ``households.unknown-household``."""
    return row_from(_record(project_id, household_id))


def households_by_id(
    *, project_id: UUID, household_ids: Collection[UUID]
) -> dict[UUID, HouseholdRow]:
    """Give some households by id; those out of sight are left out."""
    found = HouseholdRecord.objects.filter(project_id=project_id, id__in=list(household_ids))
    return {record.id: row_from(record) for record in found}


def household_by_number(*, project_id: UUID, number: str) -> HouseholdRow:
    """Give the household with this number; refuses with ``households.unknown-household``."""
    record = HouseholdRecord.objects.filter(project_id=project_id, number=number).first()
    if record is None:
        raise Refusal("households.unknown-household", household=number)
    return row_from(record)


def household_numbers(*, project_id: UUID) -> dict[HouseholdNumber, UUID]:
    """Give the id of every household of a project by its number."""
    found = HouseholdRecord.objects.filter(project_id=project_id).values_list("number", "id")
    return {HouseholdNumber(number): household_id for number, household_id in found}


def identity_indexes(*, project_id: UUID, household_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Give the blind index of the identity number of each of these households that has one."""
    found = HouseholdRecord.objects.filter(
        project_id=project_id, id__in=list(household_ids), identity_index__isnull=False
    )
    return {
        household_id: bytes(index)
        for household_id, index in found.values_list("id", "identity_index")
        if index is not None
    }


def count_households(*, project_id: UUID) -> int:
    """Count a project's households."""
    return HouseholdRecord.objects.filter(project_id=project_id).count()


def masked_households(*, project_id: UUID) -> list[MaskedRow]:
    """Give a project's households in the order of their register, with masked names."""
    records = _records(project_id)
    names = _open(records, columns=("name_sealed",))
    return [
        MaskedRow(row=row_from(record), masked_name=_masked(names[record.id]["name_sealed"]))
        for record in records
    ]


def masked_names(*, project_id: UUID, household_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the masked name of each of these households; those out of sight are left out."""
    records = list(
        HouseholdRecord.objects.filter(project_id=project_id, id__in=list(household_ids))
    )
    names = _open(records, columns=("name_sealed",))
    return {record.id: _masked(names[record.id]["name_sealed"]) for record in records}


def household_file(*, project_id: UUID, household_id: UUID) -> HouseholdFile:
    """Give everything the register holds of a household.

    Whoever asks has entered a sensitive reading first. Refuses with
    ``households.unknown-household``.
    """
    record = _record(project_id, household_id)
    opened = _open([record], columns=SEALED_COLUMNS)[record.id]
    return HouseholdFile(
        row=row_from(record),
        name=opened["name_sealed"],
        identity_number=opened["identity_sealed"],
        phone=opened["phone_sealed"],
    )


def phones_of(*, project_id: UUID, household_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the telephone number of each of these households that has one.

    Whoever asks has entered a sensitive reading first. One household whose key was destroyed is
    left out like one without a number.
    """
    phones = {}
    for record in HouseholdRecord.objects.filter(
        project_id=project_id, id__in=list(household_ids), phone_sealed__isnull=False
    ):
        try:
            phone = _open([record], columns=("phone_sealed",))[record.id]["phone_sealed"]
        except Refusal as refusal:
            if refusal.code != "sealing.key-destroyed":
                raise
            continue
        if phone:
            phones[record.id] = phone
    return phones


def register_for_plan(*, project_id: UUID) -> dict[HouseholdNumber, RegisteredHousehold]:
    """Give the register as a plan folder would give it: for draws and results, which mask it."""
    records = _records(project_id)
    opened = _open(records, columns=SEALED_COLUMNS)
    return {
        (row := row_from(record)).number: RegisteredHousehold(
            household=row.household,
            name=opened[record.id]["name_sealed"],
            identity_number=opened[record.id]["identity_sealed"],
            phone=opened[record.id]["phone_sealed"],
            street=record.street,
        )
        for record in records
    }


def compare_households(
    *,
    project_id: UUID,
    households: Mapping[HouseholdNumber, RegisteredHousehold],
    lottery_numbers: Mapping[HouseholdNumber, int],
) -> HouseholdChanges:
    """Say what a register would change; nothing is written and nothing sealed is opened."""
    kept = {
        HouseholdNumber(number): (household_id, bytes(content), bytes(index or b""))
        for number, household_id, content, index in HouseholdRecord.objects.filter(
            project_id=project_id
        ).values_list("number", "id", "content_index", "identity_index")
    }
    staying = kept.keys() - households.keys()
    person_of = {kept[number][2]: number for number in staying if kept[number][2]}
    added: list[HouseholdDraft] = []
    changed: list[HouseholdDraft] = []
    same_person = []
    for number, registered in households.items():
        earlier = kept.get(number)
        draft = draft_from(
            registered,
            project_id=project_id,
            household_id=new_id() if earlier is None else earlier[0],
            lottery_number=lottery_numbers.get(number),
        )
        if draft.identity_index is not None and draft.identity_index in person_of:
            same_person.append((number, person_of[draft.identity_index]))
        if earlier is None:
            added.append(draft)
        elif earlier[1] != draft.content_index:
            changed.append(draft)
    return HouseholdChanges(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=len(households) - len(added) - len(changed),
        staying=len(staying),
        same_person=tuple(same_person),
    )


def _records(project_id: UUID) -> list[HouseholdRecord]:
    return list(HouseholdRecord.objects.filter(project_id=project_id).order_by("place", "number"))


def _record(project_id: UUID, household_id: UUID) -> HouseholdRecord:
    record = HouseholdRecord.objects.filter(project_id=project_id, id=household_id).first()
    if record is None:
        raise Refusal("households.unknown-household", household=household_id)
    return record


def _open(
    records: Collection[HouseholdRecord], *, columns: Collection[str]
) -> dict[UUID, dict[str, str]]:
    """Open sealed columns of many rows at once; an empty column is an empty text."""
    sealed = [
        SealedField(place=FieldPlace(record.id, TABLE, record.id, column), sealed=bytes(value))
        for record in records
        for column in columns
        if (value := getattr(record, column)) is not None
    ]
    opened = {record.id: dict.fromkeys(columns, "") for record in records}
    for field, text in zip(sealed, open_unless_erased(fields=sealed), strict=True):
        opened[field.place.row_id][field.place.column] = text
    return opened


def _masked(name: str) -> str:
    return mask_name(name) if name else ""
