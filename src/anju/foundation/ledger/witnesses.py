"""The witnesses this installation knows: whose cosignatures it takes in, and how far they came.

They stand in ``witnesses.toml`` in the home folder. That file serves taking in and showing; who
verifies brings a policy of one's own, and never takes this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import LiteralString
from uuid import UUID

from django.conf import settings
from django.db import connections

from anju.foundation.ledger.keys import is_signed
from anju.foundation.ledger.rows import Parameter
from anju.foundation.ledger.types import CosignRow, WitnessRow, WitnessStanding
from anju_rules.notes import split_note
from anju_rules.values import Refusal
from anju_rules.witnessing import (
    Cosigned,
    Witness,
    WitnessPolicy,
    judge_cosignatures,
    read_policy,
)

ALIAS = "default"
_COSIGN: LiteralString = """
SELECT w.size, w.witness, w.at, w.taken_at, w.signature, c.root, c.note
FROM ledger_cosign w JOIN ledger_checkpoint c ON c.size = w.size
"""


def known_witnesses() -> WitnessPolicy | None:
    """Give the witnesses of this installation; None where it has none.

    Refuses with ``witness.policy-malformed`` or ``witness.quorum-splits``.
    """
    file = witnesses_file(Path(settings.HOME))
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _read(file, changed)


def witnesses_file(home: Path) -> Path:
    """Say where the witnesses of an installation stand."""
    return home / "witnesses.toml"


def is_witnessed(*, event_id: UUID, quorum: int | None = None) -> bool:
    """Whether ``quorum`` witnesses cosigned heads that hold the entry.

    Without ``quorum`` the one of ``witnesses.toml`` is asked for. An entry without its place, and
    an installation without witnesses, are not witnessed.
    """
    return witnessed_at(event_id=event_id, quorum=quorum) is not None


def witnessed_at(*, event_id: UUID, quorum: int | None = None) -> datetime | None:
    """Give the moment from which ``quorum`` witnesses vouch for the entry, by their clocks.

    None while they do not. Every signature is verified again: a row by itself is no witness.
    """
    policy = known_witnesses()
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT idx FROM ledger_leaf WHERE event_id = %s", [event_id])
        row = cursor.fetchone()
    if policy is None or row is None:
        return None
    wanted = policy.quorum if quorum is None else quorum
    moments = sorted(
        cosigned.at
        for witness in policy.witnesses
        if (cosigned := _first_after(witness, index=row[0])) is not None
    )
    return moments[wanted - 1] if 0 < wanted <= len(moments) else None


def cosigned_size(*, quorum: int | None = None) -> int:
    """Give the newest size of the log that ``quorum`` witnesses reached; 0 if none."""
    policy = known_witnesses()
    if policy is None:
        return 0
    wanted = policy.quorum if quorum is None else quorum
    sizes = sorted((row.size for row in witness_rows() if row.size), reverse=True)
    return sizes[wanted - 1] if 0 < wanted <= len(sizes) else 0


def witness_rows() -> tuple[WitnessRow, ...]:
    """Give the witnesses this installation knows, each with the newest head it cosigned."""
    policy = known_witnesses()
    if policy is None:
        return ()
    rows = []
    for witness in policy.witnesses:
        newest = _first_valid(witness, "WHERE w.witness = %s ORDER BY w.size DESC LIMIT 1")
        rows.append(
            WitnessRow(
                name=witness.name,
                title=witness.title or witness.name,
                keys=tuple(key.write() for key in witness.keys),
                size=newest.size if newest else 0,
                at=newest.at if newest else None,
                taken_at=newest.taken_at if newest else None,
            )
        )
    return tuple(rows)


def witness_standing(*, at: datetime) -> WitnessStanding:
    """Give how far the witnesses have come at ``at``; all zero where there are none."""
    policy = known_witnesses()
    if policy is None:
        return WitnessStanding(
            witnesses=0, quorum=0, signed_size=0, cosigned_size=0, waiting_seconds=0
        )
    reached = cosigned_size()
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT max(size), min(at) FILTER (WHERE size > %s) FROM ledger_checkpoint"
            " WHERE note IS NOT NULL AND size >= %s",
            [reached, reached],
        )
        signed, since = cursor.fetchone()
    return WitnessStanding(
        witnesses=len(policy.witnesses),
        quorum=policy.quorum,
        signed_size=signed or 0,
        cosigned_size=reached,
        waiting_seconds=0 if since is None else max(0, int((at - since).total_seconds())),
    )


def cosignatures_of(*, size: int) -> tuple[CosignRow, ...]:
    """Give what the witnesses signed at one size of the log, by their names."""
    return tuple(row for row, _, _ in _rows("WHERE w.size = %s ORDER BY w.witness", size))


def newest_quorum(*, above: int) -> int | None:
    """Give the newest size beyond ``above`` whose very head a quorum cosigned."""
    policy = known_witnesses()
    if policy is None:
        return None
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT size FROM ledger_cosign WHERE size > %s GROUP BY size HAVING count(*) >= %s"
            " ORDER BY size DESC LIMIT 1",
            [above, policy.quorum],
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])


@lru_cache(maxsize=1_024)  # of its arguments alone; an SM2 signature takes milliseconds
def judge_row(witness: Witness, row: CosignRow, *, root: bytes, note: str) -> Cosigned | None:
    """Judge one row against the head it stands at; None if it is not that witness's."""
    head, gap, _ = note.partition("\n\n")
    alone = WitnessPolicy(1, (witness,))
    try:
        checkpoint = split_note(note).checkpoint
        verdict = judge_cosignatures(
            f"{head}{gap}{row.signature}", policy=alone, is_signed=is_signed
        )
    except Refusal:
        return None
    if (checkpoint.size, checkpoint.root) != (row.size, root) or not verdict.cosigned:
        return None
    return verdict.cosigned[0]


def _first_after(witness: Witness, *, index: int) -> Cosigned | None:
    condition: LiteralString = "WHERE w.witness = %s AND w.size > %s ORDER BY w.size LIMIT 1"
    for row, root, note in _rows(condition, witness.name, index):
        return judge_row(witness, row, root=root, note=note)
    return None


def _first_valid(witness: Witness, condition: LiteralString) -> CosignRow | None:
    for row, root, note in _rows(condition, witness.name):
        if judge_row(witness, row, root=root, note=note) is not None:
            return row
    return None


def _rows(
    condition: LiteralString, *parameters: Parameter
) -> Iterator[tuple[CosignRow, bytes, str]]:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_COSIGN + condition, list(parameters))
        found = cursor.fetchall()
    for size, witness, at, taken_at, signature, root, note in found:
        row = CosignRow(size=size, witness=witness, at=at, taken_at=taken_at, signature=signature)
        yield row, bytes(root), note or ""


@lru_cache(maxsize=4)
def _read(file: Path, changed: int) -> WitnessPolicy:
    del changed  # a changed file is read again
    return read_policy(file.read_text(encoding="utf-8"))
