"""What a look at the roots found, noted where it is not what the look before found (PUB-3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.selection.models import WatchRecord
from anju_rules.watching import Watched

MOST_HOMES = 50
"""Homes that are named in an alert; how many there are stands beside them."""


@operation(
    permits="selection.watch",
    action="selection.roots.compared",
    clauses=("plan/publication",),
    level=Secrecy.PUBLIC,
)
def note_watch(
    *,
    project_id: UUID,
    watched: Watched,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> None:
    """Note that wall, tables and ledger differ, or that they are one again."""
    told = {
        "state": str(watched.state),
        "wall_root": watched.wall_root,
        "stored_root": watched.stored_root,
        "ledger_differences": watched.ledger_differences,
        "homes": list(watched.homes[:MOST_HOMES]),
    }
    receipt = record(
        target=project_id, project_id=project_id, body={**told, "differing": len(watched.homes)}
    )
    WatchRecord.objects.create(
        project_id=project_id, id=new_id(), noted_at=at, event_id=receipt.event_id, **told
    )
