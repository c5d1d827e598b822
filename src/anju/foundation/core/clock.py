"""The clock: the only place where the time is read."""

from __future__ import annotations

from datetime import UTC, datetime


def read_clock() -> datetime:
    """Give the present moment, in UTC."""
    return datetime.now(tz=UTC)
