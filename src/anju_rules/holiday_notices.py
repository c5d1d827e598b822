"""The State Council's yearly holiday notice (部分节假日安排的通知), read from its words.

Each sentence that says 放假 names days of rest, each that says 上班 names weekends that are worked;
what else stands there (who is on duty, who may take leave) names nothing. A notice tells its days
twice, by date and by weekday, and mostly a third time, by their number: all must agree, so that
last year's text under this year's number is refused instead of moving every deadline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from anju_rules.calendar import describe_day
from anju_rules.values import Refusal

LONGEST_TEXT = 4_000
"""In characters; a notice has about six hundred."""
_WEEKDAYS = "一二三四五六日"
_SPACES = re.compile(r"[^\S\n]+")
_SENTENCES = re.compile(r"[。；;\n]")
_DAY = (
    r"(?:(?:(?P<{0}year>\d{{4}})年)?(?P<{0}month>\d{{1,2}})月)?"
    r"(?P<{0}day>\d{{1,2}})日(?:[（(](?P<{0}told>[^）)]*)[）)])?"
)
_DAYS = re.compile(_DAY.format("first_") + r"(?:[至到—\-]+" + _DAY.format("last_") + ")?")
_COUNT = re.compile(r"共(\d{1,2})天")
_TOLD_WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
_LONGEST_HOLIDAY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayNotice:
    """The days a notice names, in their order."""

    year: int
    off_days: tuple[date, ...]
    worked_weekends: tuple[date, ...]


def read_holiday_notice(text: str, *, year: int) -> HolidayNotice:
    """Read the notice for ``year``; days without a year are of that year.

    Refuses with ``calendar.notice-too-long``, ``calendar.notice-names-nothing``, and naming the
    sentence with ``calendar.sentence-unclear`` (rest and work in one), ``calendar.no-such-day``,
    ``calendar.weekday-differs`` or ``calendar.days-do-not-add-up``.

    >>> told = "元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。"
    >>> read_holiday_notice(told, year=2026).worked_weekends
    (datetime.date(2026, 1, 4),)
    """
    if len(text) > LONGEST_TEXT:
        raise Refusal("calendar.notice-too-long", longest=LONGEST_TEXT)
    off, worked = set[date](), set[date]()
    for sentence in _SENTENCES.split(_SPACES.sub("", text)):
        is_off, is_worked = "放假" in sentence, "上班" in sentence
        if not (is_off or is_worked):
            continue
        days = set(_days_of(sentence, year))
        if is_off and is_worked and days:
            raise Refusal("calendar.sentence-unclear", sentence=sentence)
        told = _COUNT.search(sentence)
        if told is not None and is_off and int(told[1]) != len(days):
            raise Refusal(
                "calendar.days-do-not-add-up", sentence=sentence, told=int(told[1]), days=len(days)
            )
        (off if is_off else worked).update(days)
    if not off:
        raise Refusal("calendar.notice-names-nothing", year=year)
    return HolidayNotice(
        year=year, off_days=tuple(sorted(off)), worked_weekends=tuple(sorted(worked))
    )


def known_notice(year: int) -> HolidayNotice:
    """Give the days of a year that the library of notices moves, from its January to its December.

    Refuses with ``calendar.before-2004``.
    """
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    named = [
        day
        for day in map(describe_day, map(date.fromordinal, range(first, last + 1)))
        if day.occasion
    ]
    return HolidayNotice(
        year=year,
        off_days=tuple(day.on for day in named if not day.is_working),
        worked_weekends=tuple(day.on for day in named if day.is_working),
    )


def _days_of(sentence: str, year: int) -> Iterator[date]:
    month = 0
    for found in _DAYS.finditer(sentence):
        month = int(found["first_month"] or month)
        first = _day(found, "first_", month, int(found["first_year"] or year), sentence)
        last = first
        if found["last_day"]:
            month = int(found["last_month"] or month)
            last = _day(found, "last_", month, int(found["last_year"] or first.year), sentence)
        if not first <= last <= first + timedelta(days=_LONGEST_HOLIDAY):
            raise Refusal("calendar.no-such-day", sentence=sentence, day=found[0])
        for number in range(first.toordinal(), last.toordinal() + 1):
            yield date.fromordinal(number)


def _day(found: re.Match[str], which: str, month: int, year: int, sentence: str) -> date:
    try:
        day = date(year, month, int(found[f"{which}day"]))
    except ValueError as fault:
        raise Refusal("calendar.no-such-day", sentence=sentence, day=found[0]) from fault
    told = _TOLD_WEEKDAY.search(found[f"{which}told"] or "")
    weekday = _WEEKDAYS[day.weekday()]
    if told is not None and told[1].replace("天", "日") != weekday:
        raise Refusal(
            "calendar.weekday-differs", sentence=sentence, day=day.isoformat(), weekday=weekday
        )
    return day
