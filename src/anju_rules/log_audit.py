"""Auditing a whole log from its rows: what is found wrong, in words that name the place.

Nothing is believed: leaves are recomputed from headers and commitments, roots from leaves by
pushing, and a checkpoint counts only if its note is signed under a key the auditor brought along.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from anju_rules.hashing import canonical
from anju_rules.ledger import Checkpoint, hash_stored_entry
from anju_rules.notes import IsSigned, NoteKey, open_note, split_note
from anju_rules.tiles import Frontier, push_leaves
from anju_rules.values import Finding, Refusal
from anju_rules.witnessing import WitnessPolicy, judge_cosignatures

_MOST_FINDINGS = 100


class Standing(IntEnum):
    """How a log stands; the number is the exit code of the command."""

    OK = 0
    STALE = 10
    QUORUM_MISSING = 20
    FORK = 30
    INVALID = 40


_GRADES = {
    "ledger.stale": Standing.STALE,
    "ledger.unsigned": Standing.STALE,
    "ledger.quorum-missing": Standing.QUORUM_MISSING,
    "ledger.fork": Standing.FORK,
}


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as some store holds it; None is what the store lacks."""

    index: int
    event_id: str
    placed: bytes
    """The leaf that the sequencer placed."""
    header: bytes | None
    commit: bytes | None
    leaf: bytes | None
    columns: Mapping[str, object] | None = None
    """What the store keeps beside the header to search by; must say the same."""


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as some store holds it."""

    size: int
    prev_size: int
    root: bytes
    frontier: bytes
    note: str | None
    """The signed note, with its witnesses' lines under it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the auditor brings: never taken from the server that is audited."""

    key: NoteKey | None = None
    """The log's key; without one no signature is judged, and the log is at best unsigned."""
    earlier: Sequence[str] = ()
    """Signed notes kept from before."""
    witnesses: WitnessPolicy | None = None
    """Whom the auditor believes besides; None: no witness is asked for."""
    unwitnessed: int = 0
    """How many of the newest signed entries may still wait for the witnesses' quorum."""


