"""Pages: how long wall, desk and family page take with 1,000,000 households beside 1,000.

One project of 1,000 households in mid-selection is made through the operations; its rows are then
copied 999 times inside the database, under other ids. The same addresses are asked before and
after, through the whole stack of middlewares, in this process: what is measured is our work and
PostgreSQL's, not a socket's. ``wall`` is the page while the publisher runs, ``wall-unpublished``
the same laid out anew. The yardstick of each page is itself at 1,000 households.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import gettempdir
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from bench.installations import quick_database, scratch_folder
from bench.measure import percentile, report
from tests.support.databases import Database

HOUSEHOLDS = 1_000
HOMES = 1_100
PROJECTS = int(os.environ.get("ANJU_BENCH_PROJECTS", "1000"))
TURNS = 45
"""Turns played before measuring: a batch and a half."""
ROUNDS = 60
WARMING = 5
_LEFT_OUT = (
    *("ledger_", "access_account", "access_token", "exchange_", "preferences_"),
    "draws_",  # a ceremony begins opened, for the superuser too
)
"""Tables that are no project's own, or that none of these pages reads."""
_SHARED_COLUMNS = frozenset({"event_id", "actor_id", "rule_set_event_id"})

_COLUMNS = """
SELECT c.table_name, c.column_name, c.udt_name
FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
  AND c.is_identity = 'NO'
ORDER BY c.table_name, c.ordinal_position
"""


_TELL_INDEXES = "UPDATE pg_index SET indisready = %s WHERE indrelid = %s::regclass"


def main() -> None:
    """Measure, and print one line a page."""
    # On disk: a million households are some gigabytes.
    ground = Path(gettempdir())
    with scratch_folder() as folder, quick_database(ground=ground) as database:
        measure(folder, database)


def measure(folder: Path, database: Database) -> None:
    """Measure every page before and after the copies, and report."""
    seeds, family = play_project(folder / "example")
    with signed_in(seeds, family) as pages:
        before = {name: time_page(ask) for name, ask in pages.items()}
        started = time.perf_counter()
        households = copy_projects(database.superuser_url, project_id=seeds.project_id)
        copied = round(time.perf_counter() - started)
        after = {name: time_page(ask) for name, ask in pages.items()}
    for name, seconds in after.items():
        small, large = percentile(before[name], 95), percentile(seconds, 95)
        report(
            f"pages-{name}",
            round(1000 * large, 1),
            "ms",
            round(1000 * small, 1),
            round(large / small, 2),
            statistic="p95",
            median_ms=round(1000 * median(seconds), 1),
            households=households,
            yardstick_households=HOUSEHOLDS,
            projects=PROJECTS,
            requests=ROUNDS,
            copying_seconds=copied,
        )


def play_project(folder: Path) -> tuple[Any, Any]:
    """Make a project in mid-selection; give its seeds, and the family that is called."""
    site = import_module("tests.support.site")
    batches = import_module("anju.resettlement.selection.operations.batches")
    clock = import_module("anju.foundation.core.clock")
    seeds = site.seed_project(folder, homes=HOMES, households=HOUSEHOLDS)
    seeds.register()
    seeds.freeze()
    seeds.score()
    seeds.draw()
    seeds.open(1)
    for played in range(TURNS):
        if played == 30:
            batches.close_batch(
                project_id=seeds.project_id, by=seeds.officer, at=clock.read_clock()
            )
            seeds.open(2)
        seeds.choose_next(seconds=3600)
    called = seeds.call(seconds=24 * 3600)
    import_module("anju.foundation.ledger.sequencing").drain_inbox(at=clock.read_clock())
    return seeds, seeds.family(called)


