"""What is done on the page of a title case beside deciding its steps: one form, one operation."""

from __future__ import annotations

from datetime import date
from typing import TypedDict
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import find_case, procedure_of
from anju.foundation.core.clock import read_clock
from anju.titles.cases import operations
from anju.titles.cases.queries import title_case_home
from anju.web.officer.case_forms import (
    read_expected,
    read_materials,
    read_second,
    require_second,
)
from anju.web.officer.stock_acts import NO_COUNT, read_count, read_day
from anju.web.officer.uploads import take_in_paper
from anju.web.officer.work_rows import require_officer
from anju.web.once import read_id
from anju.web.routes import go_to, route
from anju_rules.fees.gates import ProofKind
from anju_rules.fees.types import FeeKind
from anju_rules.restrictions import RestrictionKind
from anju_rules.sheets import fen_from_yuan
from anju_rules.values import Fact, Refusal

_NOBODY = UUID(int=0)


class _OfCase(TypedDict):
    project_id: UUID
    case_id: UUID


@require_POST
@route(permits="titles.decide")
def enter_receipt(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Enter what was paid or forgiven for a case."""
    # In sight first: what is wrong with a form tells that the case exists.
    of_case = _of(case_id, by)
    paid_on = _require_day(request, "paid_on", field="票据日期")
    kind, says = _text(request, "kind"), _text(request, "says")
    if kind not in set(FeeKind) or says not in set(ProofKind):
        raise Refusal("web.not-a-choice")
    paper = None
    if request.FILES.get("paper") is not None:
        paper = take_in_paper(
            request,
            name="paper",
            owner_kind="case",
            owner_id=case_id,
            project_id=of_case["project_id"],
            household_id=find_case(case_id=case_id, by=by).household_id,
            by=by,
        )
    operations.record_receipt(
        **of_case,
        document_id=paper,
        kind=FeeKind(kind),
        says=ProofKind(says),
        number=_text(request, "number"),
        amount_fen=fen_from_yuan(_text(request, "yuan") or "0"),
        paid_on=paid_on,
        by=by,
        at=read_clock(),
    )
    return _back(request, case_id)


@require_POST
@route(permits="departments.ask")
def ask_tax_office(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Ask the tax office whether the deed tax of a case is paid or forgiven."""
    operations.ask_tax_office(**_of(case_id, by), by=by, at=read_clock())
    return _back(request, case_id)


@require_POST
@route(permits="titles.decide")
def state_facts(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """State what a case's fees are reckoned on."""
    facts: dict[str, Fact] = {}
    told, cost = _text(request, "homes_owned"), _text(request, "cost")
    homes = read_count(told)
    if homes == NO_COUNT:
        raise Refusal("fees.fact-wrong", fact="homes_owned", value=told)
    if homes is not None:
        facts["homes_owned"] = homes
    if cost:
        facts["construction_cost_fen_per_sqm"] = fen_from_yuan(cost)
    operations.state_fee_facts(**_of(case_id, by), facts=facts, by=by, at=read_clock())
    return _back(request, case_id)


@require_POST
@route(permits="titles.decide")
def enter_department(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Enter what a department decided in its step, and what it shared for it."""
    case = find_case(case_id=case_id, by=by)
    with reading(by=by):
        procedure = procedure_of(project_id=case.project_id, case_id=case_id)
    operations.note_department_result(
        project_id=case.project_id,
        case_id=case_id,
        materials=read_materials(request, case=case, procedure=procedure, by=by),
        step=_text(request, "step"),
        outcome=_text(request, "outcome"),
        paper=_text(request, "paper"),
        why=_text(request, "why"),
        expects=read_expected(request.POST),
        by=by,
        at=read_clock(),
    )
    return _back(request, case_id)


@require_POST
@route(permits="titles.file")
def join(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Join a transfer for the seller, or note why there is no seller."""
    require_officer(by)
    operations.join_title_case(
        **_of(case_id, by), alone_why=_text(request, "alone_why"), by=by, at=read_clock()
    )
    return _back(request, case_id)


@require_POST
@route(permits="titles.decide")
def restrict(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Register what stands against the home of a case."""
    # In sight first: what is wrong with a form tells that the case exists.
    where = _of(case_id, by)
    kind, from_on = _text(request, "kind"), _require_day(request, "from_on", field="从哪天起")
    if kind not in set(RestrictionKind):
        raise Refusal("web.not-a-choice")
    operations.register_restriction(
        project_id=where["project_id"],
        home_id=title_case_home(**where, by=by),
        kind=RestrictionKind(kind),
        paper=_text(request, "paper"),
        from_on=from_on,
        by=by,
        at=read_clock(),
    )
    return _back(request, case_id)


@require_POST
@route(permits="titles.decide")
def lift(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Lift a restriction, or note that whoever objects went to court."""
    restriction_id = read_id(_text(request, "restriction")) or _NOBODY
    told = {"project_id": _of(case_id, by)["project_id"], "restriction_id": restriction_id}
    sued_on = read_day(_text(request, "sued_on"), field="立案日")
    if sued_on is not None:
        operations.note_lawsuit(
            **told, sued_on=sued_on, paper=_text(request, "why"), by=by, at=read_clock()
        )
    else:
        operations.lift_restriction(**told, why=_text(request, "why"), by=by, at=read_clock())
    return _back(request, case_id)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="titles.decide")
def check(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Enter what a check of a commitment found; two people sign."""
    # In sight first: what is wrong with a form tells that the case exists.
    project_id = _of(case_id, by)["project_id"]
    is_true = {"true": True, "false": False}.get(_text(request, "found"))
    if is_true is None:
        raise Refusal("web.not-a-choice")
    operations.check_commitment(
        project_id=project_id,
        commitment_id=read_id(_text(request, "commitment")) or _NOBODY,
        is_true=is_true,
        finding=_text(request, "finding"),
        second=require_second(request.POST, by=by),
        by=by,
        at=read_clock(),
    )
    return _back(request, case_id)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="certificates.issue")
def issue(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Enter the title in the register, and issue its certificate."""
    operations.issue_title(
        **_of(case_id, by),
        second=read_second(request.POST, by=by),
        expects=read_expected(request.POST),
        by=by,
        at=read_clock(),
    )
    return _back(request, case_id)


def _of(case_id: UUID, by: Actor) -> _OfCase:
    """Give where a case lies; refuses with ``casework.unknown-case`` one out of sight."""
    return {"project_id": find_case(case_id=case_id, by=by).project_id, "case_id": case_id}


def _back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return go_to("desk-case", request=request, case_id=case_id)


def _require_day(request: HttpRequest, name: str, *, field: str) -> date:
    """Read a day that must be told; refuses with ``web.answer-missing`` and ``web.not-a-day``."""
    day = read_day(_text(request, name), field=field)
    if day is None:
        raise Refusal("web.answer-missing", field=field)
    return day


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()[:400]
