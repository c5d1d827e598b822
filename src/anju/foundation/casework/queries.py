"""Reads of casework: a case, its file, the cases of a family or a thing, the board."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import connections
from django.db.models import Min

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.casework.bars import bar_of, read_whole
from anju.foundation.casework.calendars import current_calendar
from anju.foundation.casework.definitions import stored_procedure
from anju.foundation.casework.folding import RUNGS, Unfolded, step_at, unfold_lines
from anju.foundation.casework.laying import lies_in_office, standing_of
from anju.foundation.casework.mapping import action_lines, actions_of, case_from, lines_from
from anju.foundation.casework.models import (
    OPEN_STATUSES,
    ActionRecord,
    AlertRecord,
    CaseRecord,
    MaterialRecord,
    PauseRecord,
    ProcedureRecord,
)
from anju.foundation.casework.queues import queue_of
from anju.foundation.casework.types import (
    ActionLine,
    AlertLine,
    AskedPoint,
    Board,
    CaseFile,
    CaseRow,
    MaterialLine,
    OfficeLine,
    StepLine,
    StepState,
)
from anju.foundation.core.clock import city_time
from anju_rules.alerts import AlertRung
from anju_rules.calendar import WorkingCalendar
from anju_rules.clocks import PauseReason
from anju_rules.procedures.acting import Possible, lawful_actions
from anju_rules.procedures.cases import missing_materials
from anju_rules.procedures.states import ActionKind
from anju_rules.procedures.types import Procedure, Step
from anju_rules.values import Refusal

__all__ = [
    "board",
    "case_by_id",
    "case_file",
    "case_of_household",
    "cases_across",
    "cases_by_id",
    "cases_of_subject",
    "count_waiting",
    "find_case",
    "first_owed",
    "last_decider",
    "latest_alerts",
    "open_pause_of",
    "procedure_of",
    "procedures_of",
    "queue_of",
]
_SEES = "casework.see"
_LATEST = 20


def case_by_id(*, project_id: UUID, case_id: UUID) -> CaseRow:
    """Give a case; refuses with ``casework.unknown-case``. Call it while reading or writing."""
    return case_from(_kept(project_id, case_id))


def open_pause_of(*, project_id: UUID, case_id: UUID) -> PauseReason | None:
    """Give why a case's clocks stand still now; ``None`` while they run."""
    found = PauseRecord.objects.filter(project_id=project_id, case_id=case_id, ended_on=None)
    kept = found.values_list("reason", flat=True).first()
    return None if kept is None else PauseReason(kept)


def find_case(*, case_id: UUID, by: Actor) -> CaseRow:
    """Give a case by its id alone, as an address names it; needs ``casework.see``.

    Refuses with ``casework.unknown-case``, also where it lies out of sight.
    """
    require_permission(by, _SEES)
    found = CaseRecord.objects.filter(id=case_id)
    if by.projects is not None:
        found = found.filter(project_id__in=by.projects)  # the index begins with the project
    with reading(by=by):
        kept = found.first()
        if kept is None:
            raise Refusal("casework.unknown-case")
        return case_from(kept)


def cases_by_id(*, project_id: UUID, case_ids: Collection[UUID]) -> dict[UUID, CaseRow]:
    """Give these cases of a project, those in sight. Call it while reading or writing."""
    return cases_across(project_ids=[project_id], case_ids=case_ids)


def cases_across(
    *, project_ids: Collection[UUID], case_ids: Collection[UUID]
) -> dict[UUID, CaseRow]:
    """Give these cases of several projects, those in sight. Call it while reading or writing."""
    kept = CaseRecord.objects.filter(project_id__in=list(project_ids), id__in=list(case_ids))
    return {one.id: case_from(one) for one in kept}


def procedure_of(*, project_id: UUID, case_id: UUID) -> Procedure:
    """Give the very definition a case was opened under; refuses with ``casework.unknown-case``."""
    return stored_procedure(_kept(project_id, case_id).procedure_id)


def procedures_of(*, project_id: UUID, case_ids: Collection[UUID]) -> dict[UUID, Procedure]:
    """Give the very definitions these cases were opened under, by case; those in sight."""
    kept = CaseRecord.objects.filter(project_id=project_id, id__in=list(case_ids))
    return {
        case_id: stored_procedure(procedure_id)
        for case_id, procedure_id in kept.values_list("id", "procedure_id")
    }


def first_owed(*, project_id: UUID, case_ids: Collection[UUID]) -> dict[UUID, date]:
    """Give the first day by which something owed must have come, for the cases that owe by one.

    Call it while reading or writing.
    """
    owed = MaterialRecord.objects.filter(
        project_id=project_id, case_id__in=list(case_ids), state="owed", owed_until__isnull=False
    )
    return dict(owed.values_list("case_id").annotate(first=Min("owed_until")))


def case_of_household(*, project_id: UUID, household_id: UUID, by: Actor) -> tuple[CaseRow, ...]:
    """Give a household's cases, the open ones first, then the newest; needs ``casework.see``."""
    require_permission(by, _SEES)
    with reading(by=by):
        kept = CaseRecord.objects.filter(project_id=project_id, household_id=household_id)
        rows = [case_from(one) for one in kept.order_by("-opened_at", "-serial")]
    return tuple(sorted(rows, key=lambda row: not row.status.is_open))


