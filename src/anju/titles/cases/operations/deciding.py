"""What departments decided, what silence decides, and what was owed and did not come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.calendars import current_calendar
from anju.foundation.casework.laying import lay_action, tell_action
from anju.foundation.casework.queries import case_by_id, case_file, procedure_of
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn, NewAction
from anju.foundation.core.clock import city_time
from anju.titles.cases.laying import lock_title_case
from anju.titles.cases.models import TitleCaseRecord
from anju.titles.cases.owed import OWED_OVER, OWED_SOON, OwedPapers, tell_owed
from anju.titles.cases.types import PROCEDURES
from anju_rules.procedures.states import ActionKind, Flag, Status
from anju_rules.values import Refusal

DEPARTMENT = ActingAs(role="department", tier="outside")
_PLATFORM = "casework.watch"
_WARNED_BEFORE = 1
"""So many working days before the last one an owed material is called to mind."""


@operation(
    permits="titles.decide",
    action="titlecases.department.decided",
    clauses=("licensing-law/26",),
    level=Secrecy.INTERNAL,
)
def note_department_result(
    *,
    project_id: UUID,
    case_id: UUID,
    step: str,
    outcome: str,
    paper: str,
    by: Actor,
    at: datetime,
    why: str = "",
    materials: tuple[HandedIn, ...] = (),
    expects: int | None = None,
) -> CaseRow:
    """Enter what a department decided in its step, with the number of its paper.

    Departments work side by side and have no accounts: the window enters what they answer, and
    ``materials``, what they shared for it.
    Refuses with ``titlecases.paper-missing``, ``titlecases.not-a-department`` and as an act on the
    case is judged.
    """
    lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    if not paper.strip():
        raise Refusal("titlecases.paper-missing")
    rule = procedure_of(project_id=project_id, case_id=case_id).steps.get(step)
    if rule is None or rule.role != DEPARTMENT.role:
        raise Refusal("titlecases.not-a-department", step=step)
    told = f"{why.strip()}（{paper.strip()}）" if why.strip() else paper.strip()
    act = NewAction(
        kind=ActionKind.DECIDE, step=step, outcome=outcome, materials=materials, why=told
    )
    row = lay_action(
        project_id=project_id,
        case_id=case_id,
        act=act,
        by=by,
        at=at,
        expects=expects,
        acting_as=DEPARTMENT,
    )
    record(
        target=case_id,
        project_id=project_id,
        household_id=row.household_id,
        body=tell_action(row, act),
    )
    return row


def accept_silent_cases(*, by: Actor, at: datetime) -> tuple[UUID, ...]:
    """Accept every case that nobody answered on the day it was filed: silence is acceptance.

    A case that the other side has not joined, or that something keeps back, is left as it is.
    Each is a transaction of its own; gives those that were accepted.
    """
    with reading(by=by):
        waiting = list(
            TitleCaseRecord.objects.filter(standing="open", due_on=None)
            .order_by("opened_at")
            .values_list("project_id", "id", "opened_at")
        )
    today, accepted = city_time(at).date(), []
    for project_id, case_id, opened_at in waiting:
        if city_time(opened_at).date() >= today:
            continue
        with reading(by=by):
            case = case_by_id(project_id=project_id, case_id=case_id)
        if case.status is not Status.INTAKE or Flag.AWAITS_CORRECTION in case.flags:
            continue
        try:
            accept_silent_case(project_id=project_id, case_id=case_id, by=by, at=at)
        except Refusal:
            continue  # the refusal stands in the ledger, and the case with the window
        accepted.append(case_id)
    return tuple(accepted)


@operation(
    permits=_PLATFORM,
    action="titlecases.case.accepted-by-silence",
    clauses=("registration-rules/17",),
    level=Secrecy.INTERNAL,
)
def accept_silent_case(*, project_id: UUID, case_id: UUID, by: Actor, at: datetime) -> CaseRow:
    """Accept one case because nobody said otherwise; refuses as an acceptance is judged."""
    procedure = procedure_of(project_id=project_id, case_id=case_id)
    if procedure.code not in PROCEDURES:
        raise Refusal("titlecases.unknown-case")
    act = NewAction(kind=ActionKind.ACCEPT, why="逾期没有答复，视为受理")
    row = lay_action(
        project_id=project_id,
        case_id=case_id,
        act=act,
        by=by,
        at=at,
        acting_as=ActingAs(role=procedure.intake_role, tier=procedure.intake_tier),
    )
    record(
        target=case_id,
        project_id=project_id,
        household_id=row.household_id,
        body=tell_action(row, act),
    )
    return row


def warn_of_owed_materials(*, by: Actor, at: datetime) -> tuple[UUID, ...]:
    """Warn of every case whose owed material must come by the next working day; gives them.

    Of each limit once: a limit that moves is warned of again.
    """
    today, calendar = city_time(at).date(), current_calendar()
    with reading(by=by):
        owing = list(
            TitleCaseRecord.objects.filter(standing="open", owed_until__gte=today)
            .exclude(warned_for=F("owed_until"))
            .values_list("project_id", "id", "owed_until")
        )
    warned = []
    for project_id, case_id, until in owing:
        # The query asks for a day: none is left out here.
        left = 0 if until is None else calendar.working_days_between(after=today, until=until)
        if left <= _WARNED_BEFORE:
            warn_owed_case(project_id=project_id, case_id=case_id, by=by, at=at)
            warned.append(case_id)
    return tuple(warned)


@operation(
    permits=_PLATFORM,
    action="titlecases.material.nears-limit",
    clauses=("henan-environment/35",),
    level=Secrecy.INTERNAL,
)
def warn_owed_case(*, project_id: UUID, case_id: UUID, by: Actor, at: datetime) -> None:
    """Tell the owners of one case what it owes, until when, and what follows otherwise.

    Refuses with ``titlecases.over`` and, where nothing is owed or it was told, with
    ``titlecases.nothing-lapsed``.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    if kept.owed_until is None or kept.owed_until == kept.warned_for:
        raise Refusal("titlecases.nothing-lapsed")
    case, owed = _owed_of(kept, by=by, at=at)
    kept.warned_for = kept.owed_until
    kept.save(force_update=True)
    tell_owed(case, kind=OWED_SOON, owed=owed, at=at)
    record(
        target=case_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"owed_until": kept.owed_until.isoformat()},
    )


