"""An owner's own area settlement: every line explained, what can be decided, how to object."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.titles.cases.settlements.operations import (
    choose_to_keep_or_withdraw,
    dispute_settlement,
)
from anju.titles.cases.settlements.queries import settlement_by_id, settlements_of_household
from anju.titles.cases.settlements.types import Choice, SettlementRow
from anju.web.household.owning import read_once, whose
from anju.web.papers import answer_paper
from anju.web.routes import go_to, route
from anju.web.settlement_sheets import lay_out_settlement, print_settlement, say_owed
from anju_rules.values import Refusal

_CHOICES: Final[dict[str, Choice]] = {"keeps": "keeps", "withdraws": "withdraws"}


@require_safe
@route(permits="titles.see")
def show_own_settlements(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the owners' settlements; the only one at once."""
    project_id, household_id = whose(by)
    rows = settlements_of_household(project_id=project_id, household_id=household_id)
    if len(rows) == 1:
        return go_to("my-settlement", request=request, settlement_id=rows[0].id)
    facts = {"pages": [lay_out_settlement(row) for row in rows]}
    return render(request, "household/titles/settlements.html", facts)


@require_safe
@route(permits="titles.see")
def show_own_settlement(request: HttpRequest, settlement_id: UUID, *, by: Actor) -> HttpResponse:
    """Show one of the owners' own settlements; ``ask`` asks once more before they decide."""
    page = lay_out_settlement(_own(settlement_id, by=by))
    asked = request.GET.get("ask", "")
    facts = {
        "page": page,
        "asked": asked if asked in {"keeps", "withdraws", "dispute"} else "",
        "owed": say_owed(page.row.buyer_pays_fen),
    }
    return render(request, "household/titles/settlement.html", facts)


@require_safe
@route(permits="titles.see")
def give_own_sheet(request: HttpRequest, settlement_id: UUID, *, by: Actor) -> HttpResponse:
    """Print one of the owners' own settlements."""
    del request
    made = print_settlement(lay_out_settlement(_own(settlement_id, by=by)))
    return answer_paper(made, name=f"settlement-{str(settlement_id)[:8]}.pdf")


@require_POST
@route(permits="titles.file")
def choose(request: HttpRequest, settlement_id: UUID, *, by: Actor) -> HttpResponse:
    """Note that the owners keep the home, or withdraw; any other answer decides nothing."""
    with reading(by=by):
        settlement = _own(settlement_id, by=by)
    choice = _CHOICES.get(request.POST.get("choice", ""))
    if choice is not None:
        choose_to_keep_or_withdraw(
            project_id=settlement.project_id,
            settlement_id=settlement.id,
            choice=choice,
            by=by,
            at=read_clock(),
        )
    return go_to("my-settlement", request=request, settlement_id=settlement_id)


@require_POST
@route(permits="titles.file")
def dispute(request: HttpRequest, settlement_id: UUID, *, by: Actor) -> HttpResponse:
    """Open a dispute over the owners' own settlement; sent twice, it is one."""
    project_id, _ = whose(by)
    dispute_settlement(
        project_id=project_id,
        settlement_id=settlement_id,
        why=request.POST.get("why", ""),
        case_id=read_once(request),
        by=by,
        at=read_clock(),
    )
    return go_to("my-settlement", request=request, settlement_id=settlement_id)


def _own(settlement_id: UUID, *, by: Actor) -> SettlementRow:
    """Give one of the owners' own; row-level security hides every other."""
    project_id, household_id = whose(by)
    row = settlement_by_id(project_id=project_id, settlement_id=settlement_id)
    if row.household_id != household_id:
        raise Refusal("access.not-found")
    return row
