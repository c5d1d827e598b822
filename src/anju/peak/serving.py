"""Running the peak server."""

from __future__ import annotations

import os
from pathlib import Path

MOST_OPEN = 40_000
"""Connections one worker keeps: streams are long, and each of them counts."""


def run(*, home: Path, host: str, port: int, workers: int = 1) -> None:
    """Serve ``home``/public on ``host``:``port`` until told to stop (SIGTERM, SIGINT).

    The folder may still be empty or missing: walls appear as they are published.
    """
    from granian.constants import Interfaces, RuntimeModes  # noqa: PLC0415  # loads a native server
    from granian.server import Server  # noqa: PLC0415

    os.environ["ANJU_HOME"] = str(home)  # the workers are processes of their own
    Server(
        "anju.peak.app:app",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        # One thread beside Python's: two only wait for each other.
        runtime_mode=RuntimeModes.st,
        websockets=False,
        backlog=4096,
        backpressure=MOST_OPEN,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        log_enabled=False,
        process_name=None,
    ).serve()
