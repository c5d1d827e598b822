"""The working calendar as it is known now: the library's, and a notice loaded before it has it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.models import HolidayNoticeRecord
from anju_rules.calendar import (
    LAST_NOTICE_YEAR,
    STATE_COUNCIL,
    WorkingCalendar,
    calendar_with_notice,
)
from anju_rules.holiday_notices import HolidayNotice


def current_calendar() -> WorkingCalendar:
    """Give the calendar of every notice known to the platform."""
    kept = HolidayNoticeRecord.objects.filter(year=LAST_NOTICE_YEAR + 1).first()
    if kept is None:
        return STATE_COUNCIL
    return _with_notice(kept.year, tuple(kept.off_days), tuple(kept.worked_weekends))


def find_notice(*, year: int, by: Actor) -> HolidayNotice | None:
    """Give the notice that was loaded for a year; none where it was not, or need not be."""
    with reading(by=by):
        kept = HolidayNoticeRecord.objects.filter(year=year).first()
    if kept is None:
        return None
    return HolidayNotice(
        year=year,
        off_days=tuple(date.fromisoformat(day) for day in kept.off_days),
        worked_weekends=tuple(date.fromisoformat(day) for day in kept.worked_weekends),
    )


@lru_cache(maxsize=8)
def _with_notice(year: int, off: tuple[str, ...], worked: tuple[str, ...]) -> WorkingCalendar:
    return calendar_with_notice(
        year=year,
        off_days=[date.fromisoformat(day) for day in off],
        worked_weekends=[date.fromisoformat(day) for day in worked],
    )
