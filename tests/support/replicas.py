"""A streaming replica of a test's server, held behind it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from anju.foundation.core.postgres.accounts import make_private_folder, serving_account
from anju.foundation.core.postgres.binaries import find_binaries
from anju.foundation.core.postgres.record import PORT, SUPERUSER
from tests.support.databases import Database, asked_binaries
from tests.support.running import wait_until


@contextmanager
def held_back_replica(database: Database, *, seconds: int) -> Iterator[str]:
    """Serve a replica that applies each commit so many seconds later; gives the host to ask.

    The host is its socket's folder; port, roles and passwords are the primary's.
    """
    record, account = database.cluster.record, serving_account()
    folder = Path(mkdtemp(prefix="anju-replica-"))
    folder.chmod(0o711)
    binaries = find_binaries(folder=asked_binaries(), account=account, seat=record.seat)
    data, sockets = folder / "data", folder / "run"
    make_private_folder(account, data)
    make_private_folder(account, sockets)
    log = data / "replica.log"

    def run(program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [binaries.folder / program, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PGPASSWORD": record.passwords[SUPERUSER]},
            user=account.uid if account.is_dropped_to else None,
            group=account.gid if account.is_dropped_to else None,
            extra_groups=[] if account.is_dropped_to else None,
            umask=0o077,
        )

    primary = f"host={record.sockets} port={PORT} user={SUPERUSER} dbname=postgres"
    run(
        "pg_basebackup",
        *("--pgdata", data, "--dbname", primary, "--write-recovery-conf"),
        *("--checkpoint", "fast", "--wal-method", "stream", "--no-sync"),
    )
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(
            f"unix_socket_directories = '{sockets}'\nrecovery_min_apply_delay = '{seconds}s'\n"
        )
    (data / "postmaster.pid").unlink(missing_ok=True)
    try:
        run("pg_ctl", "start", "--pgdata", data, "--log", log, "--wait", "--silent")
        yield str(sockets)
    finally:
        run("pg_ctl", "stop", "--pgdata", data, "--mode", "immediate", "--wait", "--silent")
        wait_until(lambda: not _senders(database), seconds=10)
        shutil.rmtree(folder, ignore_errors=True)


def _senders(database: Database) -> int:
    with psycopg.connect(database.superuser_url) as admin:
        row = admin.execute("SELECT count(*) FROM pg_stat_replication").fetchone()
    return int(row[0]) if row else 0
