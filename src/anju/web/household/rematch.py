"""A family in the re-match of leftovers: what it is, what the family wishes for, and its answer."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.rematch import queries
from anju.resettlement.rematch.operations import hand_in_rematch_wishes
from anju.resettlement.rematch.types import MOST_WISHES
from anju.web.household.choosing import read_ids
from anju.web.household.owning import own_name, whose
from anju.web.household.rematch_form import lay_out_form
from anju.web.public.rematch_rows import lay_out_round
from anju.web.refusals import tell_refusal
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="selection.choose")
def show_own_rematch(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show where the family stands in the running re-match, and its form; a POST hands in."""
    project_id, household_id = whose(by)
    if request.method == "POST":
        return _hand_in(request, project_id, household_id, by=by)
    rounds = queries.rounds_of(project_id=project_id)
    newest = rounds[0] if rounds else None
    facts: dict[str, object] = {
        "family_name": own_name(request, by),
        "project": project_by_id(project_id=project_id),
        "round": lay_out_round(newest) if newest else None,
        "is_open": newest is not None
        and newest.state == "open"
        and read_clock() < newest.closes_at,
        "most": MOST_WISHES,
    }
    if newest is not None:
        facts["form"] = lay_out_form(
            project_id=project_id,
            household_id=household_id,
            round_id=newest.id,
            asked=request.GET.get("offers", ""),
            by=by,
        )
    return render(request, "household/rematch.html", facts)


def _hand_in(
    request: HttpRequest, project_id: UUID, household_id: UUID, *, by: Actor
) -> HttpResponse:
    is_taken_back = "back" in request.POST
    offers = read_ids([request.POST.get("offers", "")])
    try:
        hand_in_rematch_wishes(
            project_id=project_id,
            household_id=household_id,
            unit_ids=() if is_taken_back else read_ids(request.POST.getlist("unit")),
            offered_id=offers[0] if offers and not is_taken_back else None,
            by=by,
            at=read_clock(),
        )
    except Refusal as refusal:
        told = tell_refusal(refusal)
        return render(request, "household/refused.html", {"refusal": told}, status=told.status)
    return go_to("my-rematch", request=request)
