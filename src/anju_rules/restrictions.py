"""What keeps a home from being registered on, from which day to which, and against whom.

An objection lapses unless whoever objects goes to court within fifteen days (Civil Code 220); an
advance notice lapses ninety days after its right could have been registered (Civil Code 221). A
seizure and a correction stand until somebody lifts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from anju_rules.calendar import STATE_COUNCIL, WorkingCalendar
from anju_rules.clocks import Budget, Clock, Unit, find_deadline


class RestrictionKind(StrEnum):
    """What can stand against a home."""

    SEIZURE = "seizure"
    """查封登记: a court's or another authority's order."""
    OBJECTION = "objection"
    """异议登记: somebody says that the register is wrong."""
    ADVANCE_NOTICE = "advance-notice"
    """预告登记: somebody's right to the home is noted before it can be registered."""
    CORRECTION = "correction"
    """更正登记: what the register says of the home is being put right."""


CLAUSES = {
    RestrictionKind.SEIZURE: "registration-rules/22",
    RestrictionKind.OBJECTION: "civil-code/220",
    RestrictionKind.ADVANCE_NOTICE: "civil-code/221",
    RestrictionKind.CORRECTION: "civil-code/220",
}
_LASTS = {
    RestrictionKind.OBJECTION: Budget(15, Unit.CALENDAR_DAYS, "civil-code/220"),
    RestrictionKind.ADVANCE_NOTICE: Budget(90, Unit.CALENDAR_DAYS, "civil-code/221"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """One restriction on one home."""

    kind: RestrictionKind
    from_on: date
    sued_on: date | None = None
    """When whoever objects went to court."""
    lifted_on: date | None = None
    for_household: str = ""
    """Whom an advance notice protects."""


def find_last_day(
    kind: RestrictionKind, *, from_on: date, calendar: WorkingCalendar = STATE_COUNCIL
) -> date | None:
    """Give the last day on which a restriction stands by itself; None: until it is lifted.

    The day it begins on is not counted, and a last day that is a holiday moves to the next
    working day (Civil Code 201, 203).

    >>> find_last_day(RestrictionKind.OBJECTION, from_on=date(2026, 3, 2)).isoformat()
    '2026-03-17'
    """
    budget = _LASTS.get(kind)
    if budget is None:
        return None
    end = find_deadline(Clock(started_on=from_on, budget=budget), calendar=calendar)
    return None if end is None else end.on


def stands_on(
    restriction: Restriction, on: date, *, calendar: WorkingCalendar = STATE_COUNCIL
) -> bool:
    """Say whether a restriction stands on a day.

    An objection whose author went to court in time stands until it is lifted.
    """
    if on < restriction.from_on:
        return False
    if restriction.lifted_on is not None and restriction.lifted_on <= on:
        return False
    last = find_last_day(restriction.kind, from_on=restriction.from_on, calendar=calendar)
    if last is None or on <= last:
        return True
    sued = restriction.sued_on
    return restriction.kind is RestrictionKind.OBJECTION and sued is not None and sued <= last


def blocks_transfer(
    restriction: Restriction,
    *,
    household: str,
    on: date,
    calendar: WorkingCalendar = STATE_COUNCIL,
) -> bool:
    """Say whether a restriction keeps the home from being registered to ``household`` on a day."""
    if not stands_on(restriction, on, calendar=calendar):
        return False
    is_own = bool(household) and restriction.for_household == household
    return not (restriction.kind is RestrictionKind.ADVANCE_NOTICE and is_own)
