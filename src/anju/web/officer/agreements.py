"""Responsibility agreements at the desk: drafted, signed from paper, and how each is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.agreements.operations import (
    draft_agreement,
    sign_for_city,
    sign_for_department,
)
from anju.foundation.agreements.queries import PROCEDURE, agreement_record, subject_of
from anju.foundation.agreements.types import AgreementRecord, AgreementRow, AgreementState
from anju.foundation.casework.queries import case_file, procedure_of
from anju.foundation.casework.types import MaterialLine
from anju.foundation.core.clock import read_clock
from anju.foundation.core.definitions import read_default_procedures
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.projects.types import ProjectRow
from anju.web.officer.case_forms import LONGEST
from anju.web.officer.case_words import say_facts
from anju.web.officer.desk_forms import DeskForm
from anju.web.officer.steps import project_in_sight
from anju.web.officer.work_rows import queue_options, require_officer
from anju.web.public.paging import Option
from anju.web.routes import go_to, route
from anju_rules.departments.kinds import DEPARTMENTS
from anju_rules.values import Refusal

STATES = {
    AgreementState.WITH_CITY: "等市里签署",
    AgreementState.DRAFTING: "退回修改",
    AgreementState.WITH_DEPARTMENT: "等部门签署",
    AgreementState.NONE: "还没有",
    AgreementState.DECLINED: "部门不签",
    AgreementState.IN_FORCE: "已生效",
}
"""In words; first what waits most for the city."""
SIGNINGS = {
    AgreementState.WITH_DEPARTMENT: "department-signs",
    AgreementState.WITH_CITY: "city-signs",
}
_URGENCY = tuple(STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentCard:
    """One department: how its agreement stands, its papers, and how it keeps its limits."""

    record: AgreementRecord
    papers: tuple[MaterialLine, ...]
    is_chosen: bool

    @property
    def agreement(self) -> AgreementRow:
        """The newest agreement."""
        return self.record.agreement

    @property
    def words(self) -> str:
        """How it stands, in words."""
        return STATES[self.agreement.state]

    @property
    def is_waiting(self) -> bool:
        """Whether somebody's signature or draft is waited for."""
        return self.agreement.state is not AgreementState.IN_FORCE

    @property
    def shared_late(self) -> int:
        """Breaches of the 24 hours; those of the 2 are counted apart."""
        return self.record.kept.breaches - self.record.kept.urgent_breaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Whose signature is waited for, and what it may come to."""

    act: str
    """The end of the form's address."""
    title: str
    outcomes: tuple[tuple[str, str], ...]


@require_safe
@route(permits="casework.supervise")
def show_agreements(request: HttpRequest, code: str = "", *, by: Actor) -> HttpResponse:
    """Show the departments of a project, the first in sight where none is named."""
    require_officer(by)
    projects = [one for one in list_projects() if by.sees_project(one.id)]
    project = project_in_sight(code=code, by=by) if code else next(iter(projects), None)
    facts: dict[str, object] = {
        "project": project,
        "projects": [
            Option(key=one.code, label=one.name, is_on=project is not None and one.id == project.id)
            for one in projects
        ],
        "queues": queue_options(""),
    }
    if project is not None:
        facts |= _lay_out(project, asked=request.GET.get("department", ""), by=by)
    return render(request, "officer/agreements.html", facts)


def _lay_out(project: ProjectRow, *, asked: str, by: Actor) -> dict[str, object]:
    records = [
        agreement_record(project_id=project.id, department=code, by=by) for code in DEPARTMENTS
    ]
    chosen = _choose([one.agreement for one in records], asked=asked)
    return {
        "cards": [
            DepartmentCard(
                record=one,
                papers=_papers_of(project.id, one.agreement, by=by),
                is_chosen=one.agreement.department == chosen.department,
            )
            for one in records
        ],
        "in_force": sum(one.agreement.in_force_on is not None for one in records),
        "breaches": sum(one.kept.breaches for one in records),
        "chosen": chosen if is_permitted(by, "agreements.keep") else None,
        "signing": _signing_of(project.id, chosen),
    }


def _choose(rows: list[AgreementRow], *, asked: str) -> AgreementRow:
    """Give the department that was asked for, else the one that waits most for the city."""
    return min(rows, key=lambda row: (row.department != asked, _URGENCY.index(row.state)))


def _papers_of(project_id: UUID, row: AgreementRow, *, by: Actor) -> tuple[MaterialLine, ...]:
    """Give the papers of the newest agreement that have come."""
    if row.case_id is None:
        return ()
    file = case_file(project_id=project_id, case_id=row.case_id, by=by, at=read_clock())
    return tuple(one for one in file.materials if one.document_id is not None)


def _signing_of(project_id: UUID, row: AgreementRow) -> Signing | None:
    step = SIGNINGS.get(row.state)
    if step is None or row.case_id is None:
        return None
    told = procedure_of(project_id=project_id, case_id=row.case_id).steps[step]
    return Signing(
        act=step,
        title=told.title.zh,
        outcomes=tuple((one.code, one.title.zh) for one in told.outcomes),
    )


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="agreements.keep")
def act(request: HttpRequest, code: str, act: str, *, by: Actor) -> HttpResponse:
    """Draft an agreement, or enter who signed it; the address names which."""
    require_officer(by)
    if act not in ACTS:
        raise Http404
    with reading(by=by):
        project = project_in_sight(code=code, by=by)
    department = request.POST.get("department", "")
    if department not in DEPARTMENTS:
        raise Refusal("web.not-a-choice")
    form = DeskForm(request=request, project=project, by=by, at=read_clock())
    try:
        ACTS[act](form, department)
    except Refusal as refusal:
        raise say_facts(refusal, read_default_procedures()[PROCEDURE]) from refusal
    return go_to("desk-agreements-of", request=request, code=code)


def _draft(form: DeskForm, department: str) -> None:
    draft_agreement(**form.common, department=department, paper=_take_in(form, department))


def _sign_for_department(form: DeskForm, department: str) -> None:
    sign_for_department(**form.common, department=department, **_read_signature(form, department))


def _sign_for_city(form: DeskForm, department: str) -> None:
    sign_for_city(**form.common, department=department, **_read_signature(form, department))


def _take_in(form: DeskForm, department: str) -> UUID:
    return form.take_in("paper", owner_kind="agreement", owner_id=subject_of(department))


class _Signature(TypedDict):
    outcome: str
    why: str
    second: Actor
    paper: UUID | None


def _read_signature(form: DeskForm, department: str) -> _Signature:
    """Read what was signed and by whom; the second person is checked before a paper is kept."""
    return {
        "outcome": form.text("outcome"),
        "why": form.text("why")[:LONGEST],
        "second": form.second(),
        "paper": _take_in(form, department) if form.has_file("paper") else None,
    }


ACTS: Mapping[str, Callable[[DeskForm, str], None]] = {
    "draft": _draft,
    "department-signs": _sign_for_department,
    "city-signs": _sign_for_city,
}