@contextmanager
def signed_in(seeds: Any, family: Any) -> Iterator[dict[str, Callable[[], int]]]:  # noqa: ANN401
    """Give what asks for each page, signed in as who reads it."""
    client_class = import_module("django.test").Client
    sign_in = import_module("anju.foundation.access.operations").sign_in
    read_clock = import_module("anju.foundation.core.clock").read_clock
    password = import_module("tests.support.access").PASSWORD

    def reader(login: str = "", secret: str = "", code: str = "") -> Any:  # noqa: ANN401
        client = client_class(headers={"host": "127.0.0.1"})
        if login:
            account = sign_in(
                login=login,
                password=secret,
                code=code,
                address="127.0.0.1",
                request_id="bench",
                at=read_clock(),
            )
            client.force_login(account)
        return client

    live = Path(import_module("django.conf").settings.PUBLIC_FOLDER) / "live" / seeds.code
    board, aside = live / ".board.json", live / ".board.aside"

    def asking(client: Any, path: str, *, published: bool = True) -> Callable[[], int]:  # noqa: ANN401
        def ask() -> int:
            source, target = (aside, board) if published else (board, aside)
            if source.exists():
                source.replace(target)
            answer = client.get(path)
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            return len(answer.content)

        return ask

    clerk = reader(seeds.clerk.login, password, seeds.clerk.code(read_clock()))
    family_reader = reader(family.code, family.pin)
    import_module("anju.jobs.publishing").publish_wall(seeds.code)
    yield {
        "wall": asking(reader(), f"/p/{seeds.code}/"),
        "wall-unpublished": asking(reader(), f"/p/{seeds.code}/", published=False),
        "desk": asking(clerk, f"/desk/{seeds.code}/turns/"),
        "family": asking(family_reader, "/me/"),
    }


def time_page(ask: Callable[[], int]) -> list[float]:
    """Give the seconds of each request, after a few that warm the caches."""
    for _ in range(WARMING):
        ask()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - start)
    return seconds


def copy_projects(url: str, *, project_id: object) -> int:
    """Copy every row of a project under other ids, and give the households there are then.

    As the superuser with triggers off: what is measured is reading, and the copies stand in no
    ledger. Ids are derived, so that what pointed at a row points at its copy. Indexes are made anew
    after the rows, at once: a million random ids one by one take an hour.
    """
    tables: dict[str, list[tuple[str, str]]] = {}
    with psycopg.connect(url) as connection:
        for table, column, kind in connection.execute(_COLUMNS):
            tables.setdefault(table, []).append((column, kind))
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '256MB'")
        for table, columns in tables.items():
            statement = _copying(table, columns, project_id=project_id)
            if statement is not None:
                started = time.perf_counter()
                connection.execute(_TELL_INDEXES, [False, table])
                rows = connection.execute(statement).rowcount
                connection.execute(_TELL_INDEXES, [True, table])
                connection.execute(SQL("REINDEX TABLE {}").format(Identifier(table)))
                connection.commit()
                took = time.perf_counter() - started
                sys.stderr.write(f"{table}: {rows} rows in {took:.0f} s\n")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        found = connection.execute("SELECT count(*) FROM households_household").fetchone()
    return int(found[0]) if found else 0


def _copying(table: str, columns: list[tuple[str, str]], *, project_id: object) -> Composed | None:
    names = [name for name, _ in columns]
    if table == "projects_project":
        key = "id"
    elif "project_id" in names and not table.startswith(_LEFT_OUT):
        key = "project_id"
    else:
        return None
    told = [_derived(name, kind, is_project=table == "projects_project") for name, kind in columns]
    return SQL(
        "INSERT INTO {table} ({names}) SELECT {told} FROM {table} s, "
        "generate_series(2, {last}) n WHERE s.{key} = {project}"
    ).format(
        table=Identifier(table),
        names=SQL(", ").join(map(Identifier, names)),
        told=SQL(", ").join(told),
        last=Literal(PROJECTS),
        key=Identifier(key),
        project=Literal(project_id),
    )


def _derived(name: str, kind: str, *, is_project: bool) -> Composable:
    column = SQL("s.{}").format(Identifier(name))
    if kind == "uuid" and name not in _SHARED_COLUMNS:
        return SQL("md5({}::text || n)::uuid").format(column)
    if is_project and name == "code":
        return SQL("{} || '-' || n").format(column)
    return column


if __name__ == "__main__":
    main()
