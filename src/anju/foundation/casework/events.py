"""What happened to cases, told to whoever listens, in the same transaction.

A higher context registers a plain function; it may write (inside the operation that runs) or defer
a job. What it refuses, refuses the act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.types import AlertLine, CaseRow, NewAction


class EventKind(StrEnum):
    """What can be listened for."""

    OPENED = "casework.case.opened"
    ACTED = "casework.case.acted"
    CLOSED = "casework.case.closed"
    ALERTED = "casework.alert.raised"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One thing that happened to a case."""

    kind: EventKind
    case_id: UUID
    project_id: UUID
    case: CaseRow | None
    """The case after it; ``None`` for an alert."""
    action: NewAction | None
    alert: AlertLine | None
    by: Actor
    at: datetime


Listener = Callable[[CaseEvent], None]
_listeners: dict[EventKind, list[Listener]] = {kind: [] for kind in EventKind}


def listen(kind: EventKind) -> Callable[[Listener], Listener]:
    """Have a function called whenever ``kind`` happens."""

    def register(listener: Listener) -> Listener:
        if listener not in _listeners[kind]:
            _listeners[kind].append(listener)
        return listener

    return register


def forget(kind: EventKind, listener: Listener) -> None:
    """Let a function be called no more."""
    _listeners[kind].remove(listener)


def tell(event: CaseEvent) -> None:
    """Call everybody who listens, in the order in which they registered."""
    for listener in _listeners[event.kind]:
        listener(event)
