"""Entries recorded a second with the sequencer beside them, and how long they wait for their place.

The value is whole acts: ``append_entry`` in a transaction of its own, sealing and hashing included,
from several processes, on a server that waits for the disk. Yardstick, on the same server with as
many clients: ``pgbench -N``, the usual measure of small writes; where there is no pgbench, plain
inserts of two rows. ``statement_entries`` is the server's side alone: the same statement, sent by
pgbench with constant bytes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import SUPERUSER
from bench.measure import report

WRITERS = 4
SECONDS = 8
PGBENCH = (Path("/usr/lib/postgresql/15/bin/pgbench"), Path(shutil.which("pgbench") or "/none"))
TPS = re.compile(r"tps = ([0-9.]+)")
STATEMENT = r"""
\set size 400
BEGIN;
WITH fresh AS (SELECT gen_random_uuid() AS id, clock_timestamp() AS at),
secret AS (
    INSERT INTO ledger_secret (event_id, subject_id, salt, body)
    SELECT id, id, decode(repeat('00', 16), 'hex'), decode(repeat('ab', 200), 'hex') FROM fresh
)
INSERT INTO ledger_event (id, at, actor, actor_role, address, action, target, outcome, clauses,
                          level, request_id, header, commit, leaf)
SELECT id, at, id, 'selection-officer', '10.0.0.7', 'selection.home.chosen', id::text, 'done',
       ARRAY['plan/selection#3'], 'internal', id::text, decode(repeat('7b', :size), 'hex'),
       decode(repeat('cd', 32), 'hex'), decode(repeat('ef', 32), 'hex') FROM fresh;
