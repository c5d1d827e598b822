"""Choices a second through HTTP, each with its ledger entry, beside ``pgbench -N`` on that server.

A durable PostgreSQL, the site on Granian with a process a core, and the sequencer run as they do
in service. Several projects choose side by side for a while, one desk each: call, choose, and a
batch closed and opened every thirty. A choice is its call and its choosing: two requests. The
yardstick is ``pgbench -N`` (three statements and a commit) with as many clients, before and after.
``doubles`` counts homes with two owners. ``ANJU_BENCH_HOUSEHOLDS`` (a project) and
``ANJU_BENCH_SECONDS`` make it longer.
"""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib import import_module
from statistics import median
from typing import Any

import psycopg

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import SUPERUSER
from bench.installations import durable_server
from bench.measure import percentile, report
from bench.pgbench import prepare_pgbench, run_pgbench
from bench.serving import running_program, serving

PROJECTS = 8
HOUSEHOLDS = int(os.environ.get("ANJU_BENCH_HOUSEHOLDS", "300"))
"""In each project."""
MOST_SECONDS = float(os.environ.get("ANJU_BENCH_SECONDS", "20"))
PGBENCH_SECONDS = 6
WARMING_SECONDS = 8
"""A process's first requests load what all later ones use."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """One project and who chooses there, on one line to the site."""

    code: str
    token: str
    homes: Iterator[str]
    line: http.client.HTTPConnection | None = None
    batch: int = 0
    chosen: int = 0

    def choose(self, port: int, seconds: float) -> list[float]:
        """Choose for so many seconds; gives how long each choosing took, in seconds."""
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        until, took = time.perf_counter() + seconds, list[float]()
        while self.chosen < HOUSEHOLDS and time.perf_counter() < until:
            status, turn = self._ask("turns/next")
            if status != 200:
                self._begin_batch()
                continue
            began = time.perf_counter()
            path = f"turns/{turn['id']}/choose"
            status, told = self._ask(path, {"homes": [next(self.homes)]})
            if status != 200:
                raise SystemExit(f"{self.code}: {told}")
            took.append(time.perf_counter() - began)
            self.chosen += 1
        return took

    def _begin_batch(self) -> None:
        if self.batch:
            self._ask("batches/close")
        self.batch += 1
        status, told = self._ask(f"batches/{self.batch}/open")
        if status != 200:
            raise SystemExit(f"{self.code}: batch {self.batch} does not open: {told}")

    def _ask(self, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        assert self.line is not None  # noqa: S101 - opened before
        self.line.request(
            "POST", f"/api/projects/{self.code}/{path}", json.dumps(body or {}), headers
        )
        answer = self.line.getresponse()
        return answer.status, json.loads(answer.read())


def main() -> None:
    """Measure, and report."""
    with durable_server() as cluster:
        measure(cluster)


def measure(cluster: Cluster) -> None:
    """Seed, let every desk choose, and report."""
    desks = [seed(number) for number in range(PROJECTS)]
    run_yardstick = partial(
        run_pgbench, prepare_pgbench(cluster), "-N", clients=PROJECTS, seconds=PGBENCH_SECONDS
    )
    with serving(cluster) as site, running_program("sequencer"):
        commits = [run_yardstick()]
        choose_for(desks, site.port, WARMING_SECONDS)
        used = site.spent()
        began = time.perf_counter()
        seconds = choose_for(desks, site.port, MOST_SECONDS)
        took = time.perf_counter() - began
        web, postgres = (now - then for now, then in zip(site.spent(), used, strict=True))
        commits.append(run_yardstick())
    if not seconds:
        raise SystemExit("all chose while it warmed: ANJU_BENCH_HOUSEHOLDS must be more")
    kept, doubles, entries = count(cluster)
    choices = len(seconds)
    yardstick = round(sum(commits) / len(commits))
    report(
        "choices",
        round(choices / took),
        "choices/s",
        yardstick,
        round(choices / took / yardstick, 3),
        yardstick_is="pgbench -N, commits a second, as many clients, before and after",
        choices=choices,
        kept=kept,
        doubles=doubles,
        ledger_entries=entries,
        projects=PROJECTS,
        requests_a_choice=2,
        choose_median_ms=round(1000 * median(seconds), 1),
        choose_p99_ms=round(1000 * percentile(seconds, 99), 1),
        web_cpu_ms_a_choice=round(1000 * web / choices, 1),
        postgres_cpu_ms_a_choice=round(1000 * postgres / choices, 1),
        load_before=round(os.getloadavg()[2], 1),
    )


def choose_for(desks: list[Desk], port: int, seconds: float) -> list[float]:
    """Let every desk choose for so long; gives how long each choosing took."""
    with ThreadPoolExecutor(len(desks)) as pool:
        found = pool.map(lambda desk: desk.choose(port, seconds), desks)
        return [one for took in found for one in took]


def seed(number: int) -> Desk:
    """Make a drawn project, and give its desk."""
    selections = import_module("tests.support.selections")
    access = import_module("tests.support.access")
    operations = import_module("anju.foundation.access.operations")
    project = selections.drawn_project(
        code=f"B-{number}", homes=HOUSEHOLDS + 8, households=HOUSEHOLDS, batch_size=30
    )
    clerk = access.open_officer(
        f"desk-{number}",
        role="selection-officer",
        organisation_id=access.open_tier(f"37010500{number}"),
        project_id=project.id,
    )
    now = import_module("anju.foundation.core.clock").read_clock()
    token = operations.issue_token(
        label="bench", lifetime=timedelta(days=1), by=clerk.actor, at=now
    )
    open_to_all = [
        str(home.number) for home in project.plan.homes.values() if not home.reserved_for
    ]
    return Desk(code=f"B-{number}", token=token, homes=iter(open_to_all))


def count(cluster: Cluster) -> tuple[int, int, int]:
    """Give the homes chosen, those with two owners, and the entries of choices."""
    with psycopg.connect(cluster.url(SUPERUSER)) as admin:
        row = admin.execute(
            "SELECT count(*), count(*) - count(DISTINCT (project_id, unit_id)),"
            " (SELECT count(*) FROM ledger_event"
            "  WHERE action = 'selection.home.chosen' AND outcome = 'done')"
            " FROM selection_choice WHERE released_at IS NULL"
        ).fetchone()
    return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)


if __name__ == "__main__":
    main()
