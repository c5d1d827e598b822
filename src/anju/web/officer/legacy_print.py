"""The frozen plan on paper (A4, PDF): the office's copy, with the numbers of the homes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.titles.communities.types import CommunityRow
from anju.titles.legacy.queries import plan_by_version
from anju.titles.legacy.types import PlanRow
from anju.web.officer.legacy import community_in_sight
from anju.web.papers import answer_paper, code_image, set_paper
from anju.web.public.community_plan_rows import lay_out_plan
from anju.web.routes import route


@require_safe
@route(permits="legacy.see")
def give_sheet(request: HttpRequest, code: str, version: int, *, by: Actor) -> HttpResponse:
    """Give a frozen plan as a PDF."""
    community = community_in_sight(code=code, by=by)
    plan = plan_by_version(project_id=community.id, version=version)
    made = print_plan(community=community, plan=plan, host=request.build_absolute_uri("/")[:-1])
    return answer_paper(made, name=f"{community.code}-plan-{version}.pdf")


def print_plan(*, community: CommunityRow, plan: PlanRow, host: str) -> bytes:
    """Print a frozen plan; ``host`` begins the address in its code, ``https://…``. A PDF."""
    proof = f"{host}{reverse('proof', kwargs={'event_id': plan.event_id})}"
    facts = {
        "community": community,
        "plan": plan,
        "shown": lay_out_plan(plan.content),
        "proof": proof,
        "proof_code": code_image(proof),
    }
    return set_paper("officer/legacy/print_plan.html", facts)