COMMIT;
"""


def main() -> None:
    """Measure, and report."""
    home = Path(mkdtemp(prefix="anju-bench-"))
    home.chmod(0o711)  # the account that serves passes through
    os.environ["ANJU_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "anju.config.settings"
    for name in ("DATABASE_URL", "ANJU_OWNER_DATABASE_URL", "ANJU_LEDGER_DATABASE_URL"):
        os.environ.pop(name, None)
    cluster = Cluster(home / "postgres")
    cluster.start()
    try:
        measure(cluster, home)
    finally:
        cluster.stop()
        shutil.rmtree(cluster.record.seat, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def measure(cluster: Cluster, home: Path) -> None:
    """Measure on a running, empty server."""
    _set_up()
    from django.core.management import call_command  # noqa: PLC0415 - after Django is set up

    call_command("migrate", database="owner", verbosity=0)
    yardstick, what = measure_yardstick(cluster)
    with sequencer() as drained:
        recorded = record_for_a_while()
    waits = sorted(waits_of(cluster, recorded, read_drained(drained)))
    with sequencer() as drained:
        statement = measure_statement(cluster, home)
    value = len(recorded) / SECONDS
    report(
        name="ledger",
        value=round(value),
        unit="entries/s",
        yardstick=round(yardstick),
        ratio=round(value / yardstick, 4),
        yardstick_is=what,
        clients=WRITERS,
        seconds=SECONDS,
        entries=len(recorded),
        placed=len(waits),
        commit_to_checkpoint_p50_ms=round(waits[len(waits) // 2] * 1000),
        commit_to_checkpoint_p99_ms=round(waits[len(waits) * 99 // 100] * 1000),
        statement_entries=statement and round(statement),
        load_before=round(os.getloadavg()[1], 1),
    )


def measure_yardstick(cluster: Cluster) -> tuple[float, str]:
    """Give small writes a second, and what they were."""
    program = next((file for file in PGBENCH if file.exists()), None)
    if program is None:
        return plain_inserts(cluster), "plain inserts of two rows"
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE yardstick")
    url = cluster.url(SUPERUSER, "yardstick")
    subprocess.run([program, "-i", "-q", "-s", "10", url], check=True, capture_output=True)
    return run_pgbench(program, url, "-N"), "pgbench -N"


def measure_statement(cluster: Cluster, home: Path) -> float | None:
    """Give entries a second where nothing but the statement is done; None without pgbench."""
    program = next((file for file in PGBENCH if file.exists()), None)
    if program is None:
        return None
    script = home / "statement.sql"
    script.write_text(STATEMENT, encoding="utf-8")
    return run_pgbench(program, cluster.url("anju_app"), "-n", "-f", str(script))


def run_pgbench(program: Path, url: str, *options: str) -> float:
    """Run pgbench for a while; gives transactions a second."""
    said = subprocess.run(
        [program, "-c", str(WRITERS), "-j", "2", "-T", str(SECONDS), *options, url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = TPS.search(said)
    if found is None:
        raise SystemExit(f"pgbench said no rate: {said}")
    return float(found[1])


def plain_inserts(cluster: Cluster) -> float:
    """Insert two rows a transaction for a while, from as many processes; gives the rate."""
    url = cluster.url(SUPERUSER)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE yardstick (id uuid PRIMARY KEY, body bytea)")
    with get_context("spawn").Pool(WRITERS) as pool:
        return sum(pool.map(insert_for_a_while, [url] * WRITERS)) / SECONDS


def insert_for_a_while(url: str) -> int:
    """Insert until the time is up; gives how often."""
    done = 0
    with psycopg.connect(url) as connection:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            connection.execute(
                "INSERT INTO yardstick SELECT gen_random_uuid(), decode(repeat('ab', 400), 'hex')"
                " FROM generate_series(1, 2)"
            )
            connection.commit()
            done += 1
    return done


def record_for_a_while() -> list[tuple[str, float]]:
    """Record acts from several processes; gives each entry and the moment its commit was told."""
    with get_context("spawn").Pool(WRITERS) as pool:
        parts = pool.map(record_acts, range(WRITERS), chunksize=1)
    return [entry for part in parts for entry in part]


def record_acts(writer: int) -> list[tuple[str, float]]:
    """Record acts one after another until the time is up."""
    _set_up()
    from django.db import transaction  # noqa: PLC0415

    from anju.foundation.core.clock import read_clock  # noqa: PLC0415
    from anju.foundation.core.crypto import new_id  # noqa: PLC0415
    from anju.foundation.ledger.operations import append_entry  # noqa: PLC0415
    from anju.foundation.ledger.types import Act  # noqa: PLC0415

    officer, household = new_id(), new_id()
    done: list[tuple[str, float]] = []

    def record() -> None:
        act = Act(
            action="selection.home.chosen",
            actor_id=officer,
            actor_role="selection-officer",
            address="10.0.0.7",
            target=str(household),
            outcome="done",
            clauses=("plan/selection#3",),
            level="internal",
            request_id=f"{writer}-{len(done)}",
            at=read_clock(),
            body={"home": "6-1204", "area": "88.50", "seconds": len(done)},
            subject_id=household,
        )
        with transaction.atomic():
            receipt = append_entry(act=act)
        done.append((str(receipt.event_id), time.monotonic()))

    record()
    done.clear()
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        record()
    return done


@contextmanager
def sequencer() -> Iterator[Path]:
    """Run the sequencer in a process of its own; the file says when it reached which size."""
    context = get_context("spawn")
    stop = context.Event()
    said = Path(os.environ["ANJU_HOME"]) / "drained.txt"
    process = context.Process(target=sequence, args=(str(said), stop))
    process.start()
    try:
        yield said
    finally:
        time.sleep(2)
        stop.set()
        process.join()


def sequence(said: str, stop: Event) -> None:
    """Place entries as the command does, and note when."""
    _set_up()
    from anju.foundation.core.clock import read_clock  # noqa: PLC0415
    from anju.foundation.ledger.sequencing import SECONDS_BETWEEN, drain_inbox  # noqa: PLC0415

    with Path(said).open("w", encoding="utf-8") as file:
        while not stop.is_set():
            drained = drain_inbox(at=read_clock())
            if drained.taken:
                file.write(f"{drained.size} {time.monotonic()}\n")
                file.flush()
            stop.wait(SECONDS_BETWEEN)


def read_drained(file: Path) -> list[tuple[int, float]]:
    """Read what the sequencer noted: sizes and moments."""
    rows = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return [(int(size), float(moment)) for size, moment in rows]


def waits_of(
    cluster: Cluster, recorded: Sequence[tuple[str, float]], drained: Sequence[tuple[int, float]]
) -> Iterator[float]:
    """Give how long each entry waited between its commit and its checkpoint, in seconds."""
    with psycopg.connect(cluster.url(SUPERUSER)) as connection:
        placed = connection.execute("SELECT event_id::text, idx FROM ledger_leaf").fetchall()
    committed = dict(recorded)
    turns = iter(drained)
    size, moment = 0, 0.0
    for event_id, index in sorted(placed, key=lambda row: row[1]):
        while size <= index:
            size, moment = next(turns)
        if event_id in committed:
            yield max(0.0, moment - committed[event_id])


def _set_up() -> None:
    import django  # noqa: PLC0415

    django.setup()


if __name__ == "__main__":
    main()
