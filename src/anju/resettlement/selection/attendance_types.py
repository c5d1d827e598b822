"""Frozen rows of attendance: plans of batches, mandates, absences, exchanges; all masked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from anju.resettlement.selection.types import HomeTile

ExchangeState = Literal["proposed", "accepted", "done", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatchPlan:
    """When and where a batch is to meet."""

    batch: int
    begins_at: datetime
    place_of_meeting: str
    """Where people are to come: a hall and its address."""
    desks: int
    """How many desks call at once."""
    is_remote_allowed: bool
    """Whether a household may choose at home, on its phone."""
    to_bring: str
    issuer: str
    channel: str
    """Where to ask: an office, its hours, its telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlanRow:
    """A batch's plan as its notice told it."""

    id: UUID
    batch: int
    notice_id: UUID
    notice_number: str
    begins_at: datetime
    place_of_meeting: str
    desks: int
    is_remote_allowed: bool
    turn_seconds: int
    to_bring: str
    published_at: datetime
    event_id: UUID
    is_withdrawn: bool
    """Whether its notice was withdrawn: then it binds nobody, and another takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateRow:
    """A mandate, its proxy masked."""

    id: UUID
    household_id: UUID
    account_id: UUID
    proxy_name: str
    """Masked, as everything that pages are given."""
    identity_number: str
    """Masked."""
    document_id: UUID
    valid_until: date
    """The last day on which the proxy may act."""
    registered_at: datetime
    event_id: UUID
    revoked_at: datetime | None

    def holds_on(self, day: date) -> bool:
        """Whether the proxy may act on ``day``."""
        return self.revoked_at is None and day <= self.valid_until


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyKey:
    """What a proxy signs in with; shown once, and printed."""

    mandate_id: UUID
    code: str = field(repr=False)
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRow:
    """That a household's wishes are followed when it is called."""

    id: UUID
    household_id: UUID
    declared_at: datetime
    event_id: UUID
    is_by_paper: bool
    """Whether it was declared at the window, with a signed paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapSide:
    """One of the two households of an exchange, as the wall shows it, and what it gives."""

    household_id: UUID
    place: int
    ticket: str
    masked_name: str
    homes: tuple[HomeTile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRow:
    """An exchange: who asked whom, and how far it is."""

    id: UUID
    batch: int
    state: ExchangeState
    proposer: SwapSide
    other: SwapSide
    proposed_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    event_id: UUID
