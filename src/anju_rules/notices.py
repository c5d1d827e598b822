"""Public notices: how long each must stand, when it is over, and what it may show of a person.

A notice runs by what was seen, not by what was meant. It begins on the day on which it was first
really visible; that day is not counted (Civil Code 201). Every later day counts only if the notice
was seen on it, so a day on which it was missing makes it last a day longer. Where the law says so,
an end on a day of rest moves to the next working day (Civil Code 203), and that day too must have
been seen. Days come in and go out; no clock is read, and "over" is an answer, never a state.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from anju_rules.calendar import CIVIL_CODE_DAY_AFTER, STATE_COUNCIL, Deadline, WorkingCalendar
from anju_rules.masking import mask_address, mask_identity_number, mask_name, mask_phone
from anju_rules.values import Refusal

_DAY = timedelta(days=1)
LONGEST_DAYS = 365
"""The longest term a notice may ask for."""


class Counting(StrEnum):
    """What a notice's term counts."""

    CALENDAR = "calendar"
    WORKING = "working"


class NoticeKind(StrEnum):
    """What is published."""

    PLAN = "plan"
    """A draft plan, for comments (征求意见)."""
    ELIGIBILITY = "eligibility"
    """Who was found eligible (资格审核结果)."""
    SCORES = "scores"
    RESULT = "result"
    OTHER = "other"


class NoticeState(StrEnum):
    """How a notice stands on one day."""

    WAITING = "waiting"
    """Published, and not seen yet: its term has not begun."""
    RUNNING = "running"
    OVER = "over"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long a notice stands. Refuses with ``calendar.term-too-short`` and ``notices.too-long``.

    ``ends_on_working_day``: whether an end on a day of rest moves to the next working day.
    """

    length: int
    counting: Counting = Counting.CALENDAR
    ends_on_working_day: bool = True
    clause: str = ""

    def __post_init__(self) -> None:
        """Refuse a term of nothing, and one no notice needs."""
        if self.length < 1:
            raise Refusal("calendar.term-too-short", clause=CIVIL_CODE_DAY_AFTER, days=self.length)
        if self.length > LONGEST_DAYS:
            raise Refusal("notices.too-long", most=LONGEST_DAYS, days=self.length)


LEAST_TERMS: Mapping[NoticeKind, Term] = {
    NoticeKind.PLAN: Term(length=30, clause="order-590/10"),
    NoticeKind.ELIGIBILITY: Term(length=7, clause="plan/eligibility#1"),
    NoticeKind.SCORES: Term(length=7, clause="plan/publication"),
    NoticeKind.RESULT: Term(length=7, clause="plan/publication"),
    NoticeKind.OTHER: Term(length=1, clause=""),
}
"""The shortest lawful term of each kind."""


def refuse_short_term(kind: NoticeKind, term: Term) -> None:
    """Refuse with ``notices.too-short`` a term below what the law asks of the kind.

    So many working days are never fewer than so many calendar days, so they always do.

    >>> refuse_short_term(NoticeKind.ELIGIBILITY, Term(length=7, counting=Counting.WORKING))
    >>> refuse_short_term(NoticeKind.PLAN, Term(length=29))
    Traceback (most recent call last):
    anju_rules.values.Refusal: notices.too-short (days=29, least=30)
    """
    least = LEAST_TERMS[kind]
    if term.length < least.length:
        raise Refusal(
            "notices.too-short", clause=least.clause, days=term.length, least=least.length
        )
    if least.ends_on_working_day and not term.ends_on_working_day:
        raise Refusal("notices.rest-day-not-moved", clause="civil-code/203")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a notice's days say on one day."""

    state: NoticeState
    began_on: date | None
    """The day it was first seen; it is not counted itself."""
    due: Deadline | None
    """The last day, if nothing more is missed; None before it began and once it is withdrawn."""
    first_due: Deadline | None
    """The last day as it was before any day was missed."""
    counted: int
    """Days of the term that have run."""
    left: int
    missed: tuple[date, ...]
    """Days of the term on which it was not seen, each of which made it longer."""
    rests_until_due: bool = False
    """Whether its days are counted out before the last day, which falls after days of rest."""

    @property
    def takes_objections(self) -> bool:
        """Whether an objection comes in time: from the first sighting to the end of the last day.

        One to a notice that nobody has seen is in time as well: nobody loses by being early.
        """
        return self.state in {NoticeState.WAITING, NoticeState.RUNNING}


