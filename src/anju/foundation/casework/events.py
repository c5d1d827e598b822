"""What happened to cases, told to whoever listens, in the same transaction.

A higher context registers a plain function; it may write (inside the operation that runs) or defer
a job. What it refuses, refuses the act.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
ListenerToMany = Callable[[Sequence[CaseEvent]], None]
_listeners: dict[EventKind, dict[Listener | ListenerToMany, ListenerToMany]] = {
    kind: {} for kind in EventKind
}


def listen(kind: EventKind) -> Callable[[Listener], Listener]:
    """Have a function called whenever ``kind`` happens, once for each case."""

    def register(listener: Listener) -> Listener:
        def hear(events: Sequence[CaseEvent]) -> None:
            for event in events:
                listener(event)

        _listeners[kind].setdefault(listener, hear)
        return listener

    return register


def listen_to_many(kind: EventKind) -> Callable[[ListenerToMany], ListenerToMany]:
    """Have a function called whenever ``kind`` happens, once for all cases to which it does.

    For what reads or writes: for many cases of one project in as many statements as for one. What
    it refuses, refuses all of them.
    """

    def register(listener: ListenerToMany) -> ListenerToMany:
        _listeners[kind].setdefault(listener, listener)
        return listener

    return register


def forget(kind: EventKind, listener: Listener | ListenerToMany) -> None:
    """Let a function be called no more."""
    del _listeners[kind][listener]


def tell(event: CaseEvent) -> None:
    """Call everybody who listens, in the order in which they registered."""
    tell_many([event])


def tell_many(events: Sequence[CaseEvent]) -> None:
    """Tell what happened to many cases of one project together: one kind, at one moment."""
    for hear in list(_listeners[events[0].kind].values()) if events else ():
        hear(events)
