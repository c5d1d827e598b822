"""What an installation keeps of its server: the passwords, and where the data lie.

``<home>/postgres/server.json``, 0600, is written once. The application's settings read it before
the server has ever run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkstemp

from anju.foundation.core.crypto import new_secret
from anju.foundation.core.postgres.accounts import may_enter, serving_account
from anju_rules.hashing import digest
from anju_rules.values import Refusal

SUPERUSER = "postgres"
OWNER, APPLICATION, LEDGER = "anju_owner", "anju_app", "anju_ledger"
ROLES = (OWNER, APPLICATION, LEDGER)
"""The roles that log in; none is a superuser."""
PORT = 5432
"""It only names the socket: nothing listens on a network unless asked to."""

_FILE = "server.json"
_ELSEWHERE = Path("/var/lib/anju")
_LONGEST_SOCKET = 103
"""Bytes of a socket's path: 103 on macOS, 107 on Linux."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRecord:
    """The server of one installation."""

    seat: Path
    """The folder that holds data, socket and log."""
    passwords: Mapping[str, str] = field(repr=False)
    """By role, the superuser too."""

    @property
    def data(self) -> Path:
        """The data folder, 0700 and the serving account's own."""
        return self.seat / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.seat / "server.log"

    @property
    def sockets(self) -> Path:
        """The folder of the socket: beside the data, or a short one if that path is too long."""
        beside = self.seat / "run"
        if len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET:
            return beside
        return Path("/tmp") / f"anju-{_short_name(self.seat)}"  # noqa: S108  ownership is checked


def keep_record(folder: Path) -> ServerRecord:
    """Read the record of the server at ``folder``; at the first call, make it.

    Of two callers at once, both get the record of the first. Refuses with
    ``postgres.record-unreadable`` a record that is damaged or belongs to someone else.
    """
    whole = folder.absolute()
    file = whole / _FILE
    if not file.exists():
        _write_record(whole, file)
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        passwords = {role: str(told["passwords"][role]) for role in (SUPERUSER, *ROLES)}
        seat = Path(told["elsewhere"]) if told["elsewhere"] else whole
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal("postgres.record-unreadable", file=str(file)) from error
    return ServerRecord(seat=seat, passwords=passwords)


def _write_record(folder: Path, file: Path) -> None:
    _make_folder(folder)
    # Root's own folders may be shut to the account that serves; then the data lie elsewhere, and
    # the record says so for ever: rights that change later must not make data seem lost.
    reachable = may_enter(serving_account(), folder)
    told = {
        "elsewhere": "" if reachable else str(_ELSEWHERE / _short_name(folder)),
        "passwords": {role: new_secret().hex() for role in (SUPERUSER, *ROLES)},
    }
    opened, name = mkstemp(prefix=".server-", dir=folder)  # 0600
    fresh = Path(name)
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as stream:
            json.dump(told, stream)
            stream.flush()
            os.fsync(stream.fileno())
        file.hardlink_to(fresh)
    except FileExistsError:
        pass  # another caller was first: its record holds
    finally:
        fresh.unlink()


def _make_folder(folder: Path) -> None:
    """Make ``folder`` private; root's is open to pass through, for the account that serves."""
    rights = 0o711 if serving_account().is_dropped_to else 0o700
    for missing in [step for step in (folder, *folder.parents) if not step.exists()][::-1]:
        missing.mkdir(exist_ok=True)
        missing.chmod(rights)


def _short_name(folder: Path) -> str:
    return digest(os.fsencode(folder)).hex()[:16]
