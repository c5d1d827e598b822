"""A Merkle tree in the shape of RFC 9162 section 2.1, over SM3 unless told otherwise.

Proofs are lists of 32-byte nodes. The verifying functions answer ``False`` to anything that is not
exactly the proof asked for, and never raise: forged proofs are their daily bread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anju_rules.hashing import DIGEST_BYTES, Digest, digest, digest_each
from anju_rules.values import Refusal

Path = tuple[bytes, ...]


def merkle_root(leaves: Iterable[bytes], *, hashed: Digest = digest) -> bytes:
    """Give the root over leaf hashes; of none, the hash of nothing."""
    row = list(leaves) or [hashed(b"")]
    while len(row) > 1:
        row = _grow_row(row, hashed=hashed)
    return row[0]


def prove_inclusion(*, leaves: Sequence[bytes], index: int, hashed: Digest = digest) -> Path:
    """Give the path from leaf ``index`` to the root, lowest first (section 2.1.3.1)."""
    if not 0 <= index < len(leaves):
        raise Refusal("ledger.no-such-entry", index=index, size=len(leaves))
    return _climb(_grow_rows(leaves, hashed=hashed), index)


def prove_every_inclusion(*, leaves: Sequence[bytes], hashed: Digest = digest) -> list[Path]:
    """Give every leaf's path, hashing the tree once."""
    rows = _grow_rows(leaves, hashed=hashed)
    return [_climb(rows, index) for index in range(len(leaves))]


def verify_inclusion(
    *,
    leaf: bytes,
    index: int,
    size: int,
    path: Sequence[bytes],
    root: bytes,
    hashed: Digest = digest,
) -> bool:
    """Whether ``path`` leads from ``leaf`` at ``index`` to ``root`` (section 2.1.3.2)."""
    if not 0 <= index < size or any(len(node) != DIGEST_BYTES for node in (leaf, root, *path)):
        return False
    first, last, reached = index, size - 1, leaf
    for node in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            reached = hashed(b"\x01" + node + reached)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            reached = hashed(b"\x01" + reached + node)
        first, last = first >> 1, last >> 1
    return last == 0 and reached == root


def prove_consistency(*, leaves: Sequence[bytes], old_size: int, hashed: Digest = digest) -> Path:
    """Prove that the first ``old_size`` leaves are unchanged (section 2.1.4.1)."""
    if not 0 < old_size <= len(leaves):
        raise Refusal("ledger.no-such-size", size=old_size)
    return tuple(_subproof(old_size, leaves, whole=True, hashed=hashed))


def verify_consistency(
    *,
    old_size: int,
    old_root: bytes,
    new_size: int,
    new_root: bytes,
    path: Sequence[bytes],
    hashed: Digest = digest,
) -> bool:
    """Whether the log of ``new_size`` continues the log of ``old_size`` (section 2.1.4.2)."""
    if any(len(node) != DIGEST_BYTES for node in (old_root, new_root, *path)):
        return False
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    nodes = list(path)
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        return False
    first, last = old_size - 1, new_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_reached = new_reached = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_reached = hashed(b"\x01" + node + old_reached)
            new_reached = hashed(b"\x01" + node + new_reached)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new_reached = hashed(b"\x01" + new_reached + node)
        first, last = first >> 1, last >> 1
    return last == 0 and old_reached == old_root and new_reached == new_root


def _grow_row(row: Sequence[bytes], *, hashed: Digest) -> list[bytes]:
    # Carrying an odd last node up unchanged gives the same tree as the recursive definition:
    # both split at the largest power of two below the size.
    nodes = iter(row)
    pairs = (b"\x01" + left + right for left, right in zip(nodes, nodes, strict=False))
    above = digest_each(pairs) if hashed is digest else [hashed(pair) for pair in pairs]
    if len(row) % 2:
        above.append(row[-1])
    return above


def _grow_rows(leaves: Sequence[bytes], *, hashed: Digest) -> list[list[bytes]]:
    rows = [list(leaves)]
    while len(rows[-1]) > 1:
        rows.append(_grow_row(rows[-1], hashed=hashed))
    return rows


def _climb(rows: Sequence[Sequence[bytes]], index: int) -> Path:
    path: list[bytes] = []
    for row in rows[:-1]:
        if index ^ 1 < len(row):
            path.append(row[index ^ 1])
        index //= 2
    return tuple(path)


def _subproof(
    old_size: int, leaves: Sequence[bytes], *, whole: bool, hashed: Digest
) -> list[bytes]:
    size = len(leaves)
    if old_size == size:
        return [] if whole else [merkle_root(leaves, hashed=hashed)]
    split = 1 << ((size - 1).bit_length() - 1)
    if old_size <= split:
        inner = _subproof(old_size, leaves[:split], whole=whole, hashed=hashed)
        return [*inner, merkle_root(leaves[split:], hashed=hashed)]
    inner = _subproof(old_size - split, leaves[split:], whole=False, hashed=hashed)
    return [*inner, merkle_root(leaves[:split], hashed=hashed)]
