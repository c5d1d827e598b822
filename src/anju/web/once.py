"""What a form of choosing sends beside its act: whose turn, as its page knew it, and its number.

The number makes an act that is sent twice be done once; call and step make an act refuse that was
meant for what is no more (fencing).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest

from anju.foundation.core.crypto import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A turn as the page that sent the form knew it."""

    turn_id: UUID
    call: int | None
    """How often the turn had been called."""
    step: int | None
    """Which naming was seen."""
    key: str | None
    """Under which number the act is done once."""


def new_once() -> str:
    """Give a number for the acts of a page that is shown now."""
    return new_id().hex


def read_sent(request: HttpRequest) -> Sent:
    """Read the fields of a form; one that names no turn answers as a page that does not exist."""
    try:
        turn_id = UUID(request.POST.get("turn", ""))
    except ValueError as fault:
        raise Http404 from fault
    return Sent(
        turn_id=turn_id,
        call=_count(request.POST.get("call", "")),
        step=_count(request.POST.get("step", "")),
        key=request.POST.get("key") or None,
    )


def _count(told: str) -> int | None:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 else None


def read_id(text: str) -> UUID | None:
    """Read an id; ``None`` where it is none."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None
