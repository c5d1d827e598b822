"""The queue: a page of what waits, found by keyset in stored columns.

One probe of an index for each office, kind and role asked for, each at most a page long; so a page
costs the same before a thousand cases and before a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

from django.db import connections

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.casework.bars import day_bar, hour_bar
from anju.foundation.casework.calendars import current_calendar
from anju.foundation.casework.definitions import stored_procedure
from anju.foundation.casework.folding import DIGITS, step_at
from anju.foundation.casework.models import (
    WAITING_KINDS,
    CaseRecord,
    ClockRecord,
    PauseRecord,
    TaskRecord,
)
from anju.foundation.casework.types import CaseLine, ClockBar, Cursor, QueuePage, Scope
from anju.foundation.core.clock import city_time
from anju_rules.calendar import WorkingCalendar
from anju_rules.clocks import Budget, Clock, Pause, PauseReason, Unit
from anju_rules.hour_clocks import HourClock, HourPause
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import Flag, Status

MOST_COUNTED = 500
_OUTSIDE = "outside"
_OUTSIDE_ROLES = ("household", "department", "developer")
_COLUMNS = (
    "t.project_id, t.case_id, t.place, t.household_id, t.kind, t.role, t.tier, t.office,"
    " t.taken_by, t.waits_since, t.due_on, t.due_at, t.is_provisional, t.sort_on"
)
_ORDER = "t.sort_on, t.case_id, t.place"


def queue_of(
    *,
    by: Actor,
    at: datetime,
    scope: Scope = Scope.OFFICE,
    kind: QueueKind | None = None,
    with_families: bool = False,
    project_id: UUID | None = None,
    after: Cursor | None = None,
    size: int = 50,
    is_counted: bool = True,
) -> QueuePage:
    """Give a page of what waits for the actor, the most pressing first; needs ``casework.see``.

    ``with_families`` asks for what the office waits for from families and departments instead.
    ``after`` is the :attr:`~.types.QueuePage.after` of the page before. Beyond
    :data:`MOST_COUNTED` lines ``total`` is not counted further, and not at all without
    ``is_counted``: it is the length of the page then.
    """
    require_permission(by, "casework.see")
    if project_id is None and by.projects is not None and len(by.projects) == 1:
        (project_id,) = by.projects  # posted to one project: its own index serves
    where, told = _probe(by, scope=scope, kind=kind, with_families=with_families)
    if project_id is not None:
        where += " AND t.project_id = %s"
        told = [*told, project_id]
    probes = _probes(by, scope=scope, kind=kind, with_families=with_families)
    with reading(by=by):
        tasks = _page(probes, where, told, after=after, size=size + 1)
        total = _count(probes, where, told) if is_counted else len(tasks[:size])
        lines = _lines_of(tasks[:size], at=city_time(at))
    return QueuePage(
        rows=lines,
        total=min(total, MOST_COUNTED),
        is_total_capped=total > MOST_COUNTED,
        after=lines[-1].cursor if len(tasks) > size else None,
    )


Probes = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""Of each probe the office, the kind and the role; empty where it is not asked for."""


def _probes(by: Actor, *, scope: Scope, kind: QueueKind | None, with_families: bool) -> Probes:
    kinds = [kind.value] if kind is not None else list(WAITING_KINDS)
    if scope is Scope.MINE:
        kinds = [kind.value if kind is not None else ""]
    is_office = scope is Scope.OFFICE
    offices = [by.division[:digits] for digits in DIGITS.values() if digits <= len(by.division)]
    roles = _OUTSIDE_ROLES if with_families else (by.role,)
    combined = list(product(offices if is_office else [""], kinds, roles if is_office else [""]))
    return (
        [office for office, _, _ in combined],
        [kind for _, kind, _ in combined],
        [role for _, _, role in combined],
    )


def _probe(
    by: Actor, *, scope: Scope, kind: QueueKind | None, with_families: bool
) -> tuple[str, list[Any]]:
    """Give the condition of one probe, and what it is told."""
    if scope is Scope.MINE:
        same_kind = "" if kind is None else " AND t.kind = p.kind"
        return f"t.taken_by = %s{same_kind}", [by.id]
    tiers = {digits: tier for tier, digits in DIGITS.items()}
    tier = _OUTSIDE if with_families else tiers.get(len(by.division), "")
    if scope is Scope.OFFICE:
        return "t.office = p.office AND t.tier = %s AND t.kind = p.kind AND t.role = p.role", [tier]
    return "t.tier = %s AND t.kind = p.kind", [tier]


