"""Reads of batches: inside a context (``reading`` or an operation), else no row is seen."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q

from anju.titles.cases.batches.mapping import Counts, batch_from, lines_from
from anju.titles.cases.batches.models import BatchRecord, BatchRowRecord
from anju.titles.cases.batches.types import BatchLine, BatchRow, RowState
from anju_rules.values import Refusal


def batches_of(*, project_id: UUID) -> list[BatchRow]:
    """Give a community's batches, the newest first."""
    found = BatchRecord.objects.filter(project_id=project_id).order_by("-received_at")
    return [batch_from(one, counts_of(project_id=project_id, batch_id=one.id)) for one in found]


def batch_by_id(*, project_id: UUID, batch_id: UUID) -> BatchRow:
    """Give a batch; refuses with ``batches.unknown``."""
    found = BatchRecord.objects.filter(project_id=project_id, id=batch_id).first()
    if found is None:
        raise Refusal("batches.unknown")
    return batch_from(found, counts_of(project_id=project_id, batch_id=batch_id))


def find_batch(*, project_id: UUID, arrived_digest: str) -> BatchRow | None:
    """Give the batch that came in as these very bytes, if one did."""
    found = BatchRecord.objects.filter(project_id=project_id, arrived_digest=arrived_digest).first()
    if found is None:
        return None
    return batch_from(found, counts_of(project_id=project_id, batch_id=found.id))


def lines_of(
    *, project_id: UUID, batch_id: UUID, state: RowState | None = None, most: int | None = None
) -> tuple[BatchLine, ...]:
    """Give a batch's rows in the order of its table; ``state`` keeps those in one state."""
    found = BatchRowRecord.objects.filter(project_id=project_id, batch_id=batch_id)
    if state is not None:
        found = found.filter(state=state)
    return lines_from(list(found.order_by("place")[:most]))


def waiting_places(*, project_id: UUID, batch_id: UUID) -> frozenset[int]:
    """Give the places of the rows that nothing has become of yet."""
    found = BatchRowRecord.objects.filter(project_id=project_id, batch_id=batch_id, state="waiting")
    return frozenset(found.values_list("place", flat=True))


def counts_of(*, project_id: UUID, batch_id: UUID) -> Counts:
    """Count a batch's rows by what became of them."""
    found: Counts = BatchRowRecord.objects.filter(
        project_id=project_id, batch_id=batch_id
    ).aggregate(
        waiting=Count("place", filter=Q(state="waiting")),
        done=Count("place", filter=Q(state="done")),
        refused=Count("place", filter=Q(state="refused")),
        unchanged=Count("place", filter=Q(state="done", is_new=False)),
        judged=Count("place", filter=Q(state="waiting") & ~Q(digest="")),
    )
    return found
