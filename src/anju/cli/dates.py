"""``anju due``: the last day of a term, in working or calendar days."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

import typer

from anju.cli.answers import answer, refuse
from anju.foundation.core.words import say
from anju_rules import calendar
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
    json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Print the last day of a term, and whether it is provisional."""
    try:
        starts_on, length = read_start(start), read_days(days)
        if calendar_days:
            due = calendar.due_after_calendar_days(start=starts_on, days=length)
        else:
            due = calendar.due_after(start=starts_on, working_days=length)
    except Refusal as refusal:
        refuse(refusal, json=json)
    shown = due.on.isoformat()
    if due.provisional:
        note = say("calendar.provisional", {"year": calendar.LAST_NOTICE_YEAR})
        shown = f"{shown} provisional {note}"
    answer(
        {
            "due_on": due.on.isoformat(),
            "provisional": due.provisional,
            "counted": "calendar-days" if calendar_days else "working-days",
            "start": starts_on.isoformat(),
            "days": length,
            "last_notice_year": calendar.LAST_NOTICE_YEAR,
        },
        json=json,
        lines=[shown],
    )


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
    app.command("due", help="计算期限届满日：自起算日次日计，依国务院办公厅放假通知（含调休）。")(
        show_due_date
    )