def _page(
    probes: Probes, where: str, told: list[Any], *, after: Cursor | None, size: int
) -> list[TaskRecord]:
    beyond = ""
    if after is not None:
        beyond = f" AND ({_ORDER}) > (%s, %s, %s)"
        told = [*told, after.sort_on, after.case_id, after.place]
    sql = (
        f"SELECT {_COLUMNS} FROM"  # noqa: S608 - every part is a constant of this file
        " unnest(%s::varchar[], %s::varchar[], %s::varchar[]) AS p (office, kind, role)"
        f" CROSS JOIN LATERAL (SELECT * FROM casework_task t WHERE {where}{beyond}"
        f" ORDER BY {_ORDER} LIMIT %s) t ORDER BY {_ORDER} LIMIT %s"
    )
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, [*map(list, probes), *told, size, size])
        names = [column.name for column in cursor.description]
        return [TaskRecord(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _count(probes: Probes, where: str, told: list[Any]) -> int:
    sql = (
        "SELECT count(*) FROM (SELECT 1 FROM"  # noqa: S608 - as above
        " unnest(%s::varchar[], %s::varchar[], %s::varchar[]) AS p (office, kind, role)"
        f" CROSS JOIN LATERAL (SELECT 1 FROM casework_task t WHERE {where} LIMIT %s) t"
        " LIMIT %s) counted"
    )
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, [*map(list, probes), *told, MOST_COUNTED + 1, MOST_COUNTED + 1])
        (count,) = cursor.fetchone()
    return int(count)


Key = tuple[UUID, UUID]
"""Project and case."""


def _lines_of(tasks: Sequence[TaskRecord], *, at: datetime) -> tuple[CaseLine, ...]:
    """Give the lines of a page: three statements, however many there are."""
    within = {
        "project_id__in": {task.project_id for task in tasks},
        "case_id__in": {task.case_id for task in tasks},
    }
    if not tasks:
        return ()
    cases = {
        (kept.project_id, kept.id): kept
        for kept in CaseRecord.objects.filter(
            project_id__in=within["project_id__in"], id__in=within["case_id__in"]
        )
    }
    clocks = {
        (kept.project_id, kept.case_id, kept.place): kept
        for kept in ClockRecord.objects.filter(**within)
    }
    pauses: dict[Key, list[PauseRecord]] = {}
    for pause in PauseRecord.objects.filter(**within).order_by("place"):
        pauses.setdefault((pause.project_id, pause.case_id), []).append(pause)
    calendar = current_calendar()
    return tuple(
        _line_from(
            task,
            cases[task.project_id, task.case_id],
            clocks.get((task.project_id, task.case_id, task.place))
            or clocks.get((task.project_id, task.case_id, 0)),
            pauses.get((task.project_id, task.case_id), []),
            at=at,
            calendar=calendar,
        )
        for task in tasks
    )


def _line_from(
    task: TaskRecord,
    kept: CaseRecord,
    clock: ClockRecord | None,
    pauses: Sequence[PauseRecord],
    *,
    at: datetime,
    calendar: WorkingCalendar,
) -> CaseLine:
    procedure = stored_procedure(kept.procedure_id)
    step = step_at(procedure, task.place)
    bar = _bar_from(clock, pauses, step=step, at=at, calendar=calendar)
    return CaseLine(
        case_id=task.case_id,
        project_id=task.project_id,
        number=kept.number,
        household_id=kept.household_id,
        procedure=procedure.code,
        definition=procedure,
        title=procedure.title,
        step=step,
        step_title=procedure.steps[step].title if step else procedure.title,
        kind=QueueKind(task.kind),
        role=task.role,
        tier=task.tier,
        office=task.office,
        taken_by=task.taken_by,
        waits_since=task.waits_since,
        due_on=task.due_on,
        due_at=task.due_at,
        is_provisional=task.is_provisional,
        unit=bar.unit if bar else None,
        length=bar.length if bar else 0,
        used=bar.used if bar else 0,
        left=bar.left if bar else 0,
        is_overdue=bar.is_overdue if bar else False,
        is_stopped=bool(pauses) and pauses[-1].ended_on is None,
        rung=bar.rung if bar else None,
        status=Status(kept.status),
        flags=frozenset(Flag(flag) for flag in kept.flags),
        log_length=kept.length,
        cursor=Cursor(sort_on=task.sort_on, case_id=task.case_id, place=task.place),
    )


def _bar_from(
    clock: ClockRecord | None,
    pauses: Sequence[PauseRecord],
    *,
    step: str,
    at: datetime,
    calendar: WorkingCalendar,
) -> ClockBar | None:
    """Give the bar of a stored clock; none where nothing limits the step or the case."""
    if clock is None:
        return None
    budget = Budget(clock.length, Unit(clock.unit), clock.clause)
    started_at, started_on = city_time(clock.started_at), clock.started_on
    if budget.unit is Unit.HOURS:
        stops = tuple(
            HourPause(max(city_time(one.began_at), started_at),
                      city_time(one.ended_at) if one.ended_at else None,
                      PauseReason(one.reason), one.clause)
            for one in pauses
            if one.ended_at is None or one.ended_at > started_at
        )  # fmt: skip
        hours = HourClock(started_at=started_at, budget=budget, pauses=stops)
        return hour_bar(hours, step=step, at=at)
    days = tuple(
        Pause(max(one.began_on, started_on), one.ended_on, PauseReason(one.reason), one.clause)
        for one in pauses
        if one.ended_on is None or one.ended_on > started_on
    )
    running = Clock(started_on=started_on, budget=budget, pauses=days)
    return day_bar(running, step=step, on=at.date(), calendar=calendar)
