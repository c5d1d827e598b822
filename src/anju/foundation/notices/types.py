"""What goes into notices, and what others see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from anju_rules.notices import CellKind, NoticeKind, NoticeState, Term, Window

AnnexKind = Literal["pdf", "png", "txt"]
SightFault = Literal["", "away", "missing", "differs", "unsigned"]
"""Empty: seen as it was published. ``away``: nobody answered; ``missing``: a file is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewColumn:
    """One column of a notice's table, and how what stands in it is masked."""

    label: str
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnnex:
    """A file published with a notice: a legal opinion, a plan. Public as it stands."""

    title: str
    kind: AnnexKind
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """What is to be published. Cells come as they are in the register: they are masked here."""

    kind: NoticeKind
    title: str
    issuer: str
    """Who publishes it, as it stands under the text."""
    place: str
    """The project, as people call it."""
    paragraphs: Sequence[str]
    term: Term
    channel: str
    """Where and how to object: an office, its hours, its telephone."""
    clauses: Sequence[str] = ()
    columns: Sequence[NewColumn] = ()
    rows: Sequence[Sequence[str]] = field(default=(), repr=False)
    annexes: Sequence[NewAnnex] = ()
    predecessor_id: UUID | None = None
    """The withdrawn notice that this one takes the place of."""
    subject_kind: str = ""
    """What it is about, for other contexts: ``case``, ``plan``; empty: the project."""
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """One column as it is published."""

    label: str
    kind: CellKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexRow:
    """One annex as it is published."""

    title: str
    file: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A notice as it was published, masked, and what became of it."""

    id: UUID
    project_id: UUID
    number: str
    kind: NoticeKind
    title: str
    issuer: str
    place: str
    paragraphs: tuple[str, ...]
    columns: tuple[ColumnRow, ...]
    rows: tuple[tuple[str, ...], ...]
    annexes: tuple[AnnexRow, ...]
    channel: str
    clauses: tuple[str, ...]
    term: Term
    published_at: datetime
    digest: str
    """SM3 of the static copy's manifest, and the name of its folder."""
    event_id: UUID | None
    """The ledger's entry of the publication; None only inside the operation that publishes."""
    opens_entry: bool
    """Whether the entry's body may be published, so that the proof names the digest itself."""
    predecessor_id: UUID | None
    subject_kind: str
    subject_id: UUID | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    withdrawn_event_id: UUID | None
    closed_at: datetime | None
    """When it was noted that its time is over."""
    closed_event_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingRow:
    """That a notice was looked for, and what was found."""

    at: datetime
    seen_on: date
    """The day in China."""
    fault: SightFault
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeStanding:
    """How a notice stands on one day."""

    notice: NoticeRow
    window: Window
    sightings: tuple[SightingRow, ...]
    """The log of its visibility, the first first."""
    objections: int
    successor_id: UUID | None

    @property
    def state(self) -> NoticeState:
        """How it stands, in one word."""
        return self.window.state
