"""Rows of a ceremony's page: tickets, parties and digests; never a name or a household's number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

StepState = Literal["done", "now", "later"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRow:
    """Who did a part of a step, when, and the entry that proves it."""

    words: str
    at: datetime
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One of the eleven steps."""

    number: int
    name: str
    words: str
    state: StepState
    done_by: tuple[SignedRow, ...]

    @property
    def sign(self) -> str:
        """The step's sign: state never rests on colour alone."""
        return {"done": "✓", "now": "●", "later": "○"}[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A line of the public log."""

    at: datetime
    words: str
    is_refused: bool
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """A card in the box: for which draw, whose, and how many have scanned it."""

    draw_number: str
    party: str
    commitment: str
    scans: int

    @property
    def is_open(self) -> bool:
        """Whether two people scanned it."""
        return self.scans > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    """Who takes part, by the party they stand for: no person's name is told."""

    who: str
    name: str
    is_me: bool
    has_committed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """A part of the beacon as it stands."""

    title: str
    text: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRow:
    """The digest that the platform found for one draw."""

    draw_number: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRow:
    """A listed cause for a void, and who has signed it."""

    cause: str
    words: str
    signed: str
