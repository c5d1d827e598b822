"""What is wrong with a day, as everybody may see it: a pause, or a wall that says another thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from anju.resettlement.selection.models import ChoiceRecord, PauseRecord, WatchRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRow:
    """A pause that still lasts."""

    reason: str
    paused_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """What the newest look found that found something new."""

    state: str
    noted_at: datetime
    event_id: UUID
    wall_root: str
    stored_root: str
    ledger_differences: int
    homes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """What a wall has to say beside the choosing itself; mostly nothing."""

    pause: PauseRow | None = None
    differs: WatchRow | None = None


def troubles_of(*, project_id: UUID) -> Troubles:
    """Give what is wrong with a project's day now; it needs no context."""
    pause = PauseRecord.objects.filter(project_id=project_id, resumed_at__isnull=True).first()
    watch = latest_watch(project_id=project_id)
    return Troubles(
        pause=None
        if pause is None
        else PauseRow(reason=pause.reason, paused_at=pause.paused_at, event_id=pause.event_id),
        differs=watch if watch is not None and watch.state == "differs" else None,
    )


def latest_watch(*, project_id: UUID) -> WatchRow | None:
    """Give what was noted last of a project's roots; None: nothing ever."""
    found = WatchRecord.objects.filter(project_id=project_id).order_by("-noted_at").first()
    if found is None:
        return None
    return WatchRow(
        state=found.state,
        noted_at=found.noted_at,
        event_id=found.event_id,
        wall_root=found.wall_root,
        stored_root=found.stored_root,
        ledger_differences=found.ledger_differences,
        homes=tuple(found.homes),
    )


def units_changed_since(*, project_id: UUID, since: datetime) -> frozenset[UUID]:
    """Give the homes that were taken or given back since a moment."""
    changed = ChoiceRecord.objects.filter(project_id=project_id).filter(
        Q(chosen_at__gte=since) | Q(released_at__gte=since)
    )
    return frozenset(changed.values_list("unit_id", flat=True))
