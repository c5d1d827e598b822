"""Pausing the choosing when something breaks, and going on: no household loses time by it (SEL-2).

A pause stops every turn's clock: nobody is called and nobody is noted as missed, and when it ends
the limit of each called household moves by its length.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.selection.models import PauseRecord, TurnRecord
from anju.resettlement.selection.operations.locking import lock_open_batch
from anju.resettlement.selection.record import RESUMED
from anju_rules.values import Refusal

REASONS = frozenset({"network", "power", "system", "order", "other"})
"""Why a pause was made: the line, electricity, the platform, order in the hall, something else."""
_CLAUSES = ("plan/selection",)


def check_running(project_id: UUID) -> None:
    """Refuse with ``selection.paused`` while the choosing of a project is paused."""
    pause = _open_pause(project_id)
    if pause is not None:
        raise Refusal(
            "selection.paused", reason=pause.reason, paused_at=pause.paused_at.isoformat()
        )


@operation(
    permits="selection.run",
    action="selection.batch.paused",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def pause_selection(
    *,
    project_id: UUID,
    reason: str,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> None:
    """Stop every clock of the open batch; who is choosing this moment is let finish.

    Refuses with ``selection.pause-reason``, ``selection.no-open-batch`` and, where it is paused
    already, with ``selection.paused``.
    """
    if reason not in REASONS:
        raise Refusal("selection.pause-reason", reason=reason)
    batch = lock_open_batch(project_id)
    check_running(project_id)
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={"batch": batch.batch, "reason": reason},
    )
    PauseRecord.objects.create(
        project_id=project_id,
        id=new_id(),
        batch=batch.batch,
        reason=reason,
        paused_at=at,
        event_id=receipt.event_id,
    )


@operation(permits="selection.run", action=RESUMED, clauses=_CLAUSES, level=Secrecy.PUBLIC)
def resume_selection(
    *,
    project_id: UUID,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> None:
    """Go on: what time a called household had left to choose or to sign, it has again.

    Refuses with ``selection.no-open-batch`` and ``selection.not-paused``.
    """
    batch = lock_open_batch(project_id)
    pause = _open_pause(project_id)
    if pause is None:
        raise Refusal("selection.not-paused")
    length = at - pause.paused_at
    moved = []
    for turn in (
        TurnRecord.objects.select_for_update()
        .filter(project_id=project_id, state="called", limit_at__isnull=False)
        .order_by("place")
    ):
        limit_at = (turn.limit_at or at) + length
        moved.append((turn, limit_at))
        TurnRecord.objects.filter(project_id=project_id, id=turn.id).update(
            limit_at=limit_at, sign_by=turn.sign_by and turn.sign_by + length
        )
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={
            "batch": batch.batch,
            "paused_at": pause.paused_at.isoformat(),
            "turns": [
                {
                    "turn": str(turn.id),
                    "place": turn.place,
                    "times_called": turn.times_called,
                    "limit_at": limit_at.isoformat(),
                }
                for turn, limit_at in moved
            ],
        },
    )
    PauseRecord.objects.filter(project_id=project_id, id=pause.id).update(
        resumed_at=at, resumed_event_id=receipt.event_id
    )


def _open_pause(project_id: UUID) -> PauseRecord | None:
    # One at the most: not by first(), which would ask for an order.
    return next(
        iter(PauseRecord.objects.filter(project_id=project_id, resumed_at__isnull=True)), None
    )
