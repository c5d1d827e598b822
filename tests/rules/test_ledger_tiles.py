"""The growing log: pushed, tiled and proven, always the tree of the definition."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import tiles
from anju_rules.hashing import digest
from anju_rules.merkle import (
    merkle_root,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from anju_rules.values import Refusal


def leaves_of(size: int, *, history: str = "") -> list[bytes]:
    return [digest(b"\x00" + f"{history}{index}".encode()) for index in range(size)]


class Store:
    """Leaves, and the tiles that are full, as a database keeps them."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.tiles: dict[tuple[int, int], tiles.Tile] = {}
        self.frontier: tiles.Frontier = ()
        self.root = digest(b"")

    def push(self, leaves: Sequence[bytes]) -> None:
        size = len(self.leaves)
        for tile in tiles.fill_tiles(old_size=size, leaves=leaves, read=self.read):
            assert (tile.level, tile.n) not in self.tiles
            self.tiles[tile.level, tile.n] = tile
        grown = tiles.push_leaves(size=size, frontier=self.frontier, leaves=leaves)
        self.leaves += leaves
        assert grown.size == len(self.leaves)
        self.frontier, self.root = grown.frontier, grown.root

    def read(self, level: int, start: int, count: int) -> Sequence[bytes]:
        if not level:
            return self.leaves[start : start + count]
        return [self.tiles[level - 1, n].root for n in range(start, start + count)]


def filled(size: int, *, history: str = "") -> Store:
    store = Store()
    store.push(leaves_of(size, history=history))
    return store


@given(st.lists(st.integers(0, 40), max_size=12))
def test_pushing_in_any_parts_gives_the_definitions_root(parts: list[int]) -> None:
    store = Store()
    leaves = leaves_of(sum(parts))
    for part in parts:
        store.push(leaves[len(store.leaves) : len(store.leaves) + part])
    assert store.root == merkle_root(leaves)
    assert len(store.frontier) == len(leaves).bit_count()


def test_a_frontier_that_no_log_has_is_refused() -> None:
    for frontier in ((), (bytes(31),), (bytes(32), bytes(32))):
        with pytest.raises(Refusal) as refused:
            tiles.push_leaves(size=1, frontier=frontier, leaves=[bytes(32)])
        assert refused.value.code == "ledger.frontier-malformed"


def test_tiles_are_written_once_whatever_the_parts() -> None:
    whole = filled(70_000)
    store, chance = Store(), random.Random(3)
    while len(store.leaves) < 70_000:
        start = len(store.leaves)
        store.push(whole.leaves[start : start + chance.choice((1, 255, 256, 257, 5_000))])
    store.leaves, count = store.leaves[:70_000], 70_000 // 256
    assert sorted(store.tiles) == [*((0, n) for n in range(count)), (1, 0)]
    assert {key: whole.tiles[key] for key in store.tiles} == store.tiles
    assert store.tiles[1, 0].root == merkle_root(whole.leaves[: 1 << 16])


def test_proofs_from_tiles_are_those_of_the_definition() -> None:
    for size in (*range(1, 34), 255, 256, 257, 511, 515, 1_000):
        store = filled(size)
        assert tiles.root_from_tiles(size=size, read=store.read) == store.root
        for index in {0, size // 3, size // 2, size - 1}:
            assert tiles.prove_inclusion_from_tiles(
                index=index, size=size, read=store.read
            ) == prove_inclusion(leaves=store.leaves, index=index)
        for old_size in {1, (size + 1) // 2, max(1, size - 1), size}:
            assert tiles.prove_consistency_from_tiles(
                old_size=old_size, new_size=size, read=store.read
            ) == prove_consistency(leaves=store.leaves, old_size=old_size)
    assert tiles.root_from_tiles(size=0, read=Store().read) == digest(b"")


def test_a_proof_of_what_is_not_there_is_refused() -> None:
    store = filled(5)
    for index in (-1, 5):
        with pytest.raises(Refusal) as refused:
            tiles.prove_inclusion_from_tiles(index=index, size=5, read=store.read)
        assert refused.value.code == "ledger.no-such-entry"
    for old_size in (0, 6):
        with pytest.raises(Refusal) as unsized:
            tiles.prove_consistency_from_tiles(old_size=old_size, new_size=5, read=store.read)
        assert unsized.value.code == "ledger.no-such-size"


@pytest.mark.threat("T-20")
def test_forged_proofs_from_tiles_are_refused() -> None:
    """100,000 forgeries of consistency and inclusion over a tiled log; none is accepted."""
    chance = random.Random(2020)
    store, other = filled(600), filled(600, history="another ")
    sizes = (1, 2, 3, 7, 8, 100, 255, 256, 257, 300, 511, 512, 599, 600)
    roots = {size: tiles.root_from_tiles(size=size, read=store.read) for size in sizes}
    pairs = [(old, new) for new in sizes for old in sizes if old < new]
    continued = {
        pair: tiles.prove_consistency_from_tiles(
            old_size=pair[0], new_size=pair[1], read=store.read
        )
        for pair in pairs
    }
    contained = {
        (index, size): tiles.prove_inclusion_from_tiles(index=index, size=size, read=store.read)
        for size in sizes
        for index in {0, size // 2, size - 1}
    }
    strange = [*other.leaves[:50], *store.leaves[:50], *roots.values(), other.root]
    forged = accepted = 0
    while forged < 100_000:
        if chance.randrange(2):
            old_size, new_size = chance.choice(pairs)
            path = forge(continued[old_size, new_size], strange, chance)
            old_root, new_root = roots[old_size], roots[new_size]
            kind = chance.randrange(4)
            if kind == 0:
                old_root = other.root
            elif kind == 1:
                old_size = chance.choice([size for size in sizes if size != old_size])
            elif path == continued[old_size, new_size]:
                continue
            accepted += verify_consistency(
                old_size=old_size,
                old_root=old_root,
                new_size=new_size,
                new_root=new_root,
                path=path,
            )
        else:
            index, size = chance.choice(list(contained))
            path = forge(contained[index, size], strange, chance)
            leaf = store.leaves[index]
            if chance.randrange(2):
                leaf = chance.choice(other.leaves)
            elif path == contained[index, size]:
                continue
            accepted += verify_inclusion(
                leaf=leaf, index=index, size=size, path=path, root=roots[size]
            )
        forged += 1
    assert (forged, accepted) == (100_000, 0)


def forge(
    path: Sequence[bytes], strange: Sequence[bytes], chance: random.Random
) -> tuple[bytes, ...]:
    """Cut, lengthen, turn or mix a proof; or leave it."""
    forged = list(path)
    kind = chance.randrange(5)
    if kind == 0 and forged:
        forged.pop(chance.randrange(len(forged)))
    elif kind == 1:
        forged.insert(chance.randrange(len(forged) + 1), chance.choice(strange))
    elif kind == 2:
        forged.reverse()
    elif kind == 3 and forged:
        forged[chance.randrange(len(forged))] = chance.choice(strange)
    return tuple(forged)


@pytest.mark.threat("T-20")
def test_control_the_honest_proofs_are_accepted() -> None:
    store = filled(600)
    assert verify_inclusion(
        leaf=store.leaves[300],
        index=300,
        size=600,
        path=tiles.prove_inclusion_from_tiles(index=300, size=600, read=store.read),
        root=store.root,
    )
    assert verify_consistency(
        old_size=257,
        old_root=tiles.root_from_tiles(size=257, read=store.read),
        new_size=600,
        new_root=store.root,
        path=tiles.prove_consistency_from_tiles(old_size=257, new_size=600, read=store.read),
    )
