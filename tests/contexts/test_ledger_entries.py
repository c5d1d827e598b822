"""Entries: in the transaction of what they record, complete, and erasable."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import IntegrityError, connections, transaction

from anju.foundation.core.crypto import new_id
from anju.foundation.ledger import queries
from anju.foundation.ledger.erasure import erase_body, erase_subject
from anju.foundation.ledger.operations import append_entry
from anju.foundation.ledger.schema import keep_complete
from anju.foundation.ledger.verification import verify_ledger
from anju_rules.ledger import commit_body, hash_stored_entry
from anju_rules.log_audit import Standing
from anju_rules.merkle import verify_inclusion
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.ledgers import (
    NOW,
    act_of,
    append_acts,
    make_business_table,
    make_signed_log,
    pinned,
    place_all,
)

OWED = r"ledger\.change-without-entry"


def run(sql: str) -> None:
    """Run a statement as the application."""
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.usefixtures("database")
def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        append_entry(act=act_of(1))
    assert refused.value.code == "ledger.no-transaction"
    assert queries.count_waiting() == 0


@pytest.mark.usefixtures("database")
@pytest.mark.req("CRT-2")
def test_an_entry_holds_the_six_elements_and_binds_its_body() -> None:
    act = act_of(1, body={"home": "6-1204", "area": "88.50"})
    with transaction.atomic():
        receipt = append_entry(act=act)
    row = queries.find_entry(event_id=receipt.event_id)
    assert row is not None
    header = json.loads(row.header)
    assert header == {
        "schema": "anju-ledger-1",
        "id": str(receipt.event_id),
        "at": "2026-06-01T08:00:01.000000Z",
        "actor": str(act.actor_id),
        "role": "selection-officer",
        "address": "10.0.0.7",
        "action": "selection.home.chosen",
        "target": act.target,
        "outcome": "done",
        "clauses": ["plan/selection#3"],
        "level": "internal",
        "request_id": "request-1",
    }
    assert row.leaf == hash_stored_entry(header=row.header, commitment=row.commit) == receipt.leaf
    body = queries.read_body(event_id=receipt.event_id)
    assert body == act.body
    assert commit_body(salt=receipt.salt, body=body) == row.commit
    assert queries.entries_of(act.target) == (row,)


@pytest.mark.usefixtures("database")
def test_a_citizens_address_stands_in_the_erasable_body_only() -> None:
    with transaction.atomic():
        receipt = append_entry(act=act_of(1, role="household"))
    row = queries.find_entry(event_id=receipt.event_id)
    assert row is not None
    assert b"10.0.0.7" not in row.header
    assert queries.read_body(event_id=receipt.event_id)["address"] == "10.0.0.7"


@pytest.mark.usefixtures("database")
def test_a_header_that_could_name_a_person_is_refused() -> None:
    for target in ("张三", "11010519491231002X", "13800138000", "a b"):
        with pytest.raises(Refusal) as refused, transaction.atomic():
            append_entry(act=act_of(1, target=target))
        assert refused.value.code == "ledger.header-not-plain", target


@pytest.mark.usefixtures("database")
def test_a_moment_without_its_zone_is_refused() -> None:
    naive = replace(act_of(1), at=datetime(2026, 6, 1))  # noqa: DTZ001 - the point
    with pytest.raises(Refusal) as refused, transaction.atomic():
        append_entry(act=naive)
    assert refused.value.code == "ledger.header-not-plain"


@pytest.mark.usefixtures("database")
def test_a_body_that_was_changed_in_the_store_does_not_open(database: Database) -> None:
    first, second = append_acts(2)
    with psycopg.connect(database.superuser_url) as attacker:
        attacker.execute(
            "UPDATE ledger_secret SET body = (SELECT body FROM ledger_secret WHERE event_id = %s)"
            " WHERE event_id = %s",
            [second.event_id, first.event_id],
        )
    with pytest.raises(Refusal) as refused:
        queries.read_body(event_id=first.event_id)
    assert refused.value.code == "ledger.body-differs"
    with pytest.raises(Refusal) as unknown:
        queries.read_body(event_id=new_id())
    assert unknown.value.code == "ledger.no-such-event"


@pytest.mark.threat("T-16")
def test_a_change_without_an_entry_is_refused_at_commit(database: Database) -> None:
    make_business_table(database)
    for change in (
        "INSERT INTO trial_choice VALUES (1, 'A')",
        "UPDATE trial_choice SET home = 'B'",
        "DELETE FROM trial_choice",
    ):
        with pytest.raises(IntegrityError, match=OWED):
            run(change)
        with transaction.atomic():
            run(change)
            append_entry(act=act_of(1))
    run("UPDATE trial_choice SET home = 'C'")  # no row changed: nothing is owed
    with database.connect("anju_owner") as connection:
        assert connection.execute("SELECT count(*) FROM ledger_owed").fetchone() == (0,)


@pytest.mark.threat("T-16")
def test_a_refused_change_leaves_nothing(database: Database) -> None:
    make_business_table(database)
    with pytest.raises(IntegrityError), transaction.atomic():
        run("INSERT INTO trial_choice VALUES (1, 'A')")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM trial_choice")
        assert cursor.fetchone() == (0,)


@pytest.mark.threat("T-16")
def test_an_entry_of_another_transaction_pays_no_debt(database: Database) -> None:
    make_business_table(database)
    append_acts(3)
    with pytest.raises(IntegrityError, match=OWED):
        run("INSERT INTO trial_choice VALUES (1, 'A')")
    with pytest.raises(IntegrityError, match=OWED):
        change_and_take_the_entry_back()


@transaction.atomic()
def change_and_take_the_entry_back() -> None:
    """Change a row; write an entry, and roll back to before it."""
    run("INSERT INTO trial_choice VALUES (1, 'A')")
    with suppress(Refusal), transaction.atomic():
        append_entry(act=act_of(1))
        raise Refusal("selection.not-your-turn")


BY_THE_APPLICATION = (
    "INSERT INTO ledger_owed VALUES (pg_current_xact_id())",
    "DELETE FROM ledger_owed",
    "INSERT INTO ledger_inbox (event_id, at, leaf) VALUES (gen_random_uuid(), now(), '')",
    "DELETE FROM ledger_inbox",
    "UPDATE ledger_event SET outcome = 'done'",
    "DELETE FROM ledger_event",
    "DELETE FROM ledger_event_default",
    "INSERT INTO ledger_event_default SELECT * FROM ledger_event",
    "TRUNCATE ledger_event",
    "UPDATE ledger_secret SET salt = salt",
    "INSERT INTO ledger_leaf VALUES (0, gen_random_uuid(), now(), '')",
    "UPDATE ledger_checkpoint SET note = ''",
    "INSERT INTO ledger_checkpoint VALUES (1, 0, '', '', now())",
    "DELETE FROM ledger_tile",
    "SELECT ledger_make_partitions('2030-01-01', 1)",
    "ALTER TABLE trial_choice DISABLE TRIGGER ALL",
    "DROP TRIGGER trial_choice_owes_insert ON trial_choice",
    "SET session_replication_role = replica",
)


@pytest.mark.threat("T-16")
def test_the_application_cannot_touch_the_machinery(database: Database) -> None:
    make_business_table(database)
    with database.connect("anju_app", autocommit=True) as connection:
        for attempt in BY_THE_APPLICATION:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(attempt)
            # Insufficient privilege, nothing else.
            assert refused.value.sqlstate == "42501", attempt


BY_THE_LEDGERS_ROLE = (
    "UPDATE ledger_event SET outcome = 'done'",
    "DELETE FROM ledger_event",
    "INSERT INTO ledger_event SELECT * FROM ledger_event",
    "SELECT 1 FROM ledger_secret",
    "UPDATE ledger_inbox SET leaf = leaf",
    "UPDATE ledger_leaf SET leaf = leaf",
    "DELETE FROM ledger_leaf",
    "UPDATE ledger_checkpoint SET root = root",
    "DELETE FROM ledger_checkpoint",
    "UPDATE ledger_tile SET root = root",
    "SELECT 1 FROM core_data_key",
)


def test_the_ledgers_own_role_can_change_no_record(database: Database) -> None:
    with database.connect("anju_ledger", autocommit=True) as connection:
        for attempt in BY_THE_LEDGERS_ROLE:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(attempt)
            assert refused.value.sqlstate == "42501", attempt


@pytest.mark.threat("T-16")
def test_control_without_the_trigger_a_change_goes_unrecorded(database: Database) -> None:
    make_business_table(database)
    with database.connect("anju_owner") as connection:
        connection.execute("DROP TRIGGER trial_choice_owes_insert ON trial_choice")
    run("INSERT INTO trial_choice VALUES (1, 'A')")


@pytest.mark.parametrize("name", ["", "A", "a-b", "a; drop table b", "a.b"])
def test_only_a_plain_table_is_kept_complete(name: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        keep_complete(name)


@pytest.mark.threat("T-22")
@pytest.mark.req("SEC-4")
@pytest.mark.usefixtures("database")
def test_a_thousand_are_erased_and_every_proof_still_holds() -> None:
    subjects = [uuid4() for _ in range(1_000)]
    receipts = append_acts(
        1_000,
        make=lambda number: act_of(
            number, role="household", subject_id=subjects[number], body={"phone": f"138{number}"}
        ),
        a_transaction=100,
    )
    make_signed_log(1)
    assert queries.read_body(event_id=receipts[7].event_id)["phone"] == "1387"
    with transaction.atomic():
        assert [erase_subject(subject_id=subject) for subject in subjects] == [1] * 1_000
        append_entry(act=act_of(1))
    for receipt in receipts:
        proof = queries.proof_of(event_id=receipt.event_id)
        assert proof is not None
        assert proof.note is not None
        assert verify_inclusion(
            leaf=receipt.leaf, index=proof.index, size=proof.size, path=proof.path, root=proof.root
        )
        with pytest.raises(Refusal) as erased:
            queries.read_body(event_id=receipt.event_id)
        assert erased.value.code == "ledger.body-erased"
    place_all()
    audit = verify_ledger(at=NOW, policy=pinned())
    assert audit.standing is Standing.STALE  # the last entry is not signed yet, and that is all
    assert {finding.code for finding in audit.findings} == {"ledger.unsigned"}


@pytest.mark.threat("T-22")
def test_what_is_erased_cannot_come_back_from_a_backup(database: Database) -> None:
    subject = uuid4()
    (receipt,) = append_acts(1, make=lambda number: act_of(number, subject_id=subject))
    with psycopg.connect(database.superuser_url) as backup:
        kept = backup.execute("SELECT * FROM ledger_secret").fetchall()
    with transaction.atomic():
        erase_subject(subject_id=subject)
        append_entry(act=act_of(1))
    with psycopg.connect(database.superuser_url) as restored:
        restored.cursor().executemany("INSERT INTO ledger_secret VALUES (%s, %s, %s, %s)", kept)
    with pytest.raises(Refusal) as erased:
        queries.read_body(event_id=receipt.event_id)
    assert erased.value.code == "ledger.body-erased"


@pytest.mark.usefixtures("database")
def test_single_bodies_are_erased_in_a_transaction_only() -> None:
    first, second = append_acts(2)
    with pytest.raises(Refusal) as refused:
        erase_body(event_ids=[first.event_id])
    assert refused.value.code == "ledger.no-transaction"
    with transaction.atomic():
        assert erase_body(event_ids=[first.event_id]) == 1
    with pytest.raises(Refusal):
        queries.read_body(event_id=first.event_id)
    assert queries.read_opening(event_id=second.event_id) == ({"number": 1}, second.salt)
