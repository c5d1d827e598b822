"""A log that only grows: pushed leaf by leaf, kept in tiles, proven from tiles.

The frontier holds the roots of the complete subtrees a log of some size is made of, largest first;
it is all that is needed to push more leaves. A tile holds the 256 nodes of one level under one node
eight levels up, and is written once, when it is full. Everything is the tree of
:mod:`anju_rules.merkle`, RFC 9162 section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anju_rules.hashing import DIGEST_BYTES, digest
from anju_rules.merkle import Path, merkle_root
from anju_rules.values import Refusal

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT

Frontier = tuple[bytes, ...]
ReadNodes = Callable[[int, int, int], Sequence[bytes]]
"""``read(level, start, count)``: that many node hashes of height ``8 * level``, from ``start``."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile: nodes ``n * 256`` to ``n * 256 + 255`` of height ``8 * level``."""

    level: int
    n: int
    hashes: bytes
    """8,192 bytes: 256 nodes."""
    root: bytes
    """The node they meet in, ``n`` of height ``8 * (level + 1)``."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A log after leaves were pushed."""

    size: int
    frontier: Frontier
    root: bytes


def push_leaves(*, size: int, frontier: Frontier, leaves: Sequence[bytes]) -> Grown:
    """Push ``leaves`` onto a log of ``size`` leaves with that ``frontier``.

    Refuses with ``ledger.frontier-malformed`` a frontier that no log of that size has.

    >>> push_leaves(size=0, frontier=(), leaves=[bytes(32)]).size
    1
    """
    if len(frontier) != size.bit_count() or any(len(node) != DIGEST_BYTES for node in frontier):
        raise Refusal("ledger.frontier-malformed", size=size)
    stack = list(frontier)
    for leaf in leaves:
        node, carry = leaf, size
        while carry & 1:
            node = digest(b"\x01" + stack.pop() + node)
            carry >>= 1
        stack.append(node)
        size += 1
    return Grown(size=size, frontier=tuple(stack), root=root_of(tuple(stack)))


def root_of(frontier: Frontier) -> bytes:
    """Give the root of the log with that frontier; of none, the hash of nothing."""
    if not frontier:
        return digest(b"")
    root = frontier[-1]
    for node in reversed(frontier[:-1]):
        root = digest(b"\x01" + node + root)
    return root


def fill_tiles(*, old_size: int, leaves: Sequence[bytes], read: ReadNodes) -> list[Tile]:
    """Give the tiles that become full when ``leaves`` are pushed, lowest level first.

    ``read`` gives what was there before: of the leaves under ``old_size``, and of the full tiles'
    roots above them.
    """
    tiles: list[Tile] = []
    level, start, fresh = 0, old_size, list(leaves)
    while fresh:
        behind = start % TILE_WIDTH
        if behind + len(fresh) < TILE_WIDTH:
            break
        row = [*read(level, start - behind, behind), *fresh]
        first = start // TILE_WIDTH
        roots: list[bytes] = []
        for place in range(len(row) // TILE_WIDTH):
            hashes = row[place * TILE_WIDTH : (place + 1) * TILE_WIDTH]
            root = merkle_root(hashes)
            tiles.append(Tile(level=level, n=first + place, hashes=b"".join(hashes), root=root))
            roots.append(root)
        level, start, fresh = level + 1, first, roots
    return tiles


def prove_inclusion_from_tiles(*, index: int, size: int, read: ReadNodes) -> Path:
    """Give the path from leaf ``index`` to the root of the first ``size``, lowest first.

    Refuses with ``ledger.no-such-entry``.
    """
    if not 0 <= index < size:
        raise Refusal("ledger.no-such-entry", index=index, size=size)
    path: list[bytes] = []
    low, high = 0, size
    # Down from the root, as the definition splits: the other half joins the path, topmost last.
    while high - low > 1:
        split = low + _split(high - low)
        if index < split:
            path.append(_node(split, high, read))
            high = split
        else:
            path.append(_node(low, split, read))
            low = split
    return tuple(reversed(path))


def prove_consistency_from_tiles(*, old_size: int, new_size: int, read: ReadNodes) -> Path:
    """Prove that the first ``old_size`` leaves are unchanged among ``new_size``.

    Refuses with ``ledger.no-such-size``.
    """
    if not 0 < old_size <= new_size:
        raise Refusal("ledger.no-such-size", size=old_size)
    path: list[bytes] = []
    low, high = 0, new_size
    while high != old_size:
        split = low + _split(high - low)
        if old_size <= split:
            path.append(_node(split, high, read))
            high = split
        else:
            path.append(_node(low, split, read))
            low = split
    if low:
        path.append(_node(low, high, read))
    return tuple(reversed(path))


def root_from_tiles(*, size: int, read: ReadNodes) -> bytes:
    """Give the root of the first ``size`` leaves."""
    return _node(0, size, read) if size else digest(b"")


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _node(low: int, high: int, read: ReadNodes) -> bytes:
    """Hash the subtree over leaves ``low`` to ``high``, from nodes as high up as tiles keep."""
    size = high - low
    if size & (size - 1):
        split = low + _split(size)
        return digest(b"\x01" + _node(low, split, read) + _node(split, high, read))
    # A complete subtree of 2**height leaves, and low a multiple of its size.
    height = size.bit_length() - 1
    level = height // TILE_HEIGHT
    step = 1 << (level * TILE_HEIGHT)
    return merkle_root(read(level, low // step, size // step))
