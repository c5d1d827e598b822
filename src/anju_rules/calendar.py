"""Working days and deadlines after the State Council's holiday notices, 2004 to the last notice.

Three rules of law are applied, and no other:

* the day from which a term runs is not counted; counting begins the day after (Civil Code 201);
* a term of calendar days that ends on a day of rest ends on the next working day (Civil Code
  203);
* which days are worked is what the State Council's yearly notice says: Monday to Friday, less the
  holidays, plus the weekends moved to work (调休).

A notice may move days of the *previous* December (2018-12-29 was worked by the notice for 2019), so
the days after ``SETTLED_UNTIL``, and all later years, are not settled yet. Deadlines there are
reckoned by Monday to Friday and marked ``provisional``: they are reckoned again when the notice
comes.

The days come from the pure library ``chinesecalendar``; dates go in and come out, no clock is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from chinese_calendar.constants import (  # type: ignore[import-untyped,unused-ignore]
    Holiday,
    holidays,
    workdays,
)

from anju_rules.values import Refusal

CIVIL_CODE_DAY_AFTER = "civil-code/201"
CIVIL_CODE_NEXT_WORKING_DAY = "civil-code/203"

_SATURDAY = 5
_WORKING_DAYS_A_WEEK = 5
_DECEMBER = 12
_OCTOBER = 10


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a term."""

    on: date
    provisional: bool
    """Whether the day may still move because its notice has not been published."""


@dataclass(frozen=True, slots=True)
class Day:
    """What the notices say of one day."""

    on: date
    is_working: bool
    provisional: bool
    occasion: str
    """The holiday for which the day is off or worked, in Chinese; empty on an ordinary day."""


