"""The supervisor's board: what every office has before it, what is late, which alerts were told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.queries import list_organisations
from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import board, procedure_of
from anju.foundation.casework.types import AlertLine, OfficeLine
from anju.foundation.core.clock import read_clock
from anju.foundation.exchange.departments.queries import department_record
from anju.foundation.exchange.departments.types import DepartmentRecord
from anju.resettlement.projects.queries import list_projects
from anju.web.bars import Stretch, draw_stretches
from anju.web.officer.case_words import RUNGS, TIERS
from anju.web.officer.work_rows import project_options, queue_options, require_officer
from anju.web.once import read_id
from anju.web.routes import route
from anju_rules.alerts import AlertRung
from anju_rules.departments.kinds import DEPARTMENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow:
    """One office: how much waits, and how much of it is late."""

    line: OfficeLine
    name: str
    tier: str
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RungRow:
    """How many alerts of a rung stand for what is still open."""

    words: str
    count: int
    share: int
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert."""

    line: AlertLine
    words: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentRow:
    """How a department keeps what it agreed to (GOV-2)."""

    record: DepartmentRecord
    typical: str
    """How long its answers take, as a rule; empty where none has come."""


@require_safe
@route(permits="casework.supervise")
def show_board(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what waits in every office in sight, the latest first."""
    require_officer(by)
    asked = read_id(request.GET.get("project", ""))
    told = board(by=by, at=read_clock(), project_id=asked)
    names = _names_of_offices(by)
    most = max((line.waiting for line in told.offices), default=0)
    facts = {
        "board": told,
        "offices": [_office_row(line, names, most=most) for line in told.offices],
        "overdue": sum(line.overdue for line in told.offices),
        "rungs": _rung_rows(told.rungs),
        "alerts": [_alert_row(line) for line in told.latest],
        "departments": _department_rows(by),
        "queues": queue_options(""),
        "projects": project_options(list_projects(), by=by, chosen=asked),
        "is_all": asked is None,
    }
    return render(request, "officer/casework/board.html", facts)


def _names_of_offices(by: Actor) -> dict[str, str]:
    if not is_permitted(by, "accounts.see"):
        return {}
    return {one.division: one.name for one in list_organisations(by=by)}


def _office_row(line: OfficeLine, names: Mapping[str, str], *, most: int) -> OfficeRow:
    # What is stopped or with the applicant may be late too; the bar shows late first.
    held = min(line.stopped + line.with_applicant, line.waiting - line.overdue)
    kinds = (
        ["over"] * line.overdue
        + ["used"] * (line.waiting - line.overdue - held)
        + ["pause"] * held
        + ["left"] * (most - line.waiting)
    )
    return OfficeRow(
        line=line,
        name=names.get(line.office, ""),
        tier=TIERS.get(line.tier, line.tier),
        bar=draw_stretches(kinds),
    )


def _rung_rows(rungs: Mapping[AlertRung, int]) -> list[RungRow]:
    most = max(rungs.values(), default=0)
    return [
        RungRow(
            words=words,
            count=rungs.get(rung, 0),
            share=100 * rungs.get(rung, 0) // max(1, most),
            is_late=rung in (AlertRung.ONE_LATE, AlertRung.THREE_LATE),
        )
        for rung, words in RUNGS.items()
    ]


def _department_rows(by: Actor) -> list[DepartmentRow]:
    """Give the departments that were asked anything at all."""
    if not is_permitted(by, "departments.see"):
        return []
    records = [department_record(department=code, by=by) for code in DEPARTMENTS]
    return [
        DepartmentRow(record=one, typical=_say_typical(one.typical)) for one in records if one.asked
    ]


def _say_typical(typical: timedelta | None) -> str:
    """Say how long something takes, to the hour.

    >>> _say_typical(timedelta(hours=5, minutes=20)), _say_typical(timedelta(minutes=12))
    ('5 小时', '不到 1 小时')
    """
    if typical is None:
        return ""
    hours = typical // timedelta(hours=1)
    return f"{hours} 小时" if hours else "不到 1 小时"


def _alert_row(line: AlertLine) -> AlertRow:
    procedure = procedure_of(project_id=line.project_id, case_id=line.case_id)
    step = procedure.steps[line.step].title.zh if line.step else "全程"
    return AlertRow(line=line, words=RUNGS[line.rung], step=step)
