"""A server whose tables are up to date: made once a run, and copied for whoever needs one.

To bring up a server and run every migration takes seven seconds, to copy its stopped data a tenth
of one. The workers of a run share it, and so do the platforms that tests start.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import ServerRecord
from tests.support.grounds import MEMORY, PREFIX, fastest_ground

_DONE = "done"


def lay_migrated(folder: Path, *, binaries: Path | None = None, is_durable: bool = True) -> Cluster:
    """Lay a migrated server's data and passwords into ``folder``; gives it, not started.

    ``binaries`` and ``is_durable`` are those of :class:`Cluster`.
    """
    made = _made_once(binaries)
    cluster = Cluster(folder, binaries=binaries, is_durable=is_durable)
    record = cluster.record
    _keep_passwords(folder, made)
    record.seat.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-Rp", made.data, record.data], check=True)
    return cluster


def own_environment(home: Path, **told: str) -> Mapping[str, str]:
    """Give the environment of a program that lives in ``home`` and knows no other installation."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}
    kept.pop("DATABASE_URL", None)
    return {
        **kept,
        "ANJU_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "anju.config.settings",
        **told,
    }


def remove_made() -> None:
    """Remove what this process, and the workers it started, made."""
    for ground in (MEMORY, Path(gettempdir())):
        for store in ground.glob(f"{PREFIX}{os.getpid()}-migrated-*"):
            _remove_server(store)
            shutil.rmtree(store, ignore_errors=True)


def _made_once(binaries: Path | None) -> ServerRecord:
    """Give the run's stopped server; the first of its workers makes it, and the others wait."""
    starter = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    version = binaries.parent.name if binaries else "wheel"
    store = fastest_ground() / f"{PREFIX}{starter}-migrated-{version}"
    store.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        store.chmod(0o711)  # the account that serves must pass through
    with _locked(store / "lock"):
        if not (store / _DONE).exists():
            _remove_server(store)
            _make(store, binaries)
            (store / _DONE).touch()
    return Cluster(store / "postgres", binaries=binaries).record


def _make(store: Path, binaries: Path | None) -> None:
    cluster = Cluster(store / "postgres", binaries=binaries, is_durable=False)
    cluster.start()
    try:
        subprocess.run(
            [sys.executable, "-m", "anju.cli.children", "migrate"],
            env=own_environment(store),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    finally:
        cluster.stop()


def _remove_server(store: Path) -> None:
    folder = store / "postgres"
    if not folder.exists():
        return
    record = Cluster(folder).record
    for part in (record.sockets, record.seat, folder):
        shutil.rmtree(part, ignore_errors=True)


def _keep_passwords(folder: Path, made: ServerRecord) -> None:
    """Write the passwords that the copied data know over those just invented."""
    file = folder / "server.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    told["passwords"] = dict(made.passwords)
    file.write_text(json.dumps(told), encoding="utf-8")


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
