"""Clocks that stop and start: a budget and a ledger of pauses, never a target date.

A clock knows the day it started, its budget (so many working or calendar days) and every stop with
its reason and clause. The last day, what is used and what is left are reckoned from these each time
they are asked for, so that a stop moves the deadline by itself and nobody can move it by hand:

* the day on which the clock starts is not counted (Civil Code 201);
* the day a pause begins counts, the day it ends does not; a registry that counts otherwise says so
  with :class:`Convention`;
* a budget of calendar days that ends on a day of rest ends on the next working day on which the
  clock runs (Civil Code 203).

Limits in hours are kept by :mod:`anju_rules.hour_clocks`, alerts by :mod:`anju_rules.alerts`. Dates
go in and come out; no clock is read, and nothing here is stored: "overdue" is an answer, not a
state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from anju_rules.calendar import CIVIL_CODE_DAY_AFTER, STATE_COUNCIL, Deadline, WorkingCalendar
from anju_rules.values import Refusal


class Unit(StrEnum):
    """What a budget counts."""

    WORKING_DAYS = "working-days"
    CALENDAR_DAYS = "calendar-days"
    HOURS = "hours"


class PauseReason(StrEnum):
    """Why a clock may stand still. A procedure says which of these it knows, with the clause."""

    SUPPLEMENT = "supplement"
    """The applicant has been asked, once and in writing, for what is missing (补正)."""
    PUBLIC_NOTICE = "public-notice"
    HEARING = "hearing"
    SURVEY = "survey"
    EXPERT_OPINION = "expert-opinion"
    COURT_ORDER = "court-order"


@dataclass(frozen=True, slots=True)
class Budget:
    """How long something may take, and the clause that says so."""

    length: int
    unit: Unit
    clause: str = ""

    def __post_init__(self) -> None:
        """Refuse a budget of nothing with ``calendar.term-too-short``."""
        if self.length < 1:
            raise Refusal("calendar.term-too-short", clause=CIVIL_CODE_DAY_AFTER, days=self.length)


@dataclass(frozen=True, slots=True)
class Pause:
    """One stop: from the day it begins to the day it ends; ``None`` while the clock stands."""

    began_on: date
    ended_on: date | None
    reason: PauseReason = PauseReason.SUPPLEMENT
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Convention:
    """Whether the first and the last day of a pause are counted; each registry confirms its own."""

    counts_first_day: bool = True
    counts_last_day: bool = False


FIRST_DAY_COUNTS = Convention()
"""The day a pause begins counts, the day it ends does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock of days: when it started, how long it may run, when it stood still.

    Refuses with ``clock.pauses-overlap``, ``clock.pause-turned-round``,
    ``clock.pause-before-start`` or ``clock.wrong-unit``. The order of ``pauses`` does not matter;
    they are kept sorted.
    """

    started_on: date
    budget: Budget
    pauses: tuple[Pause, ...] = ()
    first_came_on: date | None = None
    """The day the family first came, if that was before the clock started."""
    stops: tuple[tuple[int, int | None], ...] = field(init=False, default=(), repr=False)
    """The days the pauses swallow, under the usual convention; see :func:`find_stops`."""

    def __post_init__(self) -> None:
        """Sort the pauses and refuse what no clock can have done."""
        if self.budget.unit is Unit.HOURS:
            raise Refusal("clock.wrong-unit", unit=self.budget.unit.value)
        if self.pauses:
            pauses = _sorted_pauses(self.started_on, self.pauses)
            object.__setattr__(self, "pauses", pauses)
            object.__setattr__(self, "stops", find_stops(self.started_on, pauses, FIRST_DAY_COUNTS))

    @property
    def open_pause(self) -> Pause | None:
        """The pause during which the clock stands still now."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].ended_on is None else None


