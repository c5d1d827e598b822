"""The holidays that deadlines are counted by: the years known, and the next notice, loaded here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.casework.calendars import find_notice
from anju.foundation.casework.watching import load_holiday_notice
from anju.foundation.core.clock import read_clock
from anju.web.officer.work_rows import queue_options, require_officer
from anju.web.refusals import RefusalRow, tell_refusal
from anju.web.routes import go_to, route
from anju_rules.calendar import LAST_NOTICE_YEAR, calendar_with_notice
from anju_rules.holiday_notices import HolidayNotice, known_notice, read_holiday_notice
from anju_rules.values import Refusal

NEXT_YEAR = LAST_NOTICE_YEAR + 1
"""Whose notice the library of notices does not have yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCard:
    """A month: on which weekday it begins (1 is Monday), and what each of its days is."""

    number: int
    begins: int
    days: tuple[tuple[int, str], ...]
    """Day of the month, and ``off``, ``worked``, ``weekend`` or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearCard:
    """A year as a notice has it."""

    notice: HolidayNotice
    months: tuple[MonthCard, ...]
    earlier: tuple[date, ...]
    """Days of rest in the December before."""


@require_safe
@route(permits="casework.see")
def show_calendar(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the holidays of the years whose notices are known."""
    require_officer(by)
    return _answer(request, by=by)


@require_POST
@route(permits="casework.calendar")
def read_notice(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what a notice's words come to, before anything is loaded."""
    try:
        notice = _told(request)
    except Refusal as refusal:
        return _answer(request, by=by, refused=tell_refusal(refusal))
    return _answer(request, by=by, read=notice)


@require_POST
@route(permits="casework.calendar")
def load_notice(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Load the notice; deadlines that were provisional are reckoned again in the night."""
    notice = _told(request)
    load_holiday_notice(
        year=notice.year,
        off_days=notice.off_days,
        worked_weekends=notice.worked_weekends,
        by=by,
        at=read_clock(),
    )
    return go_to("desk-calendar", request=request)


def _told(request: HttpRequest) -> HolidayNotice:
    notice = read_holiday_notice(request.POST.get("text", ""), year=NEXT_YEAR)
    # What the calendar would refuse is refused before it is shown.
    calendar_with_notice(
        year=notice.year, off_days=notice.off_days, worked_weekends=notice.worked_weekends
    )
    return notice


def _answer(
    request: HttpRequest,
    *,
    by: Actor,
    read: HolidayNotice | None = None,
    refused: RefusalRow | None = None,
) -> HttpResponse:
    loaded = find_notice(year=NEXT_YEAR, by=by)
    years = [known_notice(LAST_NOTICE_YEAR), *([loaded] if loaded else [])]
    facts = {
        "years": [_card(notice) for notice in reversed(years)],
        "last": years[-1].year,
        "next": None if loaded else NEXT_YEAR,
        "read": _card(read) if read else None,
        "refusal": refused,
        "text": request.POST.get("text", ""),
        "queues": queue_options(""),
    }
    status = refused.status if refused else 200
    return render(request, "officer/casework/calendar.html", facts, status=status)


def _card(notice: HolidayNotice) -> YearCard:
    return YearCard(
        notice=notice,
        months=tuple(_month(notice, number) for number in range(1, 13)),
        earlier=tuple(day for day in notice.off_days if day.year < notice.year),
    )


def _month(notice: HolidayNotice, number: int) -> MonthCard:
    first = date(notice.year, number, 1)
    return MonthCard(
        number=number,
        begins=first.isoweekday(),
        days=tuple((day.day, _kind(notice, day)) for day in _days(first)),
    )


def _days(first: date) -> Iterator[date]:
    day = first
    while day.month == first.month:
        yield day
        day += timedelta(days=1)


def _kind(notice: HolidayNotice, day: date) -> str:
    if day in notice.off_days:
        return "off"
    if day in notice.worked_weekends:
        return "worked"
    return "weekend" if day.isoweekday() > 5 else ""