@dataclass(slots=True)
class Audit:
    """What an audit found."""

    size: int = 0
    root: bytes = b""
    signed_size: int = 0
    """The size of the newest checkpoint signed under the pinned key."""
    cosigned_size: int = 0
    """The newest size that a quorum of the auditor's witnesses reached."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def standing(self) -> Standing:
        """The worst of the findings."""
        grades = (_GRADES.get(finding.code, Standing.INVALID) for finding in self.findings)
        return max(grades, default=Standing.OK)

    def report(self, code: str, **facts: object) -> None:
        """Add a finding; after a hundred the log is bad enough."""
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(Finding(code, clause="", met=False, facts=facts))


def audit_log(
    *,
    entries: Iterable[StoredEntry],
    checkpoints: Sequence[StoredCheckpoint],
    policy: Policy,
    is_signed: IsSigned,
) -> Audit:
    """Audit a log: entries in their order, checkpoints by size.

    Every fault is reported as its finding: ``ledger.entry-missing``, ``ledger.entry-differs``,
    ``ledger.header-differs``, ``ledger.order-broken``, ``ledger.checkpoint-differs``,
    ``ledger.root-differs``, ``ledger.signature-wrong``, ``ledger.fork``, ``ledger.unsigned``,
    ``ledger.quorum-missing``.
    """
    audit = Audit()
    earlier = _open_earlier(audit, policy, is_signed)
    wanted = {row.size for row in checkpoints} | {kept.size for kept in earlier}
    states = dict(_walk(audit, entries, wanted))
    _check_chain(audit, checkpoints, states)
    for kept in earlier:
        if kept.size not in states or states[kept.size][1] != kept.root:
            audit.report("ledger.fork", size=kept.size)
    _check_notes(audit, checkpoints, policy, is_signed)
    return audit


_State = tuple[Frontier, bytes]


def _walk(
    audit: Audit, entries: Iterable[StoredEntry], wanted: Collection[int]
) -> Iterator[tuple[int, _State]]:
    """Recompute every leaf, and give frontier and root at each wanted size."""
    frontier: Frontier = ()
    seen: set[str] = set()
    pending: list[bytes] = []
    sizes = sorted(wanted)
    for entry in entries:
        place = audit.size + len(pending)
        if entry.index != place:
            audit.report("ledger.order-broken", index=place)
        if entry.event_id in seen:
            audit.report("ledger.order-broken", index=place)
        seen.add(entry.event_id)
        pending.append(_judge_entry(audit, entry))
        while sizes and sizes[0] < place + 1:
            sizes.pop(0)
        if sizes and sizes[0] == place + 1:
            grown = push_leaves(size=audit.size, frontier=frontier, leaves=pending)
            audit.size, audit.root, frontier = grown.size, grown.root, grown.frontier
            pending.clear()
            yield grown.size, (frontier, grown.root)
    if pending:
        grown = push_leaves(size=audit.size, frontier=frontier, leaves=pending)
        audit.size, audit.root = grown.size, grown.root
        audit.report("ledger.order-broken", index=audit.size - len(pending))


def _judge_entry(audit: Audit, entry: StoredEntry) -> bytes:
    """Judge one entry, and give the leaf that its own header and commitment make."""
    if entry.header is None or entry.commit is None:
        audit.report("ledger.entry-missing", index=entry.index)
        return entry.placed
    leaf = hash_stored_entry(header=entry.header, commitment=entry.commit)
    if not leaf == entry.placed == entry.leaf:
        audit.report("ledger.entry-differs", index=entry.index)
    try:
        header = json.loads(entry.header)
        told = canonical(header) == entry.header and header["id"] == entry.event_id
    except (ValueError, KeyError, TypeError, RecursionError, Refusal):
        told = False
        header = {}
    if not told or (
        entry.columns is not None
        and any(header.get(name) != value for name, value in entry.columns.items())
    ):
        audit.report("ledger.header-differs", index=entry.index)
    return leaf


def _check_chain(
    audit: Audit, checkpoints: Sequence[StoredCheckpoint], states: Mapping[int, _State]
) -> None:
    """Each checkpoint continues the one before, and says what was recomputed."""
    before = 0
    for row in checkpoints:
        if row.prev_size != before or row.size <= before:
            audit.report("ledger.checkpoint-differs", size=row.size)
        before = row.size
        state = states.get(row.size)
        if state is None:
            audit.report("ledger.entry-missing", index=row.size - 1)
        elif state[1] != row.root:
            audit.report("ledger.root-differs", size=row.size)
        elif b"".join(state[0]) != row.frontier:
            audit.report("ledger.checkpoint-differs", size=row.size)
    if before != audit.size:
        audit.report("ledger.order-broken", index=min(before, audit.size))


def _check_notes(
    audit: Audit, checkpoints: Sequence[StoredCheckpoint], policy: Policy, is_signed: IsSigned
) -> None:
    if policy.key is None:
        return
    genuine: list[StoredCheckpoint] = []
    for row in checkpoints:
        if row.note is None:
            continue
        try:
            opened = open_note(row.note, key=policy.key, is_signed=is_signed)
        except Refusal as refusal:
            audit.report(refusal.code, **{**refusal.facts, "size": row.size})
            continue
        if opened != Checkpoint(policy.key.name, row.size, row.root):
            audit.report("ledger.signature-wrong", size=row.size)
            continue
        audit.signed_size = row.size
        genuine.append(row)
    if audit.signed_size != audit.size:
        audit.report("ledger.unsigned", size=audit.size, signed=audit.signed_size)
    if policy.witnesses is not None:
        _check_quorum(audit, genuine, policy.witnesses, is_signed)
        if audit.cosigned_size < audit.signed_size - policy.unwitnessed or not audit.cosigned_size:
            audit.report(
                "ledger.quorum-missing",
                reached=audit.cosigned_size,
                signed=audit.signed_size,
                quorum=policy.witnesses.quorum,
            )


def _check_quorum(
    audit: Audit, genuine: Sequence[StoredCheckpoint], policy: WitnessPolicy, is_signed: IsSigned
) -> None:
    """Find how far a quorum has come, from the newest head back.

    Witnesses may have cosigned different heads. All these heads are of the one log that was just
    recomputed, so who cosigned a later one vouches for the earlier as well.
    """
    seen: set[str] = set()
    for row in reversed(genuine):
        verdict = judge_cosignatures(row.note or "", policy=policy, is_signed=is_signed)
        seen |= {cosigned.name for cosigned in verdict.cosigned}
        if len(seen) >= policy.quorum:
            audit.cosigned_size = row.size
            return


def _open_earlier(audit: Audit, policy: Policy, is_signed: IsSigned) -> list[Checkpoint]:
    """Open the notes kept from before; one that is not signed is no evidence, and is said so."""
    kept = []
    for note in policy.earlier:
        try:
            if policy.key is None:
                kept.append(split_note(note).checkpoint)
            else:
                kept.append(open_note(note, key=policy.key, is_signed=is_signed))
        except Refusal as refusal:
            audit.report(refusal.code, **refusal.facts)
    return kept
