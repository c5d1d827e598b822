"""Batch intake: a community of 2,000 homes checked and filed, each with its papers and its entry.

The yardstick is what PostgreSQL alone takes for as many rows in the same run: the lines of the
manifest, inserted one transaction a row into a table without keys, with no check, no paper, no case
and no entry.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path

from django.db import connections

from anju.titles.cases.batches.checking import check_batch
from anju.titles.cases.batches.packs import open_pack
from bench.installations import quick_database, scratch_folder
from bench.measure import report, seconds_of
from tests.support.databases import Database

HOMES = int(os.environ.get("ANJU_BENCH_HOMES", "2000"))


def main() -> None:
    """Measure, and print one line a figure."""
    with scratch_folder() as folder, quick_database(ANJU_SCANNER="off") as database:
        measure(import_module("tests.support.batches").make_files(HOMES), folder, database)


def measure(files: Mapping[str, bytes], folder: Path, database: Database) -> None:
    """Check a batch offline, take it in, run it again, and hold it against the yardstick."""
    # Models can be imported only once Django is set up.
    batches = import_module("tests.support.batches")
    communities = import_module("tests.support.communities")
    town = communities.open_town(homes=0)
    by = town.officer()
    import_module("anju.titles.communities.operations").enter_homes(
        project_id=town.project_id,
        homes=[replace(one, title_state="first") for one in communities.new_homes(HOMES)],
        by=by,
        at=communities.AT,
    )
    yardstick = seconds_of(partial(insert_bare, database, files["manifest.csv"]))
    batches.write_folder(folder, files)
    on = date(2026, 9, 17)
    looked = time.process_time()
    checked = seconds_of(lambda: check_batch(pack=open_pack(folder), on=on))
    looked = time.process_time() - looked
    row = import_module("anju.titles.cases.batches.operations").receive_batch(
        project_id=town.project_id,
        data=batches.packed(files),
        file_name="bench.zip",
        is_dry_run=False,
        by=by,
        at=communities.AT,
    )
    run = import_module("anju.titles.cases.batches.running").run_batch
    ids = {"project_id": town.project_id, "batch_id": row.id}
    statements = Counter[str]()
    worked = time.process_time()
    with connections["default"].execute_wrapper(partial(count_statement, statements)):
        seconds = seconds_of(partial(run, **ids, by=by, at=communities.AT))
    worked = time.process_time() - worked
    done = run(**ids, by=by, at=communities.AT)
    report(
        "batch-intake",
        round(seconds, 2),
        "s",
        round(yardstick, 2),
        round(seconds / yardstick, 1),
        homes=done.done,
        refused=done.refused,
        scans=len(files) - 2,
        homes_a_second=round(done.done / seconds, 1),
        statements_a_home=round(statements.total() / done.done, 2),
        processor_seconds=round(worked, 2),
        checked_offline_seconds=round(checked, 2),
        checked_offline_processor_seconds=round(looked, 2),
        yardstick_is="one bare insert a transaction",
    )


def count_statement(
    counted: Counter[str],
    execute: Callable[..., object],
    statement: str,
    *told: object,
) -> object:
    """Count a statement and have it executed."""
    counted[statement.split(maxsplit=1)[0]] += 1
    return execute(statement, *told)


def insert_bare(database: Database, manifest: bytes) -> None:
    """Insert each line of the manifest in a transaction of its own, and nothing else."""
    with database.connect("anju_owner") as connection:
        connection.execute("CREATE TABLE bench_bare (line text)")
        connection.commit()
        for line in manifest.decode("utf-8-sig").splitlines():
            connection.execute("INSERT INTO bench_bare VALUES (%s)", [line])
            connection.commit()


if __name__ == "__main__":
    main()
