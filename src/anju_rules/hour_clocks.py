"""Limits in hours: an urgent answer within two hours, shared data within twenty-four.

Hours run on at night and on days of rest, because that is what such a limit is for. A term in
hours begins at its moment (Civil Code 201, second sentence); a pause takes out exactly its length.
Moments must carry their zone; they go in and come out, and no clock is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anju_rules.clocks import Budget, PauseReason, Unit
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True)
class HourPause:
    """One stop of a clock of hours; ``ended_at`` is ``None`` while it stands."""

    began_at: datetime
    ended_at: datetime | None
    reason: PauseReason = PauseReason.SUPPLEMENT
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourClock:
    """A clock of hours. Refuses like :class:`anju_rules.clocks.Clock`."""

    started_at: datetime
    budget: Budget
    pauses: tuple[HourPause, ...] = ()

    def __post_init__(self) -> None:
        """Sort the pauses and refuse what no clock can have done."""
        if self.budget.unit is not Unit.HOURS:
            raise Refusal("clock.wrong-unit", unit=self.budget.unit.value)
        latest = datetime.max.replace(tzinfo=self.started_at.tzinfo)
        reached = self.started_at
        listed = sorted(self.pauses, key=lambda pause: (pause.began_at, pause.ended_at or latest))
        if listed and listed[0].began_at < self.started_at:
            raise Refusal(
                "clock.pause-before-start",
                began_on=listed[0].began_at.isoformat(),
                started_on=self.started_at.isoformat(),
            )
        for pause in listed:
            began_at, ended_at = pause.began_at, pause.ended_at or latest
            if began_at < reached:
                raise Refusal(
                    "clock.pauses-overlap",
                    clause=pause.clause,
                    began_on=began_at.isoformat(),
                    reached_on="" if reached == latest else reached.isoformat(),
                )
            if ended_at < began_at:
                raise Refusal(
                    "clock.pause-turned-round",
                    clause=pause.clause,
                    began_on=began_at.isoformat(),
                    ended_on=ended_at.isoformat(),
                )
            reached = ended_at
        object.__setattr__(self, "pauses", tuple(listed))


def find_moment_due(clock: HourClock) -> datetime | None:
    """Give the last moment of the clock's budget; ``None`` while it stands still before it.

    >>> from datetime import UTC
    >>> two = Budget(2, Unit.HOURS)
    >>> find_moment_due(HourClock(started_at=datetime(2026, 9, 17, 23, tzinfo=UTC), budget=two))
    datetime.datetime(2026, 9, 18, 1, 0, tzinfo=datetime.timezone.utc)
    """
    return find_moment_reached(clock, hours=clock.budget.length)


def find_moment_reached(clock: HourClock, *, hours: int) -> datetime | None:
    """Give the moment at which ``hours`` of the budget have run, or none while it stands."""
    due = clock.started_at + timedelta(hours=hours)
    for pause in clock.pauses:
        if due <= pause.began_at:
            break
        if pause.ended_at is None:
            return None
        due += pause.ended_at - pause.began_at
    return due


def time_used(clock: HourClock, *, at: datetime) -> timedelta:
    """Give the time that has run by ``at``, or refuse with ``clock.before-start``."""
    if at < clock.started_at:
        raise Refusal(
            "clock.before-start", date=at.isoformat(), started_on=clock.started_at.isoformat()
        )
    used = at - clock.started_at
    for pause in clock.pauses:
        if pause.began_at < at:
            used -= (at if pause.ended_at is None else min(at, pause.ended_at)) - pause.began_at
    return used


def is_overdue(clock: HourClock, *, at: datetime) -> bool:
    """Whether the budget has run out before ``at``."""
    due = find_moment_due(clock)
    return due is not None and at > due
