"""``kill -9`` of the sequencer, and of whoever records: no gap, none lost, both or none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from textwrap import dedent
from threading import Event, Timer

import psycopg
import pytest

from anju.foundation.ledger import queries
from anju.foundation.ledger.signing import Signer
from anju.foundation.ledger.verification import verify_ledger
from anju_rules.log_audit import Standing
from tests.support.databases import Database
from tests.support.ledgers import (
    NOW,
    append_acts,
    log_key,
    make_business_table,
    pinned,
    place_all,
)

pytestmark = pytest.mark.long

KILLS = 3
ACTS = 80

DRAIN = """
from anju.foundation.ledger import sequencing
from anju_rules.tiles import push_leaves
from tests.support.ledgers import NOW

def push_then_wait(**told):
    grown = push_leaves(**told)
    if {is_victim}:
        say_and_wait()
    return grown

sequencing.push_leaves = push_then_wait
while True:
    if not sequencing.drain_inbox(at=NOW, most=7).taken:
        time.sleep(0.05)
"""

RECORD = """
from django.db import connections, transaction
from anju.foundation.ledger.operations import append_entry
from tests.support.ledgers import act_of

def choose():
    with connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO trial_choice VALUES (1, 'A')")

def log():
    append_entry(act=act_of(1))

{steps}
"""


class Child:
    """A process that can be killed at the moment it names."""

    def __init__(self, database: Database, script: str) -> None:
        prepare = """
        import os, sys, time
        from urllib.parse import parse_qsl, unquote, urlsplit

        def say_and_wait():
            print("waiting", flush=True)
            time.sleep(600)

        import django
        django.setup()
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", dedent(prepare) + dedent(script)],
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "DATABASE_URL": database.url("anju_app"),
                "ANJU_LEDGER_DATABASE_URL": database.url("anju_ledger"),
            },
        )
        self._limit = Timer(180, self.process.kill)
        self._limit.start()

    def wait_for(self, word: str) -> None:
        """Wait until the child says ``word``."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == word

    def kill(self) -> None:
        """Kill it at once, as the machine's power would."""
        self._limit.cancel()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, a minute at most."""
    pause = Event()
    for _ in range(1_200):
        if is_so():
            return
        pause.wait(0.05)
    raise AssertionError("waited for a minute")


def count(database: Database, table: str) -> int:
    with psycopg.connect(database.superuser_url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


@pytest.mark.threat("T-18")
def test_killed_in_the_middle_of_a_batch_nothing_is_lost_and_no_gap_is_left(
    database: Database,
) -> None:
    receipts = []
    for _ in range(KILLS):
        receipts += append_acts(ACTS, a_transaction=20)
        victim = Child(database, DRAIN.format(is_victim=True))
        victim.wait_for("waiting")  # it took seven entries, and has written nothing
        other = Child(database, DRAIN.format(is_victim=False))
        wait_until(lambda: queries.count_waiting() == 7)  # the other works around them
        victim.kill()
        wait_until(lambda: queries.count_waiting() == 0)
        other.kill()
    place_all()
    with psycopg.connect(database.superuser_url) as connection:
        placed = connection.execute("SELECT idx, leaf FROM ledger_leaf ORDER BY idx").fetchall()
    assert [index for index, _ in placed] == list(range(KILLS * ACTS))
    assert {leaf for _, leaf in placed} == {receipt.leaf for receipt in receipts}
    Signer(log_key()).sign_next()
    assert verify_ledger(at=NOW, policy=pinned()).standing is Standing.OK


LOOP = """
from anju.cli import ledger
ledger.{command}()
"""


def test_the_loops_place_and_sign_until_they_are_told_to_stop(database: Database) -> None:
    sequencer = Child(database, LOOP.format(command="sequence"))
    signer = Child(database, LOOP.format(command="sign"))
    append_acts(5)
    wait_until(lambda: queries.latest_checkpoint(signed=True) is not None)
    for child in (sequencer, signer):
        child.process.terminate()
        assert child.process.wait(timeout=120) == 0
        child.kill()
    head = queries.latest_checkpoint(signed=True)
    assert head is not None
    assert head.size == 5 or queries.latest_checkpoint() != head
    with psycopg.connect(database.superuser_url) as attacker:
        attacker.execute("UPDATE ledger_event SET header = 'x'")
        attacker.execute("UPDATE ledger_checkpoint SET note = NULL")
    alarmed = Child(database, LOOP.format(command="sign"))
    assert alarmed.process.wait(timeout=120) != 0
    alarmed.kill()
    assert queries.latest_checkpoint(signed=True) is None


STEPS = {
    "before-the-log": ["choose()", "say_and_wait()", "log()"],
    "before-the-commit": ["choose()", "log()", "say_and_wait()"],
    "log-first": ["log()", "say_and_wait()", "choose()"],
}


@pytest.mark.pitfall("P12")
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS.keys())
def test_killed_between_act_and_log_there_is_neither(
    database: Database, steps: Sequence[str]
) -> None:
    make_business_table(database)
    record(database, ["with transaction.atomic():", *(f"    {step}" for step in steps)])
    assert (count(database, "trial_choice"), count(database, "ledger_event")) == (0, 0)
    assert count(database, "ledger_inbox") == 0


@pytest.mark.pitfall("P12")
def test_killed_after_the_commit_there_are_both(database: Database) -> None:
    make_business_table(database)
    record(
        database,
        ["with transaction.atomic():", "    choose()", "    log()", "say_and_wait()"],
    )
    assert (count(database, "trial_choice"), count(database, "ledger_event")) == (1, 1)
    assert place_all() == 1


@pytest.mark.pitfall("P12")
def test_control_a_log_in_a_transaction_of_its_own_loses_the_act(database: Database) -> None:
    """What the trigger keeps out: without it the act is committed, and killed before its log."""
    make_business_table(database)
    with database.connect("anju_owner") as owner:
        owner.execute("DROP TRIGGER trial_choice_owes_insert ON trial_choice")
    record(
        database,
        [
            "with transaction.atomic():",
            "    choose()",
            "say_and_wait()",
            "with transaction.atomic():",
            "    log()",
        ],
    )
    assert (count(database, "trial_choice"), count(database, "ledger_event")) == (1, 0)


def record(database: Database, steps: Sequence[str]) -> None:
    """Let a child take the steps, and kill it where it waits."""
    child = Child(database, RECORD.format(steps="\n".join(steps)))
    child.wait_for("waiting")
    child.kill()
