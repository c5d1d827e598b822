"""Queued work: the worker reads what clerks sent, the night compares, the stalled is rescued."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.core.switches import AUTOPLAY, add_switch, has_switch, is_on, turn
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.exchange.queries import import_row
from anju.foundation.exchange.types import ImportRow
from anju.jobs import tasks
from anju_rules.values import Refusal
from tests.support.askers import seed_midway
from tests.support.databases import Database
from tests.support.running import work_off_queues
from tests.support.site import Seeds, seed_project


def send_units(seeds: Seeds) -> ImportRow:
    """Keep the unit table and queue its reading, as page and API do."""
    row = receive_upload(
        project_id=seeds.project_id,
        kind="units",
        data=seeds.table("units"),
        file_name="units.xlsx",
        is_dry_run=False,
        by=seeds.officer,
        at=read_clock(),
    )
    app.configure_task("imports.run", queue="imports", lock=str(seeds.project_id)).defer(
        project_id=str(seeds.project_id), import_id=str(row.id), account_id=str(seeds.city.id)
    )
    return row


def state_of(seeds: Seeds, row: ImportRow) -> str:
    with reading(by=seeds.officer):
        return import_row(import_id=row.id).state


@pytest.mark.req("INV-8")
@pytest.mark.usefixtures("database")
def test_the_worker_reads_what_waits(tmp_path: Path) -> None:
    seeds = seed_project(tmp_path / "plan")
    row = send_units(seeds)
    assert state_of(seeds, row) == "received"
    work_off_queues()
    assert state_of(seeds, row) == "done"
    assert [job.status for job in ProcrastinateJob.objects.filter(queue_name="imports")] == [
        "succeeded"
    ]


def test_the_work_of_a_killed_worker_is_given_to_another(
    database: Database, tmp_path: Path
) -> None:
    seeds = seed_project(tmp_path / "plan")
    row = send_units(seeds)
    with psycopg.connect(database.superuser_url) as admin:
        # A worker that took the job a minute ago and was never heard of again.
        admin.execute(
            "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 minute') RETURNING id)"
            " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
        )
    app.configure_task("jobs.rescue", queue="nightly").defer(timestamp=0)
    work_off_queues()
    work_off_queues()
    assert state_of(seeds, row) == "done"


@pytest.mark.threat("T-12")
def test_the_night_finds_a_table_that_differs_from_the_ledger(
    database: Database, tmp_path: Path
) -> None:
    seeds = seed_midway(tmp_path / "plan")
    tasks.compare_registers(0)
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE selection_turn SET state = 'waived' WHERE state = 'called'")
    with pytest.raises(Refusal) as refused:
        tasks.compare_registers(0)
    assert refused.value.code == "jobs.registers-differ"
    assert refused.value.facts == {"projects": seeds.code}


@pytest.mark.usefixtures("database")
def test_partitions_are_made_ahead() -> None:
    tasks.make_ledger_partitions(0)
    tasks.make_ledger_partitions(0)  # a second time changes nothing


def test_a_switch_is_there_only_where_it_was_given(tmp_path: Path) -> None:
    assert not has_switch(tmp_path, AUTOPLAY)
    assert not is_on(tmp_path, AUTOPLAY)
    with pytest.raises(Refusal) as refused:
        turn(tmp_path, AUTOPLAY, on=True)
    assert refused.value.code == "switches.unknown"
    add_switch(tmp_path, AUTOPLAY, on=True)
    turn(tmp_path, AUTOPLAY, on=False)
    add_switch(tmp_path, AUTOPLAY, on=True)  # it is there: what somebody chose stays
    assert not is_on(tmp_path, AUTOPLAY)
