"""The public draw: what others see of it. Tickets and masked names only; nothing here is secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from anju_rules.ceremony import Act, Party, Step, Use
from anju_rules.draws import Scheme
from anju_rules.values import Ticket

# ---------------------------------------------------------------------------- to lay a draw out


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerms:
    """What is fixed before chance speaks."""

    freeze_at: datetime
    beacon_at: datetime
    beacon_rule: str
    redraw_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParty:
    """Who takes part: the word the commitments carry, the share held, and whose account it is."""

    who: str
    party: Party
    account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One entry of a list."""

    ticket: Ticket
    commitment: bytes
    """32 bytes: binds the household's record to its ticket (step 1)."""
    masked_name: str
    street: str
    """Who signs its count; empty where nobody counts (bodies, supervisors)."""
    is_disputed: bool = False
    is_decided: bool = True
    """Whether two people decided that it may take part; a list with one undecided cannot freeze,
    unless it is among the disputed, who have no place until they are decided for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewList:
    """The entries of one stratum."""

    stratum: str
    lines: tuple[NewLine, ...]


# ------------------------------------------------------------------------------- how it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRow:
    """What one party put in the box for one draw."""

    who: str
    commitment: str
    """64 hex digits."""
    entered_at: datetime
    secret: str
    """64 hex digits once two people scanned the card; empty before."""
    scans: int
    """How many people have scanned a card that opens: 0, 1 or 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRow:
    """The draw of one stratum."""

    id: UUID
    draw_number: str
    """Unique for good, e.g. ``YS-2026-D01``."""
    stratum: str
    position: int
    """From 1; commitments and lists follow this order."""
    size: int
    """Entries of the list."""
    disputed: int
    """Entries in dispute: outside the list until decided."""
    root: str
    """The list's root, 64 hex digits; it changes with every entry until the freeze."""
    disputed_root: str
    announcement: str
    """``A``, 64 hex digits; empty before the announcement."""
    seed: str
    """64 hex digits; empty before the derivation."""
    commitments: tuple[CommitmentRow, ...]
    struck: tuple[Ticket, ...]
    placed: tuple[Ticket, ...]
    """Disputed entries that were decided for, and stand where their keys put them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRow:
    """Who takes part."""

    who: str
    party: Party
    account_id: UUID
    has_committed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetCountRow:
    """A street, how many of its households are listed, and the count it signed."""

    street: str
    listed: int
    """Entries of the lists, struck ones left out."""
    counted: int | None
    signed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeaconPartRow:
    """One part of the beacon."""

    place: int
    """From 1, as ``beacon_rule`` names the parts."""
    name: str
    """``balls``, ``sse:close``, …"""
    text: str
    """As two people typed it; empty until they have."""
    entries: int
    """How many have typed it: 0, 1 or 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """A signature under a step, or under a void and its cause."""

    step: Step
    who: str
    party: Party
    at: datetime
    event_id: UUID
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """The digest of the result that one verifier gave; one that differs is never kept."""

    verifier: str
    digest: str
    account_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentRow:
    """A line that two people struck or placed after the freeze, or added on paper before it."""

    draw_id: UUID
    kind: str
    """``strike``, ``place`` or ``paper``."""
    ticket: Ticket
    reason: str
    is_done: bool
    """Whether the second person has confirmed it."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRow:
    """An earlier draw of the same list that is void, and why; it stays public for ever."""

    ceremony_id: UUID
    sequence: int
    cause: str
    draw_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyRow:
    """A ceremony as everybody may see it."""

    id: UUID
    project_id: UUID
    use: Use
    batch: str
    sequence: int
    """Which draw of this use and batch it is, from 1 ("draw 2 of 2")."""
    of: int
    """How many there are, void ones among them."""
    scheme: Scheme
    step: Step
    void_cause: str
    opened_at: datetime
    freeze_at: datetime
    beacon_at: datetime
    beacon_rule: str
    redraw_rule: str
    postponed_to: datetime | None
    """When the beacon is taken after a postponement; the announcement stays as it is."""
    take: int | None
    """How many of the order are taken; None: all."""
    announced_event_id: UUID | None
    """The ledger entry of the announcement, which witnesses sign."""
    result_digest: str
    """What the three verifiers must give; empty before the derivation."""
    draws: tuple[DrawRow, ...]
    parties: tuple[PartyRow, ...]
    streets: tuple[StreetCountRow, ...]
    beacon: tuple[BeaconPartRow, ...]
    signatures: tuple[SignatureRow, ...]
    agreements: tuple[AgreementRow, ...]
    amendments: tuple[AmendmentRow, ...]
    voids: tuple[VoidRow, ...]

    @property
    def is_rehearsal(self) -> bool:
        """Whether it does not count."""
        return self.scheme is Scheme.REHEARSAL

    @property
    def beacon_due_at(self) -> datetime:
        """When the beacon may be taken: as announced, or as postponed."""
        return self.postponed_to or self.beacon_at


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the public log; the same for every reader."""

    at: datetime
    kind: str
    """The ledger's word: ``draws.step.signed``."""
    role: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    event_id: UUID
    outcome: str = "done"
    """``done`` or ``refused:<code>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRow:
    """What comes next in a ceremony, and whether the asking person may do it."""

    step: Step | None
    """The step that is to be done; None when all is done, or void."""
    kind: Act | None
    waits_for: tuple[Party, ...]
    """Whose hand is wanted; any one of them may come next."""
    may_act: bool
    why: str
    """Why one may not: a code with words (``draws.already-signed``); empty where one may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry, as it is published; ``place`` once the order is derived."""

    draw_id: UUID
    draw_number: str
    stratum: str
    ticket: Ticket
    commitment: str
    masked_name: str
    street: str
    is_disputed: bool
    place: int | None
    """Its place in its stratum's order, from 1."""
    index: int
    """Its place among the list's leaves, from 0."""
