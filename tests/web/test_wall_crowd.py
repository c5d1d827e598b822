"""A crowd at the wall while a project draws and chooses: it is told from files, not from tables."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import SUPERUSER
from anju.jobs.publishing import publish_wall
from tests.support.databases import pointed_at
from tests.support.peaks import serve_peak
from tests.support.running import wait_until
from tests.support.stages import Stage, staged_project

PEOPLE = 16
Told = list[tuple[int, bytes]]


@contextmanager
def crowd(port: int, path: str) -> Iterator[Told]:
    """Let people ask for one address again and again; gives status and body of each answer."""
    is_over, told = Event(), Told()

    def ask() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        while not is_over.is_set():
            line.request("GET", path)
            answer = line.getresponse()
            told.append((answer.status, answer.read()))
        line.close()

    with ThreadPoolExecutor(PEOPLE) as people:
        asking = [people.submit(ask) for _ in range(PEOPLE)]
        try:
            yield told
        finally:
            is_over.set()
    for one in asking:
        one.result()


@pytest.mark.req("SEL-5")
def test_a_crowd_sees_every_step_of_draw_and_selection_without_the_database(
    database_cluster: Cluster,
) -> None:
    # The peak is told of a database that nobody serves; the one of the selection is another.
    with staged_project(database_cluster, Stage.SCORED) as seeds:
        file = Path(settings.PUBLIC_FOLDER) / "live" / seeds.code / "wall.json"
        published: list[bytes] = []

        def publish(told: Told) -> None:
            publish_wall(seeds.code)
            published.append(file.read_bytes())
            assert wait_until(lambda: told[-1:] == [(200, published[-1])], seconds=30)

        publish_wall(seeds.code)
        published.append(file.read_bytes())
        path = f"/live/{seeds.code}/wall.json"
        steps: tuple[Callable[[], object], ...] = (seeds.draw, seeds.open, *[seeds.choose_next] * 3)
        with serve_peak(Path(settings.HOME)) as port, crowd(port, path) as told:
            for step in steps:
                step()
                publish(told)
        assert {status for status, _ in told} == {200}
        seen = {body for _, body in told}
        assert seen == set(published), "each answer is a wall that was published, whole"
        assert json.loads(published[-1])["homes"].count("t") == 3


@pytest.mark.req("SEL-5")
def test_the_wall_is_told_while_no_table_can_be_read(database_cluster: Cluster) -> None:
    """The site's own wall is the control: it waits for the tables, and gives up."""
    with staged_project(database_cluster, Stage.CHOOSING) as seeds:
        publish_wall(seeds.code)
        seeds.choose_next()
        database = pointed_at()
        assert database is not None
        with (
            serve_peak(Path(settings.HOME)) as port,
            psycopg.connect(database.cluster.url(SUPERUSER, database.name)) as admin,
        ):
            for table in ("projects_project", "selection_choice", "ledger_checkpoint"):
                admin.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
            with crowd(port, f"/live/{seeds.code}/") as told:
                assert wait_until(lambda: len(told) > 20 * PEOPLE, seconds=60)
            assert {status for status, _ in told} == {200}
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '500ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                Client(headers={"host": "127.0.0.1"}).get(f"/p/{seeds.code}/")
