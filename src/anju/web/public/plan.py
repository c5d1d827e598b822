"""A project's plan for everybody: its texts and annexes, how its approval stands, the count."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from anju.foundation.core.clock import read_clock
from anju.resettlement.planning.queries import (
    consent_by_code,
    consent_lines,
    plan_of,
    read_plan_paper,
)
from anju.resettlement.planning.types import ConsentLine
from anju.resettlement.projects.queries import project_by_code
from anju.web.papers import answer_document
from anju.web.public.allocation import lay_out_allocation
from anju.web.public.paging import turn_to_page
from anju.web.public.plan_page import lay_out_plan
from anju.web.refusals import tell_refusal
from anju.web.routes import public_route
from anju_rules.values import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@public_route
@transaction.atomic
def show_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show how a project's plan stands; a POST finds the line that a check code opens.

    The code comes in a form's body, so that no address and no log keeps it.
    """
    project = project_by_code(code=code)
    file = plan_of(project.id, at=read_clock())
    facts: dict[str, object] = {
        "code": code,
        "name": project.name,
        "page": None,
        "allocation": lay_out_allocation(project.plan),
    }
    if file is not None:
        facts["page"] = lay_out_plan(file)
        if file.consent is not None and request.method == "POST":
            facts |= _look_up(project.id, request.POST.get("check", ""))
    return render(request, "public/plan/plan.html", facts)


def _look_up(project_id: UUID, typed: str) -> dict[str, object]:
    found: ConsentLine | None = None
    try:
        found = consent_by_code(project_id, code=typed)
    except Refusal as refusal:
        return {"typed": typed[:20], "wrong": tell_refusal(refusal).happened}
    return {"typed": typed[:20], "found": found, "was_asked": True}


@require_safe
@public_route
@transaction.atomic
def show_consents(request: HttpRequest, code: str) -> HttpResponse:
    """Show every vote on the newest version by its mark, which says nothing of anybody."""
    project = project_by_code(code=code)
    file = plan_of(project.id, at=read_clock())
    lines = consent_lines(project.id) if file is not None and file.consent is not None else ()
    asked = request.GET.get("q", "").replace(" ", "").lower()[:64]
    rows = [line for line in lines if line.mark.startswith(asked)]
    facts = {
        "code": code,
        "name": project.name,
        "asked": asked,
        "total": len(lines),
        "sheet": turn_to_page(rows, asked=request.GET.get("page", ""), kept={"q": asked}),
        "page": lay_out_plan(file) if file is not None else None,
    }
    return render(request, "public/plan/consents.html", facts)


@require_safe
@public_route
@transaction.atomic
def show_paper(request: HttpRequest, code: str, document_id: UUID) -> HttpResponse:
    """Give a published paper of a plan: its text, or an annex of its approval."""
    del request
    project = project_by_code(code=code)
    row, content = read_plan_paper(project_id=project.id, document_id=document_id, at=read_clock())
    return answer_document(row, content)
