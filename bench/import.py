"""Import: rows a second from a clerk's file to the register, read, checked, sealed and stored.

20,000 homes and 15,000 households, each as one upload. The yardstick is PostgreSQL alone: the bare
text of the households copied into a table without keys, in the same run.
"""

from __future__ import annotations

import time
from functools import partial
from importlib import import_module
from pathlib import Path

from anju.resettlement.offline.example import write_example
from bench.installations import quick_database, scratch_folder
from bench.measure import report, seconds_of
from tests.support.databases import Database

HOMES = 20_000
HOUSEHOLDS = 15_000


def main() -> None:
    """Measure, and print one line a figure."""
    with scratch_folder() as folder, quick_database() as database:
        write_example(folder, seed=1, homes=HOMES, households=HOUSEHOLDS)
        measure(folder, database)


def measure(folder: Path, database: Database) -> None:
    """Measure the files of the plan in ``folder`` against a fresh ``database``."""
    # Models can be imported only once Django is set up.
    registers = import_module("tests.support.registers")
    run_import = import_module("anju.resettlement.intake.operations").run_import
    office = registers.open_office((folder / "plan.toml").read_text(encoding="utf-8"))
    households = (folder / "households.csv").read_bytes()
    yardstick = HOUSEHOLDS / seconds_of(partial(copy_bare, database, households))
    for kind, data, rows in (
        ("units", (folder / "units.xlsx").read_bytes(), HOMES),
        ("households", households, HOUSEHOLDS),
    ):
        seconds = []
        worked = time.process_time()
        for _ in range(2):
            row = office.send(kind, data)
            run = partial(run_import, import_id=row.id, by=registers.SYSTEM, at=registers.AT)
            seconds.append(seconds_of(run))
        report(
            f"import-{kind}",
            round(rows / seconds[0]),
            "rows/s",
            round(yardstick),
            round(rows / seconds[0] / yardstick, 4),
            rows=rows,
            seconds=round(seconds[0], 2),
            seconds_same_file_again=round(seconds[1], 2),
            processor_seconds_of_both=round(time.process_time() - worked, 2),
        )


def copy_bare(database: Database, data: bytes) -> None:
    """Copy the lines of a file into a table without keys, and commit."""
    with database.connect("anju_owner") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (line text)")
        with cursor.copy("COPY bench_bare FROM STDIN") as copy:
            copy.write(data)


if __name__ == "__main__":
    main()
