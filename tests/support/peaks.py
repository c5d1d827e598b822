"""A peak server for tests: the real Granian in a process of its own."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UP_WITHIN_S = 30


@contextmanager
def serve_peak(home: Path) -> Iterator[int]:
    """Serve ``home``/public until the block ends; gives the port.

    Its settings name a database that nobody serves: it must not need one.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
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
        process.wait(timeout=15)


def _wait_until_up(port: int) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", "/health")
            assert line.getresponse().status == 200
            return
        except OSError:
            assert time.monotonic() < deadline, "the peak server never answered"
            time.sleep(0.05)
        finally:
            line.close()
