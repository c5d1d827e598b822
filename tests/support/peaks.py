"""A peak server for tests: the real Granian in a process of its own."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_ports

UP_WITHIN_S = 60


@contextmanager
def serve_peak(home: Path) -> Iterator[int]:
    """Serve ``home``/public until the block ends; gives the port.

    Its settings name a database that nobody serves: it must not need one.
    """
    (port,) = free_ports(1)
    environment = {
        **os.environ,
        "ANJU_HOME": str(home),
        "DATABASE_URL": "postgresql://anju_app@127.0.0.1:1/anju",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "anju.peak", "127.0.0.1", str(port)], env=environment
    )
    try:
        _wait_until_up(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_until_up(port: int) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        try:
            line.request("GET", "/health")
            assert line.getresponse().status == 200
            return
        except OSError:
            assert time.monotonic() < deadline, "the peak server never answered"
            time.sleep(0.05)
        finally:
            line.close()
