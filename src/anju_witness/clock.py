"""The witness's own clock: the one place where it is read."""

from __future__ import annotations

import time


def read_seconds() -> int:
    """Give the seconds since 1970."""
    return int(time.time())  # noqa: TID251 - a program of its own, with a clock of its own
