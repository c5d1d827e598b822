"""The supervisor: starts, starts again, ends cleanly, and lets nobody in twice."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anju.cli.supervisor import hold_home, is_listening, refuse_taken_port
from anju_rules.values import Refusal

SUPERVISED = """
import os, sys
from pathlib import Path
from anju.cli import supervisor
supervisor.FIRST_WAIT_SECONDS = 0.1
supervisor.GRACE_SECONDS = 2.0
run = supervisor.Supervisor(
    programs=[
        supervisor.Program(name=name, command=(sys.executable, "-c", script))
        for name, script in (("calm", "import time; time.sleep(600)"), ("deaf", sys.argv[2]))
    ],
    logs=Path(sys.argv[1]),
    environment=dict(os.environ),
    say=lambda words: print(words, flush=True),
)
run.start()
print("started", flush=True)
run.run()
print("stopped", flush=True)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("I hear nothing", flush=True)
time.sleep(600)
"""


@pytest.fixture
def supervised(tmp_path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(tmp_path / "logs"), DEAF],
        stdout=subprocess.PIPE,
        text=True,
    )


def pids(logs: Path) -> dict[str, int]:
    try:
        lines = (logs / "processes").read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return {}
    return {line.split()[0]: int(line.split()[1]) for line in lines if line.strip()}


def is_alive(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):  # it may go while it is asked about
        return False
    return told.split()[2] != "Z"


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_a_program_that_dies_is_started_again(
    supervised: subprocess.Popen[str], tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    try:
        assert wait_until(lambda: {"calm", "deaf"} <= pids(logs).keys())
        first = pids(logs)["calm"]
        os.kill(first, signal.SIGKILL)
        assert wait_until(lambda: pids(logs).get("calm", first) != first)
        assert is_alive(pids(logs)["calm"])
    finally:
        supervised.terminate()
        told, _ = supervised.communicate(timeout=60)
    assert "calm 停了" in told


def test_a_signal_ends_every_program_even_a_deaf_one(
    supervised: subprocess.Popen[str], tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    assert wait_until(lambda: "I hear" in read(logs / "deaf.log"))
    assert wait_until(lambda: {"calm", "deaf"} <= pids(logs).keys())
    running = pids(logs)
    supervised.send_signal(signal.SIGINT)
    told, _ = supervised.communicate(timeout=60)
    assert supervised.returncode == 0
    assert told.splitlines()[-1] == "stopped"
    assert "deaf 没有按时停下" in told
    assert not any(is_alive(pid) for pid in running.values())


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells a child of its parent's end")
def test_a_killed_supervisor_leaves_no_program_behind(
    supervised: subprocess.Popen[str], tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    assert wait_until(lambda: {"calm", "deaf"} <= pids(logs).keys())
    running = pids(logs)
    supervised.kill()
    supervised.communicate(timeout=60)
    assert wait_until(lambda: not is_alive(running["calm"]))
    os.kill(running["deaf"], signal.SIGKILL)  # it hears no signal; this one it must


def test_a_home_is_served_once(tmp_path: Path) -> None:
    with (
        hold_home(tmp_path),
        pytest.raises(Refusal) as refused,
        hold_home(tmp_path),
    ):
        pass
    assert refused.value.code == "serve.already-running"
    assert refused.value.facts["pid"] == str(os.getpid())


def test_a_home_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with hold_home(tmp_path):
            pass


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert is_listening("127.0.0.1", port)
        with pytest.raises(Refusal) as refused:
            refuse_taken_port("127.0.0.1", port, variable="ANJU_WEB_PORT")
    assert refused.value.code == "serve.port-in-use"
    assert refused.value.facts == {"host": "127.0.0.1", "port": port, "variable": "ANJU_WEB_PORT"}
    refuse_taken_port("127.0.0.1", port, variable="ANJU_WEB_PORT")


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