def _owed_of(kept: TitleCaseRecord, *, by: Actor, at: datetime) -> tuple[CaseRow, OwedPapers]:
    """Give a case with what it owes that must come first."""
    file = case_file(project_id=kept.project_id, case_id=kept.id, by=by, at=at)
    until = kept.owed_until or city_time(at).date()
    titles = tuple(
        line.title for line in file.materials if line.state == "owed" and line.owed_until == until
    )
    return file.case, OwedPapers(titles=titles, until_on=until)


def note_lapsed_materials(*, by: Actor, at: datetime) -> tuple[UUID, ...]:
    """Note every case whose owed material has not come in its time; gives them."""
    today = city_time(at).date()
    with reading(by=by):
        late = list(
            TitleCaseRecord.objects.filter(
                standing="open", lapsed_at=None, owed_until__lt=today
            ).values_list("project_id", "id")
        )
    for project_id, case_id in late:
        note_lapsed_case(project_id=project_id, case_id=case_id, by=by, at=at)
    return tuple(case_id for _, case_id in late)


@operation(
    permits=_PLATFORM,
    action="titlecases.material.lapsed",
    clauses=("henan-environment/35",),
    level=Secrecy.INTERNAL,
)
def note_lapsed_case(*, project_id: UUID, case_id: UUID, by: Actor, at: datetime) -> None:
    """Note that what one case owed did not come: its tolerance is over, and its owners are told.

    From then on the desk shows it among what is to be refused; approval was barred before. A
    material that comes before the refusal still heals it. Refuses with ``titlecases.over`` and
    ``titlecases.nothing-lapsed``.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    if kept.owed_until is None or kept.owed_until >= city_time(at).date():
        raise Refusal("titlecases.nothing-lapsed")
    case, owed = _owed_of(kept, by=by, at=at)
    kept.lapsed_at = at
    kept.save(force_update=True)
    tell_owed(case, kind=OWED_OVER, owed=owed, at=at)
    record(
        target=case_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"owed_until": kept.owed_until.isoformat()},
    )
