"""The launcher: makes, starts, stops and reports one PostgreSQL server in a folder of its own.

It runs as an unprivileged account, listens on a private socket, asks every caller for a password
(SCRAM) and keeps checksums over its pages. It survives ``kill -9``: the next start recovers.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Literal

import psycopg

from anju.foundation.core.postgres.accounts import Account, make_private_folder, serving_account
from anju.foundation.core.postgres.binaries import Binaries, find_binaries
from anju.foundation.core.postgres.configuration import FILE, write_settings
from anju.foundation.core.postgres.record import PORT, SUPERUSER, ServerRecord, keep_record
from anju.foundation.core.postgres.roles import prepare_database
from anju.foundation.core.postgres.urls import DATABASE, url_of
from anju_rules.values import Refusal

_SECONDS = 60
"""How long a start (with its recovery) or a stop may take."""
_PATIENCE = 50
"""How often a start is tried again, a fifth of a second apart, while a killed server's children
still hold its memory."""
_LARGEST_LOG = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """What a cluster is doing."""

    state: Literal["absent", "stopped", "running"]
    pid: int | None
    major: int | None
    """The major version that made it."""
    sockets: Path
    data: Path


class Cluster:
    """One server: its data, socket, log and passwords under ``folder``."""

    def __init__(
        self,
        folder: Path,
        *,
        binaries: Path | None = None,
        is_durable: bool = True,
    ) -> None:
        """Name a cluster; nothing is started.

        Args:
            folder: its own folder, made when missing.
            binaries: a folder of programs instead of the wheel's.
            is_durable: false only for tests: a crash of the machine may then lose commits.

        """
        self._folder = folder.absolute()
        self._binaries = binaries
        self._is_durable = is_durable

    @property
    def record(self) -> ServerRecord:
        """Where it lies, and its passwords; made at the first call."""
        return keep_record(self._folder)

    def url(self, role: str, database: str = DATABASE) -> str:
        """Give the address of ``database`` for ``role``."""
        return url_of(self.record, role=role, database=database)

    def status(self) -> ClusterStatus:
        """Say what it is doing."""
        record = self.record
        major = _read_major(record.data)
        pid = _live_postmaster(record.data)
        state: Literal["absent", "stopped", "running"] = "stopped" if major else "absent"
        return ClusterStatus(
            state="running" if pid else state,
            pid=pid,
            major=major,
            sockets=record.sockets,
            data=record.data,
        )

    def start(self) -> ClusterStatus:
        """Start it, and make it first when it is absent; a running one is left running.

        Its database ``anju`` and the three roles are there afterwards. Refuses with
        ``postgres.other-version``, ``postgres.folder-in-use``, ``postgres.folder-of-another``,
        ``postgres.not-a-cluster``, ``postgres.binaries-missing``,
        ``postgres.did-not-start``, ``postgres.not-answering``.
        """
        record, account = self.record, serving_account()
        _make_seat(record.seat, account)
        with _locked(self._folder / ".lock"):
            binaries = find_binaries(folder=self._binaries, account=account, seat=record.seat)
            server = _Server(record=record, account=account, binaries=binaries)
            settings = write_settings(sockets=record.sockets, is_durable=self._is_durable)
            if _live_postmaster(record.data) is not None:
                _refuse_foreign(record)
                if self._prepare(record):
                    return self.status()
                # It was dying while we looked.
            make_private_folder(account, record.sockets)
            server.make_data(is_durable=self._is_durable)
            server.start(settings)
            if not self._prepare(record):
                raise Refusal("postgres.did-not-start", reason="no answer", log=str(record.log))
        return self.status()

    def stop(self) -> ClusterStatus:
        """Stop it, ending its sessions; one that does not run is left alone.

        Refuses with ``postgres.did-not-stop``.
        """
        record, account = self.record, serving_account()
        with _locked(self._folder / ".lock"):
            if _live_postmaster(record.data) is not None:
                binaries = find_binaries(folder=self._binaries, account=account, seat=record.seat)
                _Server(record=record, account=account, binaries=binaries).stop()
        return self.status()

    def _prepare(self, record: ServerRecord) -> bool:
        """Set roles and rights; false if the server is gone, a refusal if it turns us away."""
        try:
            prepare_database(
                admin_url=url_of(record, role=SUPERUSER, database="postgres"),
                database=DATABASE,
                passwords=record.passwords,
            )
        except psycopg.OperationalError as error:
            for _ in range(_PATIENCE):
                if _live_postmaster(record.data) is None:
                    return False
                Event().wait(0.02)
            raise Refusal("postgres.not-answering", reason=_last_line(str(error))) from error
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """The programs at work on one record, as the serving account."""

    record: ServerRecord
    account: Account
    binaries: Binaries

    def make_data(self, *, is_durable: bool) -> None:
        data = self.record.data
        made = _read_major(data)
        if made is not None:
            if made != self.binaries.major:
                raise Refusal(
                    "postgres.other-version",
                    folder=str(data),
                    made=made,
                    programs=self.binaries.major,
                )
            if data.stat().st_uid != self.account.uid:
                raise Refusal("postgres.folder-of-another", folder=str(data))
            return
        if data.exists() and any(data.iterdir()):
            raise Refusal("postgres.not-a-cluster", folder=str(data))
        # Made aside and renamed whole: a start that is cut short leaves nothing half made.
        fresh = self.record.seat / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        make_private_folder(self.account, fresh)
        password = self.record.sockets / ".password"
        self._give(password, self.record.passwords[SUPERUSER])
        try:
            ran = self._run(
                "initdb",
                *("--pgdata", fresh, "--username", SUPERUSER, "--pwfile", password),
                *("--auth", "scram-sha-256", "--data-checksums"),
                *("--locale", "C", "--encoding", "UTF8"),
                *(() if is_durable else ("--no-sync",)),
            )
        finally:
            password.unlink()
        if ran.returncode:
            raise Refusal("postgres.did-not-start", reason=_last_line(ran.stderr), log="initdb")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as stream:
            stream.write(f"include '{FILE}'\n")
        if data.exists():
            data.rmdir()
        fresh.rename(data)

    def start(self, settings: str) -> None:
        data, log = self.record.data, self.record.log
        if log.exists() and log.stat().st_size > _LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        if not log.exists():
            self._give(log, "")
        self._give(data / FILE, settings)
        refusal = None
        for _ in range(_PATIENCE):
            self._clear_stale()
            refusal = self._try_start()
            if refusal is None:
                return
            if refusal.code != "postgres.folder-in-use":
                break
            Event().wait(0.2)
        if refusal is not None:
            raise refusal

    def _try_start(self) -> Refusal | None:
        data, log = self.record.data, self.record.log
        before = log.stat().st_size
        ran = self._run(
            "pg_ctl",
            *("start", "--pgdata", data, "--log", log),
            *("--wait", "--timeout", str(_SECONDS), "--silent"),
        )
        if not ran.returncode:
            return None
        said = log.read_bytes()[before:].decode("utf-8", "replace")
        return _why(said or ran.stderr, record=self.record)

    def _clear_stale(self) -> None:
        """Remove what a killed server left behind.

        The server would judge by the process number alone; after a restart of the machine, or
        before the dead one is reaped, that number is somebody's.
        """
        lock = self.record.sockets / f".s.PGSQL.{PORT}.lock"
        lines = _read_lines(lock)
        if len(lines) > 1 and _live_postmaster(Path(lines[1]), lines=lines) is not None:
            raise Refusal("postgres.socket-in-use", folder=str(self.record.sockets), pid=lines[0])
        lock.unlink(missing_ok=True)
        (self.record.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        ran = self._run(
            "pg_ctl",
            *("stop", "--pgdata", self.record.data, "--mode", "fast"),
            *("--wait", "--timeout", str(_SECONDS), "--silent"),
        )
        if ran.returncode and _live_postmaster(self.record.data) is not None:
            raise Refusal("postgres.did-not-stop", reason=_last_line(ran.stderr))

    def _give(self, file: Path, text: str) -> None:
        """Write a file that the serving account, and no other, can read."""
        file.unlink(missing_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as stream:
            stream.write(text)
        if self.account.is_dropped_to:
            os.chown(file, self.account.uid, self.account.gid)

    def _run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command: Sequence[str | Path] = (self.binaries.folder / program, *arguments)
        dropped = self.account.is_dropped_to
        # A file, not a pipe: the server would hold a pipe open for as long as it runs.
        with (self.record.seat / ".said").open("w+", encoding="utf-8", errors="replace") as said:
            ran = subprocess.run(  # noqa: S603  a program of the chosen folder
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                cwd=self.record.seat,
                # No PG… variable of the caller's may point the programs at another server.
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                user=self.account.uid if dropped else None,
                group=self.account.gid if dropped else None,
                extra_groups=[] if dropped else None,
                umask=0o077,
                check=False,
            )
            said.seek(0)
            return subprocess.CompletedProcess(ran.args, ran.returncode, "", said.read())


def _make_seat(seat: Path, account: Account) -> None:
    seat.mkdir(parents=True, exist_ok=True)
    if seat.stat().st_uid != os.geteuid():
        raise Refusal("postgres.folder-of-another", folder=str(seat))
    seat.chmod(0o711 if account.is_dropped_to else 0o700)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Let one caller at a time start or stop a cluster; the others wait."""
    opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _read_major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Refusal("postgres.not-a-cluster", folder=str(data)) from error