def read_window(
    term: Term,
    *,
    seen_on: Collection[date],
    on: date,
    withdrawn_on: date | None = None,
    calendar: WorkingCalendar = STATE_COUNCIL,
) -> Window:
    """Say how a notice stands on ``on``, from the days it was seen; days to come count as seen.

    The notice is over on the day after its last day, and never while it is missed every day.
    Refuses like :class:`~anju_rules.calendar.WorkingCalendar` before 2004.

    >>> seen = [date(2026, 9, day) for day in range(17, 25)]
    >>> read_window(Term(length=7), seen_on=seen, on=date(2026, 9, 24)).due
    Deadline(on=datetime.date(2026, 9, 24), provisional=False)
    >>> missed = [day for day in seen if day.day != 20]
    >>> read_window(Term(length=7), seen_on=missed, on=date(2026, 9, 24)).due.on
    datetime.date(2026, 9, 28)
    """
    seen = frozenset(day for day in seen_on if day <= on)
    if not seen:
        state = NoticeState.WAITING if withdrawn_on is None else NoticeState.WITHDRAWN
        return Window(
            state=state,
            began_on=None,
            due=None,
            first_due=None,
            counted=0,
            left=term.length,
            missed=(),
        )
    until = on if withdrawn_on is None else min(on, withdrawn_on)
    walk = _Walk(term=term, began_on=min(seen), seen=seen, until=until, calendar=calendar)
    counted_out, last, counted, missed = walk.reach_end()
    unmissed = _Walk(
        term=term, began_on=min(seen), seen=frozenset(), until=date.min, calendar=calendar
    )
    due = Deadline(last, provisional=walk.is_provisional(last))
    first = unmissed.reach_end()[1]
    if withdrawn_on is not None and withdrawn_on <= last:
        state = NoticeState.WITHDRAWN
    else:
        state = NoticeState.OVER if on > last else NoticeState.RUNNING
    return Window(
        state=state,
        began_on=min(seen),
        due=None if state is NoticeState.WITHDRAWN else due,
        first_due=Deadline(first, provisional=unmissed.is_provisional(first)),
        counted=counted,
        left=term.length - counted,
        missed=missed,
        rests_until_due=last > counted_out,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """One way through the days of a notice, from the day after it was first seen."""

    term: Term
    began_on: date
    seen: Collection[date]
    until: date
    """Days before this one are known: they were seen or missed. Later ones are still to come."""
    calendar: WorkingCalendar

    def reach_end(self) -> tuple[date, date, int, tuple[date, ...]]:
        """Give the last counted day, the last day, the days run so far, and the days missed."""
        day, counted, run, missed = self.began_on, 0, 0, list[date]()
        while counted < self.term.length:
            day += _DAY
            if self._is_missed(day):
                missed.append(day)
            elif self._is_counted(day):
                counted += 1
                run += self._has_run(day)
        counted_out = day
        while self._ends_elsewhere(day):
            day += _DAY
            # A day of rest after the last counted one is waited through, seen or not.
            if self._is_missed(day) and self.calendar.is_working_day(day):
                missed.append(day)
        return counted_out, day, run, tuple(missed)

    def _is_counted(self, day: date) -> bool:
        return self.term.counting is Counting.CALENDAR or self.calendar.is_working_day(day)

    def _is_missed(self, day: date) -> bool:
        """Whether it should have stood on ``day`` and did not; a day of rest is then no loss."""
        return day < self.until and day not in self.seen and self._is_counted(day)

    def _has_run(self, day: date) -> bool:
        return day <= self.until and day in self.seen

    def _ends_elsewhere(self, day: date) -> bool:
        if not self.term.ends_on_working_day:
            return False
        return not self.calendar.is_working_day(day) or self._is_missed(day)

    def is_provisional(self, last: date) -> bool:
        """Whether a holiday notice still to come may move the last day."""
        needs_calendar = self.term.ends_on_working_day or self.term.counting is Counting.WORKING
        return needs_calendar and not self.calendar.is_settled(last)


# ------------------------------------------------------------------------------ what may be shown


class CellKind(StrEnum):
    """What stands in a column, and so how it is masked."""

    TEXT = "text"
    NAME = "name"
    IDENTITY = "identity"
    PHONE = "phone"
    ADDRESS = "address"


_MASKS = {
    CellKind.NAME: mask_name,
    CellKind.IDENTITY: mask_identity_number,
    CellKind.PHONE: mask_phone,
    CellKind.ADDRESS: mask_address,
}
_GAP = "[ -]?"
_IDENTITY = re.compile(rf"(?<![0-9A-Za-z])[0-9]{{6}}{_GAP}[0-9]{{8}}{_GAP}[0-9]{{3}}[0-9Xx](?!\d)")
_MOBILE = re.compile(rf"(?<![0-9])1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}(?![0-9])")


def shows_identity_number(text: str) -> bool:
    """Whether a text holds what has the shape of an identity number, spread or full-width too.

    >>> shows_identity_number("身份证１１０１０５ 19491231 002X"), shows_identity_number("1-101")
    (True, False)
    """
    return _IDENTITY.search(unicodedata.normalize("NFKC", text)) is not None


def shows_mobile_number(text: str) -> bool:
    """Whether a text holds what has the shape of a mobile number.

    >>> shows_mobile_number("联系 138-1234-5678"), shows_mobile_number("0531-88881234")
    (True, False)
    """
    return _MOBILE.search(unicodedata.normalize("NFKC", text)) is not None


def refuse_personal_text(text: str, *, where: str, phones_allowed: bool = False) -> None:
    """Refuse with ``notices.personal-text`` free text with a person's number in it.

    An office gives its own telephone where it says how to object: there phones are allowed.
    """
    if shows_identity_number(text) or (not phones_allowed and shows_mobile_number(text)):
        raise Refusal("notices.personal-text", clause="pipl#6", where=where)


def mask_rows(
    kinds: Sequence[CellKind], rows: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], ...]:
    """Mask a notice's table, each column by what stands in it.

    Refuses with ``notices.row-length`` a row with more or fewer cells than columns, and with
    ``notices.personal-text`` a plain cell with a person's number in it. Masking what is masked
    changes nothing.

    >>> mask_rows([CellKind.TEXT, CellKind.NAME], [["H0001", "王秀兰"]])
    (('H0001', '王*兰'),)
    """
    shown = []
    for place, row in enumerate(rows, start=1):
        if len(row) != len(kinds):
            raise Refusal("notices.row-length", row=place, cells=len(row), columns=len(kinds))
        shown.append(tuple(map(_mask_cell, kinds, row, [place] * len(kinds))))
    return tuple(shown)


def _mask_cell(kind: CellKind, text: str, place: int) -> str:
    text = text.strip()
    if kind is CellKind.TEXT:
        refuse_personal_text(text, where=str(place))
        return text
    return _MASKS[kind](text)
