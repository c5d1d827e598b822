"""Homes by agreement at the desk: an officer proposes, a supervisor signs or declines."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.households.queries import household_by_number
from anju.resettlement.inventory.queries import unit_by_number
from anju.resettlement.negotiation import operations
from anju.resettlement.negotiation.queries import gifts_of
from anju.web.officer.case_forms import LONGEST
from anju.web.officer.steps import project_in_sight
from anju.web.once import read_id
from anju.web.public.agreed import lay_out_gifts
from anju.web.public.paging import turn_to_page
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@require_safe
@route(permits="selection.see")
def show_agreed(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show every agreement of a project, and what the reader may do with it."""
    project = project_in_sight(code=code, by=by)
    cards = lay_out_gifts(gifts_of(project_id=project.id))
    facts = {
        "project": project,
        "is_negotiated": project.mode == "negotiated",
        "waiting": sum(card.state == "signed" for card in cards),
        "sheet": turn_to_page(cards, asked=request.GET.get("page", ""), kept={}),
    }
    return render(request, "officer/agreed.html", facts)


@require_POST
@route(permits="negotiation.propose")
def propose(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Propose homes to a household; from now on they are held for it, and everybody sees why."""
    project = project_in_sight(code=code, by=by)
    number = request.POST.get("household", "").strip()
    if not number:
        raise Refusal("web.not-a-choice")
    with reading(by=by):
        household = household_by_number(project_id=project.id, number=number)
        units = [unit_by_number(project_id=project.id, number=one).id for one in _numbers(request)]
    operations.propose_homes(
        project_id=project.id,
        household_id=household.id,
        unit_ids=units,
        reason=request.POST.get("reason", "")[:LONGEST],
        by=by,
        at=read_clock(),
    )
    return go_to("desk-agreed", request=request, code=code)


@require_POST
@route(permits="negotiation.give")
def give(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Sign as supervisor, which gives the homes; or, with a reason, withhold them."""
    project = project_in_sight(code=code, by=by)
    told = {
        "project_id": project.id,
        "household_id": read_id(request.POST.get("household", "")) or UUID(int=0),
    }
    if "why" in request.POST:
        why = request.POST["why"][:LONGEST]
        operations.withhold_homes(**told, why=why, by=by, at=read_clock())
    else:
        operations.give_homes(**told, by=by, at=read_clock())
    return go_to("desk-agreed", request=request, code=code)


def _numbers(request: HttpRequest) -> list[str]:
    """Read the numbers of homes as people write them in a row."""
    return request.POST.get("units", "").replace("，", " ").replace("、", " ").split()
