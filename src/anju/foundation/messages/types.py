"""Frozen rows of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju_rules.messages import Channel, MessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message and what became of it: the proof that a household was told."""

    id: UUID
    project_id: UUID
    household_id: UUID
    kind: str
    channel: Channel
    subject_id: UUID
    round: int
    laid_at: datetime
    state: MessageState
    receipt: str
    accepted_at: datetime | None
    event_id: UUID | None
    attempts: int
    fault: str
    """Why it is not sent yet, as a code (``messages.no-gateway``); empty: nothing went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """What a household is to be told."""

    household_id: UUID
    kind: str
    subject_id: UUID
    """What it tells of."""
    facts: Mapping[str, str | int]
    round: int = 1
    """The round of calling."""
    useful_until: datetime | None = None
    """After this it is not sent any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMessage:
    """A message whose turn it is to be sent."""

    id: UUID
    project_id: UUID
    household_id: UUID
    kind: str
    channel: Channel
    facts: Mapping[str, str | int]
    laid_at: datetime
    useful_until: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How a project's messages stand, counted for those on duty."""

    waiting: int
    sent: int
    overdue: int
    undeliverable: int
    fault: str
    """The last thing that went wrong among those that wait, as a code; empty: nothing."""