def _read_lines(file: Path) -> list[str]:
    """Give the lines of ``postmaster.pid``: number, data, start, port, sockets, and more."""
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _live_postmaster(data: Path, *, lines: Sequence[str] | None = None) -> int | None:
    """Give the number of the server at work on ``data``; a number left by a killed one is none."""
    lines = _read_lines(data / "postmaster.pid") if lines is None else lines
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    if Path("/proc/self/cwd").exists():
        try:
            # A server works in its data folder; a zombie works nowhere.
            return pid if Path(f"/proc/{pid}/cwd").samefile(data) else None
        except OSError:
            return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return pid
    return pid


def _refuse_foreign(record: ServerRecord) -> None:
    """Refuse a server that runs on our data but was started by another hand, elsewhere."""
    lines = _read_lines(record.data / "postmaster.pid")
    ours = [str(PORT), str(record.sockets)]
    if len(lines) > 4 and lines[4].strip() != ours[1]:
        raise Refusal(
            "postgres.folder-in-use", folder=str(record.data), pid=lines[0], socket=lines[4]
        )


def _why(said: str, *, record: ServerRecord) -> Refusal:
    """Read from the server's own words why it did not start."""
    if "shared memory block" in said:
        return Refusal("postgres.folder-in-use", folder=str(record.data), pid="?", socket="?")
    return Refusal("postgres.did-not-start", reason=_last_line(said), log=str(record.log))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "?"
