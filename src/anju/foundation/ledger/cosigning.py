"""What stands between the log and its witnesses: a head is offered, a cosignature taken in.

Witnesses come and ask; nothing here calls them. Two of them that ask within a slot are offered
one and the same head, so that their lines come together under one note.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connections, transaction

from anju.foundation.ledger.queries import consistency_between
from anju.foundation.ledger.types import CosignRow, HeadOffer
from anju.foundation.ledger.witnesses import ALIAS, cosignatures_of, judge_row, known_witnesses
from anju_rules.notes import join_note, split_note
from anju_rules.values import Refusal
from anju_rules.witnessing import Witness

SLOT = timedelta(seconds=2)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_SIGNATURE = 2_000
MOST_AHEAD = timedelta(seconds=60)
"""How far a witness's clock may be ahead of ours."""

_OFFERED = """
SELECT size, note FROM ledger_checkpoint WHERE note IS NOT NULL AND at < %s
ORDER BY size DESC LIMIT 1
"""
_HEAD = "SELECT root, note FROM ledger_checkpoint WHERE size = %s AND note IS NOT NULL"
_TAKE = """
INSERT INTO ledger_cosign (witness, size, at, taken_at, signature) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


def offer_head(*, since: int, at: datetime) -> HeadOffer | None:
    """Offer the head of this slot, with the proof that it continues the one of size ``since``.

    None while nothing is signed. It reads and writes nothing else: whoever asks learns what is
    public.
    """
    slot_start = at - (at - _EPOCH) % SLOT
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_OFFERED, [slot_start])
        row = cursor.fetchone()
    if row is None:
        return None
    size, note = row
    path = consistency_between(old_size=since, new_size=size) if 0 < since < size else ()
    return HeadOffer(size=size, note=note, path=path)


def take_cosignature(*, size: int, signature: str, at: datetime) -> CosignRow:
    """Take in what a witness signed at ``size``; the same once more changes nothing.

    ``signature`` is its lines as they stand under a note. It is no act of a person and writes no
    entry: an entry would make a new head to cosign, for ever. Refuses with ``witness.unknown`` a
    witness this installation does not know, ``witness.no-such-head`` a size that was not signed,
    and ``witness.cosignature-wrong``.
    """
    wrong = Refusal("witness.cosignature-wrong", size=size)
    if len(signature) > _MOST_SIGNATURE:
        raise wrong
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_HEAD, [size])
        head = cursor.fetchone()
    if head is None:
        raise Refusal("witness.no-such-head", size=size)
    root, note = bytes(head[0]), str(head[1])
    witness = _witness_of(note, signature)
    # Before any signature is computed: one row a head and witness is all that is ever taken.
    for taken in cosignatures_of(size=size):
        if taken.witness == witness.name:
            return taken
    offered = CosignRow(size=size, witness=witness.name, at=at, taken_at=at, signature=signature)
    cosigned = judge_row(witness, offered, root=root, note=note)
    if cosigned is None or cosigned.at > at + MOST_AHEAD:
        raise wrong
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute(_TAKE, [witness.name, size, cosigned.at, at, signature])
    return next(row for row in cosignatures_of(size=size) if row.witness == witness.name)


def note_with_cosignatures(*, size: int) -> str | None:
    """Give the signed note of a size with the witnesses' lines under it; None: not signed."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_HEAD, [size])
        head = cursor.fetchone()
    if head is None:
        return None
    return str(head[1]) + "".join(row.signature for row in cosignatures_of(size=size))


def _witness_of(note: str, signature: str) -> Witness:
    """Find the witness that the lines name, by name and key; nothing of it is believed yet."""
    text, _, _ = note.partition("\n\n")
    try:
        lines = split_note(join_note(f"{text}\n", []) + signature).signatures
    except Refusal as refusal:
        raise Refusal("witness.cosignature-wrong", size=0) from refusal
    named = {(line.name, line.key_id) for line in lines}
    policy = known_witnesses()
    for witness in policy.witnesses if policy else ():
        # Only its own lines are kept: nobody hangs another's, or a fifth, under our notes.
        if named == {(key.name, key.key_id) for key in witness.keys} and len(lines) == len(named):
            return witness
    raise Refusal("witness.unknown")
