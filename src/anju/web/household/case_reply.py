"""A family answers what the office said to its objection: it accepts, or asks the next level."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.queries import case_by_id, procedure_of
from anju.foundation.casework.types import NewAction
from anju.foundation.core.clock import read_clock
from anju.web.household.case import own_case
from anju.web.household.owning import own_name, whose
from anju.web.routes import go_to, route
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

APPEALS, ACCEPTS = "appeals", "accepts"
_ACCEPTED = "接受答复"
_MOST_WORDS = 2_000


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="casework.act")
def reply(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Show the answer and ask whether it is accepted; a POST says so, or asks the next level."""
    if request.method == "POST":
        return _answer(request, case_id, by=by)
    page = own_case(case_id=case_id, by=by, at=read_clock())
    facts = {
        "family_name": own_name(request, by),
        "page": page,
        "asked": request.GET.get("answer", ""),
        "may_reply": ActionKind.DECIDE in page.may,
        "most": _MOST_WORDS,
    }
    return render(request, "household/case/reply.html", facts)


def _answer(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    project_id, _ = whose(by)
    step, outcome = _step_to_answer(case_id, by=by), request.POST.get("answer", "")
    if outcome not in {APPEALS, ACCEPTS}:
        return go_to("my-reply", request=request, case_id=case_id)
    words = request.POST.get("why", "").strip()[:_MOST_WORDS]
    take_action(
        project_id=project_id,
        case_id=case_id,
        act=NewAction(
            kind=ActionKind.DECIDE,
            step=step,
            outcome=outcome,
            why=words or (_ACCEPTED if outcome == ACCEPTS else ""),
        ),
        by=by,
        at=read_clock(),
    )
    return go_to("my-case", request=request, case_id=case_id)


def _step_to_answer(case_id: UUID, *, by: Actor) -> str:
    """Give the open step that is the family's own; refuses with ``case.step-not-open``."""
    project_id, _ = whose(by)
    with reading(by=by):
        case = case_by_id(project_id=project_id, case_id=case_id)
        procedure = procedure_of(project_id=project_id, case_id=case_id)
    own = [code for code in case.open_steps if procedure.steps[code].role == by.role]
    if not own:
        raise Refusal("case.step-not-open", step="")
    return own[0]
