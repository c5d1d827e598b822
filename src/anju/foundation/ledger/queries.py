"""Reading the ledger: proofs, entries of a thing, the newest checkpoint, who witnessed it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from django.db import connections

from anju.foundation.core.sealing import open_field
from anju.foundation.ledger.rows import Parameter, node_reader
from anju.foundation.ledger.types import CheckpointRow, EntryProof, EntryRow
from anju.foundation.ledger.witnesses import (
    cosignatures_of,
    cosigned_size,
    is_witnessed,
    newest_quorum,
    witness_rows,
    witness_standing,
    witnessed_at,
)
from anju_rules.ledger import commit_body
from anju_rules.merkle import Path
from anju_rules.tiles import prove_consistency_from_tiles, prove_inclusion_from_tiles
from anju_rules.values import Refusal

__all__ = [
    "consistency_between",
    "cosignatures_of",
    "cosigned_size",
    "count_waiting",
    "digest_entries",
    "entries_of",
    "entries_with_action",
    "find_entry",
    "is_witnessed",
    "latest_checkpoint",
    "longest_wait",
    "proof_of",
    "read_body",
    "read_opening",
    "recent_entries",
    "witness_rows",
    "witness_standing",
    "witnessed_at",
]
ALIAS = "default"
_ENTRY: LiteralString = """
SELECT e.id, e.at, e.actor, e.actor_role, e.action, e.target, e.outcome, e.clauses, e.level,
       e.header, e.commit, e.leaf, l.idx
FROM ledger_event e LEFT JOIN ledger_leaf l ON l.event_id = e.id
"""
_DIGEST: LiteralString = """
SELECT sha256(coalesce(string_agg(
    sha256(convert_to(concat(e::text, s::text, l.idx), 'UTF8')), ''::bytea ORDER BY e.id, e.at
), ''))
FROM ledger_event e
LEFT JOIN ledger_leaf l ON l.event_id = e.id
LEFT JOIN ledger_secret s ON s.event_id = e.id
WHERE e.target = ANY (%s)
"""
_CHECKPOINT: LiteralString = "SELECT size, prev_size, root, at, note FROM ledger_checkpoint "


def proof_of(*, event_id: UUID) -> EntryProof | None:
    """Give the proof of an entry under the newest checkpoint that holds it and a quorum cosigned.

    Where the witnesses have not come to it yet, under the newest signed one; where the signer has
    not, under the newest unsigned one; None until the entry has its place.
    """
    row = find_entry(event_id=event_id)
    if row is None or row.index is None:
        return None
    witnessed = newest_quorum(above=row.index)
    if witnessed is None:
        checkpoint = _checkpoint(
            "WHERE size > %s ORDER BY note IS NULL, size DESC LIMIT 1", row.index
        )
    else:
        checkpoint = _checkpoint("WHERE size = %s", witnessed)
    if checkpoint is None:
        return None
    cosignatures = cosignatures_of(size=checkpoint.size)
    with connections[ALIAS].cursor() as cursor:
        path = prove_inclusion_from_tiles(
            index=row.index, size=checkpoint.size, read=node_reader(cursor)
        )
    return EntryProof(
        event_id=event_id,
        header=json.loads(row.header),
        commit=row.commit,
        leaf=row.leaf,
        index=row.index,
        size=checkpoint.size,
        path=path,
        root=checkpoint.root,
        at=checkpoint.at,
        note=checkpoint.note and checkpoint.note + "".join(one.signature for one in cosignatures),
        witnesses=tuple(one.witness for one in cosignatures),
    )


def consistency_between(*, old_size: int, new_size: int) -> Path:
    """Prove that the log of ``new_size`` continues that of ``old_size``.

    Refuses with ``ledger.no-such-size``.
    """
    newest = latest_checkpoint()
    if newest is None or new_size > newest.size:
        raise Refusal("ledger.no-such-size", size=new_size)
    with connections[ALIAS].cursor() as cursor:
        return prove_consistency_from_tiles(
            old_size=old_size, new_size=new_size, read=node_reader(cursor)
        )


def latest_checkpoint(*, signed: bool = False) -> CheckpointRow | None:
    """Give the newest checkpoint, or the newest ``signed`` one; None while there is none."""
    if signed:
        return _checkpoint("WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1")
    return _checkpoint("ORDER BY size DESC LIMIT 1")


def find_entry(*, event_id: UUID) -> EntryRow | None:
    """Give one entry."""
    return next(_entries("WHERE e.id = %s", event_id), None)


def entries_of(target: str) -> tuple[EntryRow, ...]:
    """Give the entries about a thing, oldest first."""
    return tuple(_entries("WHERE e.target = %s ORDER BY e.at, l.idx", target))


def digest_entries(targets: Collection[str]) -> bytes:
    """Give one digest (32 bytes) of every entry about some things, bodies as they lie sealed.

    Any byte of them that changes, and any entry that comes or goes, makes it another one: whoever
    read them all need not read them again while it is the same.
    """
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_DIGEST, [sorted(targets)])
        (found,) = cursor.fetchone()
    return bytes(found)


def entries_with_action(action: str, *, since: datetime | None = None) -> Iterator[EntryRow]:
    """Give the entries of one action in the log's order; those still waiting come last."""
    if since is None:
        return _entries("WHERE e.action = %s ORDER BY l.idx, e.at", action)
    return _entries("WHERE e.action = %s AND e.at >= %s ORDER BY l.idx, e.at", action, since)


