"""Who comes for a household, at the desk: proxies, those that stay away, exchanges to carry out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.notices.pages import china_day
from anju.resettlement.households.queries import household_by_id, household_numbers
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection import attendance
from anju.resettlement.selection.attendance_types import AbsenceRow, MandateRow
from anju.resettlement.selection.operations.absences import declare_absence, end_absence
from anju.resettlement.selection.operations.exchanges import carry_out_exchange
from anju.resettlement.selection.operations.mandates import (
    NewMandate,
    register_mandate,
    revoke_mandate,
)
from anju.web.exchanges import lay_out_exchange
from anju.web.officer.desk_forms import DeskForm
from anju.web.officer.steps import project_in_sight
from anju.web.officer.uploads import read_upload
from anju.web.routes import go_to, route
from anju_rules.values import Refusal

_PAGE = "desk-attendance"


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateLine:
    """A mandate, and whose it is."""

    number: str
    mandate: MandateRow
    words: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceLine:
    """An absence, and whose it is."""

    number: str
    absence: AbsenceRow


@require_safe
@route(permits="selection.run")
def show_attendance(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show proxies, absences and exchanges of a project, and the forms of the window."""
    project = project_in_sight(code=code, by=by)
    numbers = {known: str(number) for number, known in _numbers(project).items()}
    today = china_day(read_clock())
    exchanges = attendance.exchanges_of(project_id=project.id)
    facts = {
        "project": project,
        "mandates": [
            _line(row, numbers[row.household_id], today=today)
            for row in attendance.mandates_of(project_id=project.id)
        ],
        "absences": [
            AbsenceLine(number=numbers[row.household_id], absence=row)
            for row in attendance.absences_of(project_id=project.id)
        ],
        "exchanges": [lay_out_exchange(row) for row in exchanges],
        "waiting": sum(row.state == "accepted" for row in exchanges),
        "today": today.isoformat(),
    }
    return render(request, "officer/attendance/attendance.html", facts)


@sensitive_post_parameters("proxy_name", "identity", "second_password", "second_code")
@require_POST
@route(permits="selection.run")
def register(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Register a proxy; the page that answers shows code and PIN, once, to be printed."""
    form = _form(request, code=code, by=by)
    household, mandate = _named(form), _read_mandate(form)
    key = register_mandate(
        **form.common, household_id=household.id, mandate=mandate, second=form.second()
    )
    facts = {"project": form.project, "number": household.number, "key": key, "mandate": mandate}
    response = render(request, "officer/attendance/key.html", facts)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@route(permits="selection.run")
def revoke(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Revoke a mandate at the window."""
    form = _form(request, code=code, by=by)
    revoke_mandate(**form.common, mandate_id=form.id("mandate"))
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="selection.run")
def declare(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Register at the window that a household's wishes are to be followed."""
    form = _form(request, code=code, by=by)
    household, upload = _named(form), read_upload(request, name="paper")
    declare_absence(
        **form.common,
        household_id=household.id,
        paper_name=upload.name,
        paper=upload.content,
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="selection.run")
def end(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Take an absence back at the window: the household came."""
    form = _form(request, code=code, by=by)
    end_absence(**form.common, household_id=_named(form).id)
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="selection.run")
def carry_out(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Carry out an exchange that both households agreed to."""
    form = _form(request, code=code, by=by)
    carry_out_exchange(**form.common, exchange_id=form.id("exchange"))
    return go_to(_PAGE, request=request, code=code)


def _form(request: HttpRequest, *, code: str, by: Actor) -> DeskForm:
    with reading(by=by):
        project = project_in_sight(code=code, by=by)
    return DeskForm(request=request, project=project, by=by, at=read_clock())


def _named(form: DeskForm) -> HouseholdRow:
    """Give the household whose number the form names."""
    number = form.text("household")
    with reading(by=form.by):
        household_id = _numbers(form.project).get(number)
        if household_id is None:
            raise Refusal("web.no-such-household", number=number[:64])
        return household_by_id(project_id=form.project.id, household_id=household_id)


def _read_mandate(form: DeskForm) -> NewMandate:
    upload = read_upload(form.request, name="paper")
    return NewMandate(
        proxy_name=form.text("proxy_name"),
        identity_number=form.text("identity"),
        valid_until=_day(form.text("until")),
        paper_name=upload.name,
        paper=upload.content,
    )


def _numbers(project: ProjectRow) -> dict[str, UUID]:
    known = household_numbers(project_id=project.id)
    return {str(number): household_id for number, household_id in known.items()}


def _line(row: MandateRow, number: str, *, today: date) -> MandateLine:
    if row.revoked_at is not None:
        words = "已撤销"
    elif not row.holds_on(today):
        words = "已到期"
    else:
        words = "有效"
    return MandateLine(number=number, mandate=row, words=words, holds=row.holds_on(today))


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise Refusal("web.not-a-day", field="", value=told[:40]) from None
