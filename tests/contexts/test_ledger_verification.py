"""The verifier: whatever an administrator does to the stored log is found."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

import psycopg
import pytest
import typer
from django.db import connections, transaction
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from typer.testing import CliRunner

from anju.cli import ledger as ledger_commands
from anju.foundation.ledger import queries
from anju.foundation.ledger.export import CHECKPOINTS, ENTRIES, NOTE, export_log, verify_export
from anju.foundation.ledger.keys import is_signed
from anju.foundation.ledger.verification import audit_stored, verify_ledger
from anju_rules.log_audit import Policy, Standing
from anju_rules.merkle import merkle_root
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.ledgers import (
    NOW,
    append_acts,
    log_key,
    make_signed_log,
    pinned,
    place_all,
)

pytestmark = pytest.mark.long

PIN = log_key().public_keys[0].public.hex()
EDITS = {
    "ledger_event": {
        "id": "gen_random_uuid()",
        "at": "at + interval '1 microsecond'",
        "actor": "gen_random_uuid()",
        "actor_role": "'representative'",
        "address": "'10.0.0.8'",
        "action": "action || 'x'",
        "target": "gen_random_uuid()::text",
        "outcome": "'refused:selection.not-your-turn'",
        "clauses": "clauses || 'plan#9'::text",
        "level": "'public'",
        "request_id": "request_id || '1'",
    },
    "ledger_leaf": {
        "idx": "idx + 1000",
        "event_id": "gen_random_uuid()",
        "at": "at - interval '1 second'",
    },
    "ledger_checkpoint": {
        "size": "size + 1000",
        "prev_size": "prev_size + 1000",
        "note": "reverse(note)",
    },
}
BYTES = {
    "ledger_event": ("header", "commit", "leaf"),
    "ledger_leaf": ("leaf",),
    "ledger_checkpoint": ("root", "frontier"),
}
TABLES = ("ledger_event", "ledger_leaf", "ledger_checkpoint")


def edit(store: psycopg.Connection, chance: random.Random) -> str:
    """Edit, delete or reorder something; gives what was done."""
    table = chance.choice(TABLES)
    (ctid,) = pick(store, chance, table)
    kind = chance.randrange(4)
    if kind == 0:
        store.execute(SQL("DELETE FROM {} WHERE ctid = %s").format(Identifier(table)), [ctid])
        return f"delete {table}"
    if kind == 1:
        return reorder(store, chance)
    if kind == 2:
        column = chance.choice(BYTES[table])
        store.execute(
            SQL(
                "UPDATE {table} SET {column} = set_bit({column}::bytea, %s,"
                " 1 - get_bit({column}::bytea, %s)) WHERE ctid = %s"
            ).format(table=Identifier(table), column=Identifier(column)),
            [*([chance.randrange(256)] * 2), ctid],
        )
        return f"flip {table}.{column}"
    column = chance.choice(list(EDITS[table]))
    value = SQL(EDITS[table][column])
    store.execute(
        SQL("UPDATE {} SET {} = {} WHERE ctid = %s").format(
            Identifier(table), Identifier(column), value
        ),
        [ctid],
    )
    return f"set {table}.{column}"


def pick(store: psycopg.Connection, chance: random.Random, table: str) -> tuple[str]:
    """Pick a row."""
    found = store.execute(SQL("SELECT ctid::text FROM {}").format(Identifier(table))).fetchall()
    return chance.choice(sorted(found))


def reorder(store: psycopg.Connection, chance: random.Random) -> str:
    """Swap two places, with or without the leaves that belong to them."""
    size = store.execute("SELECT count(*) FROM ledger_leaf").fetchone()
    assert size is not None
    first, second = chance.sample(range(size[0]), 2)
    columns = "event_id, at, leaf" if chance.randrange(2) else "leaf, at, event_id"
    store.execute("CREATE TEMP TABLE swap ON COMMIT DROP AS SELECT * FROM ledger_leaf")
    store.execute("DELETE FROM ledger_leaf WHERE idx IN (%s, %s)", [first, second])
    for mine, other in ((first, second), (second, first)):
        store.execute(
            f"INSERT INTO ledger_leaf (idx, {columns})"  # noqa: S608
            f" SELECT %s, {columns} FROM swap WHERE idx = %s",
            [mine, other],
        )
    return f"swap {first} {second}"


@pytest.fixture
def store(database: Database) -> Iterator[psycopg.Connection]:
    """Give a superuser's connection, which Django knows as ``attacker``."""
    parts = conninfo_to_dict(database.superuser_url)
    connections.settings["attacker"] = {
        **connections.settings["default"],
        "USER": parts["user"],
        "PASSWORD": parts["password"],
    }
    connections["attacker"].ensure_connection()
    yield connections["attacker"].connection
    connections["attacker"].close()
    del connections["attacker"]
    del connections.settings["attacker"]