class WorkingCalendar:
    """Working days from a set of notices, counted once so that a deadline is one look-up.

    Args:
        off_days: days of rest the notices name.
        worked_weekends: Saturdays and Sundays the notices make working days.
        first_year: first year the notices cover; a term that starts earlier is refused.
        settled_until: last day no later notice may still move.
    """

    __slots__ = ("_count_until", "_deadlines", "_first", "_settled", "_working", "first_year")

    def __init__(
        self,
        *,
        off_days: Collection[date],
        worked_weekends: Collection[date],
        first_year: int,
        settled_until: date,
    ) -> None:
        """Count the working days from the first to the last day any notice covers."""
        off, worked = frozenset(off_days), frozenset(worked_weekends)
        last = max(date(settled_until.year, 12, 31), settled_until)
        self.first_year = first_year
        self._first = date(first_year, 1, 1).toordinal()
        self._settled = settled_until.toordinal()
        days = [date.fromordinal(number) for number in range(self._first, last.toordinal() + 1)]
        worked_flags = [
            day in worked or (day.weekday() < _SATURDAY and day not in off) for day in days
        ]
        # _count_until[i]: working days from the first day to day i, day i included.
        self._count_until = tuple(accumulate(int(flag) for flag in worked_flags))
        self._working = tuple(
            day.toordinal() for day, flag in zip(days, worked_flags, strict=True) if flag
        )
        self._deadlines = tuple(
            Deadline(date.fromordinal(number), provisional=number > self._settled)
            for number in self._working
        )

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is worked; Monday to Friday where no notice exists yet."""
        position = self._position(day)
        if position >= len(self._count_until):
            return day.weekday() < _SATURDAY
        before = self._count_until[position - 1] if position else 0
        return self._count_until[position] > before

    def is_settled(self, day: date) -> bool:
        """Whether no later notice may move ``day``."""
        self._position(day)
        return day.toordinal() <= self._settled

    def due_after(self, *, start: date, working_days: int) -> Deadline:
        """Give the last day of a term of ``working_days`` running from ``start``."""
        _refuse_unless_positive(working_days)
        position = self._position(start)
        counts = self._count_until
        if position < len(counts):
            index = counts[position] + working_days - 1
            if index < len(self._deadlines):
                return self._deadlines[index]
            after = self._first + len(counts) - 1
            remaining = index - len(self._deadlines) + 1
        else:
            after = start.toordinal()
            remaining = working_days
        return Deadline(_date_or_refusal(_weekday_after(after, remaining)), provisional=True)

    def due_after_stops(
        self, *, start: date, working_days: int, stops: Sequence[tuple[int, int | None]]
    ) -> Deadline | None:
        """Give the last day of a term that stood still in ``stops``, or none while it stands.

        A stop is a pair of ordinals, the days *after* the first up to the second, which do not
        count; stops are sorted and apart. One pass is enough: a stop that begins before the day
        found so far pushes it by the working days it swallows, a later one is never reached.
        """
        due = self.due_after(start=start, working_days=working_days)
        if not stops or due.on.toordinal() <= stops[0][0]:
            return due
        first, counts, working = self._first, self._count_until, self._working
        index = (
            counts[-1]
            if start.toordinal() - first >= len(counts)
            else (counts[start.toordinal() - first] + working_days - 1)
        )
        for after, until in stops:
            if index >= len(working):
                break
            if working[index] <= after:
                return self._deadlines[index]
            if until is None:
                return None
            if until - first >= len(counts):
                break
            index += counts[until - first] - counts[after - first]
        else:
            if index < len(working):
                return self._deadlines[index]
        return self._due_beyond(start=start, working_days=working_days, stops=stops)

    def _due_beyond(
        self, *, start: date, working_days: int, stops: Sequence[tuple[int, int | None]]
    ) -> Deadline | None:
        """Do the same where days beyond the last notice are counted by their weekday."""
        due = self.due_after(start=start, working_days=working_days)
        skipped = 0
        for after, until in stops:
            if due.on.toordinal() <= after:
                break
            if until is None:
                return None
            skipped += self._worked_until(until) - self._worked_until(after)
            due = self.due_after(start=start, working_days=working_days + skipped)
        return due

    def due_after_calendar_days(self, *, start: date, days: int) -> Deadline:
        """Give the last day of a term of calendar ``days`` running from ``start``."""
        _refuse_unless_positive(days)
        self._position(start)
        end = start.toordinal() + days
        position = end - self._first
        if position < len(self._count_until):
            # The first working day that is not before the end.
            index = bisect_right(self._working, end - 1)
            if index < len(self._deadlines):
                return self._deadlines[index]
            end = self._first + len(self._count_until)
        return Deadline(_date_or_refusal(_weekday_after(end - 1, 1)), provisional=True)

    def working_days_between(self, *, after: date, until: date) -> int:
        """Count the working days after ``after`` up to and with ``until``; none if that is no day.

        >>> STATE_COUNCIL.working_days_between(after=date(2026, 9, 21), until=date(2026, 9, 28))
        4
        """
        self._position(min(after, until))
        worked = self._worked_until(until.toordinal()) - self._worked_until(after.toordinal())
        return max(0, worked)

    def _worked_until(self, ordinal: int) -> int:
        """Count the working days from the first known day to the day ``ordinal``, included."""
        position = ordinal - self._first
        counts = self._count_until
        if position < len(counts):
            return counts[position]
        return (
            counts[-1] + _weekdays_until(ordinal) - _weekdays_until(self._first + len(counts) - 1)
        )

    def _position(self, day: date) -> int:
        """Give the place of ``day`` in the counted days, refusing days before the first notice."""
        position = day.toordinal() - self._first
        if position < 0:
            raise Refusal(
                "calendar.before-2004", date=day.isoformat()[:10], first_year=self.first_year
            )
        return position


def _refuse_unless_positive(length: int) -> None:
    if length < 1:
        raise Refusal("calendar.term-too-short", clause=CIVIL_CODE_DAY_AFTER, days=length)


def _weekday_after(after: int, count: int) -> int:
    """Give the ordinal of the ``count``-th Monday to Friday after ordinal ``after``.

    Ordinal 1 is a Monday, so ``(ordinal - 1) % 7`` is the weekday.
    """
    weekday = (after - 1) % 7
    # Counting from a weekend is counting from the Friday before it.
    base = after - max(0, weekday - _WORKING_DAYS_A_WEEK + 1)
    position = min(weekday, _WORKING_DAYS_A_WEEK - 1) + count
    weeks, day = divmod(position, _WORKING_DAYS_A_WEEK)
    monday = base - (base - 1) % 7
    return monday + weeks * 7 + day


def _weekdays_until(ordinal: int) -> int:
    """Count the Mondays to Fridays from ordinal 1, a Monday, to ``ordinal``, both included."""
    weeks, days = divmod(ordinal, 7)
    return weeks * _WORKING_DAYS_A_WEEK + min(days, _WORKING_DAYS_A_WEEK)


def _date_or_refusal(ordinal: int) -> date:
    if ordinal > date.max.toordinal():
        raise Refusal("calendar.beyond-calendar", last=date.max.isoformat())
    return date.fromordinal(ordinal)


def _find_last_notice_year(off_days: Collection[date]) -> int:
    """Give the year of the last notice: each names the National Day, 1 October.

    A day in January alone would not show that its year's notice is out.
    """
    return max(day.year for day in off_days if day.month == _OCTOBER)


def _find_settled_until(named: Collection[date], last_year: int) -> date:
    """Give the last day of ``last_year`` that the next notice will not touch.

    No holiday of its own lies in December: every December day ever named stood in the next year's
    notice, for the New Year. The earliest of them bounds what the coming notice may move.
    """
    earliest = min(day.day for day in named if day.month == _DECEMBER)
    return date(last_year, _DECEMBER, earliest) - timedelta(days=1)


def _read_occasions(named: Mapping[date, str]) -> dict[date, str]:
    chinese: dict[str, str] = {str(holiday.value): str(holiday.chinese) for holiday in Holiday}
    return {day: chinese.get(occasion, occasion) for day, occasion in named.items()}


_OCCASIONS = _read_occasions({**holidays, **workdays})

FIRST_NOTICE_YEAR = min(day.year for day in holidays)
"""First year a deadline can be reckoned for: 2004."""
LAST_NOTICE_YEAR = _find_last_notice_year(holidays)
"""Last year whose notice is known."""
SETTLED_UNTIL = _find_settled_until(_OCCASIONS, LAST_NOTICE_YEAR)
"""Last day no later notice may move; a deadline after it is provisional."""

STATE_COUNCIL = WorkingCalendar(
    off_days=holidays.keys(),
    worked_weekends=workdays.keys(),
    first_year=FIRST_NOTICE_YEAR,
    settled_until=SETTLED_UNTIL,
)
"""The calendar of all notices known."""


def calendar_as_of(last_notice_year: int) -> WorkingCalendar:
    """Give the calendar as it was known when the notice for ``last_notice_year`` was the last.

    The days of its December stood in the next notice, so they are not known yet. Refuses with
    ``calendar.no-such-notice``.
    """
    if not FIRST_NOTICE_YEAR <= last_notice_year <= LAST_NOTICE_YEAR:
        raise Refusal("calendar.no-such-notice", year=last_notice_year, last=LAST_NOTICE_YEAR)
    if last_notice_year == LAST_NOTICE_YEAR:
        return STATE_COUNCIL
    until = date(last_notice_year, _DECEMBER, 1)
    return WorkingCalendar(
        off_days=[day for day in holidays if day < until],
        worked_weekends=[day for day in workdays if day < until],
        first_year=FIRST_NOTICE_YEAR,
        settled_until=SETTLED_UNTIL.replace(year=last_notice_year),
    )


def calendar_with_notice(
    *, year: int, off_days: Collection[date], worked_weekends: Collection[date]
) -> WorkingCalendar:
    """Give the calendar of all notices known and the next one, loaded before the library has it.

    ``off_days`` and ``worked_weekends`` are all the days the notice for ``year`` names; they may
    lie in the December before it. Refuses with ``calendar.notice-out-of-turn`` a notice that is
    not the next one, and with ``calendar.notice-malformed`` one without a National Day, with a day
    of another year, or with a day both off and worked.
    """
    if year != LAST_NOTICE_YEAR + 1:
        raise Refusal("calendar.notice-out-of-turn", year=year, expected=LAST_NOTICE_YEAR + 1)
    off, worked = frozenset(off_days), frozenset(worked_weekends)
    faulty = sorted(
        (off & worked)
        | {day for day in off | worked if not SETTLED_UNTIL < day <= date(year, 12, 31)}
        | {day for day in worked if day.weekday() < _SATURDAY}
        | ({date(year, _OCTOBER, 1)} - off)
    )
    if faulty:
        raise Refusal("calendar.notice-malformed", year=year, date=faulty[0].isoformat())
    return WorkingCalendar(
        off_days=off.union(holidays),
        worked_weekends=worked.union(workdays),
        first_year=FIRST_NOTICE_YEAR,
        settled_until=SETTLED_UNTIL.replace(year=year),
    )


def is_working_day(day: date) -> bool:
    """Whether ``day`` is worked by the notices; Monday to Friday where no notice exists yet.

    Refuses with ``calendar.before-2004``.

    >>> is_working_day(date(2026, 9, 20))  # a Sunday that is worked
    True
    >>> is_working_day(date(2026, 10, 7))  # a Wednesday that is off
    False
    """
    return STATE_COUNCIL.is_working_day(day)


def describe_day(day: date) -> Day:
    """Say whether ``day`` is worked, for which holiday it was moved, and whether that is settled.

    Refuses with ``calendar.before-2004``.

    >>> describe_day(date(2018, 12, 29)).occasion
    '元旦'
    """
    return Day(
        on=day,
        is_working=STATE_COUNCIL.is_working_day(day),
        provisional=not STATE_COUNCIL.is_settled(day),
        occasion=_OCCASIONS.get(day, ""),
    )


def due_after(*, start: date, working_days: int) -> Deadline:
    """Give the last day of a term of ``working_days`` that runs from ``start`` (Civil Code 201).

    ``start`` itself never counts. Refuses with ``calendar.before-2004``,
    ``calendar.term-too-short`` (under one day) or ``calendar.beyond-calendar``.

    >>> due_after(start=date(2026, 9, 24), working_days=5)
    Deadline(on=datetime.date(2026, 10, 9), provisional=False)
    """
    return STATE_COUNCIL.due_after(start=start, working_days=working_days)


def due_after_calendar_days(*, start: date, days: int) -> Deadline:
    """Give the last day of a term of calendar ``days`` that runs from ``start``.

    ``start`` itself never counts (Civil Code 201); an end on a day of rest moves to the next
    working day (203). Refuses like :func:`due_after`.

    >>> due_after_calendar_days(start=date(2026, 9, 24), days=10).on
    datetime.date(2026, 10, 8)
    """
    return STATE_COUNCIL.due_after_calendar_days(start=start, days=days)
