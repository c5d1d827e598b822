"""A family swaps: whom it asks, what it was asked, and how far that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import say
from anju.resettlement.selection.attendance import exchanges_of
from anju.resettlement.selection.attendance_types import ExchangeRow
from anju.resettlement.selection.operations.exchanges import (
    accept_exchange,
    end_exchange,
    propose_exchange,
)
from anju.resettlement.selection.queries import find_choice
from anju.resettlement.selection.swaps import SwapOffer, swap_offers
from anju.web.exchanges import ExchangeLine, SideLine, lay_out_exchange, lay_out_side
from anju.web.household.owning import own_name, whose
from anju.web.refusals import tell_refusal
from anju.web.routes import go_to, route
from anju_rules.values import Refusal

PROPOSE, ACCEPT, END = "propose", "accept", "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """A household one may ask, with what it has; or why not."""

    side: SideLine
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnExchange:
    """An exchange as one of the two sees it."""

    line: ExchangeLine
    is_mine: bool
    """Whether this family asked."""
    gives: str
    gets: str

    @property
    def may_accept(self) -> bool:
        """Whether this family is to answer."""
        return not self.is_mine and self.line.exchange.state == "proposed"


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="household.see")
def show_exchange(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show whom the family may ask and what runs; a POST asks, agrees, or ends it."""
    if request.method == "POST":
        return _act(request, by)
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "household_id": household_id}
    offers = swap_offers(**own, by=by)
    asked = request.GET.get("ticket", "")
    facts = {
        "family_name": own_name(request, by),
        "choice": find_choice(**own),
        "exchanges": list(_own(exchanges_of(**own), household_id)),
        "offers": [_offer(one) for one in offers if one.is_lawful],
        "shut": [_offer(one) for one in offers if not one.is_lawful],
        "asked": next(
            (_offer(one) for one in offers if one.is_lawful and one.side.ticket == asked), None
        ),
    }
    return render(request, "household/attendance/exchange.html", facts)


def _act(request: HttpRequest, by: Actor) -> HttpResponse:
    project_id, _ = whose(by)
    act, at = request.POST.get("act", ""), read_clock()
    try:
        if act == PROPOSE:
            ticket = request.POST.get("ticket", "")
            propose_exchange(project_id=project_id, ticket=ticket, by=by, at=at)
        elif act == ACCEPT:
            accept_exchange(project_id=project_id, exchange_id=_id(request), by=by, at=at)
        elif act == END:
            end_exchange(project_id=project_id, exchange_id=_id(request), by=by, at=at)
    except Refusal as refusal:
        told = tell_refusal(refusal)
        return render(
            request, "household/attendance/refused.html", {"refusal": told}, status=told.status
        )
    return go_to("my-exchange", request=request)


def _own(rows: list[ExchangeRow], household_id: UUID) -> Iterator[OwnExchange]:
    for row in rows:
        line = lay_out_exchange(row)
        is_mine = row.proposer.household_id == household_id
        own, other = (line.proposer, line.other) if is_mine else (line.other, line.proposer)
        yield OwnExchange(line=line, is_mine=is_mine, gives=own.homes, gets=other.homes)


def _offer(offer: SwapOffer) -> OfferLine:
    why_not = "" if offer.is_lawful else say(offer.code, offer.facts)
    return OfferLine(side=lay_out_side(offer.side), why_not=why_not)


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("exchange", ""))
    except ValueError:
        raise Refusal("selection.exchange-unknown") from None
