"""Reads of agreements: which stand, and how each department keeps its own."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.agreements.types import AgreementRecord, AgreementRow, AgreementState
from anju.foundation.casework.queries import cases_of_subject
from anju.foundation.casework.types import CaseRow
from anju.foundation.exchange.departments.queries import department_record
from anju_rules.departments.kinds import department_by_code
from anju_rules.hashing import digest, encode
from anju_rules.procedures.states import Status

PROCEDURE, SUBJECT = "agreement", "department"
_WAITS = {
    "draft": AgreementState.DRAFTING,
    "department-signs": AgreementState.WITH_DEPARTMENT,
    "city-signs": AgreementState.WITH_CITY,
}


def subject_of(department: str) -> UUID:
    """Give the id under which a department is the subject of a case: it follows from its code."""
    return UUID(bytes=digest(encode("anju-department-1", department))[:16], version=4)


def open_agreement(*, project_id: UUID, department: str) -> CaseRow | None:
    """Give the agreement that is being made with a department. Call it while reading or writing."""
    return next(
        (case for case in _cases(project_id, department) if case.status.is_open),
        None,
    )


def agreement_record(*, project_id: UUID, department: str, by: Actor) -> AgreementRecord:
    """Give what a department agreed to for a project, and how it keeps its limits there.

    Needs ``departments.see``; refuses with ``departments.unknown``.
    """
    kept = department_record(department=department, project_id=project_id, by=by)
    with reading(by=by):
        return AgreementRecord(agreement=_agreement_row(project_id, department), kept=kept)


def _agreement_row(project_id: UUID, department: str) -> AgreementRow:
    cases = _cases(project_id, department)
    newest = cases[0] if cases else None
    return AgreementRow(
        department=department,
        title=department_by_code(department).title,
        state=_state_of(newest),
        case_id=newest.id if newest else None,
        number=newest.number if newest else "",
        due_on=newest.due_on if newest else None,
        in_force_on=next((case.ended_on for case in cases if case.status is Status.DONE), None),
    )


def _cases(project_id: UUID, department: str) -> tuple[CaseRow, ...]:
    return cases_of_subject(
        project_id=project_id, subject_kind=SUBJECT, subject_id=subject_of(department)
    )


def _state_of(case: CaseRow | None) -> AgreementState:
    if case is None:
        return AgreementState.NONE
    if case.status.is_open:
        return _WAITS[case.open_steps[0]]
    return AgreementState.IN_FORCE if case.status is Status.DONE else AgreementState.DECLINED
