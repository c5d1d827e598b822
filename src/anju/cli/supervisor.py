"""Keep a few programs running: start them, start again what dies, end them all cleanly.

Knows nothing of what the programs do. What a program says goes to a file of its own name.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anju.foundation.core.files import write_private
from anju_rules.values import Refusal

LARGEST_LOG = 16 * 1024 * 1024
"""Bytes of a log after which it is put aside (one old one is kept)."""
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 15.0
STEADY_SECONDS = 30.0
"""After running that long a program that dies starts again without waiting."""
GRACE_SECONDS = 10.0
"""How long a program may take to end before it is ended."""
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, under which name."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it alone is told, over what all are."""


@dataclass(slots=True)
class _Running:
    """A program and how it fares."""

    program: Program
    started: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    wait_seconds: float = FIRST_WAIT_SECONDS
    not_before: float = 0.0
    deaths: int = 0


@contextlib.contextmanager
def hold_home(home: Path) -> Iterator[None]:
    """Hold a home folder for as long as it is served: two supervisors would share one database.

    Refuses with ``serve.already-running``. The lock goes with its process, so a crash leaves none.
    """
    home.mkdir(parents=True, exist_ok=True)
    file = home / "serve.lock"
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(file.open("a+", encoding="ascii"))
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            stream.seek(0)
            holder = stream.read().strip() or "?"
            raise Refusal("serve.already-running", home=str(home), pid=holder) from error
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def refuse_taken_port(host: str, port: int, *, variable: str) -> None:
    """Refuse with ``serve.port-in-use`` a port on which somebody listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port that only waits for old connections to fade is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal("serve.port-in-use", host=host, port=port, variable=variable) from error


def is_listening(host: str, port: int) -> bool:
    """Whether something answers on a port."""
    try:
        with socket.create_connection((reachable_host(host), port), timeout=0.5):
            return True
    except OSError:
        return False


def reachable_host(bound: str) -> str:
    """Give the address under which this machine reaches what is bound to ``bound``."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)  # noqa: S104 - compared only


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """Runs programs until it is told to stop."""

    programs: Sequence[Program]
    logs: Path
    environment: Mapping[str, str]
    say: Callable[[str], None]
    """Tells the person at the terminal."""
    watch: Callable[[], None] = field(default=lambda: None)
    """Called about once a second: the place to look after what is no child, as the database."""
    _running: list[_Running] = field(default_factory=list, init=False)
    _is_stopping: bool = field(default=False, init=False)

    def start(self) -> None:
        """Start every program once and begin to listen for the signals that end them."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        self._running = [_Running(program) for program in self.programs]
        for running in self._running:
            self._start(running)
        self._write_pids()

    def run(self) -> None:
        """Look after the programs until a signal comes, then end them."""
        watched_at = 0.0
        try:
            while not self._is_stopping:
                for running in self._running:
                    self._look_after(running)
                if time.monotonic() - watched_at >= 1.0:
                    watched_at = time.monotonic()
                    self.watch()
                time.sleep(_POLL_SECONDS)
        finally:
            self.stop()

    @property
    def is_stopping(self) -> bool:
        """Whether a signal has asked for the end."""
        return self._is_stopping

    def stop(self) -> None:
        """End all programs: first asked, after a grace ended. In the order opposite to starting."""
        self._is_stopping = True
        alive = [
            (running.program.name, started)
            for running in reversed(self._running)
            if (started := _alive(running)) is not None
        ]
        for _, started in alive:
            started.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for name, started in alive:
            try:
                started.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"{name} 没有按时停下，强制结束。")
            # Also what it left behind: a server that ends may forget a worker.
            _end_group(started)
        for running in self._running:
            running.started = None
        self._write_pids()

    def pid_of(self, name: str) -> int | None:
        """Give the process id of a program, or ``None`` while it is down."""
        for running in self._running:
            if running.program.name == name and (started := _alive(running)) is not None:
                return started.pid
        return None

    def _note_signal(self, number: int, frame: object) -> None:
        del number, frame
        self._is_stopping = True

    def _look_after(self, running: _Running) -> None:
        now = time.monotonic()
        if running.started is None:
            if now >= running.not_before:
                self._start(running)
                self._write_pids()
            return
        code = running.started.poll()
        if code is None:
            return
        _end_group(running.started)
        if now - running.since >= STEADY_SECONDS:
            running.wait_seconds = FIRST_WAIT_SECONDS
        running.deaths += 1
        running.started = None
        running.not_before = now + running.wait_seconds
        self.say(
            f"{running.program.name} 停了（退出码 {code}），{running.wait_seconds:g} 秒后重启；"
            f"详见 {self.logs / (running.program.name + '.log')}"
        )
        running.wait_seconds = min(running.wait_seconds * 2, LONGEST_WAIT_SECONDS)
        self._write_pids()

    def _start(self, running: _Running) -> None:
        log = self.logs / f"{running.program.name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as stream:
            running.started = subprocess.Popen(  # noqa: S603 - our own programs
                running.program.command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**self.environment, **running.program.environment},
                # A group of its own: Ctrl-C reaches us alone, and we end the programs in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread, one call into libc
            )
        running.since = time.monotonic()

    def _write_pids(self) -> None:
        listed = [
            f"{running.program.name} {running.started.pid}"
            for running in self._running
            if running.started is not None
        ]
        # Put in place whole: who asks at that moment must not read that nothing runs.
        fresh = self.logs / ".processes"
        write_private(fresh, "\n".join(listed) + "\n")
        fresh.replace(self.logs / "processes")


def _alive(running: _Running) -> subprocess.Popen[bytes] | None:
    started = running.started
    return started if started is not None and started.poll() is None else None


def _end_group(started: subprocess.Popen[bytes]) -> None:
    """End what is left of a program's group: a server that died leaves its workers behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(started.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        started.wait(timeout=2)


def _die_with_parent() -> None:
    """Ask Linux to end this program when the supervisor is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