def recent_entries(*, most: int = 50, actor_id: UUID | None = None) -> tuple[EntryRow, ...]:
    """Give the newest entries, newest first; of one account if it is named."""
    if actor_id is None:
        return tuple(_entries("ORDER BY e.at DESC LIMIT %s", most))
    return tuple(_entries("WHERE e.actor = %s ORDER BY e.at DESC LIMIT %s", actor_id, most))


def count_waiting() -> int:
    """Count the entries that have no place yet."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_inbox")
        (waiting,) = cursor.fetchone()
    return int(waiting)


def read_body(*, event_id: UUID) -> Mapping[str, object]:
    """Open an entry's body, and see that it is the one the entry binds.

    Refuses with ``ledger.no-such-event``, ``ledger.body-erased`` or ``ledger.body-differs``. Who
    may read it is decided by the caller.
    """
    body, _ = _open_body(event_id)
    return body


def read_opening(*, event_id: UUID) -> tuple[Mapping[str, object], bytes]:
    """Give an entry's body with the salt that opens its commitment; refuses like the body."""
    return _open_body(event_id)


def _open_body(event_id: UUID) -> tuple[Mapping[str, object], bytes]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT e.commit, s.subject_id, s.salt, s.body FROM ledger_event e"
            " LEFT JOIN ledger_secret s ON s.event_id = e.id WHERE e.id = %s",
            [event_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refusal("ledger.no-such-event", event=str(event_id))
    commit, subject_id, salt, sealed = row
    if sealed is None:
        raise Refusal("ledger.body-erased", event=str(event_id))
    try:
        text = open_field(
            subject_id=subject_id,
            table="ledger_secret",
            row_id=event_id,
            column="body",
            sealed=sealed,
        )
    except Refusal as refusal:
        if refusal.code == "sealing.key-destroyed":
            raise Refusal("ledger.body-erased", event=str(event_id)) from refusal
        raise Refusal("ledger.body-differs", event=str(event_id)) from refusal
    body: dict[str, object] = json.loads(text)
    if commit_body(salt=bytes(salt), body=body) != bytes(commit):
        raise Refusal("ledger.body-differs", event=str(event_id))
    return body, bytes(salt)


def _entries(condition: LiteralString, *parameters: Parameter) -> Iterator[EntryRow]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_ENTRY + condition, list(parameters))
        for row in cursor.fetchall():
            yield EntryRow(
                event_id=row[0],
                at=row[1],
                actor_id=row[2],
                actor_role=row[3],
                action=row[4],
                target=row[5],
                outcome=row[6],
                clauses=tuple(row[7]),
                level=row[8],
                header=bytes(row[9]),
                commit=bytes(row[10]),
                leaf=bytes(row[11]),
                index=row[12],
            )


def _checkpoint(condition: LiteralString, *parameters: Parameter) -> CheckpointRow | None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_CHECKPOINT + condition, list(parameters))
        row = cursor.fetchone()
    if row is None:
        return None
    size, prev_size, root, at, note = row
    return CheckpointRow(size=size, prev_size=prev_size, root=bytes(root), at=at, note=note)


def longest_wait() -> timedelta:
    """Say how long the oldest entry without a place has waited; nothing where none waits."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - MIN(at) FROM ledger_inbox")
        (waited,) = cursor.fetchone()
    return waited or timedelta(0)
