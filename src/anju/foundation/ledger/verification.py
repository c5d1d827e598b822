"""Verifying the stored log: everything recomputed from the entries, nothing taken from a cache."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connections, transaction

from anju.foundation.ledger.keys import is_signed
from anju.foundation.ledger.rows import Row, cut_hashes, stream_rows
from anju_rules.ledger import write_moment
from anju_rules.log_audit import Audit, Policy, StoredCheckpoint, StoredEntry, audit_log
from anju_rules.merkle import merkle_root
from anju_rules.tiles import TILE_WIDTH

ALIAS = "default"
STALE_AFTER = timedelta(seconds=60)
"""How long an entry may wait for its place, and a log for its signature."""

_ENTRIES = """
SELECT l.idx, l.event_id, l.leaf, e.header, e.commit, e.leaf, e.at, e.actor, e.actor_role,
       e.address, e.action, e.target, e.outcome, e.clauses, e.level, e.request_id
FROM ledger_leaf l LEFT JOIN ledger_event e ON e.id = l.event_id AND e.at = l.at
WHERE l.idx >= %s ORDER BY l.idx
"""
CHECKPOINT_ROWS = """
SELECT size, prev_size, root, frontier, note || coalesce(
    (SELECT string_agg(signature, '' ORDER BY witness) FROM ledger_cosign w WHERE w.size = c.size),
    '')
FROM ledger_checkpoint c WHERE size <= %s ORDER BY size
"""
"""The checkpoints up to a size, each note with its witnesses' lines under it."""
_LARGEST = 2**63 - 1
_TILES = "SELECT level, n, hashes, root FROM ledger_tile ORDER BY level, n"
# An entry is in the log or waits for it; a third place there is not. Nor is a row twice in both.
_LOST = """
SELECT e.id FROM ledger_event e
WHERE NOT EXISTS (SELECT 1 FROM ledger_leaf l WHERE l.event_id = e.id)
  AND NOT EXISTS (SELECT 1 FROM ledger_inbox i WHERE i.event_id = e.id AND i.leaf = e.leaf)
LIMIT 100
"""


def verify_ledger(*, at: datetime, policy: Policy, alias: str = ALIAS) -> Audit:
    """Verify the whole log as it is stored at ``at``.

    Header against columns, leaf, order and completeness; every checkpoint's root and chain; every
    signature under the key of ``policy``; notes kept from before; tiles; entries that wait too
    long. Findings have the codes of :func:`anju_rules.log_audit.audit_log`, and ``ledger.stale``.
    """
    # One snapshot: what the sequencer adds meanwhile is none of this audit's business.
    with transaction.atomic(using=alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return audit_stored(at=at, policy=policy, alias=alias)


def audit_stored(*, at: datetime, policy: Policy, alias: str = ALIAS) -> Audit:
    """Verify like :func:`verify_ledger`, as the caller's own transaction sees the log."""
    with connections[alias].cursor() as cursor:
        cursor.execute(CHECKPOINT_ROWS, [_LARGEST])
        checkpoints = [
            StoredCheckpoint(size, prev_size, bytes(root), bytes(frontier), note)
            for size, prev_size, root, frontier, note in cursor.fetchall()
        ]
        audit = audit_log(
            entries=read_entries(alias=alias),
            checkpoints=checkpoints,
            policy=policy,
            is_signed=is_signed,
        )
        cursor.execute(_LOST)
        for (event_id,) in cursor.fetchall():
            audit.report("ledger.entry-unplaced", event=str(event_id))
        _check_tiles(audit, alias=alias)
        cursor.execute("SELECT min(at), count(*) FROM ledger_inbox")
        oldest, waiting = cursor.fetchone()
        if oldest is not None and at - oldest > STALE_AFTER:
            audit.report("ledger.stale", waiting=waiting, since=write_moment(oldest))
    return audit


def read_entries(*, alias: str = ALIAS, start: int = 0) -> Iterator[StoredEntry]:
    """Give the stored entries from index ``start`` on, in their order."""
    for row in stream_rows(_ENTRIES, [start], alias=alias):
        yield _stored_entry(row)


def _stored_entry(row: Row) -> StoredEntry:
    index, event_id, placed, header, commit, leaf, *rest = row
    if header is None:
        return StoredEntry(index, str(event_id), bytes(placed), None, None, None)
    at, actor, role, address, action, target, outcome, clauses, level, request = rest
    return StoredEntry(
        index=index,
        event_id=str(event_id),
        placed=bytes(placed),
        header=bytes(header),
        commit=bytes(commit),
        leaf=bytes(leaf),
        columns={
            "at": write_moment(at),
            "actor": "" if actor is None else str(actor),
            "role": role,
            "address": address,
            "action": action,
            "target": target,
            "outcome": outcome,
            "clauses": list(clauses),
            "level": level,
            "request_id": request,
        },
    )


def _check_tiles(audit: Audit, *, alias: str) -> None:
    """Proofs are served from tiles: each must be the hashes below it, and none may be missing."""
    found: dict[int, list[bytes]] = {}
    for row in stream_rows(_TILES, alias=alias):
        level, n, hashes, root = row
        held, roots = cut_hashes(bytes(hashes)), found.setdefault(level, [])
        if level:
            expected = tuple(found.get(level - 1, [])[n * TILE_WIDTH : (n + 1) * TILE_WIDTH])
        else:
            expected = _placed_leaves(n, alias=alias)
        if n != len(roots) or held != expected or merkle_root(held) != bytes(root):
            audit.report("ledger.tile-differs", level=level, tile=n)
        roots.append(bytes(root))
    nodes, level = audit.size, 0
    while nodes or level in found:
        nodes //= TILE_WIDTH
        if len(found.get(level, [])) != nodes:
            audit.report("ledger.tile-differs", level=level, tile=nodes)
        level += 1


def _placed_leaves(n: int, *, alias: str) -> tuple[bytes, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT leaf FROM ledger_leaf WHERE idx >= %s AND idx < %s ORDER BY idx",
            [n * 256, n * 256 + 256],
        )
        return tuple(bytes(leaf) for (leaf,) in cursor.fetchall())
