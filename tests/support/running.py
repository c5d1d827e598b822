"""The whole platform as it runs: ``anju serve`` over a home folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from anju.foundation.core.postgres.launcher import Cluster
from tests.support.migrated import lay_migrated, own_environment
from tests.support.ports import free_ports

READY_SECONDS = 120.0
SEED_CITY = """
import sys
from datetime import timedelta
from pathlib import Path
from anju.config.startup import start_django
start_django()
from anju.cli.demo_city import DemoCity
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from anju.foundation.access.operations import issue_token
from anju.foundation.core.clock import read_clock
PBKDF2PasswordHasher.iterations = 1_000  # to make accounts quickly; the platform itself stretches
homes, households, batches, turns = map(int, sys.argv[2:6])
hall = {} if "several-desks" in sys.argv else {"turns": ""}  # else: one desk, one signature
city = DemoCity(home=Path(sys.argv[1]), say=lambda words: None, homes=homes,
                households=households, done_batches=batches, done_turns=turns, **hall)
city.prepare()
print(issue_token(label="tests", lifetime=timedelta(days=1), by=city.officer("desk"),
                  at=read_clock()))
"""
"""A program that brings up a small city in which every context has written.

Its arguments: the home folder; homes, households, batches and turns that are through; and, if
several desks are to call and both sides sign, the word ``several-desks``.
"""


@dataclass(slots=True)
class Platform:
    """One running platform and the ways to hurt it."""

    home: Path
    web_port: int
    peak_port: int
    token: str
    cluster: Cluster = field(repr=False)
    supervisor: subprocess.Popen[bytes] = field(repr=False)

    @property
    def site(self) -> str:
        """Give the address of its pages."""
        return f"http://127.0.0.1:{self.web_port}"

    def pid_of(self, name: str) -> int | None:
        """Give the process of a program, or of the ``database``; None while it is down."""
        if name == "database":
            return self.cluster.status().pid
        file = self.home / "logs" / "processes"
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.split()[:1] == [name]:
                return int(line.split()[1])
        return None

    def kill(self, name: str) -> int:
        """End a program with ``kill -9``; gives its process id."""
        pid = self.pid_of(name)
        assert pid is not None, f"{name} is down already"
        os.kill(pid, signal.SIGKILL)
        return pid

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask the API; status 0: nobody answered, and whether it was done is not known."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body), headers)
            answer = connection.getresponse()
            told = answer.read()
            return answer.status, json.loads(told) if told.startswith((b"[", b"{")) else None
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()

    def stop(self) -> int:
        """Ask the supervisor to end; gives its exit code."""
        self.supervisor.send_signal(signal.SIGTERM)
        return self.supervisor.wait(timeout=60)


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until something holds; gives whether it came to hold in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def run_platform(
    *, homes: int = 120, households: int = 100, batches: int = 0, turns: int = 0
) -> Iterator[Platform]:
    """Seed a small city and serve it until the block ends; nothing of it is left behind."""
    home = Path(mkdtemp(prefix="anju-runs-"))
    if os.geteuid() == 0:
        home.chmod(0o711)
    web_port, peak_port = free_ports(2)
    environment = own_environment(home, ANJU_WEB_PORT=str(web_port), ANJU_PEAK_PORT=str(peak_port))
    cluster = lay_migrated(home / "postgres")
    supervisor: subprocess.Popen[bytes] | None = None
    try:
        cluster.start()
        sizes = [str(size) for size in (homes, households, batches, turns)]
        seeded = subprocess.run(
            [sys.executable, "-c", SEED_CITY, str(home), *sizes],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        supervisor = subprocess.Popen(
            [sys.executable, "-c", "from anju.cli.app import main; main()", "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        platform = Platform(
            home=home,
            web_port=web_port,
            peak_port=peak_port,
            token=seeded.stdout.decode().split()[-1],
            cluster=cluster,
            supervisor=supervisor,
        )
        ready = wait_until(
            lambda: platform.ask("GET", "/api/projects")[0] == 200, seconds=READY_SECONDS
        )
        assert ready, f"not ready in {READY_SECONDS} s"
        yield platform
    finally:
        if supervisor is not None and supervisor.poll() is None:
            supervisor.terminate()
            supervisor.wait(timeout=60)
        cluster.stop()
        for folder in (cluster.record.sockets, cluster.record.seat, home):
            shutil.rmtree(folder, ignore_errors=True)


def work_off_queues() -> None:
    """Do what the queues hold, in a thread: beside a browser's event loop no second one may run."""
    from anju.jobs.working import work

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(work, is_lasting=False).result()
