"""``kill -9`` in the middle of a community's batch: what was taken in stands, the rest follows."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test.utils import override_settings

from anju.titles.cases.batches.types import BatchRow
from tests.contexts.test_title_batches import cases, open_registered, run_again, send
from tests.support.batches import make_files
from tests.support.communities import Town
from tests.support.databases import Database

HOMES, BEFORE = 7, 3


def work(database: Database, town: Town, row: BatchRow, *, homes: str) -> int:
    """Have a process take the batch in; gives its exit code."""
    environment = {
        **os.environ,
        "DATABASE_URL": database.url("anju_app"),
        "ANJU_OWNER_DATABASE_URL": database.url("anju_owner"),
        "ANJU_LEDGER_DATABASE_URL": database.url("anju_ledger"),
        "ANJU_SCANNER": "off",
    }
    account = town.people["district-officer"].id
    told = [str(town.project_id), str(row.id), str(account), homes]
    command = [sys.executable, "-m", "tests.support.batch_worker", *told]
    return subprocess.run(command, check=False, env=environment).returncode


@pytest.mark.req("TTL-5")
@pytest.mark.threat("T-44")
@pytest.mark.pitfall("P12")
def test_a_batch_killed_in_the_middle_goes_on_where_it_was(database: Database) -> None:
    with override_settings(SCANNER="off"):
        town = open_registered(HOMES)
        row = send(town, make_files(HOMES), run=False)
        assert work(database, town, row, homes=str(BEFORE)) == -9
        stood = cases(town)
        assert len(stood) == BEFORE
        assert work(database, town, row, homes="") == 0
        assert stood < cases(town)
        done = run_again(town, row)
    assert (done.state, done.done, done.unchanged) == ("done", HOMES, 0)
