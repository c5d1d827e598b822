"""The developer's duty: hand in first registration in time, for every building, old ones too.

A term runs from the building's acceptance or from its hand-over, as the policy's lines say; the
earliest last day counts. Responsibility reaches back (追溯责任): a building from before the first
line has its term from that line's first day, and what is not registered stays owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from anju_rules.calendar import due_after_calendar_days
from anju_rules.policy.types import Basis
from anju_rules.procedures.types import Words
from anju_rules.shares import Share

_FIRST_NOTICE = date(2004, 1, 1)


class Event(StrEnum):
    """From what a term runs."""

    ACCEPTANCE = "acceptance"
    """竣工验收备案."""
    HAND_OVER = "hand-over"
    """交付使用."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyLine:
    """A term of the policy: so many calendar days from an event."""

    code: str
    title: Words
    counts_from: Event
    days: int
    from_on: date
    until_on: date | None
    basis: Basis

    def is_in_force(self, on: date) -> bool:
        """Whether the line holds on a day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One building and its dates."""

    accepted_on: date | None
    handed_over_on: date | None
    registered_on: date | None
    """When its first registration was handed in complete."""

    def day_of(self, event: Event) -> date | None:
        """Give the day of an event."""
        return self.accepted_on if event is Event.ACCEPTANCE else self.handed_over_on


class DutyState(StrEnum):
    """How a duty stands."""

    WAITING = "waiting"
    """Neither accepted nor handed over: no term runs."""
    WITHOUT_TERM = "without-term"
    """No line of the policy sets a term for it; the duty stands all the same."""
    RUNNING = "running"
    OVERDUE = "overdue"
    IN_TIME = "in-time"
    LATE = "late"
    """Done, after its last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyStanding:
    """How a duty stands on a day, and why."""

    state: DutyState
    due_on: date | None
    days_late: int
    is_provisional: bool
    """Whether a holiday notice may still move the last day."""
    is_retroactive: bool
    """Whether the building is older than the line that sets its term."""
    line: DutyLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    due_on: date
    is_provisional: bool
    is_retroactive: bool
    line: DutyLine


def judge_duty(*, duty: Duty, lines: Sequence[DutyLine], on: date) -> DutyStanding:
    """Say how a duty stands on a day; it ends only by first registration."""
    terms = sorted(_terms(duty, lines), key=lambda term: term.due_on)
    if not terms:
        has_begun = duty.accepted_on is not None or duty.handed_over_on is not None
        state = DutyState.WITHOUT_TERM if has_begun else DutyState.WAITING
        return DutyStanding(
            state=state,
            due_on=None,
            days_late=0,
            is_provisional=False,
            is_retroactive=False,
            line=None,
        )
    term = terms[0]
    done_on = duty.registered_on
    late = max(0, ((done_on or on) - term.due_on).days)
    if done_on is None:
        state = DutyState.OVERDUE if late else DutyState.RUNNING
    else:
        state = DutyState.LATE if late else DutyState.IN_TIME
    return DutyStanding(
        state=state,
        due_on=term.due_on,
        days_late=late,
        is_provisional=term.is_provisional,
        is_retroactive=term.is_retroactive,
        line=term.line,
    )


def count_in_time(standings: Iterable[DutyStanding]) -> Share:
    """Count who kept the duty in time, among those whose time is decided.

    A duty counts once it is done or overdue; one that still runs says nothing yet, and one that
    no line sets a term for has no time to keep.
    """
    decided = [
        one.state is DutyState.IN_TIME
        for one in standings
        if one.state in (DutyState.IN_TIME, DutyState.LATE, DutyState.OVERDUE)
    ]
    return Share(sum(decided), len(decided))


def _terms(duty: Duty, lines: Sequence[DutyLine]) -> Iterator[_Term]:
    for event in Event:
        happened_on = duty.day_of(event)
        ours = [line for line in lines if line.counts_from is event]
        if happened_on is None or not ours:
            continue
        first = min(ours, key=lambda line: line.from_on)
        if happened_on < first.from_on:
            yield _term(first, start=first.from_on, is_retroactive=True)
        for line in ours:
            if line.is_in_force(happened_on):
                yield _term(line, start=happened_on, is_retroactive=False)


def _term(line: DutyLine, *, start: date, is_retroactive: bool) -> _Term:
    if start < _FIRST_NOTICE:
        # No holiday notice reaches so far back: the plain day, marked as one that may be moved.
        due_on, is_provisional = start + timedelta(days=line.days), True
    else:
        deadline = due_after_calendar_days(start=start, days=line.days)
        due_on, is_provisional = deadline.on, deadline.provisional
    return _Term(
        due_on=due_on, is_provisional=is_provisional, is_retroactive=is_retroactive, line=line
    )
