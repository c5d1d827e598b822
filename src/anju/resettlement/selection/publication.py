"""Publishing the draw and the order: an immutable, signed bundle in the public plane.

The bundle is the one the command line writes, so ``anju verify`` and the program inside it check
it: scores from facts, draws from their published inputs, the order from both. It is published
before anybody chooses and holds no homes; each live choice is proven by its own ledger entry.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from django.conf import settings

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id, tested_provider
from anju.foundation.core.sealing import FieldPlace, SealedField, open_fields
from anju.foundation.ledger.keys import read_log_key
from anju.resettlement.offline.allocate import Allocation, allocate_plan
from anju.resettlement.offline.bundle import MANIFEST, write_bundle
from anju.resettlement.offline.entries import Entry
from anju.resettlement.offline.plan import Plan
from anju.resettlement.projects.operations import lock_register
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import (
    DrawRecord,
    PlaceRecord,
    PublicationRecord,
    ReceiptRecord,
)
from anju.resettlement.selection.operations.drawing import RECEIPTS
from anju_rules.draws import check_ticket
from anju_rules.hashing import digest
from anju_rules.values import HouseholdNumber, Refusal

PART = "draw"
BUNDLES = "bundles"


@operation(
    permits="selection.publish",
    action="selection.draw.published",
    clauses=("plan/publication",),
    level=Secrecy.PUBLIC,
)
def publish_result(
    *,
    project_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> Path:
    """Publish a project's draw and order; give the folder, which bears the digest of its manifest.

    Refuses with ``selection.not-drawn``, with ``selection.order-differs`` where the stored order is
    not the one that draws and scores give, and with ``selection.already-published``: the same
    content has one folder for ever.
    """
    lock_register(project_id=project_id)
    records = list(DrawRecord.objects.filter(project_id=project_id).order_by("place_of_draw"))
    plan = mapping.plan_of(project_id)
    if not records:
        raise Refusal("selection.not-drawn", project=plan.project.code)
    # Without homes every wish waits: the bundle says nothing of a choice, and still verifies.
    plan = replace(plan, homes={}, unit_rows={})
    draws = [mapping.draw_from(row) for row in records]
    entries = receipts_of(project_id, plan)
    allocation = allocate_plan(plan, entries=entries, results=[result for _, result in draws])
    _check_order(project_id, allocation, code=plan.project.code)
    bundles = Path(settings.PUBLIC_FOLDER) / BUNDLES
    bundles.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=".fresh-", dir=bundles))
    try:
        key = read_log_key(Path(settings.HOME)).pair
        write_bundle(
            fresh / "bundle",
            plan=plan,
            draws=draws,
            allocation=allocation,
            signing=(tested_provider(), key),
        )
        name = digest((fresh / "bundle" / MANIFEST).read_bytes()).hex()
        if PublicationRecord.objects.filter(project_id=project_id, digest=name).exists():
            raise Refusal("selection.already-published", digest=name)
        receipt = record(
            target=project_id, project_id=project_id, body={"part": PART, "digest": name}
        )
        PublicationRecord.objects.create(
            project_id=project_id,
            id=new_id(),
            part=PART,
            digest=name,
            published_at=at,
            event_id=receipt.event_id,
        )
        # A folder whose transaction fails after this is whole and named by nobody: it does no harm.
        shutil.rmtree(bundles / name, ignore_errors=True)
        (fresh / "bundle").rename(bundles / name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return bundles / name


def receipts_of(project_id: UUID, plan: Plan) -> tuple[Entry, ...]:
    """Open the receipts of a drawn project, by ticket: salt and record of each household."""
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


def _entry(told: Sequence[dict[str, object]], plan: Plan) -> Entry:
    (receipt,) = told
    record_told = receipt["record"]
    if not isinstance(record_told, dict):
        raise Refusal("draw.receipts-unreadable", file="")
    number = HouseholdNumber(str(record_told["number"]))
    return Entry(
        ticket=check_ticket(str(receipt["ticket"])),
        number=number,
        stratum=plan.households[number].household.stratum,
        salt=bytes.fromhex(str(receipt["salt"])),
        record=record_told,
    )


def _check_order(project_id: UUID, allocation: Allocation, *, code: str) -> None:
    stored = list(
        PlaceRecord.objects.filter(project_id=project_id)
        .order_by("place")
        .values_list("place", "ticket", "stratum", "batch", "draw_number", "total_tenths")
    )
    if stored != [tuple(place) for place in allocation.places]:
        raise Refusal("selection.order-differs", project=code)
