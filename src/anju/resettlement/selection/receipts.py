"""Receipts: what binds a household to its ticket, once and for the life of the project.

A household is asked once. Whatever is drawn later in the project (after a void, in the next batch),
it stands there under the ticket that is on its receipt, with the same salt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from anju.foundation.core.crypto import new_salt
from anju.foundation.core.sealing import (
    FieldPlace,
    PlainField,
    SealedField,
    open_fields,
    seal_fields,
)
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.offline.entries import Entry, make_entries, record_of, show_receipts
from anju.resettlement.offline.plan import Plan
from anju.resettlement.selection.models import ReceiptRecord
from anju_rules.draws import check_ticket
from anju_rules.values import HouseholdNumber, Refusal

RECEIPTS = "selection_receipt"
ROWS_A_STATEMENT = 2_000


def receipts_of(project_id: UUID, plan: Plan) -> tuple[Entry, ...]:
    """Open a project's receipts, by ticket: salt and record of each household."""
    records = ReceiptRecord.objects.filter(project_id=project_id)
    texts = open_fields(
        fields=[
            SealedField(
                place=FieldPlace(row.household_id, RECEIPTS, row.household_id, "receipt_sealed"),
                sealed=bytes(row.receipt_sealed),
            )
            for row in records
        ]
    )
    entries = [_entry(json.loads(text), plan) for text in texts]
    return tuple(sorted(entries, key=lambda entry: entry.ticket))


def has_receipts(project_id: UUID) -> bool:
    """Whether the households of a project were given their tickets."""
    return ReceiptRecord.objects.filter(project_id=project_id).exists()


def enter_households(project_id: UUID, plan: Plan) -> tuple[Entry, ...]:
    """Give every household its entry: the ticket it has, or a new one.

    Inside the caller's operation. A household whose record has changed since (the register is open
    until the order is drawn) keeps its ticket and gets a new receipt, with a new salt: the old one
    still opens the entry of the draw it was given for.
    """
    known = receipts_of(project_id, plan)
    changed = [
        replace(entry, salt=new_salt(), record=record)
        for entry in known
        if (record := record_of(plan.households[entry.number], plan=plan)) != entry.record
    ]
    new = make_entries(plan, known={entry.number for entry in known})
    if changed:
        _forget(project_id, changed)
    keep_receipts(project_id, [*changed, *new])
    renewed = {entry.ticket for entry in changed}
    kept = [entry for entry in known if entry.ticket not in renewed]
    return tuple(sorted([*kept, *changed, *new], key=lambda entry: entry.ticket))


def _forget(project_id: UUID, entries: Sequence[Entry]) -> None:
    household_ids = household_numbers(project_id=project_id)
    ReceiptRecord.objects.filter(
        project_id=project_id,
        household_id__in=[household_ids[entry.number] for entry in entries],
    ).delete()


def keep_receipts(project_id: UUID, entries: Sequence[Entry]) -> None:
    """Seal the receipts of households that have none yet; inside the caller's operation."""
    if not entries:
        return
    household_ids = household_numbers(project_id=project_id)
    owners = [household_ids[entry.number] for entry in entries]
    sealed = seal_fields(
        fields=[
            PlainField(
                place=FieldPlace(owner, RECEIPTS, owner, "receipt_sealed"),
                text=show_receipts([entry]),
            )
            for owner, entry in zip(owners, entries, strict=True)
        ]
    )
    ReceiptRecord.objects.bulk_create(
        (
            ReceiptRecord(project_id=project_id, household_id=owner, receipt_sealed=receipt)
            for owner, receipt in zip(owners, sealed, strict=True)
        ),
        batch_size=ROWS_A_STATEMENT,
    )


def _entry(told: Sequence[Mapping[str, object]], plan: Plan) -> Entry:
    (receipt,) = told
    record_told = receipt["record"]
    if not isinstance(record_told, dict):
        raise Refusal("draw.receipts-unreadable", file="")
    number = HouseholdNumber(str(record_told["number"]))
    if number not in plan.households:
        raise Refusal("draw.list-changed", household=number)
    return Entry(
        ticket=check_ticket(str(receipt["ticket"])),
        number=number,
        stratum=plan.households[number].household.stratum,
        salt=bytes.fromhex(str(receipt["salt"])),
        record=record_told,
    )
