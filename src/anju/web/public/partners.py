"""Developers and property managers for everybody: companies only, nobody's name."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.core.clock import CHINA, read_clock
from anju.titles.partners.policy import partner_policy
from anju.titles.partners.queries import count_duties, list_bases
from anju.web.clauses import say_clause
from anju.web.public.partner_rows import lay_out_basis, lay_out_developers, lay_out_managers
from anju.web.routes import public_route
from anju.web.shares import say_percent, say_share


@require_safe
@public_route
@transaction.atomic
def show_partners(request: HttpRequest) -> HttpResponse:
    """Show who registers in time, who has how many stars, and by what formula."""
    on = read_clock().astimezone(CHINA).date()
    policy = partner_policy()
    formula = policy.formula_on(on)
    weights = sum(part.weight for part in formula.parts)
    facts = {
        "developers": lay_out_developers(on=on),
        "managers": lay_out_managers(on=on),
        "bases": [lay_out_basis(row, on=on) for row in list_bases()],
        "in_time": say_share(count_duties(on=on)),
        "target": say_percent(policy.in_time.at_least),
        "formula": formula,
        "formula_basis": say_clause(formula.basis.clause),
        "weights": weights,
        "steps": [(step.stars, step.at_least // 10) for step in formula.steps],
    }
    return render(request, "public/titles/partners.html", facts)
