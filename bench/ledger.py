"""Entries recorded a second with the sequencer beside them, and how long they wait for their place.

The value is whole acts: ``append_entry`` in a transaction of its own, sealing and hashing included,
from several processes, on a server that waits for the disk. Yardstick, on the same server with as
many clients: ``pgbench -N``, the usual measure of small writes. ``statement_entries`` is the
server's side alone: the same statement, sent by pgbench with constant bytes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import psycopg

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import APPLICATION, SUPERUSER
from bench.installations import durable_server
from bench.measure import percentile, report
from bench.pgbench import prepare_pgbench, run_pgbench

WRITERS = 4
SECONDS = 8
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
    with durable_server() as cluster:
        measure(cluster)


def measure(cluster: Cluster) -> None:
    """Measure on a running, empty server."""
    yardstick = run_pgbench(prepare_pgbench(cluster), "-N", clients=WRITERS, seconds=SECONDS)
    with sequencer() as drained:
        recorded = record_for_a_while()
    waits = list(waits_of(cluster, recorded, read_drained(drained)))
    with sequencer() as drained:
        statement = measure_statement(cluster)
    value = len(recorded) / SECONDS
    report(
        name="ledger",
        value=round(value),
        unit="entries/s",
        yardstick=round(yardstick),
        ratio=round(value / yardstick, 4),
        yardstick_is="pgbench -N",
        clients=WRITERS,
        seconds=SECONDS,
        entries=len(recorded),
        placed=len(waits),
        commit_to_checkpoint_p50_ms=round(percentile(waits, 50) * 1000),
        commit_to_checkpoint_p99_ms=round(percentile(waits, 99) * 1000),
        statement_entries=round(statement),
        load_before=round(os.getloadavg()[1], 1),
    )


def measure_statement(cluster: Cluster) -> float:
    """Give entries a second where nothing but the statement is done."""
    script = Path(os.environ["ANJU_HOME"]) / "statement.sql"
    script.write_text(STATEMENT, encoding="utf-8")
    url = cluster.url(APPLICATION)
    return run_pgbench(url, "-n", "-f", script, clients=WRITERS, seconds=SECONDS)


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
