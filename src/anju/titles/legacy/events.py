"""What becomes of problems, told to whoever listens, in the same transaction.

A higher context registers a plain function: it may stop its own cases of the homes that are touched
(inside the operation that runs), and let them go on again. What it refuses, refuses the act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anju.foundation.access.types import Actor
from anju.titles.legacy.types import BlockerRow


class EventKind(StrEnum):
    """What can be listened for."""

    FOUND = "legacy.problem.found"
    """A problem stands from now on; with ``row.state == "blocked"`` a dispute."""
    SOLVED = "legacy.problem.solved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemEvent:
    """One thing that happened to a problem."""

    kind: EventKind
    row: BlockerRow
    by: Actor
    at: datetime


Listener = Callable[[ProblemEvent], None]
_listeners: dict[EventKind, list[Listener]] = {kind: [] for kind in EventKind}


def listen(kind: EventKind) -> Callable[[Listener], Listener]:
    """Have a function called whenever ``kind`` happens."""

    def register(listener: Listener) -> Listener:
        _listeners[kind].append(listener)
        return listener

    return register


def tell(event: ProblemEvent) -> None:
    """Call whoever listens, in the order in which they registered."""
    for listener in _listeners[event.kind]:
        listener(event)
