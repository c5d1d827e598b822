"""A case folded from its log: its state, and every row that is stored of it.

Nothing here reads the database: what is written after an act and what the night compares are the
same function of definition, opening, log and calendar.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from anju_rules.alerts import AlertRung, find_rungs, find_rungs_in_hours
from anju_rules.calendar import WorkingCalendar
from anju_rules.clocks import Budget, Clock, Unit, find_deadline
from anju_rules.hour_clocks import HourClock, HourPause, find_moment_due
from anju_rules.procedures.cases import case_clock, follow_action, step_clock
from anju_rules.procedures.queues import CLOSED, Queue, queue_of, tasks_of
from anju_rules.procedures.states import Action, ActionKind, CaseState
from anju_rules.procedures.types import Procedure

DIGITS = {"city": 4, "district": 6, "street": 9}
"""The length of the division codes of each tier's offices."""
RUNGS = tuple(AlertRung)
"""A rung's number is its place here, from 1."""
Row = Mapping[str, object]
Rows = Mapping[int, Row]
Raised = Collection[tuple[int, datetime, int]]
"""Alerts that stand: the clock's place, when it started, the rung's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the log with what the rules do not ask for."""

    action: Action
    by: UUID
    documents: Mapping[str, UUID | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfolded:
    """The state of a case, and the moments that belong to it."""

    state: CaseState = field(default_factory=CaseState)
    queue: Queue = CLOSED
    waits_since: datetime | None = None
    started_at: datetime | None = None
    opened_at: Mapping[str, datetime] = field(default_factory=dict)
    decided: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    """The last outcome of each step, and when; also of steps that were undone since."""
    pauses_at: tuple[tuple[datetime, datetime | None], ...] = ()
    taken: Mapping[str, UUID] = field(default_factory=dict)
    papers: Mapping[str, tuple[UUID | None, datetime]] = field(default_factory=dict)
    """For each material its last document, and when it came."""


def unfold_lines(procedure: Procedure, lines: Iterable[Line]) -> Unfolded:
    """Fold a whole log. Refuses like :func:`anju_rules.procedures.cases.fold_actions`."""
    found = Unfolded()
    for line in lines:
        found = follow_line(procedure, found, line)
    return found


def follow_line(procedure: Procedure, before: Unfolded, line: Line) -> Unfolded:
    """Give what the case amounts to after one more line, which was judged lawful."""
    action, was = line.action, before.state
    state = follow_action(procedure, was, action)
    queue = queue_of(procedure, state)
    came = {code: (document, action.at) for code, document in line.documents.items()}
    came |= {code: (None, action.at) for code in action.materials if code not in came}
    made = {code: (None, action.at) for code in state.materials - was.materials if code not in came}
    taken = {code: who for code, who in before.taken.items() if code in state.in_hand}
    if action.kind is ActionKind.TAKE_UP:
        taken[action.step] = line.by
    decided = before.decided
    if action.kind is ActionKind.DECIDE:
        decided = {**decided, action.step: (action.outcome, action.at)}
    return Unfolded(
        state=state,
        queue=queue,
        waits_since=before.waits_since if queue == before.queue else action.at,
        started_at=before.started_at or (action.at if state.started_on else None),
        opened_at={
            code: before.opened_at[code] if code in was.open_steps else action.at
            for code in state.open_steps
        },
        decided=decided,
        pauses_at=_pauses_at(before, state, at=action.at),
        taken=taken,
        papers={**before.papers, **made, **came},
    )


def _pauses_at(
    before: Unfolded, state: CaseState, *, at: datetime
) -> tuple[tuple[datetime, datetime | None], ...]:
    moments = before.pauses_at
    if len(state.pauses) > len(moments):
        return (*moments, (at, None))
    if moments and moments[-1][1] is None and state.open_pause is None:
        return (*moments[:-1], (moments[-1][0], at))
    return moments


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """Every row that is stored of a case beside its opening and its log."""

    case: Row
    tasks: Rows
    clocks: Rows
    pauses: Rows
    materials: Rows


def derive_rows(
    procedure: Procedure,
    found: Unfolded,
    *,
    division: str,
    calendar: WorkingCalendar,
    raised: Raised = (),
) -> Derived:
    """Give the rows of a case that has been opened."""
    state = found.state
    clocks = _clock_rows(procedure, found, calendar=calendar, raised=raised)
    tasks = {
        place_of(procedure, task.step): _task_row(
            procedure, found, task, division=division, clocks=clocks
        )
        for task in tasks_of(procedure, state)
    }
    whole = clocks.get(0, {})
    return Derived(
        case={
            "status": state.status.value,
            "flags": sorted(flag.value for flag in state.flags),
            "exchange_code": state.exchange_code,
            "length": state.length,
            "open_steps": list(state.open_steps),
            "defects": state.defects,
            "first_task": place_of(procedure, found.queue.step) if state.status.is_open else None,
            "came_on": state.came_on,
            "started_on": state.started_on,
            "ended_on": state.ended_on,
            "due_on": whole.get("due_on"),
            "is_provisional": bool(whole.get("is_provisional")),
            "last_at": state.last_at,
        },
        tasks=tasks,
        clocks=clocks,
        pauses={
            place: {
                "began_on": pause.began_on,
                "ended_on": pause.ended_on,
                "began_at": began_at,
                "ended_at": ended_at,
                "reason": pause.reason.value,
                "clause": pause.clause,
            }
            for place, (pause, (began_at, ended_at)) in enumerate(
                zip(state.pauses, found.pauses_at, strict=True), start=1
            )
        },
        materials=_material_rows(procedure, found, calendar=calendar),
    )


def place_of(procedure: Procedure, step: str) -> int:
    """Give a step's place in its procedure, from 1; 0 for the whole case."""
    return [*procedure.steps].index(step) + 1 if step else 0


def step_at(procedure: Procedure, place: int) -> str:
    """Give the step at a place; empty for the whole case."""
    return [*procedure.steps][place - 1] if place else ""


def office_of(procedure: Procedure, *, division: str, tier: str) -> str:
    """Give the division code of who acts; for families and departments, of their window."""
    return division[: DIGITS.get(tier, DIGITS.get(procedure.intake_tier, len(division)))]


def _task_row(
    procedure: Procedure, found: Unfolded, task: Queue, *, division: str, clocks: Rows
) -> Row:
    clock = clocks.get(place_of(procedure, task.step)) or clocks.get(0) or {}
    due_on = clock.get("due_on")
    return {
        "kind": task.kind.value,
        "role": task.role,
        "tier": task.tier,
        "office": office_of(procedure, division=division, tier=task.tier),
        "taken_by": found.taken.get(task.step),
        "waits_since": found.opened_at.get(task.step, found.waits_since),
        "due_on": due_on,
        "due_at": clock.get("due_at"),
        "is_provisional": bool(clock.get("is_provisional")),
        "sort_on": due_on or date.max,
    }


def _clock_rows(
    procedure: Procedure, found: Unfolded, *, calendar: WorkingCalendar, raised: Raised
) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    if not found.state.status.is_open:
        return rows
    for step in ("", *found.state.open_steps):
        place = place_of(procedure, step)
        limit = procedure.steps[step].limit if step else procedure.limit
        clock = day_clock(procedure, found.state, step=step)
        hours = hour_clock(procedure, found, step=step)
        if limit.binding is None or (clock is None and hours is None):
            continue
        started_at = found.opened_at[step] if step else found.started_at
        assert started_at is not None  # noqa: S101 - a clock runs only in a case that started
        done = {rung for at, when, rung in raised if (at, when) == (place, started_at)}
        row = _shared_row(limit.binding, started_at)
        if clock is not None:
            due = find_deadline(clock, calendar=calendar)
            days = [day for rung, day in find_rungs(clock, calendar=calendar)
                    if rung_number(rung) not in done]  # fmt: skip
            told = {
                "due_on": due.on if due else None,
                "due_at": None,
                "is_provisional": due.provisional if due else False,
                "rings_on": min(days, default=None),
            }
        else:
            assert hours is not None  # noqa: S101 - one of the two is there
            due_at = find_moment_due(hours)
            moments = [at for rung, at in find_rungs_in_hours(hours)
                       if rung_number(rung) not in done]  # fmt: skip
            told = {
                "due_on": due_at.date() if due_at else None,
                "due_at": due_at,
                "is_provisional": False,
                "rings_on": min(moments).date() if moments else None,
            }
        rows[place] = {**row, **told}
    return rows


def _shared_row(budget: Budget, started_at: datetime) -> dict[str, object]:
    return {
        "started_at": started_at,
        "started_on": started_at.date(),
        "unit": budget.unit.value,
        "length": budget.length,
        "clause": budget.clause,
    }


def rung_number(rung: AlertRung) -> int:
    """Give a rung's number, from 1."""
    return RUNGS.index(rung) + 1


def day_clock(procedure: Procedure, state: CaseState, *, step: str) -> Clock | None:
    """Give the clock of days of a step or, without one, of the whole case."""
    return step_clock(procedure, state, step=step) if step else case_clock(procedure, state)


def hour_clock(procedure: Procedure, found: Unfolded, *, step: str) -> HourClock | None:
    """Give the clock of hours of an open step that has one."""
    if not step or step not in found.opened_at:
        return None
    budget = procedure.steps[step].limit.binding
    if budget is None or budget.unit is not Unit.HOURS:
        return None
    started_at = found.opened_at[step]
    return HourClock(
        started_at=started_at,
        budget=budget,
        pauses=tuple(
            HourPause(max(began_at, started_at), ended_at, pause.reason, pause.clause)
            for pause, (began_at, ended_at) in zip(found.state.pauses, found.pauses_at, strict=True)
            if ended_at is None or ended_at > started_at
        ),
    )


def climbed_rungs(
    procedure: Procedure, found: Unfolded, *, at: datetime, calendar: WorkingCalendar
) -> list[tuple[int, datetime, AlertRung]]:
    """Give every rung that a running clock has climbed by ``at``, with the clock's place."""
    climbed = []
    for step in ("", *found.state.open_steps):
        place = place_of(procedure, step)
        clock = day_clock(procedure, found.state, step=step)
        hours = hour_clock(procedure, found, step=step)
        started_at = found.opened_at.get(step) if step else found.started_at
        if started_at is None:
            continue
        if clock is not None:
            climbed += [
                (place, started_at, rung)
                for rung, day in find_rungs(clock, calendar=calendar)
                if day <= at.date()
            ]
        if hours is not None:
            climbed += [
                (place, started_at, rung)
                for rung, moment in find_rungs_in_hours(hours)
                if moment <= at
            ]
    return climbed


def _material_rows(
    procedure: Procedure, found: Unfolded, *, calendar: WorkingCalendar
) -> dict[int, Row]:
    state = found.state
    rows: dict[int, Row] = {}
    for place, (code, material) in enumerate(procedure.materials.items(), start=1):
        is_owed = code in state.owed
        if not is_owed and code not in state.materials:
            continue
        document, received_at = found.papers.get(code, (None, None))
        until = None
        if is_owed and material.owed_within and material.owed_within.unit is not Unit.HOURS:
            clock = Clock(started_on=state.owed_since[code], budget=material.owed_within)
            due = find_deadline(clock, calendar=calendar)
            until = due.on if due else None
        rows[place] = {
            "code": code,
            "state": "owed" if is_owed else "held",
            "document_id": None if is_owed else document,
            "received_at": None if is_owed else received_at,
            "owed_until": until,
        }
    return rows