def cases_of_subject(
    *, project_id: UUID, subject_kind: str, subject_id: UUID
) -> tuple[CaseRow, ...]:
    """Give the cases of a thing, the newest first. Call it while reading or writing."""
    kept = CaseRecord.objects.filter(
        project_id=project_id, subject_kind=subject_kind, subject_id=subject_id
    )
    return tuple(case_from(one) for one in kept.order_by("-opened_at", "-serial"))


def cases_under(*, project_id: UUID, procedure: str) -> tuple[CaseRow, ...]:
    """Give a project's cases under a procedure, the newest first. Call it while reading."""
    versions = ProcedureRecord.objects.filter(code=procedure).values_list("id", flat=True)
    kept = CaseRecord.objects.filter(project_id=project_id, procedure_id__in=list(versions))
    return tuple(case_from(one) for one in kept.order_by("-opened_at", "-serial"))


def subjects_in_cases(*, project_id: UUID, subject_ids: Collection[UUID]) -> set[UUID]:
    """Give those of these things of which a case is open. Call it while reading or writing."""
    found = CaseRecord.objects.filter(
        project_id=project_id, subject_id__in=list(subject_ids), first_task__isnull=False
    )
    return set(found.values_list("subject_id", flat=True))


def last_decider(*, project_id: UUID, case_id: UUID) -> UUID | None:
    """Give the account that decided a step of a case last; None before any decision.

    Call it while reading or writing.
    """
    decisions = ActionRecord.objects.filter(
        project_id=project_id, case_id=case_id, kind=ActionKind.DECIDE.value
    )
    last = decisions.order_by("-place").values_list("by", flat=True).first()
    return None if last is None else UUID(str(last))


def _kept(project_id: UUID, case_id: UUID) -> CaseRecord:
    kept = CaseRecord.objects.filter(project_id=project_id, id=case_id).first()
    if kept is None:
        raise Refusal("casework.unknown-case")
    return kept


def case_file(*, project_id: UUID, case_id: UUID, by: Actor, at: datetime) -> CaseFile:
    """Give everything in a case, as the reader may see it; needs ``casework.see``.

    A family sees every act, its reasons and clauses, and nobody's id or note. Refuses with
    ``casework.unknown-case``, also where it lies out of sight.
    """
    require_permission(by, _SEES)
    at = city_time(at)
    with reading(by=by):
        kept = _kept(project_id, case_id)
        procedure = stored_procedure(kept.procedure_id)
        records = actions_of(project_id=project_id, case_id=case_id)
        found = unfold_lines(procedure, lines_from(procedure, records))
        calendar = current_calendar()
        actions = action_lines(records, is_family=by.kind == "household")
        materials = list(MaterialRecord.objects.filter(project_id=project_id, case_id=case_id))
    net, gross, pauses = read_whole(found, on=at.date(), calendar=calendar)
    is_open = found.state.status.is_open
    return CaseFile(
        case=case_from(kept),
        definition=procedure,
        kind=found.queue.kind,
        waits_for=found.queue.role,
        clock=bar_of(procedure, found, step="", at=at, calendar=calendar) if is_open else None,
        steps=tuple(
            _step_line(procedure, found, step, at=at, calendar=calendar)
            for step in procedure.steps.values()
        ),
        materials=_material_lines(procedure, {one.code: one for one in materials}),
        actions=actions,
        what_is_lawful=_lawful(procedure, found, kept, by),
        first_came_on=found.state.came_on or at.date(),
        net_working_days=net,
        gross_days=gross,
        pauses=pauses,
        asked=_asked(actions) if found.state.is_awaiting else (),
    )


def _lawful(
    procedure: Procedure, found: Unfolded, kept: CaseRecord, by: Actor
) -> tuple[Possible, ...]:
    standing = standing_of(by)
    if by.kind == "officer" and not lies_in_office(
        division=kept.division, by=by, tier=standing.tier
    ):
        return ()
    return lawful_actions(procedure, found.state, role=standing.role, tier=standing.tier)


def _asked(actions: tuple[ActionLine, ...]) -> tuple[AskedPoint, ...]:
    asked = [line for line in actions if line.kind is ActionKind.ASK_CORRECTION]
    return asked[-1].points if asked else ()


def _step_line(
    procedure: Procedure, found: Unfolded, step: Step, *, at: datetime, calendar: WorkingCalendar
) -> StepLine:
    state = found.state
    is_open = step.code in state.open_steps
    stands = state.flow.decided.get(step.code)
    outcome = step.outcome(stands) if stands else None
    _, decided_at = found.decided.get(step.code, ("", None))
    if is_open:
        told = StepState.IN_HAND if step.code in state.in_hand else StepState.OPEN
    elif stands:
        told = StepState.DECIDED
    else:
        told = StepState.ON_CALL if step.is_on_call else StepState.AHEAD
    return StepLine(
        code=step.code,
        title=step.title,
        role=step.role,
        tier=step.tier,
        state=told,
        outcome=stands or "",
        outcome_title=outcome.title if outcome else None,
        opened_on=state.opened_on.get(step.code) if is_open else None,
        decided_at=decided_at if stands else None,
        missing=missing_materials(state, step=step) if state.status.is_open else (),
        clause=step.basis.clause,
        clock=bar_of(procedure, found, step=step.code, at=at, calendar=calendar)
        if is_open
        else None,
    )


