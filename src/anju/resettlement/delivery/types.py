"""What others see of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from anju.foundation.core.clock import city_time

State = Literal["prepared", "handed-over", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReadings:
    """What the meters show at the hand-over, as read: digits with at most one point."""

    water: str
    power: str
    gas: str = ""
    """Empty: the home has no gas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverRow:
    """A hand-over as the household and the office see it."""

    id: UUID
    project_id: UUID
    unit_id: UUID
    household_id: UUID
    state: State
    accepted_on: date
    promised_on: date | None
    keys: int
    readings: MeterReadings
    prepared_at: datetime
    office_signed_at: datetime | None
    household_signed_at: datetime | None
    ended_at: datetime | None

    @property
    def late_days(self) -> int:
        """Days after the promised day on which it was handed over; 0: in time, or not yet."""
        if self.state != "handed-over" or self.ended_at is None or self.promised_on is None:
            return 0
        return max(0, (city_time(self.ended_at).date() - self.promised_on).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldHome:
    """A home that a household holds and that was not handed over yet."""

    unit_id: UUID
    number: str
    household_id: UUID
    missing: tuple[str, ...]
    """The codes of what its quality trace misses; empty: it may be handed over."""