def _sorted_pauses(started_on: date, pauses: tuple[Pause, ...]) -> tuple[Pause, ...]:
    """Sort pauses, refusing those that overlap, run backwards or begin before the start."""
    if len(pauses) > 1:
        pauses = tuple(sorted(pauses, key=_span))
    if pauses[0].began_on < started_on:
        raise Refusal(
            "clock.pause-before-start",
            clause=pauses[0].clause,
            began_on=pauses[0].began_on.isoformat(),
            started_on=started_on.isoformat(),
        )
    reached = started_on
    for pause in pauses:
        ended_on = pause.ended_on or date.max
        if pause.began_on < reached:
            raise Refusal(
                "clock.pauses-overlap",
                clause=pause.clause,
                began_on=pause.began_on.isoformat(),
                reached_on="" if reached == date.max else reached.isoformat(),
            )
        if ended_on < pause.began_on:
            raise Refusal(
                "clock.pause-turned-round",
                clause=pause.clause,
                began_on=pause.began_on.isoformat(),
                ended_on=ended_on.isoformat(),
            )
        reached = ended_on
    return pauses


def _span(pause: Pause) -> tuple[date, date]:
    return pause.began_on, pause.ended_on or date.max


def find_deadline(
    clock: Clock,
    *,
    calendar: WorkingCalendar = STATE_COUNCIL,
    convention: Convention = FIRST_DAY_COUNTS,
) -> Deadline | None:
    """Give the last day of the clock's budget; ``None`` while it stands still before its end.

    Provisional beyond the calendar's last notice. Refuses like
    :func:`anju_rules.calendar.due_after`.

    >>> stop = Pause(date(2026, 9, 21), date(2026, 9, 28))
    >>> five = Budget(5, Unit.WORKING_DAYS)
    >>> find_deadline(Clock(started_on=date(2026, 9, 17), budget=five, pauses=(stop,)))
    Deadline(on=datetime.date(2026, 9, 30), provisional=False)
    """
    return find_day_reached(
        clock, length=clock.budget.length, calendar=calendar, convention=convention
    )


def find_day_reached(
    clock: Clock, *, length: int, calendar: WorkingCalendar, convention: Convention
) -> Deadline | None:
    """Give the day on which ``length`` days of the budget have run, or none while it stands."""
    if clock.budget.unit is Unit.WORKING_DAYS:
        return calendar.due_after_stops(
            start=clock.started_on, working_days=length, stops=_stops(clock, convention)
        )
    return _end_of_calendar_days(clock, length, calendar, convention)


def _end_of_calendar_days(
    clock: Clock, length: int, calendar: WorkingCalendar, convention: Convention
) -> Deadline | None:
    """Give the ``length``-th running day, or the next working day on which the clock runs."""
    end = clock.started_on.toordinal() + length
    stops = _stops(clock, convention)
    for after, until in stops:
        if end <= after:
            break
        if until is None:
            return None
        end += until - after
    if end > date.max.toordinal():
        raise Refusal("calendar.beyond-calendar", last=date.max.isoformat())
    due = calendar.due_after_calendar_days(start=date.fromordinal(end - 1), days=1)
    for after, until in stops:
        if due.on.toordinal() > after and (until is None or due.on.toordinal() <= until):
            if until is None:
                return None
            due = calendar.due_after_calendar_days(start=date.fromordinal(until), days=1)
    return due


def _stops(clock: Clock, convention: Convention) -> tuple[tuple[int, int | None], ...]:
    """Give for each pause the days it swallows, as ordinals: after the first up to the second."""
    if convention is FIRST_DAY_COUNTS:
        return clock.stops
    return find_stops(clock.started_on, clock.pauses, convention)


def find_stops(
    started_on: date, pauses: Sequence[Pause], convention: Convention
) -> tuple[tuple[int, int | None], ...]:
    """Give the days that sorted pauses swallow: those after the first ordinal up to the second.

    They follow each other and share no day, whatever the convention: a day that one pause ends
    and another begins is swallowed once.
    """
    earlier = 0 if convention.counts_first_day else 1
    sooner = 1 if convention.counts_last_day else 0
    reached = started_on.toordinal()
    stops: list[tuple[int, int | None]] = []
    for pause in pauses:
        after = pause.began_on.toordinal() - earlier
        after = max(after, reached)
        if pause.ended_on is None:
            stops.append((after, None))
            break
        until = pause.ended_on.toordinal() - sooner
        if until > after:
            stops.append((after, until))
            reached = until
    return tuple(stops)


