"""The simulator's own clock: the one place where it is read."""

from __future__ import annotations

from datetime import UTC, datetime


def read_now() -> datetime:
    """Give this moment, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - a program of its own, with a clock of its own
