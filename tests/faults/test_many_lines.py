"""A thousand people at once: the lines that browsers keep open shut nobody else out."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from anju.cli.serve import allow_files, programs_of
from anju.config.environment import read_environment
from tests.support.ports import free_ports
from tests.support.running import wait_until

PEOPLE = 1_200
"""More than two processes took by themselves (512 each)."""
APP = """
def application(environ, start):
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
ASKED = b"GET / HTTP/1.1\r\nHost: many\r\n\r\n"


@contextmanager
def serving(folder: Path, *, without: tuple[str, ...] = ()) -> Iterator[int]:
    """Serve two letters as the site is served, but for some options; gives the port."""
    (folder / "lines.py").write_text(APP, encoding="utf-8")
    (port,) = free_ports(1)
    environment = read_environment({"ANJU_WEB_PORT": str(port), "ANJU_HOME": str(folder)})
    (web,) = (one for one in programs_of(environment) if one.name == "web")
    command = [*web.command[:-1], "lines:application"]
    for option in without:
        place = command.index(option)
        del command[place : place + 2]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
    try:
        assert wait_until(lambda: answered(port, 1, patience=2.0) == 1, seconds=60)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=60)


def answered(port: int, people: int, *, patience: float) -> int:
    """Count how many people, each on a line that is kept, have an answer."""
    count = 0
    with ExitStack() as lines, suppress(OSError):
        for _ in range(people):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", port), patience))
            line.settimeout(patience)
            line.sendall(ASKED)
            if not line.recv(100).startswith(b"HTTP/1.1 200"):
                break
            count += 1
    return count


@pytest.mark.req("OPS-3", "TTL-6")
def test_lines_kept_open_by_a_thousand_browsers_shut_nobody_out(tmp_path: Path) -> None:
    allow_files()
    with serving(tmp_path) as port:
        assert answered(port, PEOPLE, patience=30.0) == PEOPLE
    with serving(tmp_path, without=("--backlog", "--backpressure")) as port:
        assert answered(port, PEOPLE, patience=1.0) < PEOPLE
