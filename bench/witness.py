"""From an act's commit to the witnesses' quorum: how long a log's owner is alone with an entry.

The whole demo runs as in service: web, sequencer, signer and three witnesses as processes of their
own, with nothing else to do. The value is the 99th percentile in seconds. Yardstick, in the same
run: from the commit to the log's own signature, which is what could be had without witnesses.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir
from uuid import UUID

from anju.foundation.core.postgres.launcher import Cluster
from bench.installations import own_home
from bench.measure import percentile, report
from tests.support.databases import remove_cluster
from tests.support.ports import free_ports

ACTS = 40
SECONDS_BETWEEN = 0.37
"""Against every rhythm of slot and poll, so that the acts meet all their phases."""
SERVE = """
from anju.cli.serve import Hall, read_environment, serve_hall
serve_hall(Hall(environment=read_environment(), say=lambda words: None, is_demo=True),
           tell_more=lambda: print("ready", flush=True))
"""


def main() -> None:
    """Measure, and report."""
    web_port, peak_port = map(str, free_ports(2))
    ground = Path(gettempdir())
    with own_home(ground=ground, ANJU_WEB_PORT=web_port, ANJU_PEAK_PORT=peak_port) as home:
        served = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE)
        try:
            if served.stdout is None or served.stdout.readline() != b"ready\n":
                raise SystemExit("the platform did not come up")
            measure()
        finally:
            served.terminate()
            served.wait(timeout=60)
            remove_cluster(Cluster(home / "postgres"))


def measure() -> None:
    """Record acts one after another, and wait for each."""
    import django  # noqa: PLC0415

    django.setup()
    from anju.foundation.ledger.queries import is_witnessed, proof_of  # noqa: PLC0415

    first = record()  # waits for everything that starts late, and is not counted
    while not is_witnessed(event_id=first):
        time.sleep(0.5)
    signed, witnessed = [], []
    for _ in range(ACTS):
        event_id, begun, is_signed = record(), time.monotonic(), False
        while not is_witnessed(event_id=event_id):
            if not is_signed and (proof := proof_of(event_id=event_id)) and proof.note:
                signed.append(time.monotonic() - begun)
                is_signed = True
            time.sleep(0.02)
        witnessed.append(time.monotonic() - begun)
        if not is_signed:
            signed.append(witnessed[-1])
        time.sleep(SECONDS_BETWEEN)
    value, yardstick = percentile(witnessed, 99), percentile(signed, 99)
    report(
        name="witness",
        value=round(value, 2),
        unit="s",
        yardstick=round(yardstick, 2),
        ratio=round(value / yardstick, 2),
        yardstick_is="commit to the log's own signature, p99",
        acts=ACTS,
        commit_to_quorum_p50_s=round(percentile(witnessed, 50), 2),
        commit_to_quorum_p100_s=round(max(witnessed), 2),
        load_before=round(os.getloadavg()[1], 1),
    )


def record() -> UUID:
    """Record one act in a transaction of its own."""
    from django.db import transaction  # noqa: PLC0415

    from anju.foundation.core.clock import read_clock  # noqa: PLC0415
    from anju.foundation.core.crypto import new_id  # noqa: PLC0415
    from anju.foundation.ledger.operations import append_entry  # noqa: PLC0415
    from anju.foundation.ledger.types import Act  # noqa: PLC0415

    act = Act(
        action="bench.act.recorded",
        actor_id=None,
        actor_role="system",
        address="10.0.0.7",
        target=str(new_id()),
        outcome="done",
        clauses=(),
        level="public",
        request_id="bench",
        at=read_clock(),
        body={},
    )
    with transaction.atomic():
        return append_entry(act=act).event_id


if __name__ == "__main__":
    main()
