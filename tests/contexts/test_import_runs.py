"""An import as it runs: seen from outside, lost, killed, taken twice; its file lies sealed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from anju.foundation.access.context import reading
from anju.foundation.exchange.queries import import_row, imports_of
from anju.foundation.exchange.uploads import open_upload
from anju.resettlement.intake.operations import run_import
from tests.support.databases import fresh_database

if TYPE_CHECKING:
    from anju.foundation.core.postgres.launcher import Cluster
    from tests.support.databases import Database
from tests.support.registers import AT, HOUSEHOLDS, SYSTEM, UNITS, count_rows, open_fresh_office

pytestmark = [pytest.mark.req("INV-8"), pytest.mark.usefixtures("database")]


@pytest.fixture(scope="module")
def database(database_cluster: Cluster) -> Iterator[Database]:
    """Give one database to all tests of this file: each opens a project of its own."""
    with fresh_database(database_cluster) as fresh:
        yield fresh


def test_progress_is_seen_while_the_data_wait_in_their_transaction() -> None:
    office = open_fresh_office()
    row = office.send("households", HOUSEHOLDS)
    seen: list[tuple[str, int, int, int]] = []

    def look(done: int, total: int) -> None:
        """See, by a connection of its own, what another process would see."""
        other = connections["default"].copy()
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT set_config('anju.projects', '*', true)")
            cursor.execute(
                "SELECT stage, rows_done, rows_total FROM exchange_progress WHERE project_id = %s",
                [office.project.id],
            )
            stage, shown_done, shown_total = cursor.fetchone()
            cursor.execute(
                "SELECT count(*) FROM households_household WHERE project_id = %s",
                [office.project.id],
            )
            (stored,) = cursor.fetchone()
        other.close()
        assert (shown_done, shown_total) == (done, total)
        seen.append((stage, done, total, stored))

    done = run_import(import_id=row.id, by=SYSTEM, at=AT, on_progress=look)
    assert seen == [
        ("reading", 0, 0, 0),
        ("checking", 0, 3, 0),
        ("writing", 0, 3, 0),
        ("writing", 3, 3, 0),
    ]
    assert (done.state, done.rows_done) == ("done", 3)


@pytest.mark.req("SEC-2")
def test_an_upload_lies_sealed_and_only_until_it_is_read(tmp_path: Path) -> None:
    del tmp_path
    from django.conf import settings

    office = open_fresh_office()
    row = office.send("households", HOUSEHOLDS)
    folder = Path(settings.HOME) / "uploads" / str(office.project.id)
    (sealed,) = folder.iterdir()
    assert sealed.stat().st_mode & 0o077 == 0
    for canary in ("11010519491231002X", "13800000001", "张三"):
        assert canary.encode() not in sealed.read_bytes()
    with reading(by=SYSTEM):
        opened = open_upload(project_id=office.project.id, import_id=row.id)
    assert opened == HOUSEHOLDS.encode()
    run_import(import_id=row.id, by=SYSTEM, at=AT)
    assert list(folder.iterdir()) == []


def test_an_upload_that_was_lost_or_changed_fails_and_says_so() -> None:
    from django.conf import settings

    office = open_fresh_office()
    lost, changed = office.send("units", UNITS), office.send("units", UNITS)
    folder = Path(settings.HOME) / "uploads" / str(office.project.id)
    (folder / f"{lost.id}.sealed").unlink()
    file = folder / f"{changed.id}.sealed"
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    for row, rule in ((lost, "exchange.upload-missing"), (changed, "crypto.not-authentic")):
        done = run_import(import_id=row.id, by=SYSTEM, at=AT)
        assert (done.state, [fault.rule for fault in done.faults]) == ("failed", [rule])


KILLED = """
import os, signal
from uuid import UUID
import django
django.setup()
from django.db import connections
for alias, entry in CONNECTIONS.items():
    connections.settings[alias].update(entry)
from tests.support.registers import AT, SYSTEM
from anju.resettlement.intake.operations import run_import
def kill(done, total):
    if done:
        os.kill(os.getpid(), signal.SIGKILL)
run_import(import_id=UUID(IMPORT), by=SYSTEM, at=AT, on_progress=kill)
"""


def test_an_import_that_was_killed_leaves_nothing_and_finishes_when_run_again() -> None:
    office = open_fresh_office()
    row = office.send("households", HOUSEHOLDS)
    addresses = {
        alias: {
            key: connections.settings[alias][key]
            for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")
        }
        for alias in ("default", "owner", "ledger")
    }
    program = KILLED.replace("CONNECTIONS", repr(addresses)).replace("IMPORT", repr(str(row.id)))
    killed = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])},
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert count_rows(office) == (0, 0, 0)
    with reading(by=SYSTEM):
        assert import_row(import_id=row.id).state == "reading"
    done = run_import(import_id=row.id, by=SYSTEM, at=AT)
    assert (done.state, done.counts.added) == ("done", 3)
    assert count_rows(office) == (0, 3, 0)
    assert run_import(import_id=row.id, by=SYSTEM, at=AT) == done


def test_two_workers_with_one_import_store_it_once(database: Database) -> None:
    office = open_fresh_office()
    row = office.send("households", HOUSEHOLDS)
    work = [lambda: run_import(import_id=row.id, by=SYSTEM, at=AT)] * 2
    outcomes = database.in_threads(work)
    assert [getattr(outcome, "state", outcome) for outcome in outcomes] == ["done", "done"]
    assert count_rows(office) == (0, 3, 0)
    with reading(by=SYSTEM):
        (kept,) = imports_of(project_id=office.project.id)
    assert kept.counts.added == 3
