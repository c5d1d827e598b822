"""Trees and proofs in the shape of RFC 9162."""

from __future__ import annotations

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import merkle
from anju_rules.hashing import digest
from anju_rules.values import Refusal
from tests.support.real_data import real_data


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaves_of(size: int) -> list[bytes]:
    return [digest(b"\x00" + str(index).encode()) for index in range(size)]


def recursive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162 section 2.1.1, word by word."""
    if not leaves:
        return digest(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return digest(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:]))


def test_the_rfcs_roots_and_path_come_out() -> None:
    vectors = json.loads(real_data("vectors/rfc6962.json").read_text())
    leaves = [sha256(b"\x00" + bytes.fromhex(leaf)) for leaf in vectors["leaves_hex"]]
    roots = [merkle.merkle_root(leaves[:size], hashed=sha256).hex() for size in range(9)]
    assert roots == vectors["roots_by_size_0_to_8"]
    for case in vectors["inclusion"]:
        path = merkle.prove_inclusion(
            leaves=leaves[: case["size"]], index=case["leaf"], hashed=sha256
        )
        assert [node.hex() for node in path] == case["proof"]


@given(st.integers(0, 200))
def test_the_root_is_the_recursive_definitions(size: int) -> None:
    assert merkle.merkle_root(leaves_of(size)) == recursive_root(leaves_of(size))


@pytest.mark.req("CRT-2")
def test_every_leaf_of_every_small_tree_is_proven_at_its_place_only() -> None:
    for size in range(1, 40):
        leaves = leaves_of(size)
        root = merkle.merkle_root(leaves)
        every = merkle.prove_every_inclusion(leaves=leaves)
        for index, leaf in enumerate(leaves):
            path = merkle.prove_inclusion(leaves=leaves, index=index)
            assert path == every[index]
            proven_at = [
                place
                for place in range(size + 2)
                if merkle.verify_inclusion(leaf=leaf, index=place, size=size, path=path, root=root)
            ]
            assert proven_at == [index]


def test_every_older_state_of_every_small_tree_is_continued() -> None:
    for new_size in range(1, 40):
        leaves = leaves_of(new_size)
        for old_size in range(1, new_size + 1):
            proof = merkle.prove_consistency(leaves=leaves, old_size=old_size)
            told = {
                "old_size": old_size,
                "old_root": merkle.merkle_root(leaves[:old_size]),
                "new_size": new_size,
                "new_root": merkle.merkle_root(leaves),
            }
            assert merkle.verify_consistency(path=proof, **told)  # type: ignore[arg-type]
            if old_size < new_size:
                told["old_root"] = digest(b"another history")
                assert not merkle.verify_consistency(path=proof, **told)  # type: ignore[arg-type]


@pytest.mark.threat("T-12")
@given(st.integers(2, 64), st.data())
def test_any_flipped_bit_is_found(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    root = merkle.merkle_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.prove_inclusion(leaves=leaves, index=index)
    whole = leaves[index] + b"".join(path)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    nodes = [bytes(flipped[start : start + 32]) for start in range(0, len(flipped), 32)]
    assert not merkle.verify_inclusion(
        leaf=nodes[0], index=index, size=size, path=nodes[1:], root=root
    )


@pytest.mark.threat("T-20")
def test_forged_proofs_are_refused() -> None:
    """100,000 forgeries: paths cut, lengthened, turned, moved, mixed; none is accepted."""
    chance = random.Random(20)
    trees = {size: leaves_of(size) for size in (1, 2, 3, 7, 8, 9, 31, 33)}
    roots = {size: merkle.merkle_root(leaves) for size, leaves in trees.items()}
    honest = {
        (size, index, merkle.prove_inclusion(leaves=leaves, index=index), leaves[index])
        for size, leaves in trees.items()
        for index in range(size)
    }
    forged = accepted = 0
    while forged < 100_000:
        size = chance.choice(list(trees))
        index = chance.randrange(size)
        path = list(merkle.prove_inclusion(leaves=trees[size], index=index))
        claimed_index, leaf = index, trees[size][index]
        kind = chance.randrange(6)
        if kind == 0 and path:
            path.pop(chance.randrange(len(path)))
        elif kind == 1:
            path.insert(chance.randrange(len(path) + 1), chance.choice([leaf, roots[size]]))
        elif kind == 2 and len(path) > 1:
            path.reverse()
        elif kind == 3:
            claimed_index = chance.randrange(size + 1)
        elif kind == 4:
            leaf = chance.choice(trees[33])
        elif path:
            path[chance.randrange(len(path))] = chance.choice(trees[33])
        if (size, claimed_index, tuple(path), leaf) in honest:
            continue
        forged += 1
        accepted += merkle.verify_inclusion(
            leaf=leaf, index=claimed_index, size=size, path=path, root=roots[size]
        )
    assert (forged, accepted) == (100_000, 0)


def test_a_verifier_that_trusts_the_size_blindly_accepts_a_forgery() -> None:
    """Control: without the checks of section 2.1.3.2 an inner node passes for a leaf."""
    leaves = leaves_of(4)
    inner = digest(b"\x01" + leaves[0] + leaves[1])
    sibling = digest(b"\x01" + leaves[2] + leaves[3])
    root = merkle.merkle_root(leaves)
    assert digest(b"\x01" + inner + sibling) == root
    assert not merkle.verify_inclusion(leaf=inner, index=0, size=4, path=[sibling], root=root)


def test_a_proof_of_nothing_is_refused() -> None:
    for index in (-1, 3):
        with pytest.raises(Refusal) as refused:
            merkle.prove_inclusion(leaves=leaves_of(3), index=index)
        assert refused.value.code == "ledger.no-such-entry"
    with pytest.raises(Refusal) as unsized:
        merkle.prove_consistency(leaves=leaves_of(3), old_size=0)
    assert unsized.value.code == "ledger.no-such-size"
    assert not merkle.verify_inclusion(leaf=b"short", index=0, size=1, path=[], root=b"short")
