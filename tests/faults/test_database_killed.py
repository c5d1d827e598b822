"""``kill -9`` of the database: what was acknowledged is there after the next start.

``ANJU_KILLS`` makes it longer: the threat asks for a hundred kills, every run takes ten.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from anju.foundation.core.postgres.launcher import Cluster
from tests.support.databases import empty_folder, installed_versions

pytestmark = pytest.mark.long

VERSIONS = installed_versions()
KILLS = int(os.environ.get("ANJU_KILLS", "10"))
CLERKS = 3


@pytest.fixture(params=VERSIONS)
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Serve a cluster as a city would: every commit reaches the disk before it is acknowledged."""
    with empty_folder() as empty:
        made = Cluster(empty / "postgres", binaries=VERSIONS[request.param])
        made.start()
        with psycopg.connect(made.url("anju_owner")) as connection:
            connection.execute("CREATE TABLE choices (number bigint PRIMARY KEY)")
        yield made


class Clerk(Thread):
    """Someone who records choices one after another, and notes each that was acknowledged."""

    def __init__(self, *, url: str, first: int, synchronous: str = "on") -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self.has_begun = Event()
        self._url = url
        self._next = first
        self._synchronous = synchronous

    def run(self) -> None:
        try:
            with psycopg.connect(self._url, autocommit=True) as connection:
                connection.execute(f"SET synchronous_commit = {self._synchronous}")
                while True:
                    connection.execute("INSERT INTO choices VALUES (%s)", [self._next])
                    self.acknowledged.append(self._next)
                    self._next += 1
                    if len(self.acknowledged) == 20:
                        self.has_begun.set()
        except psycopg.OperationalError:
            self.has_begun.set()


def family_of(pid: int) -> list[int]:
    """Give the server's processes, the first of them first."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return [pid, *map(int, listed.split())]


def kill_during_work(cluster: Cluster, *, first: int, synchronous: str, whole: bool) -> list[int]:
    """Let clerks work, kill the server under them, and give what was acknowledged."""
    clerks = [
        Clerk(url=cluster.url("anju_app"), first=first + part * 1_000_000, synchronous=synchronous)
        for part in range(CLERKS)
    ]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        assert clerk.has_begun.wait(120)
    pid = cluster.status().pid
    assert pid is not None
    for process in family_of(pid) if whole else [pid]:
        os.kill(process, signal.SIGKILL)
    for clerk in clerks:
        clerk.join()
    return [number for clerk in clerks for number in clerk.acknowledged]


def kept_choices(cluster: Cluster) -> set[int]:
    with psycopg.connect(cluster.url("anju_app")) as connection:
        return {number for (number,) in connection.execute("SELECT number FROM choices")}


@pytest.mark.threat("T-44")
def test_no_acknowledged_choice_is_lost_when_the_database_is_killed(cluster: Cluster) -> None:
    acknowledged: set[int] = set()
    for kill in range(KILLS):
        acknowledged.update(
            kill_during_work(
                cluster, first=kill * 10_000_000, synchronous="on", whole=bool(kill % 2)
            )
        )
        assert cluster.start().state == "running"
        assert acknowledged - kept_choices(cluster) == set()
    assert len(acknowledged) >= KILLS * CLERKS * 20


@pytest.mark.threat("T-44")
def test_control_without_synchronous_commits_the_same_kill_loses_choices(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        connection.execute("SELECT pg_reload_conf()")
    acknowledged = kill_during_work(cluster, first=0, synchronous="off", whole=True)
    cluster.start()
    assert set(acknowledged) - kept_choices(cluster)


@pytest.mark.threat("T-44")
def test_the_starter_may_be_killed_too(cluster: Cluster) -> None:
    """The server is no child of the program that started it, and outlives it."""
    folder = cluster.record.seat
    cluster.stop()
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from anju.foundation.core.postgres.launcher import Cluster\n"
        "Cluster(Path(sys.argv[1]), binaries=Path(sys.argv[2])).start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    programs = cluster._binaries or wheel_programs()
    ran = subprocess.run([sys.executable, "-c", code, folder, programs], check=False)
    assert ran.returncode == -signal.SIGKILL
    assert cluster.status().state == "running"
    assert kept_choices(cluster) == set()


def wheel_programs() -> Path:
    from anju.foundation.core.postgres.binaries import _wheel_folder

    return _wheel_folder()
