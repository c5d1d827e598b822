"""Score sheets for everybody: line by line with clause and facts; what is sensitive is one sum."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.policies.queries import rule_set_in_force
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection.published_scores import find_published_sheet
from anju.web.public.score_sheets import lay_out_score
from anju.web.routes import public_route


@require_safe
@public_route
@transaction.atomic
def show_score(request: HttpRequest, code: str) -> HttpResponse:
    """Show the sheet of one ticket of the published order."""
    project = project_by_code(code=code)
    rule_set = rule_set_in_force(project_id=project.id)
    ticket = request.GET.get("ticket", "").strip().upper()[:32]
    found = find_published_sheet(project_id=project.id, ticket=ticket) if ticket else None
    facts: dict[str, object] = {
        "code": code,
        "name": project.name,
        "ticket": ticket,
        "rule_set": rule_set,
    }
    if found is not None:
        place, sheet = found
        lines = rule_set.rules.scoring if rule_set is not None else ()
        facts |= {
            "place": place,
            "score": lay_out_score(
                sheet=sheet,
                sources={line.code: line.basis.source for line in lines},
                plan=project.plan,
                is_public=True,
            ),
        }
    return render(request, "public/score/score.html", facts)
