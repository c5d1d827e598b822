"""What the environment says: read once, typed, and nowhere else.

Everything has a default that suits one laptop; a city sets what differs. Secrets are no part of it:
keys are read by :mod:`anju.foundation.core.keys`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anju_rules.values import Refusal

DEFAULT_HOME = "demo"
_LAST_PORT = (1 << 16) - 1
_TRUE = frozenset({"1", "true", "yes"})
_FALSE = frozenset({"", "0", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where data lies, what listens where, and which database serves."""

    home: Path
    """The folder of this installation: database, keys, uploads, public files, logs."""
    database_url: str
    """The application's role, ``postgresql://anju_app:…``; empty: the embedded server."""
    owner_database_url: str
    """The schema's owner: migrations only."""
    ledger_database_url: str
    """The sequencer's and signer's role."""
    replica_database_url: str
    """A streaming replica that the publisher reads for the wall; empty: it reads the primary."""
    bind: str
    web_port: int
    peak_port: int
    departments_port: int
    """Where the demo's simulated departments listen."""
    hosts: tuple[str, ...]
    """The host names the site answers to."""
    peak_url: str
    """Where browsers find the wall."""
    scanner: str
    """Which virus scanner judges uploads (``clamd:…``, or ``off``); empty: nothing is taken."""
    is_debug: bool
    is_https: bool
    """Whether browsers reach the site by https: cookies are then sent by https only."""

    @property
    def public_folder(self) -> Path:
        """The folder the public plane serves."""
        return self.home / "public"


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the environment; ``variables`` stands in for ``os.environ``.

    Refuses with ``environment.malformed`` a value that is not what its name asks for.
    """
    told = os.environ if variables is None else variables
    bind = told.get("ANJU_BIND", "127.0.0.1")
    web_port = _port(told, "ANJU_WEB_PORT", 8000)
    peak_port = _port(told, "ANJU_PEAK_PORT", 8001)
    return Environment(
        home=Path(told.get("ANJU_HOME") or DEFAULT_HOME).absolute(),
        database_url=told.get("DATABASE_URL", ""),
        owner_database_url=told.get("ANJU_OWNER_DATABASE_URL", ""),
        ledger_database_url=told.get("ANJU_LEDGER_DATABASE_URL", ""),
        replica_database_url=told.get("REPLICA_DATABASE_URL", ""),
        bind=bind,
        web_port=web_port,
        peak_port=peak_port,
        departments_port=_port(
            told, "ANJU_DEPARTMENTS_PORT", max(web_port, peak_port) % _LAST_PORT + 1
        ),
        hosts=tuple(
            host.strip()
            for host in told.get("ANJU_HOSTS", "127.0.0.1,localhost").split(",")
            if host.strip()
        ),
        peak_url=told.get("ANJU_PEAK_URL") or f"http://127.0.0.1:{peak_port}",
        scanner=told.get("ANJU_SCANNER", ""),
        is_debug=_flag(told, "ANJU_DEBUG"),
        is_https=_flag(told, "ANJU_HTTPS"),
    )


def _port(told: Mapping[str, str], name: str, default: int) -> int:
    text = told.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _LAST_PORT:
        raise Refusal("environment.malformed", name=name, value=text)
    return int(text)


def _flag(told: Mapping[str, str], name: str) -> bool:
    text = told.get(name, "").lower()
    if text not in _TRUE | _FALSE:
        raise Refusal("environment.malformed", name=name, value=text)
    return text in _TRUE
