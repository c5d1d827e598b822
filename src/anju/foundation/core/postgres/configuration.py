"""The server's settings, written anew at every start."""

from __future__ import annotations

from pathlib import Path

from anju.foundation.core.postgres.record import PORT

FILE = "anju.conf"


def write_settings(*, sockets: Path, is_durable: bool) -> str:
    """Give the settings as text; without ``is_durable`` a crash of the machine may lose commits."""
    durable = "on" if is_durable else "off"
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": f'"{sockets}"',
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "fsync": durable,
        "full_page_writes": durable,
        "synchronous_commit": durable,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "jit": "off",
        "cluster_name": "anju",
        # A failed statement, and the row it failed on, may hold personal data: not in a log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_line_prefix": "%m [%p] %u ",
    }
    return "".join(f"{name} = {_quote(value)}\n" for name, value in settings.items())


def _quote(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
