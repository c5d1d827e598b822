"""The re-match of leftovers for everybody: how it works, the frozen lists, what came of them."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.resettlement.inventory.queries import unit_briefs
from anju.resettlement.negotiation.queries import gifts_of
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.rematch.queries import (
    find_round,
    has_ended,
    public_record,
    rounds_of,
    vacant_homes,
)
from anju.web.public.agreed import lay_out_gifts
from anju.web.public.paging import turn_to_page
from anju.web.public.rematch_rows import lay_out_entries, lay_out_round
from anju.web.public.saying import say_home
from anju.web.routes import public_route


@require_safe
@public_route
@transaction.atomic
def show_rematch(request: HttpRequest, code: str) -> HttpResponse:
    """Show a project's re-matches, with the list of the one asked for, else the newest list.

    Where homes are given by agreement there is no order to re-match in: shows the agreements.
    """
    project = project_by_code(code=code)
    if project.mode == "negotiated":
        return _show_agreed(request, project)
    rounds = rounds_of(project_id=project.id)
    asked = request.GET.get("quarter", "")
    listed = [row for row in rounds if row.listed is not None]
    shown = next((row for row in listed if row.quarter == asked), next(iter(listed), None))
    facts: dict[str, object] = {
        "code": code,
        "name": project.name,
        "rounds": [lay_out_round(row) for row in rounds],
        "vacant": len(vacant_homes(project_id=project.id)),
        "has_ended": has_ended(project_id=project.id),
    }
    if shown is not None:
        homes = {
            str(unit.number): say_home(unit.home) for unit in unit_briefs(project_id=project.id)
        }
        lines = list(lay_out_entries(shown, homes=homes))
        kept = {"quarter": shown.quarter}
        facts["shown"] = lay_out_round(shown)
        facts["sheet"] = turn_to_page(lines, asked=request.GET.get("page", ""), kept=kept)
    return render(request, "public/rematch.html", facts)


def _show_agreed(request: HttpRequest, project: ProjectRow) -> HttpResponse:
    cards = lay_out_gifts(gifts_of(project_id=project.id))
    facts = {
        "code": project.code,
        "name": project.name,
        "given": sum(card.state == "given" for card in cards),
        "sheet": turn_to_page(cards, asked=request.GET.get("page", ""), kept={}),
    }
    return render(request, "public/agreed.html", facts)


@require_safe
@public_route
@transaction.atomic
def give_record(request: HttpRequest, code: str, quarter: str) -> HttpResponse:
    """Give a round that is carried out as the file that ``anju verify-rematch`` reads."""
    del request
    project = project_by_code(code=code)
    found = find_round(project_id=project.id, quarter=quarter)
    if found is None or found.state != "carried-out":
        raise Http404
    return HttpResponse(
        public_record(round_row=found),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="rematch-{quarter}.json"'},
    )
