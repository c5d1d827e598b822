"""The clock: the only place where the time is read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def read_clock() -> datetime:
    """Give the present moment, in UTC."""
    return datetime.now(tz=UTC)


def city_time(at: datetime) -> datetime:
    """Give a moment in the city's own time: the day of the law is its date."""
    return at.astimezone(CHINA)
