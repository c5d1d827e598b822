"""A household's own receipt: its ticket, its salt and the record that its commitment binds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from anju.foundation.core.sealing import open_field
from anju.resettlement.selection.models import ReceiptRecord
from anju.resettlement.selection.receipts import RECEIPTS
from anju_rules.draws import check_ticket
from anju_rules.values import Refusal, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """What a household takes away when its application is accepted; for itself alone."""

    ticket: Ticket
    salt: bytes = field(repr=False)
    """16 bytes: with the record it opens the published commitment."""
    record: Mapping[str, object] = field(repr=False)


def find_receipt(*, project_id: UUID, household_id: UUID) -> ReceiptRow | None:
    """Open a household's receipt; None before its entry is listed, or where it is not in sight.

    Row security shows a household its own receipt only. Refuses with ``draw.receipts-unreadable``
    and like :func:`anju.foundation.core.sealing.open_field`.
    """
    row = ReceiptRecord.objects.filter(project_id=project_id, household_id=household_id).first()
    if row is None:
        return None
    text = open_field(
        subject_id=household_id,
        table=RECEIPTS,
        row_id=household_id,
        column="receipt_sealed",
        sealed=row.receipt_sealed,
    )
    (told,) = json.loads(text)
    if not isinstance(told.get("record"), dict):
        raise Refusal("draw.receipts-unreadable", file="")
    return ReceiptRow(
        ticket=check_ticket(told["ticket"]), salt=bytes.fromhex(told["salt"]), record=told["record"]
    )
