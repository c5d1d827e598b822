"""Programs of the platform, run as ``anju serve`` runs them, and ended with the block."""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from anju.cli.serve import child_environment, programs_of
from anju.config.environment import read_environment
from anju.foundation.core.postgres.launcher import Cluster
from bench.asking import cpu_seconds
from tests.support.ports import free_ports

DOOR = "/sign-in/"
"""A page that reads nothing."""
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the site listens, and whose work it is."""

    port: int
    web: int
    """The first process of the web server."""
    postgres: int

    def spent(self) -> tuple[float, float]:
        """Give the processor seconds of web server and database so far."""
        return cpu_seconds(self.web), cpu_seconds(self.postgres)


@contextmanager
def running(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, is_heard: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends; ``is_heard``: what it says can be read."""
    # A session of its own, as the platform's programs have: the kernel shares time by them.
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE if is_heard else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def serving(cluster: Cluster) -> Iterator[Site]:
    """Serve the site of the home that the environment names."""
    (port,) = free_ports(1)
    os.environ["ANJU_WEB_PORT"] = str(port)
    with running_program("web") as web:
        _await_door(port)
        yield Site(port=port, web=web.pid, postgres=cluster.status().pid or 0)


@contextmanager
def running_program(name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of the platform's programs with its very command, e.g. ``sequencer``."""
    environment = read_environment()
    (program,) = (one for one in programs_of(environment) if one.name == name)
    with running(program.command, environment=child_environment(environment)) as process:
        yield process


def _await_door(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            line.request("GET", DOOR)
            line.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            line.close()
    raise SystemExit(f"the site did not open in {READY_SECONDS:g} s")
