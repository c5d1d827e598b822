"""What is known of a ceremony's broadcast and its recording, read from the public log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.draws.models import EventRecord

KIND = "draws.broadcast.recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastRow:
    """Where a ceremony can be seen, live or kept; the newest word on each."""

    address: str
    recording_digest: str
    """SM3 of the recording, 64 hex digits; empty until it is kept."""
    recording_place: str
    recording_at: datetime | None
    """When a recording was entered first: its term of keeping runs from that day."""
    at: datetime
    event_id: UUID
    """The newest entry."""


def find_broadcast(*, project_id: UUID, ceremony_id: UUID) -> BroadcastRow | None:
    """Give what is known of a ceremony's broadcast; None while nothing is."""
    rows = list(
        EventRecord.objects.filter(
            project_id=project_id, ceremony_id=ceremony_id, kind=KIND
        ).order_by("at", "id")
    )
    if not rows:
        return None
    told = {"address": "", "recording_digest": "", "recording_place": ""}
    for row in rows:
        told |= {name: str(row.facts[name]) for name in told if name in row.facts}
    entered = [row.at for row in rows if "recording_digest" in row.facts]
    return BroadcastRow(
        **told,
        recording_at=entered[0] if entered else None,
        at=rows[-1].at,
        event_id=rows[-1].id,
    )
