"""The queue page and a case's page at 100,000 open cases, beside the same at 1,000.

The value is the 95th percentile of a page of the queue (50 lines, with its count), in milliseconds,
as a street's officer reads it through row security; the yardstick is the same at 1,000, read by
turns with it. The cases are copies, made inside the database, of cases that went through
the operations. ``opened_a_second`` are whole operations of one writer: judged, numbered, sealed,
recorded.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Composable

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import SUPERUSER
from anju.foundation.core.postgres.urls import DATABASE
from bench.copies import copy_rows
from bench.installations import durable_server
from bench.measure import percentile, report

if TYPE_CHECKING:
    from tests.support.cases import Offices

FEW, MANY = 1_000, 100_000
TURNS, PAGES_A_TURN = 12, 20
SMALL = "anju_bench_small"
OPENING_SECONDS = 5
TABLES = ("action", "task", "clock", "pause", "material")
STEPS = ("", "street-review", "first-notice", "check-register", "district-review", "city-review")
"""Where the copied cases stand; the first waits to be accepted."""


def main() -> None:
    """Measure, and report."""
    with durable_server() as cluster:
        measure(cluster)


def measure(cluster: Cluster) -> None:
    """Measure on a running, empty server."""
    from tests.support.cases import open_offices  # noqa: PLC0415 - after Django is set up

    offices = open_offices()
    opened = open_for_a_while(offices)
    templates = make_templates(offices)
    copy_cases(cluster.url(SUPERUSER), templates, until=FEW)
    copy_database(cluster)
    copy_cases(cluster.url(SUPERUSER), templates, until=MANY)
    few, many = measure_side_by_side(cluster, offices)
    report(
        name="queue",
        value=p95(many["queue"]),
        unit="ms",
        yardstick=p95(few["queue"]),
        ratio=round(p95(many["queue"]) / p95(few["queue"]), 3),
        yardstick_is=f"the same page at {FEW} open cases, in turns with it",
        open_cases=MANY,
        ratio_of_medians=ratio_of_medians(many, few, "queue"),
        case_page_p95_ms=p95(many["case"]),
        case_page_p95_ms_at_few=p95(few["case"]),
        case_page_ratio=round(p95(many["case"]) / p95(few["case"]), 3),
        case_page_ratio_of_medians=ratio_of_medians(many, few, "case"),
        third_page_p95_ms=p95(many["third"]),
        third_page_ratio_of_medians=ratio_of_medians(many, few, "third"),
        board_median_ms=middle(many["board"]),
        board_median_ms_at_few=middle(few["board"]),
        queue_page_median_ms=middle(many["queue"]),
        case_page_median_ms=middle(many["case"]),
        opened_a_second=opened,
        load_before=round(os.getloadavg()[1], 1),
    )


def open_for_a_while(offices: Offices) -> int:
    """Open cases one after another; gives how many a second."""
    from tests.support.cases import open_review  # noqa: PLC0415

    open_review(offices)
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < OPENING_SECONDS:
        open_review(offices)
        done += 1
    return round(done / (time.perf_counter() - began))


def make_templates(offices: Offices) -> list[UUID]:
    """Take a case to each place of :data:`STEPS`, without words that only its own row can open."""
    from anju.foundation.casework.operations import take_action  # noqa: PLC0415
    from anju.foundation.casework.types import HandedIn, NewAction  # noqa: PLC0415
    from anju_rules.procedures.states import ActionKind  # noqa: PLC0415
    from tests.support.cases import REVIEW_PATH, later, open_review  # noqa: PLC0415

    found = []
    for wanted in STEPS:
        case = open_review(offices)
        acts = [("street-officer", 1.0, NewAction(kind=ActionKind.ACCEPT))] if wanted else []
        for role, step, outcome, days, bring in REVIEW_PATH:
            if not wanted or step == wanted:
                break
            materials = tuple(HandedIn(code=code) for code in bring)
            act = NewAction(kind=ActionKind.DECIDE, step=step, outcome=outcome, materials=materials)
            acts.append((role, days, act))
        for role, days, act in acts:
            take_action(
                project_id=case.project_id,
                case_id=case.id,
                act=act,
                by=offices.officers[role],
                at=later(days),
            )
        found.append(case.id)
    return found


def copy_cases(url: str, templates: Sequence[UUID], *, until: int) -> None:
    """Copy the templates until so many cases are open."""
    with psycopg.connect(url) as admin:
        admin.execute("SET session_replication_role = replica")
        row = admin.execute("SELECT count(*), max(serial) FROM casework_case").fetchone()
        assert row is not None  # noqa: S101 - count() gives one
        standing, serial = row
        admin.execute(
            "CREATE TEMP TABLE copies AS SELECT gen_random_uuid() AS copy, n,"
            " (%s::uuid[])[1 + n %% %s] AS template FROM generate_series(1, %s) n",
            [list(templates), len(templates), until - standing],
        )
        fresh_id, fresh_serial = SQL("gen_random_uuid()"), SQL("{} + p.n").format(serial)
        numbered = {
            "id": SQL("p.copy"),
            "serial": fresh_serial,
            "number": SQL("'YS-ELG-2026-' || ({})").format(fresh_serial),
            "subject_id": fresh_id,
        }
        copy_rows(admin, "casework_case", key="id", changed=numbered)
        shifted = SQL("CASE WHEN o.due_on IS NULL THEN {} ELSE o.due_on + p.n % 90 END")
        changed: dict[str, dict[str, Composable]] = {
            "action": {"id": fresh_id},
            "task": {
                "due_on": shifted.format(SQL("NULL")),
                "sort_on": shifted.format(SQL("o.sort_on")),
            },
        }
        for table in TABLES:
            told = {"case_id": SQL("p.copy"), **changed.get(table, {})}
            copy_rows(admin, f"casework_{table}", key="case_id", changed=told)
        admin.execute("DROP TABLE copies")
    with psycopg.connect(url, autocommit=True) as admin:
        for table in ("case", *TABLES):
            admin.execute(f"VACUUM ANALYZE casework_{table}".encode())


def copy_database(cluster: Cluster) -> None:
    """Keep the database as it is at :data:`FEW` open cases, beside the one that grows."""
    from django.db import connections  # noqa: PLC0415

    from anju.foundation.core.postgres.roles import admit_roles  # noqa: PLC0415

    connections.close_all()
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {SMALL} TEMPLATE {DATABASE} OWNER anju_owner".encode())
        admit_roles(admin, database=SMALL)


Times = dict[str, list[float]]
"""Of each page how long it took, in milliseconds."""


def measure_side_by_side(cluster: Cluster, offices: Offices) -> tuple[Times, Times]:
    """Read the pages of the small and of the large database by turns, as the machine goes on."""
    from tests.support.databases import pointing  # noqa: PLC0415

    found: tuple[Times, Times] = ({}, {})
    for turn in range(TURNS):
        for times, name in zip(found, (SMALL, DATABASE), strict=True):
            with psycopg.connect(cluster.url(SUPERUSER, name)) as admin:
                rows = admin.execute("SELECT id FROM casework_case ORDER BY id LIMIT 900")
                cases = [case for (case,) in rows.fetchall()]
            with pointing(cluster, name):
                read_pages(offices, cases, times, seed=turn)
    return found


def read_pages(offices: Offices, cases: Sequence[UUID], times: Times, *, seed: int) -> None:
    """Read each page a few times, after once to warm up."""
    from anju.foundation.casework.queries import board, case_file, queue_of  # noqa: PLC0415
    from tests.support.cases import later  # noqa: PLC0415

    chance, at = random.Random(seed), later(20)
    by, project_id = offices.street, offices.project_id
    after = queue_of(by=by, at=at).after
    third = queue_of(by=by, at=at, after=after).after
    pages: dict[str, Callable[[], object]] = {
        "queue": lambda: queue_of(by=by, at=at),
        "third": lambda: queue_of(by=by, at=at, after=third),
        "case": lambda: case_file(
            project_id=project_id, case_id=chance.choice(cases), by=by, at=at
        ),
        "board": lambda: board(by=offices.supervisor, at=at),
    }
    for name, read in pages.items():
        read()
        for _ in range(2 if name == "board" else PAGES_A_TURN):
            began = time.perf_counter()
            read()
            times.setdefault(name, []).append((time.perf_counter() - began) * 1000)


def p95(times: Sequence[float]) -> float:
    """Give the 95th percentile."""
    return round(percentile(times, 95), 2)


def middle(times: Sequence[float]) -> float:
    """Give the median."""
    return round(median(times), 2)


def ratio_of_medians(many: Times, few: Times, page: str) -> float:
    """Give how much longer a page takes before many cases, by the medians."""
    return round(median(many[page]) / median(few[page]), 3)


if __name__ == "__main__":
    main()
