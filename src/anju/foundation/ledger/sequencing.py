"""Giving entries their place: the inbox becomes leaves, tiles and a checkpoint.

The order of the log is the order in which this worker takes entries, so a transaction that is
rolled back, or that commits late, leaves no gap. Two workers cannot fork the log: of two
checkpoints that continue the same size the second is refused by the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, connections, transaction
from django.db.backends.utils import CursorWrapper

from anju.foundation.ledger.rows import cut_hashes, node_reader
from anju_rules.tiles import fill_tiles, push_leaves

ALIAS = "ledger"
MOST_A_TURN = 5_000
SECONDS_BETWEEN = 0.15
"""How long the sequencer sleeps when the inbox was empty."""
MONTHS_AHEAD = 3

# The lock is on the rows taken: a second worker takes others, and loses at the checkpoint.
_TAKE = """
DELETE FROM ledger_inbox WHERE seq = ANY (ARRAY(
    SELECT seq FROM ledger_inbox ORDER BY seq LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING seq, event_id, at, leaf
"""
_HEAD = "SELECT size, frontier FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
_LEAVES = """
INSERT INTO ledger_leaf (idx, event_id, at, leaf)
SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::timestamptz[], %s::bytea[])
"""
_TILES = """
INSERT INTO ledger_tile (level, n, hashes, root)
SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[], %s::bytea[])
"""
_CHECKPOINT = """
INSERT INTO ledger_checkpoint (size, prev_size, root, frontier, at) VALUES (%s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Drained:
    """What one turn of the sequencer did."""

    taken: int
    """How many entries got their place."""
    size: int
    """The size of the log after it; 0 if nothing was taken."""
    was_first: bool = True
    """False: another worker was first, everything was rolled back, the entries still wait."""


def drain_inbox(*, at: datetime, most: int = MOST_A_TURN) -> Drained:
    """Give a place to the entries that wait, ``most`` at a time, in one transaction."""
    try:
        with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
            return _drain(cursor, at=at, most=most)
    except IntegrityError:
        # Whatever was taken is back in the inbox; the other worker's checkpoint stands.
        return Drained(taken=0, size=0, was_first=False)


def make_partitions(*, first: date, months: int = MONTHS_AHEAD) -> int:
    """Make the monthly partitions from ``first`` on, before their rows come; gives how many."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT ledger_make_partitions(%s, %s)", [first, months])
        (made,) = cursor.fetchone()
    return int(made)


def _drain(cursor: CursorWrapper, *, at: datetime, most: int) -> Drained:
    cursor.execute(_TAKE, [most])
    rows = sorted(cursor.fetchall())
    if not rows:
        return Drained(taken=0, size=0)
    cursor.execute(_HEAD)
    size, frontier = cursor.fetchone() or (0, b"")
    leaves = [bytes(leaf) for _, _, _, leaf in rows]
    grown = push_leaves(size=size, frontier=cut_hashes(bytes(frontier)), leaves=leaves)
    tiles = fill_tiles(old_size=size, leaves=leaves, read=node_reader(cursor))
    cursor.execute(_CHECKPOINT, [grown.size, size, grown.root, b"".join(grown.frontier), at])
    cursor.execute(
        _LEAVES,
        [
            list(range(size, grown.size)),
            [event_id for _, event_id, _, _ in rows],
            [moment for _, _, moment, _ in rows],
            leaves,
        ],
    )
    if tiles:
        cursor.execute(
            _TILES,
            [
                [tile.level for tile in tiles],
                [tile.n for tile in tiles],
                [tile.hashes for tile in tiles],
                [tile.root for tile in tiles],
            ],
        )
    return Drained(taken=len(rows), size=grown.size)
