"""Area settlements of a community at the desk: terms, sheets, what moves, and the totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time, read_clock
from anju.titles.cases.settlements.operations import (
    choose_to_keep_or_withdraw,
    clear_settlement,
    dispute_settlement,
    settle_homes,
    state_area_terms,
)
from anju.titles.cases.settlements.queries import (
    settlement_by_id,
    settlements_of,
    terms_of_community,
    totals_of,
)
from anju.titles.cases.settlements.types import Choice, SettlementRow, SettlementTotals
from anju.titles.communities.queries import homes_by_ids, homes_of
from anju.titles.communities.types import CommunityRow
from anju.web.clauses import say_clause
from anju.web.officer.titles import community_in_sight
from anju.web.papers import answer_paper
from anju.web.refusals import tell_refusal
from anju.web.routes import go_to, route
from anju.web.settlement_sheets import (
    SOURCES,
    lay_out_settlement,
    print_settlement,
    say_terms,
)
from anju_rules.area import LAW, TermsFrom
from anju_rules.area_terms import TIMES, read_terms
from anju_rules.sheets import yuan_from_fen
from anju_rules.values import Fen, Refusal

_A_PAGE = 200
_MONEY = ("due_in_fen", "paid_in_fen", "due_out_fen", "paid_out_fen")
CHOICES: Mapping[str, Choice] = {"keeps": "keeps", "withdraws": "withdraws"}
RULES: Mapping[str, str] = {
    "silent": "合同没有约定（按 3% 规则）",
    "actual": "据实结算，多退少补",
    "fixed": "按套计价，不补不退",
    "bounds": "约定了界限和倍数（填下面几格）",
}
DEFAULT_TIMES: Mapping[str, str] = {"within": "1", "larger_beyond": "0", "smaller_beyond": "2"}
"""What the law's rule says, to begin from."""
_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """One settlement in a community's list."""

    row: SettlementRow
    number: str
    amount: str
    is_back: bool


@require_safe
@route(permits="communities.see")
def show_settlements(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show what holds, what all homes come to together, and each home's settlement."""
    return _show(request, community_in_sight(code=code, by=by))


def _show(
    request: HttpRequest, community: CommunityRow, *, refusal: Refusal | None = None
) -> HttpResponse:
    told = tell_refusal(refusal) if refusal is not None else None
    rows = settlements_of(project_id=community.id)
    stated = terms_of_community(project_id=community.id)
    homes = homes_of(project_id=community.id)
    settled = {row.home_id for row in rows}
    ready = [home for home in homes if home.registered_sqm and home.id not in settled]
    facts = {
        "community": community,
        "terms": stated,
        "terms_source": SOURCES[stated.terms.source.value] if stated else SOURCES["law"],
        "terms_clause": say_clause(stated.terms.clause if stated else LAW.clause),
        "terms_words": say_terms(stated.terms if stated else LAW),
        "rules": _rules(community),
        "times": [
            (field, words, request.POST.get(field, DEFAULT_TIMES[field])[:2])
            for field, words in TIMES.items()
        ],
        "typed": request.POST,
        "refusal": told,
        "wrong_field": str(refusal.facts.get("field", "")) if refusal is not None else "",
        "totals": totals_of(project_id=community.id),
        "money": _money(totals_of(project_id=community.id)),
        "lines": _lines(community, rows[:_A_PAGE]),
        "left_out": max(0, len(rows) - _A_PAGE),
        "ready": len(ready),
    }
    status = told.status if told is not None else 200
    if refusal is not None and "field" in refusal.facts:
        status = 422  # a field of the form, not the state of things
    return render(request, "officer/titles/settlements.html", facts, status=status)


@require_POST
@route(permits="titles.decide")
def state_terms(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """State what the contracts of a community, or its plan, say of a difference in area."""
    community = community_in_sight(code=code, by=by)
    is_resettled = community.origin == "resettled"
    try:
        terms = read_terms(
            {name: request.POST.get(name, "")[:_LONGEST] for name in request.POST},
            source=TermsFrom.PLAN if is_resettled else TermsFrom.CONTRACT,
        )
        state_area_terms(project_id=community.id, terms=terms, by=by, at=read_clock())
    except Refusal as refusal:
        with reading(by=by):
            return _show(request, community, refusal=refusal)
    return go_to("desk-settlements", request=request, code=code)


@require_POST
@route(permits="titles.decide")
def settle_all(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Settle every measured home that has no settlement yet, each in an act of its own."""
    community = community_in_sight(code=code, by=by)
    with reading(by=by):
        settled = {row.home_id for row in settlements_of(project_id=community.id)}
        homes = [
            home.id
            for home in homes_of(project_id=community.id)
            if home.registered_sqm and home.id not in settled
        ]
    settle_homes(project_id=community.id, home_ids=homes, by=by, at=read_clock())
    return go_to("desk-settlements", request=request, code=code)


@require_safe
@route(permits="communities.see")
def show_settlement(
    request: HttpRequest, code: str, settlement_id: UUID, *, by: Actor
) -> HttpResponse:
    """Show one settlement, line by line."""
    community = community_in_sight(code=code, by=by)
    row = settlement_by_id(project_id=community.id, settlement_id=settlement_id)
    facts = {"community": community, "page": lay_out_settlement(row)}
    return render(request, "officer/titles/settlement.html", facts)


@require_safe
@route(permits="communities.see")
def give_sheet(request: HttpRequest, code: str, settlement_id: UUID, *, by: Actor) -> HttpResponse:
    """Print one settlement."""
    del request
    community = community_in_sight(code=code, by=by)
    row = settlement_by_id(project_id=community.id, settlement_id=settlement_id)
    made = print_settlement(lay_out_settlement(row))
    return answer_paper(made, name=f"settlement-{str(settlement_id)[:8]}.pdf")


@require_POST
@route(permits="casework.open")
def act(
    request: HttpRequest, code: str, settlement_id: UUID, act: str, *, by: Actor
) -> HttpResponse:
    """Do at the window what a form says: the buyer's choice, a receipt, a dispute."""
    community = community_in_sight(code=code, by=by)
    ids = {"project_id": community.id, "settlement_id": settlement_id}
    at = read_clock()
    if act in CHOICES:
        choose_to_keep_or_withdraw(**ids, choice=CHOICES[act], by=by, at=at)
    elif act == "clear":
        receipt = request.POST.get("receipt", "")
        clear_settlement(**ids, receipt=receipt, on=city_time(at).date(), by=by, at=at)
    elif act == "dispute":
        dispute_settlement(**ids, why=request.POST.get("why", ""), by=by, at=at)
    else:
        raise Refusal("access.not-found")
    return go_to("desk-settlement", request=request, code=code, settlement_id=settlement_id)


def _rules(community: CommunityRow) -> list[tuple[str, str]]:
    """Give what may be stated; a plan that says nothing is settled by nobody's rule."""
    is_resettled = community.origin == "resettled"
    return [
        (code, words) for code, words in RULES.items() if not (is_resettled and code == "silent")
    ]


def _money(totals: SettlementTotals) -> dict[str, str]:
    return {name: yuan_from_fen(Fen(getattr(totals, name))) for name in _MONEY}


def _lines(community: CommunityRow, rows: list[SettlementRow]) -> list[SettlementLine]:
    homes = homes_by_ids(project_id=community.id, home_ids=[row.home_id for row in rows])
    return [
        SettlementLine(
            row=row,
            number=homes[row.home_id].number,
            amount=yuan_from_fen(row.owed_fen),
            is_back=row.buyer_pays_fen < 0,
        )
        for row in rows
    ]
