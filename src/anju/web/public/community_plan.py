"""A community's frozen plan for everybody: how many homes stand where, and why; nobody's home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.titles.communities.queries import community_by_code
from anju.titles.legacy.queries import newest_plan, plan_by_version, plans_of
from anju.web.public.community_plan_rows import lay_out_plan
from anju.web.routes import public_route
from anju_rules.hashing import canonical
from anju_rules.triage.plan_records import public_part


@require_safe
@public_route
def show_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show the plan that holds, in plain words, with its digest and earlier versions."""
    community = community_by_code(code=code)
    plan = newest_plan(project_id=community.id)
    facts: dict[str, object] = {"community": community, "plan": plan}
    if plan is not None:
        content: Mapping[str, Any] = public_part(plan.content)
        facts |= {
            "shown": lay_out_plan(content),
            "earlier": plans_of(project_id=community.id)[1:],
        }
    return render(request, "public/community_plan.html", facts)


@require_safe
@public_route
def give_plan(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """Give the public part of a frozen plan as the very bytes its digest was made of."""
    del request
    community = community_by_code(code=code)
    plan = plan_by_version(project_id=community.id, version=version)
    return HttpResponse(
        canonical(public_part(plan.content)),
        content_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{community.code}-plan-{version}.json"'
        },
    )
