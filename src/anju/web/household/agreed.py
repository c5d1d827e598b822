"""A family's agreement: the home that is offered, why, and its yes or no."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.negotiation.operations import decline_for_household, sign_for_household
from anju.resettlement.negotiation.queries import find_gift
from anju.resettlement.projects.queries import project_by_id
from anju.web.household.owning import own_name, whose
from anju.web.public.agreed import lay_out_gifts
from anju.web.refusals import tell_refusal
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="negotiation.sign")
def show_own_agreement(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what is offered to the family, and ask; a POST signs or declines.

    An answer that is neither signs nothing.
    """
    project_id, household_id = whose(by)
    if request.method == "POST":
        return _answer(request, by=by)
    gift = find_gift(project_id=project_id, household_id=household_id)
    facts = {
        "family_name": own_name(request, by),
        "project": project_by_id(project_id=project_id),
        "card": lay_out_gifts([gift])[0] if gift is not None else None,
    }
    return render(request, "household/agreed.html", facts)


def _answer(request: HttpRequest, *, by: Actor) -> HttpResponse:
    project_id, household_id = whose(by)
    told = {"project_id": project_id, "household_id": household_id}
    answer = request.POST.get("answer", "")
    try:
        if answer == "no":
            why = request.POST.get("why", "")[:500]
            decline_for_household(**told, why=why, by=by, at=read_clock())
        elif answer == "yes":
            sign_for_household(**told, by=by, at=read_clock())
    except Refusal as refusal:
        row = tell_refusal(refusal)
        return render(request, "household/refused.html", {"refusal": row}, status=row.status)
    return go_to("my-agreement", request=request)
