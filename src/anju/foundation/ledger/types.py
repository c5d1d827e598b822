"""What goes into the ledger, and what is read out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that is done, or that was refused: what one entry records."""

    action: str
    """A stable word in the past, e.g. ``selection.home.chosen``."""
    actor_id: UUID | None
    """The account; a random id. None: nobody was signed in."""
    actor_role: str
    """``household`` for a citizen; an empty role counts as one."""
    address: str
    """Where from. An officer's stands in the header; a citizen's in the body, to be erasable."""
    target: str
    """Random ids only, never a name or number of a person: headers are public for ever."""
    outcome: str
    """``done`` or ``refused:<code>``."""
    clauses: tuple[str, ...]
    level: str
    """The secrecy level."""
    request_id: str
    at: datetime
    body: Mapping[str, object] = field(repr=False)
    """What happened, as JSON values without binary floats. Sealed, and bound by a commitment."""
    subject_id: UUID | None = None
    """Whose data key seals the body: the household's; None: the installation's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReceipt:
    """What whoever acted takes away: it proves the entry once the entry has its place."""

    event_id: UUID
    leaf: bytes
    """32 bytes: the hash of header and commitment."""
    salt: bytes = field(repr=False)
    """16 bytes: with the body it opens the commitment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry as it stands in the tables; its body is read by itself."""

    event_id: UUID
    at: datetime
    actor_id: UUID | None
    actor_role: str
    action: str
    target: str
    outcome: str
    clauses: tuple[str, ...]
    level: str
    header: bytes
    """Canonical JSON."""
    commit: bytes
    leaf: bytes
    index: int | None
    """Its place in the log, from 0; None until the sequencer gave it one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """The state of the log at one size."""

    size: int
    prev_size: int
    root: bytes
    at: datetime
    note: str | None
    """The signed text; None until the signer has recomputed the root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryProof:
    """That an entry stands in the log: everything a stranger needs to check it."""

    event_id: UUID
    header: Mapping[str, object]
    commit: bytes
    leaf: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    """From the leaf to the root, lowest first (RFC 9162 section 2.1.3)."""
    root: bytes
    at: datetime
    """When the checkpoint was made."""
    note: str | None
    """The signed checkpoint with its witnesses' lines, if the signer has come to it."""
    witnesses: tuple[str, ...] = ()
    """Who cosigned it, as this installation has it; a reader counts by a policy of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignRow:
    """That a witness cosigned one head."""

    size: int
    witness: str
    at: datetime
    """The witness's own clock, bound by its signature."""
    taken_at: datetime
    """When this installation had it."""
    signature: str
    """The witness's lines, as they stand under the note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRow:
    """A witness whose cosignatures this installation takes in, and the newest it gave."""

    name: str
    title: str
    """What people call it."""
    keys: tuple[str, ...]
    """Its public keys, a line each, as a verifier pins them."""
    size: int
    """0: none yet."""
    at: datetime | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadOffer:
    """A signed head for witnesses, with the proof that it continues the one they have."""

    size: int
    note: str
    path: tuple[bytes, ...]
    """Empty where there is nothing to prove: the same head, no earlier one, or a longer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessStanding:
    """How far the witnesses have come, for a page or a health check."""

    witnesses: int
    quorum: int
    signed_size: int
    cosigned_size: int
    """The newest size that a quorum reached."""
    waiting_seconds: int
    """How long the oldest signed head beyond it has waited; 0: none waits."""
