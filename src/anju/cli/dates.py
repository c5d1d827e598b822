"""``anju due``: the last day of a term, in working or calendar days, with or without pauses."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.foundation.core.words import say
from anju_rules import calendar, clocks
from anju_rules.values import Refusal

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS = re.compile(r"[0-9]{1,7}")


def show_due_date(
    start: Annotated[
        str, typer.Argument(metavar="日期", help="起算日（当日不计入），如 2026-09-24")
    ],
    days: Annotated[str, typer.Argument(metavar="天数", help="期限天数，如 5")],
    *,
    calendar_days: Annotated[
        bool,
        typer.Option("--calendar-days", help="按自然日计算，末日逢休息日顺延（默认按工作日）"),
    ] = False,
    pause: Annotated[
        list[str] | None,
        typer.Option(
            "--pause",
            metavar="起..止",
            help="计时中止的起止日，如 2026-09-21..2026-09-28（起日计入，止日不计入），可写多次",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Print the last day of a term, and whether it is provisional."""
    unit = clocks.Unit.CALENDAR_DAYS if calendar_days else clocks.Unit.WORKING_DAYS
    try:
        clock = clocks.Clock(
            started_on=read_start(start),
            budget=clocks.Budget(read_days(days), unit),
            pauses=tuple(read_pause(text) for text in pause or ()),
        )
        due = clocks.find_deadline(clock)
    except Refusal as refusal:
        refuse(refusal, json=json)
    answer(_tell(clock, due, has_pauses=bool(pause)), json=json, lines=[_show(clock, due)])


def _show(clock: clocks.Clock, due: calendar.Deadline | None) -> str:
    """Say the due date first; where there is none yet, that the clock stands still."""
    if due is None:
        stopped = clock.pauses[-1].began_on
        used = clocks.count_used(clock, on=stopped)
        left = clock.budget.length - used
        return "stopped " + say("clock.stands-still", {"date": stopped, "left": left})
    shown = due.on.isoformat()
    if due.provisional:
        note = say("calendar.provisional", {"year": calendar.LAST_NOTICE_YEAR})
        shown = f"{shown} provisional {note}"
    return shown


def _tell(
    clock: clocks.Clock, due: calendar.Deadline | None, *, has_pauses: bool
) -> dict[str, object]:
    told: dict[str, object] = {
        "due_on": due.on.isoformat() if due else None,
        "provisional": due.provisional if due else None,
        "counted": clock.budget.unit.value,
        "start": clock.started_on.isoformat(),
        "days": clock.budget.length,
        "last_notice_year": calendar.LAST_NOTICE_YEAR,
    }
    if has_pauses:
        told["pauses"] = [
            {
                "from": pause.began_on.isoformat(),
                "to": pause.ended_on.isoformat() if pause.ended_on else None,
            }
            for pause in clock.pauses
        ]
    return told


def read_pause(text: str) -> clocks.Pause:
    """Read ``2026-09-21..2026-09-28``, or ``2026-09-21..`` for a clock that still stands.

    Refuses with ``clock.not-a-pause`` or ``calendar.not-a-date``.
    """
    began_on, dots, ended_on = text.strip().partition("..")
    if not dots:
        raise Refusal("clock.not-a-pause", value=text)
    return clocks.Pause(read_start(began_on), read_start(ended_on) if ended_on.strip() else None)


def read_start(text: str) -> date:
    """Read a date of the form 2026-09-24, or refuse with ``calendar.not-a-date``."""
    try:
        if _DATE.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refusal("calendar.not-a-date", value=text) from error
    raise Refusal("calendar.not-a-date", value=text)


def read_days(text: str) -> int:
    """Read a whole number of days, or refuse with ``calendar.not-a-number-of-days``."""
    if not _DAYS.fullmatch(text.strip()):
        raise Refusal("calendar.not-a-number-of-days", value=text)
    return int(text)


def register(app: typer.Typer) -> None:
    """Add ``due`` to the command line."""
    app.command(
        "due",
        help="计算期限届满日：自起算日次日计，依国务院办公厅放假通知（含调休）；可扣除中止的日子。",
    )(show_due_date)
