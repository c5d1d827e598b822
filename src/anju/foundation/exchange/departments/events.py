"""What departments said, told to whoever listens, in the transaction that stores it.

A higher context registers a plain function; it may write inside the operation that runs. What it
refuses, refuses the storing: the question is then asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anju.foundation.access.types import Actor
from anju.foundation.exchange.departments.types import Answer, QuestionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentEvent:
    """One thing that happened to a question: answered, contradicted, late or failed."""

    question: QuestionRow
    """As it stands after it; its state says what happened."""
    answers: tuple[Answer, ...]
    """Everything that was said to this question so far; empty while nothing was."""
    by: Actor
    at: datetime


Listener = Callable[[DepartmentEvent], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Have a function called whenever a question is answered, contradicted, late or failed."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def forget(listener: Listener) -> None:
    """Let a function be called no more."""
    _listeners.remove(listener)


def tell(event: DepartmentEvent) -> None:
    """Call everybody who listens, in the order in which they registered."""
    for listener in _listeners:
        listener(event)
