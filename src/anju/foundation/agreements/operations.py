"""Writes of agreements: drafted, signed by the department, signed by the city."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.agreements.queries import PROCEDURE, SUBJECT, open_agreement, subject_of
from anju.foundation.casework.laying import lay_action, lay_case, tell_action
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn, NewAction
from anju_rules.departments.kinds import department_by_code
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

SERIES = "YS-AGR"
DEPARTMENT = ActingAs(role="department", tier="outside")
_NEEDS_PAPER = frozenset({"signed", "in-force"})
_DUTIES, _SIGNING = "agreement/duties#1", "agreement/duties#2"


@operation(
    permits="agreements.keep",
    action="agreements.agreement.drafted",
    clauses=(_DUTIES,),
    level=Secrecy.PUBLIC,
)
def draft_agreement(
    *, project_id: UUID, department: str, paper: UUID, by: Actor, at: datetime
) -> CaseRow:
    """Draft an agreement, or draft it again where it was sent back; ``paper`` is its document.

    Refuses with ``departments.unknown`` and as :func:`~.lay_action` does.
    """
    department_by_code(department)
    case = open_agreement(project_id=project_id, department=department)
    if case is None:
        case = lay_case(
            project_id=project_id,
            procedure=PROCEDURE,
            subject_kind=SUBJECT,
            subject_id=subject_of(department),
            division=by.division,
            series=SERIES,
            by=by,
            at=at,
        )
    act = _decide("draft", "drafted", material="draft-agreement", paper=paper)
    row = lay_action(project_id=project_id, case_id=case.id, act=act, by=by, at=at)
    _record(row, act, department=department)
    return row


@operation(
    permits="agreements.keep",
    action="agreements.department.signed",
    clauses=(_SIGNING,),
    signs=2,
    level=Secrecy.PUBLIC,
)
def sign_for_department(
    *,
    project_id: UUID,
    department: str,
    outcome: str,
    by: Actor,
    second: Actor,
    at: datetime,
    paper: UUID | None = None,
    why: str = "",
) -> CaseRow:
    """Enter what a department put on paper: ``signed``, ``to-change`` or ``declined``.

    A department has no account: one officer enters its paper, another has compared it. Refuses
    with ``agreements.none-open``, with ``agreements.paper-missing`` a signature that nothing shows,
    and as :func:`~.lay_action` does.
    """
    return _sign(
        "department-signs",
        outcome,
        material="signed-by-department",
        project_id=project_id,
        department=department,
        paper=paper,
        why=why,
        by=by,
        second=second,
        at=at,
        acting_as=DEPARTMENT,
    )


@operation(
    permits="agreements.keep",
    action="agreements.city.signed",
    clauses=(_SIGNING,),
    signs=2,
    level=Secrecy.PUBLIC,
)
def sign_for_city(
    *,
    project_id: UUID,
    department: str,
    outcome: str,
    by: Actor,
    second: Actor,
    at: datetime,
    paper: UUID | None = None,
    why: str = "",
) -> CaseRow:
    """Sign for the city's lead group: ``in-force`` or ``to-change``; two people.

    Refuses as :func:`sign_for_department` does.
    """
    return _sign(
        "city-signs",
        outcome,
        material="signed-agreement",
        project_id=project_id,
        department=department,
        paper=paper,
        why=why,
        by=by,
        second=second,
        at=at,
        acting_as=None,
    )


def _sign(
    step: str,
    outcome: str,
    *,
    material: str,
    project_id: UUID,
    department: str,
    paper: UUID | None,
    why: str,
    by: Actor,
    second: Actor,
    at: datetime,
    acting_as: ActingAs | None,
) -> CaseRow:
    department_by_code(department)
    case = open_agreement(project_id=project_id, department=department)
    if case is None:
        raise Refusal("agreements.none-open", department=department)
    if paper is None and outcome in _NEEDS_PAPER:
        raise Refusal("agreements.paper-missing")
    act = _decide(step, outcome, material=material, paper=paper, why=why)
    row = lay_action(
        project_id=project_id,
        case_id=case.id,
        act=act,
        by=by,
        second=second,
        at=at,
        acting_as=acting_as,
    )
    _record(row, act, department=department)
    return row


def _decide(
    step: str, outcome: str, *, material: str, paper: UUID | None, why: str = ""
) -> NewAction:
    return NewAction(
        kind=ActionKind.DECIDE,
        step=step,
        outcome=outcome,
        materials=(HandedIn(code=material, document_id=paper),) if paper else (),
        why=why,
    )


def _record(row: CaseRow, act: NewAction, *, department: str) -> None:
    record(
        target=row.id,
        project_id=row.project_id,
        body={**tell_action(row, act), "department": department},
    )
