"""Handing homes over at the desk: what waits, keys and meters, and the office's signature."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.delivery import operations
from anju.resettlement.delivery.queries import hand_overs_of, homes_to_hand_over
from anju.resettlement.delivery.types import MeterReadings
from anju.resettlement.households.queries import masked_names
from anju.web.hand_overs import lay_out_hand_overs
from anju.web.officer.steps import project_in_sight
from anju.web.officer.stock_acts import read_count, read_day
from anju.web.once import read_id
from anju.web.public.paging import turn_to_page
from anju.web.routes import go_to, route
from anju_rules.values import Refusal

_MISSING = {
    "inventory.signature-missing": "三方签字不全",
    "inventory.defect-open": "有质量问题没有整改完",
    "inventory.nobody-answers": "终身责任人没有写全",
}


@require_safe
@route(permits="delivery.see")
def show_delivery(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show what may be handed over, what may not and why, and every hand-over so far."""
    project = project_in_sight(code=code, by=by)
    waiting = homes_to_hand_over(project_id=project.id)
    rows = hand_overs_of(project_id=project.id)
    names = masked_names(project_id=project.id, household_ids=[row.household_id for row in rows])
    cards = lay_out_hand_overs(project_id=project.id, rows=rows, names=names)
    sheet = turn_to_page(cards, asked=request.GET.get("page", ""), kept={})
    facts = {
        "project": project,
        "ready": [home for home in waiting if not home.missing],
        "unready": [
            (home.number, "、".join(_MISSING[code] for code in sorted(home.missing)))
            for home in waiting
            if home.missing
        ],
        "sheet": sheet,
        "done": sum(card.state == "handed-over" for card in cards),
    }
    return render(request, "officer/delivery.html", facts)


@require_POST
@route(permits="delivery.keep")
def prepare(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Prepare a hand-over: acceptance, keys and meters as both sides will sign them."""
    project = project_in_sight(code=code, by=by)
    told = {name: str(value).strip() for name, value in request.POST.items()}
    accepted = read_day(told.get("accepted", ""))
    if accepted is None:
        raise Refusal("web.not-a-choice")
    operations.prepare_hand_over(
        project_id=project.id,
        unit_id=read_id(told.get("unit", "")) or UUID(int=0),
        accepted_on=accepted,
        promised_on=read_day(told.get("promised", "")),
        keys=read_count(told.get("keys", "")) or 0,
        readings=MeterReadings(
            water=told.get("water", ""), power=told.get("power", ""), gas=told.get("gas", "")
        ),
        by=by,
        at=read_clock(),
    )
    return go_to("desk-delivery", request=request, code=code)


@require_POST
@route(permits="delivery.sign")
def sign(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Sign for the office; where the family has signed, the home is handed over."""
    project = project_in_sight(code=code, by=by)
    hand_over_id = read_id(request.POST.get("hand_over", "")) or UUID(int=0)
    operations.sign_hand_over(
        project_id=project.id, hand_over_id=hand_over_id, by=by, at=read_clock()
    )
    return go_to("desk-delivery", request=request, code=code)


@require_POST
@route(permits="delivery.keep")
def withdraw(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Withdraw a hand-over that both have not signed, with its reason."""
    project = project_in_sight(code=code, by=by)
    operations.withdraw_hand_over(
        project_id=project.id,
        hand_over_id=read_id(request.POST.get("hand_over", "")) or UUID(int=0),
        reason=request.POST.get("reason", "")[:500],
        by=by,
        at=read_clock(),
    )
    return go_to("desk-delivery", request=request, code=code)