def _material_lines(
    procedure: Procedure, kept: dict[str, MaterialRecord]
) -> tuple[MaterialLine, ...]:
    lines = []
    for code, material in procedure.materials.items():
        held = kept.get(code)
        lines.append(
            MaterialLine(
                code=code,
                title=material.title,
                source=material.source,
                supplied_by=material.supplied_by,
                is_core=not material.is_tolerable,
                is_published=material.is_published,
                state=held.state if held else "missing",
                document_id=held.document_id if held else None,
                received_at=held.received_at if held else None,
                owed_until=held.owed_until if held else None,
                needed_by=tuple(
                    step.code for step in procedure.steps.values() if code in step.needs
                ),
            )
        )
    return tuple(lines)


def board(*, by: Actor, at: datetime, project_id: UUID | None = None) -> Board:
    """Give the supervisor's board of what lies in sight; needs ``casework.supervise``."""
    require_permission(by, "casework.supervise")
    today = city_time(at).date()
    with reading(by=by):
        cases = CaseRecord.objects.filter(status__in=OPEN_STATUSES)
        if project_id is not None:
            cases = cases.filter(project_id=project_id)
        return Board(
            offices=_office_lines(today, project_id),
            open_cases=cases.count(),
            defects=cases.filter(defects__gt=0).count(),
            rungs=_rung_counts(project_id),
            latest=latest_alerts(project_id=project_id),
        )


def _office_lines(today: date, project_id: UUID | None) -> tuple[OfficeLine, ...]:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT office, tier, count(*), count(*) FILTER (WHERE kind = 'stopped'),"
            " count(*) FILTER (WHERE kind = 'applicant'), count(*) FILTER (WHERE due_on < %s),"
            " count(*) FILTER (WHERE due_on = %s), count(*) FILTER (WHERE is_provisional)"
            " FROM casework_task WHERE %s::uuid IS NULL OR project_id = %s"
            " GROUP BY office, tier ORDER BY 6 DESC, office, tier",
            [today, today, project_id, project_id],
        )
        return tuple(
            OfficeLine(
                office=office,
                tier=tier,
                waiting=waiting,
                stopped=stopped,
                with_applicant=with_applicant,
                overdue=overdue,
                due_today=due_today,
                provisional=provisional,
            )
            for office, tier, waiting, stopped, with_applicant, overdue, due_today, provisional in (
                cursor.fetchall()
            )
        )


def count_waiting() -> dict[str, dict[str, int]]:
    """Count the open steps in sight, by procedure and step (empty: at the window).

    Call it while reading. One statement, however many cases there are.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT c.procedure_id, t.place, count(*) FROM casework_task t JOIN casework_case c"
            " ON (c.project_id, c.id) = (t.project_id, t.case_id) GROUP BY 1, 2"
        )
        rows = cursor.fetchall()
    counted: dict[str, dict[str, int]] = {}
    for procedure_id, place, count in rows:
        procedure = stored_procedure(procedure_id)
        steps = counted.setdefault(procedure.code, {})
        step = step_at(procedure, place)
        steps[step] = steps.get(step, 0) + count
    return counted


def _rung_counts(project_id: UUID | None) -> dict[AlertRung, int]:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT rung, count(*) FROM casework_alert a JOIN casework_clock k"
            " USING (project_id, case_id, place, started_at)"
            " WHERE %s::uuid IS NULL OR project_id = %s GROUP BY rung",
            [project_id, project_id],
        )
        return {RUNGS[rung - 1]: count for rung, count in cursor.fetchall()}


def latest_alerts(*, project_id: UUID | None = None, size: int = _LATEST) -> tuple[AlertLine, ...]:
    """Give the alerts raised last. Call it while reading."""
    found = AlertRecord.objects.order_by("-raised_at", "case_id", "-rung")
    if project_id is not None:
        found = found.filter(project_id=project_id)
    alerts = list(found[:size])
    cases = {
        (kept.project_id, kept.id): kept
        for kept in CaseRecord.objects.filter(
            project_id__in={one.project_id for one in alerts},
            id__in={one.case_id for one in alerts},
        )
    }
    return tuple(
        AlertLine(
            project_id=one.project_id,
            case_id=one.case_id,
            number=kept.number,
            step=step_at(stored_procedure(kept.procedure_id), one.place),
            rung=RUNGS[one.rung - 1],
            raised_at=one.raised_at,
            household_id=one.household_id,
            tells_supervisor=RUNGS[one.rung - 1].tells_supervisor,
        )
        for one in alerts
        for kept in (cases[one.project_id, one.case_id],)
    )
