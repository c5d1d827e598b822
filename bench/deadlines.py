"""Deadlines a second with pauses, beside counting day by day with ``chinese_calendar``.

The yardstick is the library that knows the same notices: its ``get_workdays`` lists the working
days of a span, and the n-th that no pause swallows is the deadline. It answers a thousandth as
many, in the same run, and every answer of both is compared.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import chinese_calendar

from anju_rules.clocks import Budget, Clock, Pause, Unit, find_deadline
from bench.measure import report, seconds_of

CLOCKS = 200_000
COMPARED = 2_000
SEED = 20260917


def make_clock(chance: random.Random) -> Clock:
    """Make a clock with nought to three pauses, started between 2015 and mid-2026."""
    start = date(2015, 1, 1) + timedelta(days=chance.randrange(4_100))
    pauses, day = [], start
    for _ in range(chance.randrange(4)):
        began = day + timedelta(days=chance.randrange(12))
        day = began + timedelta(days=chance.randrange(15))
        pauses.append(Pause(began, day))
    budget = Budget(chance.choice((3, 5, 10, 20, 30)), Unit.WORKING_DAYS)
    return Clock(started_on=start, budget=budget, pauses=tuple(pauses))


def count_day_by_day(clock: Clock) -> date:
    """Reckon one deadline with the library: list the working days, leave out the paused ones."""
    end = clock.started_on + timedelta(days=150)
    left = clock.budget.length
    worked: list[date] = chinese_calendar.get_workdays(clock.started_on + timedelta(days=1), end)
    for day in worked:
        if not any(
            pause.began_on < day <= pause.ended_on for pause in clock.pauses if pause.ended_on
        ):
            left -= 1
            if not left:
                return day
    raise SystemExit("a deadline beyond the span")


def main() -> None:
    """Measure reckoning, reckoning with the ledger of pauses built anew, and the yardstick."""
    chance = random.Random(SEED)
    clocks = [make_clock(chance) for _ in range(CLOCKS)]
    some = clocks[:COMPARED]

    def reckon() -> None:
        for clock in clocks:
            find_deadline(clock)

    def build_and_reckon() -> None:
        for clock in clocks:
            find_deadline(
                Clock(started_on=clock.started_on, budget=clock.budget, pauses=clock.pauses)
            )

    for clock in some:
        due = find_deadline(clock)
        if due is None or due.on != count_day_by_day(clock):
            raise SystemExit(f"the two differ: {clock}")
    rate = CLOCKS / min(seconds_of(reckon) for _ in range(3))
    built = CLOCKS / min(seconds_of(build_and_reckon) for _ in range(3))
    yardstick = COMPARED / seconds_of(lambda: [count_day_by_day(clock) for clock in some])
    report(
        name="deadlines",
        value=round(rate),
        unit="deadlines/s",
        yardstick=round(yardstick),
        ratio=round(rate / yardstick, 1),
        yardstick_is="chinese_calendar.get_workdays, the n-th day that no pause swallows",
        with_pauses_checked_anew=round(built),
        compared=COMPARED,
    )


if __name__ == "__main__":
    main()