def count_used(
    clock: Clock,
    *,
    on: date,
    calendar: WorkingCalendar = STATE_COUNCIL,
    convention: Convention = FIRST_DAY_COUNTS,
) -> int:
    """Count the days of the budget's unit that have run by the end of ``on``; pauses left out.

    >>> stop = Pause(date(2026, 9, 21), date(2026, 9, 28))
    >>> five = Budget(5, Unit.WORKING_DAYS)
    >>> clock = Clock(started_on=date(2026, 9, 17), budget=five, pauses=(stop,))
    >>> [count_used(clock, on=date(2026, 9, day)) for day in (17, 21, 28, 30)]
    [0, 3, 3, 5]
    """
    used = _count(clock.budget.unit, clock.started_on, on, calendar)
    for after, until in _stops(clock, convention):
        last = on if until is None else min(on, date.fromordinal(until))
        used -= _count(clock.budget.unit, date.fromordinal(after), last, calendar)
    return used


def _count(unit: Unit, after: date, until: date, calendar: WorkingCalendar) -> int:
    if until <= after:
        return 0
    if unit is Unit.WORKING_DAYS:
        return calendar.working_days_between(after=after, until=until)
    return (until - after).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a clock says on one day. Families see ``net_working_days`` and ``gross_days``."""

    due: Deadline | None
    """``None`` while the clock stands still before its end."""
    used: int
    """Days of the budget's unit that have run."""
    left: int
    """Days of the budget that may still run; below nought where they have run over."""
    net_working_days: int
    """Working days on which the clock ran."""
    gross_days: int
    """Calendar days since the family first came, pauses and all."""
    is_stopped: bool
    is_overdue: bool


def read_clock_on(
    clock: Clock,
    *,
    on: date,
    calendar: WorkingCalendar = STATE_COUNCIL,
    convention: Convention = FIRST_DAY_COUNTS,
) -> Reading:
    """Say what ``clock`` shows at the end of ``on``. Refuses with ``clock.before-start``."""
    if on < clock.started_on:
        raise Refusal(
            "clock.before-start", date=on.isoformat(), started_on=clock.started_on.isoformat()
        )
    due = find_deadline(clock, calendar=calendar, convention=convention)
    used = count_used(clock, on=on, calendar=calendar, convention=convention)
    if clock.budget.unit is Unit.WORKING_DAYS:
        net = used
    else:
        worked = Clock(
            started_on=clock.started_on,
            budget=Budget(clock.budget.length, Unit.WORKING_DAYS),
            pauses=clock.pauses,
        )
        net = count_used(worked, on=on, calendar=calendar, convention=convention)
    pause = clock.open_pause
    return Reading(
        due=due,
        used=used,
        left=clock.budget.length - used,
        net_working_days=net,
        gross_days=(on - (clock.first_came_on or clock.started_on)).days,
        is_stopped=pause is not None and pause.began_on <= on,
        is_overdue=due is not None and on > due.on,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereckoning:
    """What a newly loaded notice did to one deadline: what the ledger's entry says."""

    was: Deadline
    now: Deadline

    @property
    def is_settled(self) -> bool:
        """Whether no later notice can move it again."""
        return not self.now.provisional


def reckon_again(
    clock: Clock,
    *,
    before: WorkingCalendar,
    after: WorkingCalendar,
    convention: Convention = FIRST_DAY_COUNTS,
) -> Rereckoning | None:
    """Say how loading a notice changes a deadline; ``None`` where it changes nothing.

    Only a provisional deadline may move; one that was settled stays, whatever is loaded.
    """
    was = find_deadline(clock, calendar=before, convention=convention)
    if was is None or not was.provisional:
        return None
    now = find_deadline(clock, calendar=after, convention=convention)
    if now is None or now == was:
        return None
    return Rereckoning(was=was, now=now)
