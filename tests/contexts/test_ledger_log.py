"""The log: places, proofs, signatures, and what two workers can do to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from django.db import transaction

from anju.foundation.ledger import queries, sequencing
from anju.foundation.ledger.keys import LogKey, is_signed, log_key_file, read_log_key
from anju.foundation.ledger.operations import append_entry
from anju.foundation.ledger.sequencing import drain_inbox, make_partitions
from anju.foundation.ledger.signing import Signer
from anju.foundation.ledger.verification import verify_ledger
from anju_rules.hashing import digest
from anju_rules.log_audit import Standing
from anju_rules.merkle import merkle_root, verify_consistency, verify_inclusion
from anju_rules.notes import NoteKey, open_note
from anju_rules.tiles import Grown, push_leaves
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.ledgers import (
    NOW,
    act_of,
    append_acts,
    log_key,
    make_signed_log,
    pinned,
    place_all,
)


def rows(database: Database, query: str, *parameters: object) -> list[tuple[object, ...]]:
    """Ask as a superuser."""
    with psycopg.connect(database.superuser_url) as connection:
        return connection.execute(query, parameters).fetchall()


@pytest.mark.usefixtures("database")
def test_entries_get_places_in_order_and_every_one_is_proven() -> None:
    receipts = append_acts(600, a_transaction=40)
    assert queries.proof_of(event_id=receipts[0].event_id) is None
    assert place_all(most=90) == 600
    root = merkle_root([receipt.leaf for receipt in receipts])
    head = queries.latest_checkpoint()
    assert head is not None
    assert (head.size, head.prev_size, head.root, head.note) == (600, 540, root, None)
    for index in range(0, 600, 13):
        receipt = receipts[index]
        proof = queries.proof_of(event_id=receipt.event_id)
        assert proof is not None
        assert (proof.index, proof.root) == (index, root)
        assert verify_inclusion(
            leaf=receipt.leaf, index=index, size=600, path=proof.path, root=root
        )
    for old_size in (1, 90, 255, 256, 257, 511, 599, 600):
        assert verify_consistency(
            old_size=old_size,
            old_root=merkle_root([receipt.leaf for receipt in receipts[:old_size]]),
            new_size=600,
            new_root=root,
            path=queries.consistency_between(old_size=old_size, new_size=600),
        )
    with pytest.raises(Refusal) as refused:
        queries.consistency_between(old_size=1, new_size=601)
    assert refused.value.code == "ledger.no-such-size"


@pytest.mark.usefixtures("database")
def test_a_rolled_back_act_leaves_no_gap() -> None:
    append_acts(3)
    with suppress(Refusal), transaction.atomic():
        append_entry(act=act_of(4))
        raise Refusal("selection.not-your-turn")
    append_acts(2)
    assert place_all() == 5
    assert drain_inbox(at=NOW).taken == 0
    assert queries.count_waiting() == 0
    assert len(list(queries.entries_with_action("selection.home.chosen"))) == 5
    assert len(queries.recent_entries(most=3)) == 3


@pytest.mark.usefixtures("database")
def test_a_signed_checkpoint_opens_under_either_key() -> None:
    (receipt, *_) = make_signed_log(30, most=10)
    proof = queries.proof_of(event_id=receipt.event_id)
    assert proof is not None
    assert proof.note is not None
    for key in log_key().public_keys:
        opened = open_note(proof.note, key=key, is_signed=is_signed)
        assert (opened.origin, opened.size, opened.root) == (key.name, 30, proof.root)
    assert Signer(log_key()).sign_next() is None
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.OK


@pytest.mark.usefixtures("database")
def test_a_proof_prefers_the_signed_checkpoint() -> None:
    (receipt, *_) = make_signed_log(10)
    append_acts(5)
    place_all()
    proof = queries.proof_of(event_id=receipt.event_id)
    assert proof is not None
    assert (proof.size, proof.note is None) == (10, False)


def test_a_month_gets_its_partition_before_its_rows_come(database: Database) -> None:
    assert make_partitions(first=NOW.date(), months=2) == 2
    assert make_partitions(first=NOW.date(), months=2) == 0
    append_acts(2)
    place_all()
    assert rows(database, "SELECT count(*) FROM ledger_event_2026_06") == [(2,)]
    with database.connect("anju_app") as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute("DELETE FROM ledger_event_2026_06")
    assert refused.value.sqlstate == "42501"


@pytest.mark.usefixtures("database")
def test_a_month_that_has_rows_already_stays_where_it_is() -> None:
    append_acts(2)
    assert make_partitions(first=NOW.date(), months=2) == 1
    place_all()
    assert len(queries.recent_entries()) == 2


def _race(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, workers: int = 2
) -> list[sequencing.Drained]:
    """Let workers read the same head, each with entries of its own, and only then write."""
    barrier = Barrier(workers)

    def push_together(**told: object) -> Grown:
        barrier.wait(timeout=60)
        return push_leaves(**told)  # type: ignore[arg-type]

    monkeypatch.setattr(sequencing, "push_leaves", push_together)
    drained = database.in_threads([lambda: drain_inbox(at=NOW, most=10)] * workers)
    monkeypatch.undo()
    assert all(isinstance(each, sequencing.Drained) for each in drained), drained
    return drained  # type: ignore[return-value]


@pytest.mark.threat("T-18")
@pytest.mark.threat("T-14")
def test_two_workers_cannot_fork_the_log(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts = append_acts(20)
    first, second = sorted(_race(database, monkeypatch), key=lambda each: each.taken)
    assert (first.was_first, second.was_first) == (False, True)
    assert (first.taken, second.taken) == (0, 10)
    assert queries.count_waiting() == 10  # what the loser had taken waits again
    assert place_all() == 20
    placed = rows(database, "SELECT leaf FROM ledger_leaf ORDER BY idx")
    assert sorted(placed) == sorted((receipt.leaf,) for receipt in receipts)
    Signer(log_key()).sign_next()
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.OK


@pytest.mark.threat("T-18")
def test_control_without_its_constraints_two_workers_fork_the_log(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.connect("anju_owner") as owner:
        owner.execute(
            "ALTER TABLE ledger_checkpoint DROP CONSTRAINT ledger_checkpoint_prev_once,"
            " DROP CONSTRAINT ledger_checkpoint_size"
        )
        owner.execute("ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_idx")
    append_acts(20)
    _race(database, monkeypatch)
    assert rows(database, "SELECT size, prev_size FROM ledger_checkpoint") == [(10, 0)] * 2
    Signer(log_key())
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.INVALID


def _bit_flip(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) * 8)
    flipped = bytearray(data)
    flipped[place // 8] ^= 1 << place % 8
    return bytes(flipped)


STORED = {
    "ledger_event": ("header", "commit", "leaf"),
    "ledger_leaf": ("leaf",),
    "ledger_checkpoint": ("root",),
}


@pytest.mark.threat("T-17")
def test_no_flipped_bit_in_the_store_is_signed(database: Database) -> None:
    append_acts(12)
    place_all()
    chance = random.Random(17)
    flips = 0
    with psycopg.connect(database.superuser_url, autocommit=True) as store:
        while flips < 500:
            table = chance.choice(list(STORED))
            column = chance.choice(STORED[table])
            found = store.execute(f"SELECT {column} FROM {table}").fetchall()  # noqa: S608
            (value,) = chance.choice(found)
            part = f"UPDATE {table} SET {column} = %s WHERE {column} = %s"  # noqa: S608
            flipped = _bit_flip(bytes(value), chance)
            store.execute(part, [flipped, value])
            with pytest.raises(Refusal) as alarm:
                Signer(log_key()).sign_next()
            assert alarm.value.code in {"ledger.root-differs", "ledger.entry-differs"}
            store.execute(part, [value, flipped])
            flips += 1
    assert rows(database, "SELECT count(note) FROM ledger_checkpoint") == [(0,)]
    assert Signer(log_key()).sign_next()  # control: unflipped it is signed


class _FlippingKey(LogKey):
    """A key in a machine whose memory flips a bit of what it signs, or of what it signed."""

    __slots__ = ()
    chance = random.Random(71)

    def sign(self, message: bytes) -> tuple[tuple[NoteKey, bytes], ...]:
        kind = self.chance.randrange(2)
        if kind == 0:
            return LogKey.sign(self, _bit_flip(message, self.chance))
        sm2, ed25519 = LogKey.sign(self, message)
        if self.chance.randrange(2):
            return (sm2[0], _bit_flip(sm2[1], self.chance)), ed25519
        return sm2, (ed25519[0], _bit_flip(ed25519[1], self.chance))


@pytest.fixture
def flip_hash(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[random.Random], None]]:
    """Flip one bit of one of the hashes that the signer computes next."""

    def arm(chance: random.Random) -> None:
        left = [chance.randrange(40)]
        real = digest

        def flipping(data: bytes) -> bytes:
            left[0] -= 1
            return _bit_flip(real(data), chance) if left[0] == -1 else real(data)

        monkeypatch.setattr("anju.foundation.ledger.signing.digest", flipping)

    yield arm
    monkeypatch.undo()


@pytest.mark.threat("T-17")
def test_no_bit_flipped_in_memory_reaches_a_signature(
    database: Database,
    flip_hash: Callable[[random.Random], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    append_acts(40)
    place_all()
    flipping = _FlippingKey(log_key().pair, log_key().seed)
    refused = 0
    for _ in range(250):
        with pytest.raises(Refusal) as alarm:
            Signer(flipping).sign_next()
        refused += alarm.value.code == "ledger.root-differs"
    chance = random.Random(72)
    for _ in range(250):
        flip_hash(chance)
        with pytest.raises(Refusal) as alarm:
            Signer(log_key()).sign_next()
        refused += alarm.value.code == "ledger.root-differs"
        monkeypatch.undo()
    assert refused == 500
    assert rows(database, "SELECT count(note) FROM ledger_checkpoint") == [(0,)]


@pytest.mark.threat("T-17")
@pytest.mark.usefixtures("database")
def test_control_a_signer_that_trusts_the_stored_root_signs_a_flipped_one() -> None:
    append_acts(4)
    place_all()
    signer = Signer(log_key())
    wrong = _bit_flip(bytes(32), random.Random(1))
    note = signer._sign(size=4, root=wrong, root_again=wrong)
    assert open_note(note, key=log_key().public_keys[0], is_signed=is_signed).root == wrong


@pytest.mark.usefixtures("database")
def test_a_signer_goes_on_from_what_it_verified_itself() -> None:
    signer = Signer(log_key())
    for size in (1, 2, 5, 8, 9, 30, 31, 32, 33, 100):
        append_acts(size - signer.size)
        place_all()
        assert signer.sign_next()
        assert (signer.size, len(signer.subtrees)) == (size, size.bit_count())
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.OK


def test_a_signer_refuses_a_log_with_a_missing_entry(database: Database) -> None:
    receipts = append_acts(5)
    place_all()
    with psycopg.connect(database.superuser_url) as attacker:
        attacker.execute("DELETE FROM ledger_event WHERE id = %s", [receipts[2].event_id])
    with pytest.raises(Refusal) as alarm:
        Signer(log_key()).sign_next()
    assert alarm.value.code == "ledger.entry-missing"


def test_the_logs_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    key = read_log_key(tmp_path)
    assert read_log_key(tmp_path) == key
    file = log_key_file(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert key.seed.hex() not in repr(key)
    file.chmod(0o644)
    with pytest.raises(Refusal) as refused:
        read_log_key(tmp_path)
    assert refused.value.code == "keys.readable-by-others"
    file.chmod(0o600)
    file.write_text("{}")
    with pytest.raises(Refusal) as malformed:
        read_log_key(tmp_path)
    assert malformed.value.code == "ledger.key-malformed"
