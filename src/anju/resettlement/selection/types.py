"""Frozen rows of the selection: what pages, the API and the wall are given.

Nothing here holds a name that is not masked, an identity number or a telephone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

TurnState = Literal["waiting", "called", "chosen", "missed", "waived", "returned"]
BatchState = Literal["waiting", "open", "closed"]
HomeState = Literal["free", "named", "taken", "reserved", "held"]
"""``named``: a household has named it, and not every side has signed (待复核); ``reserved``: kept
for a need and not open to all yet; ``held``: kept back by the office, or for affordable rent."""
SignSide = Literal["household", "office", "check"]
Stage = Literal["before-draw", "drawn", "choosing", "between-batches", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRow:
    """One stratum's draw and where to check it."""

    draw_number: str
    """As announced, e.g. ``YS-2026-D01``; a rehearsal has R for D."""
    stratum: str
    is_rehearsal: bool
    households: int
    root: str
    """Root of the frozen list, in hex."""
    announcement: str
    seed: str
    drawn_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """A household's place in the order, as everyone may see it."""

    place: int
    ticket: str
    masked_name: str
    stratum: str
    batch: int
    draw_number: int
    """Its place in its stratum's draw."""
    total_tenths: int
    budget: str
    """Square metres it may choose: ``90``, or a band ``70–90``."""
    household_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRow:
    """A turn: whose, in which state, until when."""

    id: UUID
    project_id: UUID
    place: int
    batch: int
    household_id: UUID
    ticket: str
    masked_name: str
    state: TurnState
    times_called: int
    has_come_back: bool
    called_at: datetime | None
    limit_at: datetime | None
    ended_at: datetime | None
    desk: int = 1
    """Where it is called, or was called last."""
    step: int = 0
    """Counts the changes of its choice; who signs tells it back, to sign what they have seen."""
    named_at: datetime | None = None
    """Since when homes are named that not every side has signed for; None: none are."""
    sign_by: datetime | None = None
    is_by_wishes: bool = False
    """Whether the homes named are a wish that the household, absent now, has left."""

    @property
    def is_called(self) -> bool:
        """Whether it is this household's turn now."""
        return self.state == "called"

    @property
    def is_named(self) -> bool:
        """Whether homes are named that are still to be signed for."""
        return self.is_called and self.named_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """A side's signature under a choice."""

    side: SignSide
    account_id: UUID
    signed_at: datetime
    is_automatic: bool = False
    """Given by the platform for a person, in a rehearsal that plays itself."""
    is_by_proxy: bool = False
    """Given by whom the household sent, with its mandate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledRow:
    """A household whose turn it is, as the wall shows it."""

    turn_id: UUID
    place: int
    ticket: str
    masked_name: str
    stratum: str
    budget: str
    """Square metres it may choose: ``90``, or a band ``70–90``."""
    called_at: datetime
    limit_at: datetime
    desk: int = 1
    named: tuple[HomeTile, ...] = ()
    """The homes it has named, which are held while they are signed for."""
    sign_by: datetime | None = None
    signed: tuple[SignSide, ...] = ()
    """The sides that have signed so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTile:
    """One home on a façade."""

    unit_id: UUID
    number: str
    community: str
    building: str
    stair: str
    floor: int | None
    room: str
    layout: str
    area_sqm: Decimal
    state: HomeState
    ticket: str = ""
    """Whose it is, if it is taken."""
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorRow:
    """One floor of a façade, its homes from left to right."""

    floor: int | None
    homes: tuple[HomeTile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingRow:
    """One building: its floors from the top down."""

    community: str
    building: str
    floors: tuple[FloorRow, ...]
    total: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutRow:
    """What is left of one layout."""

    layout: str
    least_sqm: Decimal
    most_sqm: Decimal
    total: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One choice: who took which homes, and the entry that proves it (the red seal)."""

    place: int
    ticket: str
    masked_name: str
    homes: tuple[HomeTile, ...]
    area_sqm: Decimal
    chosen_at: datetime
    """When the last side signed; of a naming: when its homes were named."""
    event_id: UUID
    step: int = 0
    """As in :class:`TurnRow`."""
    sign_by: datetime | None = None
    """Until when the missing sides may sign; None: none is missing."""
    signatures: tuple[SignatureRow, ...] = ()
    missing: tuple[SignSide, ...] = ()
    """The sides that are still to sign; none: the choice is made."""

    @property
    def is_made(self) -> bool:
        """Whether every side has signed."""
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Where a project stands, in households and homes."""

    households: int = 0
    chosen: int = 0
    missed: int = 0
    waived: int = 0
    to_come: int = 0
    """Households that are still to choose, called ones and those that come back among them."""
    homes: int = 0
    homes_taken: int = 0
    homes_named: int = 0
    """Homes that are named and not signed for by all sides yet."""
    homes_free: int = 0
    """Homes that are open to somebody: not taken and not kept back by the office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A batch: its stratum, how many it calls, and how many are through."""

    batch: int
    stratum: str
    state: BatchState
    households: int
    through: int
    opened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A project's selection as anyone may see it; masked throughout."""

    project_id: UUID
    code: str
    name: str
    mode: str
    stage: Stage
    is_rehearsal: bool
    rules_version: str
    counts: Counts
    batches: int
    batch: BatchRow | None
    """The open batch, else the one that was closed last."""
    called: tuple[CalledRow, ...]
    """Whose turn it is, by desk."""
    next_tickets: tuple[str, ...]
    buildings: tuple[BuildingRow, ...]
    layouts: tuple[LayoutRow, ...]
    choices: tuple[ChoiceRow, ...]
    """The last twenty, the latest first."""
    draws: tuple[DrawRow, ...]
    publications: tuple[PublicationRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRow:
    """A published bundle: the folder under ``bundles/`` has its digest's name."""

    part: str
    digest: str
    published_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOption:
    """A home as one household sees it: whether it may choose it, and else why not."""

    tile: HomeTile
    is_lawful: bool
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """Where the choosing stands, and what may be done next."""

    batches: tuple[BatchRow, ...]
    open_batch: BatchRow | None
    called: tuple[TurnRow, ...]
    """Whose turn it is, by desk."""
    turns: tuple[TurnRow, ...]
    """The turns of the open batch, in order."""
    may_call: bool
    may_close: bool
    to_return: tuple[TurnRow, ...]
    """Missed turns that come back now, in order: everyone else of the batch is through."""
    next_batch: int | None
    desks: int = 1
    """How many desks the plan calls at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """What the officer at the desk works with."""

    project_id: UUID
    code: str
    name: str
    counts: Counts
    batches: tuple[BatchRow, ...]
    open_batch: BatchRow | None
    called: TurnRow | None
    """Whose turn it is at the desk that was asked for; else the first that is called anywhere."""
    called_number: str
    """The called household's number in the register; empty if nobody is called."""
    called_budget: str
    turns: tuple[TurnRow, ...]
    """The turns of the open batch, in order."""
    may_call: bool
    may_close: bool
    to_return: tuple[TurnRow, ...]
    """Missed turns that come back now, in order: everyone else of the batch is through."""
    next_batch: int | None
    desks: int = 1
    """How many desks the plan calls at."""
    called_at_desks: tuple[TurnRow, ...] = ()
    """Whose turn it is, by desk."""
    naming: ChoiceRow | None = None
    """What the called household has named, and who has signed; None: nothing is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where the tables and the ledger disagree."""

    kind: str
    """``place``, ``draw``, ``batch``, ``turn``, ``choice``, ``recording`` or ``entry``."""
    target: str
    ledger: str
    table: str