@pytest.mark.threat("T-12")
@pytest.mark.req("CRT-2")
def test_a_thousand_edits_by_a_superuser_are_a_thousand_found(
    store: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One signature is verified once: the thousand audits differ in what was edited.
    monkeypatch.setattr("anju.foundation.ledger.verification.is_signed", cache(is_signed))
    make_signed_log(24, most=6)
    kept = queries.latest_checkpoint(signed=True)
    assert kept is not None
    assert kept.note is not None
    policy = Policy(key=log_key().public_keys[0], earlier=[kept.note])
    # The superuser's usual first step: no constraint and no trigger stands in the way.
    store.execute("SET session_replication_role = replica")
    store.execute("ALTER TABLE ledger_leaf DROP CONSTRAINT ledger_leaf_event_once")
    store.execute("ALTER TABLE ledger_checkpoint DROP CONSTRAINT ledger_checkpoint_check")
    assert audit_stored(at=NOW, policy=policy, alias="attacker").findings == []  # control
    chance = random.Random(12)
    missed = []
    for _ in range(1_000):
        with transaction.atomic(using="attacker"):
            done = edit(store, chance)
            if audit_stored(at=NOW, policy=policy, alias="attacker").standing is Standing.OK:
                missed.append(done)
            transaction.set_rollback(True, using="attacker")
    assert missed == []
    assert verify_ledger(at=NOW, policy=policy).findings == []  # and it all was rolled back


@pytest.mark.threat("T-12")
def test_control_an_auditor_who_believes_the_stored_leaves_misses_edits(
    store: psycopg.Connection,
) -> None:
    make_signed_log(20)
    store.execute("UPDATE ledger_event SET outcome = 'refused:x' WHERE header IS NOT NULL")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT leaf FROM ledger_leaf ORDER BY idx")
        leaves = [bytes(leaf) for (leaf,) in cursor.fetchall()]
    head = queries.latest_checkpoint()
    assert head is not None
    assert merkle_root(leaves) == head.root  # what such an auditor would call sound
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.INVALID


@pytest.mark.threat("T-12")
def test_a_changed_tile_is_found(store: psycopg.Connection) -> None:
    make_signed_log(258)
    store.execute("CREATE TABLE kept AS SELECT * FROM ledger_tile")
    for change in (
        "UPDATE ledger_tile SET hashes = set_byte(hashes, 9, 255 - get_byte(hashes, 9))",
        "UPDATE ledger_tile SET root = set_byte(root, 9, 255 - get_byte(root, 9))",
        "UPDATE ledger_tile SET n = 1",
        "DELETE FROM ledger_tile",
    ):
        assert verify_ledger(at=NOW, policy=pinned()).findings == []
        store.execute(change)
        codes = {finding.code for finding in verify_ledger(at=NOW, policy=pinned()).findings}
        assert codes == {"ledger.tile-differs"}, change
        store.execute("DELETE FROM ledger_tile")
        store.execute("INSERT INTO ledger_tile SELECT * FROM kept")


@pytest.mark.threat("T-13")
def test_a_rebuilt_tree_is_a_fork_to_whoever_kept_a_note(store: psycopg.Connection) -> None:
    """The superuser has the log's key too, deletes the newest entries and signs what is left."""
    make_signed_log(20, most=10)
    kept = queries.latest_checkpoint(signed=True)
    assert kept is not None
    assert kept.note is not None
    store.execute("DELETE FROM ledger_checkpoint WHERE size = 20")
    store.execute(
        "DELETE FROM ledger_event WHERE id IN (SELECT event_id FROM ledger_leaf WHERE idx >= 10)"
    )
    store.execute("DELETE FROM ledger_leaf WHERE idx >= 10")
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.OK  # nobody kept anything
    remembering = Policy(key=pinned().key, earlier=[kept.note])
    audit = verify_ledger(at=NOW, policy=remembering)
    assert audit.standing is Standing.FORK
    assert audit.findings[0].facts == {"size": 20}
    make_signed_log(10, most=10)  # and so it stays when other entries take their places
    assert verify_ledger(at=NOW, policy=remembering).standing is Standing.FORK


@pytest.mark.usefixtures("database")
def test_what_waits_too_long_is_stale() -> None:
    make_signed_log(3)
    append_acts(1)
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.OK
    audit = verify_ledger(at=NOW + timedelta(seconds=61), policy=pinned())
    assert audit.standing is Standing.STALE
    assert audit.findings[0].facts["waiting"] == 1


def test_an_entry_that_lost_its_place_in_the_queue_is_found(store: psycopg.Connection) -> None:
    make_signed_log(3)
    append_acts(1)
    store.execute("DELETE FROM ledger_inbox")
    codes = [finding.code for finding in verify_ledger(at=NOW, policy=pinned()).findings]
    assert codes == ["ledger.entry-unplaced"]


@pytest.mark.usefixtures("database")
def test_the_command_answers_by_its_exit_code(tmp_path: Path) -> None:
    make_signed_log(12, most=4)
    folder = tmp_path / "log"
    assert ask("export", str(folder)) == 0
    assert ask("export", str(folder)) == 1  # not empty
    assert ask("verify", "--key", PIN) == 0
    assert ask("verify", "--key", PIN, "--from", str(folder)) == 0
    assert ask("verify-diff", str(folder / NOTE), "--key", PIN) == 0
    (tmp_path / "key.txt").write_text(log_key().public_keys[1].write() + "\n")
    assert ask("verify", "--key", str(tmp_path / "key.txt")) == 0
    another = "04" + "11" * 64
    assert ask("verify", "--key", another) == 40
    assert ask("verify", "--key", "nonsense") == 1
    append_acts(1)
    place_all()
    assert ask("verify", "--key", PIN) == 10


def test_the_command_says_fork_and_invalid(store: psycopg.Connection, tmp_path: Path) -> None:
    make_signed_log(12, most=4)
    folder = tmp_path / "log"
    assert ask("export", str(folder)) == 0
    note = (folder / NOTE).read_text()
    store.execute("DELETE FROM ledger_checkpoint WHERE size = 12")
    store.execute(
        "DELETE FROM ledger_event WHERE id IN (SELECT event_id FROM ledger_leaf WHERE idx >= 8)"
    )
    store.execute("DELETE FROM ledger_leaf WHERE idx >= 8")
    assert ask("verify", "--key", PIN) == 0
    assert ask("verify-diff", str(folder / NOTE), "--key", PIN) == 30
    (folder / NOTE).write_text(note.replace("\n12\n", "\n11\n"))
    assert ask("verify-diff", str(folder / NOTE), "--key", PIN) == 40  # no evidence: not signed
    assert ask("verify-diff", str(tmp_path / "missing"), "--key", PIN) == 1
    store.execute("UPDATE ledger_event SET target = 'another'")
    assert ask("verify", "--key", PIN) == 40


def ask(*words: str) -> int:
    """Run ``anju ledger`` and give its exit code."""
    app = typer.Typer()
    ledger_commands.register(app)
    return CliRunner().invoke(app, ["ledger", *words]).exit_code


@pytest.mark.usefixtures("database")
def test_an_export_holds_no_body_and_shows_every_change(tmp_path: Path) -> None:
    make_signed_log(6, most=3)
    folder = tmp_path / "log"
    assert export_log(folder=folder) == 6
    assert "number" not in (folder / ENTRIES).read_text()
    assert verify_export(folder=folder, policy=pinned()).standing is Standing.OK
    for name in (ENTRIES, CHECKPOINTS):
        whole = (folder / name).read_text()
        lines = whole.splitlines()
        for changed in (lines[:-1], lines[1:], [*reversed(lines)], [*lines, lines[-1]]):
            (folder / name).write_text("\n".join(changed) + "\n")
            assert verify_export(folder=folder, policy=pinned()).standing is Standing.INVALID
        for broken in ("{", "[]\n", json.dumps({"size": "x", "index": 0}), "null\n"):
            (folder / name).write_text(broken)
            with pytest.raises(Refusal) as refused:
                verify_export(folder=folder, policy=pinned())
            assert refused.value.code == "ledger.export-malformed"
        (folder / name).write_text(whole)
