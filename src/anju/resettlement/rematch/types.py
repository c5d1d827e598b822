"""What others see of re-matches: frozen rows, tickets and homes, no names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from anju_rules.values import Home

RoundState = Literal["open", "frozen", "carried-out", "cancelled"]
MOST_WISHES = 10
"""Homes a household may name; who has ten wishes has said enough, and a paper form holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """One quarter's re-match."""

    id: UUID
    project_id: UUID
    quarter: str
    state: RoundState
    opened_at: datetime
    closes_at: datetime
    frozen_at: datetime | None
    frozen_event_id: UUID | None
    listed: Mapping[str, Any] | None
    """The frozen list as :func:`anju_rules.rematch_records.show_list` gives it."""
    list_digest: str
    ended_at: datetime | None
    ended_event_id: UUID | None
    result: Mapping[str, Any] | None
    reason: str

    @property
    def is_running(self) -> bool:
        """Whether it is neither carried out nor cancelled."""
        return self.state in ("open", "frozen")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWishes:
    """What one household handed in."""

    unit_ids: tuple[UUID, ...]
    offered_id: UUID | None
    handed_in_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeToWish:
    """A home that a household may lawfully wish for."""

    unit_id: UUID
    home: Home
    is_vacant: bool
    """Else somebody holds it: it comes round only if its holder puts it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStanding:
    """Where one household stands towards a re-match."""

    ticket: str
    place: int
    homes: tuple[tuple[UUID, Home], ...]
    """The homes it holds; empty: it takes part without putting anything in."""
    has_waived: bool
