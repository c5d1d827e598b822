"""The address of a database: ``postgresql://role:password@/name?host=<folder of the socket>``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

from anju.foundation.core.postgres.record import PORT, ServerRecord, keep_record

DATABASE = "anju"
FOLDER = "postgres"
"""The server's folder in an installation's home."""


def url_of(record: ServerRecord, *, role: str, database: str = DATABASE) -> str:
    """Give the address of ``database`` for ``role``."""
    place = urlencode({"host": str(record.sockets), "port": PORT})
    return f"postgresql://{quote(role)}:{record.passwords[role]}@/{quote(database)}?{place}"


def embedded_url(home: Path, *, role: str, database: str = DATABASE) -> str:
    """Give the address of the embedded server's database; the server need not run, or exist yet.

    ``role`` is ``anju_owner``, ``anju_app``, ``anju_ledger`` or ``postgres``.
    """
    return url_of(keep_record(home / FOLDER), role=role, database=database)
