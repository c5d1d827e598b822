"""A family takes its home over: what is handed over, and its signature."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.delivery.operations import sign_hand_over
from anju.resettlement.delivery.queries import hand_overs_of
from anju.web.hand_overs import lay_out_hand_overs
from anju.web.household.owning import answer_refused, own_name, whose
from anju.web.once import read_id
from anju.web.refusals import tell_refusal
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="delivery.sign")
def show_own_delivery(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what is handed over to the family, and ask; a POST signs."""
    if request.method == "POST":
        return _sign(request, by=by)
    project_id, household_id = whose(by)
    rows = hand_overs_of(project_id=project_id, household_id=household_id)
    shown = [row for row in rows if row.state != "withdrawn"]
    facts = {
        "family_name": own_name(request, by),
        "cards": lay_out_hand_overs(project_id=project_id, rows=shown, names={}),
        "waiting": sum(row.household_signed_at is None for row in shown),
    }
    return render(request, "household/delivery.html", facts)


def _sign(request: HttpRequest, *, by: Actor) -> HttpResponse:
    project_id, _ = whose(by)
    hand_over_id = read_id(request.POST.get("hand_over", "")) or UUID(int=0)
    try:
        sign_hand_over(project_id=project_id, hand_over_id=hand_over_id, by=by, at=read_clock())
    except Refusal as refusal:
        return answer_refused(request, tell_refusal(refusal), back="my-delivery")
    return go_to("my-delivery", request=request)
