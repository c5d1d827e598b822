"""Batches: opened in their order, one at a time, closed when everyone is through (SEL-1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.projects.operations import lock_register
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import BatchRecord, PlaceRecord, TurnRecord
from anju.resettlement.selection.operations.batch_plans import check_batch_plan
from anju.resettlement.selection.operations.locking import lock_open_batch
from anju_rules.selection import check_batch_done
from anju_rules.values import Refusal


@operation(
    permits="selection.run",
    action="selection.batch.opened",
    clauses=("plan/selection",),
    level=Secrecy.PUBLIC,
)
def open_batch(
    *,
    project_id: UUID,
    batch: int,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> int:
    """Open a batch: each of its households waits for its turn now. Give how many they are.

    Refuses with ``selection.not-drawn``, ``selection.batch-unknown``, ``selection.batch-open``
    (one at a time) and ``selection.batch-not-next``; where the draw counts, also with
    ``selection.batch-plan-missing``, ``selection.batch-plan-too-young`` and
    ``selection.batch-not-begun``.
    """
    lock_register(project_id=project_id)
    _check_next(project_id, batch)
    check_batch_plan(project_id, batch, at=at)
    places = list(
        PlaceRecord.objects.filter(project_id=project_id, batch=batch)
        .order_by("place")
        .values_list("place", "household_id")
    )
    turns = [
        TurnRecord(
            project_id=project_id, id=new_id(), place=place, batch=batch, household_id=household_id
        )
        for place, household_id in places
    ]
    record(
        target=project_id,
        project_id=project_id,
        body={
            "batch": batch,
            "turns": [
                {
                    "turn": str(turn.id),
                    "place": turn.place,
                    "household": str(turn.household_id),
                }
                for turn in turns
            ],
        },
    )
    BatchRecord.objects.filter(project_id=project_id, batch=batch).update(
        state="open", opened_at=at
    )
    TurnRecord.objects.bulk_create(turns)
    return len(turns)


@operation(
    permits="selection.run",
    action="selection.batch.closed",
    clauses=("plan/selection",),
    level=Secrecy.PUBLIC,
)
def close_batch(
    *,
    project_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> int:
    """Close the open batch and give its number.

    Refuses with ``selection.no-open-batch``, and with ``selection.batch-not-done`` while somebody
    is to come: also a household that missed its turn and may still come back.
    """
    batch = lock_open_batch(project_id)
    turns = TurnRecord.objects.filter(project_id=project_id, batch=batch.batch)
    check_batch_done(
        turns=[mapping.live_turn(turn) for turn in turns], rules=mapping.rules_of(project_id)
    )
    record(target=project_id, project_id=project_id, body={"batch": batch.batch})
    BatchRecord.objects.filter(project_id=project_id, batch=batch.batch).update(
        state="closed", closed_at=at
    )
    return batch.batch


def _check_next(project_id: UUID, batch: int) -> None:
    batches = BatchRecord.objects.filter(project_id=project_id)
    last = batches.order_by("-batch").first()
    if last is None:
        project = project_by_id(project_id=project_id)
        raise Refusal("selection.not-drawn", project=project.code)
    if not 1 <= batch <= last.batch:
        raise Refusal("selection.batch-unknown", batch=batch, batches=last.batch)
    running = batches.filter(state="open").first()
    if running is not None:
        raise Refusal("selection.batch-open", batch=running.batch)
    following = batches.filter(state="waiting").order_by("batch").first()
    if following is None or batch != following.batch:
        number = "-" if following is None else following.batch
        raise Refusal("selection.batch-not-next", batch=batch, next=number)
