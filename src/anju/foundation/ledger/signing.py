"""Checking, then signing: no root is signed that was not recomputed from the stored entries.

The signer is another process than the sequencer and hashes in another way: by the recursive
definition of RFC 9162 section 2.1, not by a frontier. It remembers only subtrees it verified
itself, and starts from the first entry. Everything is hashed twice before a signature, because a
public log has died of one flipped bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connections

from anju.foundation.ledger.keys import LogKey, is_signed
from anju.foundation.ledger.rows import stream_rows
from anju_rules.hashing import digest
from anju_rules.ledger import Checkpoint, hash_stored_entry, write_note
from anju_rules.notes import join_note, open_note
from anju_rules.values import Refusal

ALIAS = "ledger"
SECONDS_BETWEEN = 0.15
_ENTRIES_A_TURN = 50_000

_NEWEST = "SELECT size, root, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"
_ENTRIES = """
SELECT l.idx, l.event_id, l.leaf, e.header, e.commit, e.leaf
FROM ledger_leaf l LEFT JOIN ledger_event e ON e.id = l.event_id AND e.at = l.at
WHERE l.idx >= %s AND l.idx < %s ORDER BY l.idx
"""

Subtrees = dict[tuple[int, int], bytes]
"""Root of leaves ``low`` to ``high``, by (low, high)."""


@dataclass(slots=True)
class Signer:
    """A signer, with what it verified so far."""

    key: LogKey
    size: int = 0
    subtrees: Subtrees = field(default_factory=dict)
    """The complete subtrees that the first ``size`` entries are made of."""

    def sign_next(self) -> str | None:
        """Sign the newest checkpoint, unless it is signed; give the note.

        Raises the alarm ``ledger.root-differs``, ``ledger.entry-differs`` or
        ``ledger.entry-missing``, and signs nothing, if what is stored is not what was recomputed.
        """
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(_NEWEST)
            row = cursor.fetchone()
        if row is None or row[2] is not None:
            return None
        size, root = row[0], bytes(row[1])
        root_again, grown = self._recompute(size)
        if root != root_again:
            raise Refusal("ledger.root-differs", size=size)
        note = self._sign(size=size, root=root, root_again=root_again)
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(
                "UPDATE ledger_checkpoint SET note = %s"
                " WHERE size = %s AND root = %s AND note IS NULL",
                [note, size, root_again],
            )
            if cursor.rowcount != 1:
                raise Refusal("ledger.root-differs", size=size)
        self.size, self.subtrees = size, grown
        return note

    def _recompute(self, size: int) -> tuple[bytes, Subtrees]:
        """Recompute the root of ``size`` entries from their rows, in memory a part at a time."""
        reached, subtrees = self.size, self.subtrees
        if size < reached:
            raise Refusal("ledger.root-differs", size=size)
        root = _root(0, reached, [], dict(subtrees)) if reached else b""
        while reached < size:
            upto = min(size, reached + _ENTRIES_A_TURN)
            entries = _read_entries(reached, upto)
            first, second = dict(subtrees), dict(subtrees)
            root = _root(0, upto, _hash_entries(entries), first)
            if root != _root(0, upto, _hash_entries(entries), second):
                raise Refusal("ledger.root-differs", size=upto)
            subtrees = {span: first[span] for span in _complete_spans(0, upto)}
            reached = upto
        return root, subtrees

    def _sign(self, *, size: int, root: bytes, root_again: bytes) -> str:
        text = write_note(Checkpoint(self.key.origin, size, root))
        note = join_note(text, self.key.sign(text.encode()))
        # Read back what would be published: only that it opens to what was recomputed counts.
        expected = Checkpoint(self.key.origin, size, root_again)
        for key in self.key.public_keys:
            try:
                opened = open_note(note, key=key, is_signed=is_signed)
            except Refusal as refusal:
                raise Refusal("ledger.root-differs", size=size) from refusal
            if opened != expected:
                raise Refusal("ledger.root-differs", size=size)
        return note


_Entry = tuple[bytes, bytes]


def _read_entries(low: int, high: int) -> list[_Entry]:
    """Read header and commitment of entries ``low`` to ``high``, in their order, none missing."""
    entries: list[_Entry] = []
    for row in stream_rows(_ENTRIES, [low, high], alias=ALIAS):
        index, event_id, placed, header, commit, leaf = row
        if index != low + len(entries) or header is None:
            raise Refusal("ledger.entry-missing", index=low + len(entries))
        entry = bytes(header), bytes(commit)
        if not hash_stored_entry(header=entry[0], commitment=entry[1]) == placed == leaf:
            raise Refusal("ledger.entry-differs", index=index, event=str(event_id))
        entries.append(entry)
    if len(entries) != high - low:
        raise Refusal("ledger.entry-missing", index=low + len(entries))
    return entries


def _hash_entries(entries: Sequence[_Entry]) -> list[bytes]:
    return [hash_stored_entry(header=header, commitment=commit) for header, commit in entries]


def _root(low: int, high: int, leaves: Sequence[bytes], known: Subtrees) -> bytes:
    """Give the root of entries ``low`` to ``high``: the definition, word by word.

    ``leaves`` are the newest entries' hashes, the last of them at the end of the whole; ``known``
    is what stands before, and takes up what is found.
    """
    return _Tree(leaves, end=high, known=known).root(low, high)


@dataclass(slots=True)
class _Tree:
    leaves: Sequence[bytes]
    end: int
    known: Subtrees

    def root(self, low: int, high: int) -> bytes:
        span = low, high
        if span in self.known:
            return self.known[span]
        if high - low == 1:
            node = self.leaves[low - (self.end - len(self.leaves))]
        else:
            split = low + (1 << ((high - low - 1).bit_length() - 1))
            node = digest(b"\x01" + self.root(low, split) + self.root(split, high))
        self.known[span] = node
        return node


def _complete_spans(low: int, high: int) -> list[tuple[int, int]]:
    """Give the complete subtrees that entries ``low`` to ``high`` are made of, from the left."""
    spans = []
    while low < high:
        width = 1 << ((high - low).bit_length() - 1)
        spans.append((low, low + width))
        low += width
    return spans
