"""A family reads the plan, says yes or no, and finds its own vote in the public list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.planning.operations.consents import give_consent
from anju.resettlement.planning.queries import consent_of_household, plan_of
from anju.resettlement.projects.queries import project_by_id
from anju.web.household.owning import own_name, whose
from anju.web.public.plan_page import lay_out_plan
from anju.web.routes import go_to, route

FOR, AGAINST = "for", "against"


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="planning.consent")
def show_own_plan(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the plan and the family's vote, ask once more; a POST votes."""
    project_id, household_id = whose(by)
    if request.method == "POST":
        return _vote(request, by=by)
    file = plan_of(project_id, at=read_clock())
    own = (
        consent_of_household(project_id=project_id, household_id=household_id, by=by)
        if file is not None
        else None
    )
    asked = request.GET.get("answer", "")
    facts = {
        "family_name": own_name(request, by),
        "project": project_by_id(project_id=project_id),
        "page": lay_out_plan(file) if file is not None else None,
        "own": own,
        "asked": asked if asked in {FOR, AGAINST} else "",
    }
    return render(request, "household/plan/plan.html", facts)


def _vote(request: HttpRequest, *, by: Actor) -> HttpResponse:
    project_id, household_id = whose(by)
    answer = request.POST.get("answer", "")
    if answer in {FOR, AGAINST}:
        give_consent(
            project_id=project_id,
            household_id=household_id,
            is_for=answer == FOR,
            by=by,
            at=read_clock(),
        )
    return go_to("my-plan", request=request)
