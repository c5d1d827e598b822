"""Developers and property managers at the desk: the list, and a file for each company."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import CHINA, read_clock
from anju.titles.communities.queries import list_communities
from anju.titles.communities.types import CommunityRow
from anju.titles.partners import queries
from anju.titles.partners.policy import partner_policy
from anju.titles.partners.types import BasisRow
from anju.web.officer.partner_acts import LIST_ACTS, PARTY_ACTS
from anju.web.public.partner_rows import (
    ACTS,
    RANKS,
    lay_out_basis,
    lay_out_developers,
    lay_out_duties,
    lay_out_managers,
    say_published,
    say_star_so_far,
    say_verdict,
)
from anju.web.routes import go_to, route
from anju.web.shares import say_percent, say_share
from anju_rules.partners.bases import Act, judge_basis
from anju_rules.partners.duties import count_in_time
from anju_rules.partners.stars import FactKind

FACTS = {
    FactKind.DEADLINE: "约定的日期",
    FactKind.MATERIAL: "代收的材料",
    FactKind.ANSWER: "询问的答复",
}


@require_safe
@route(permits="partners.see")
def show_partners(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show every company with its on-time rate or stars, and the legal bases on record."""
    on = _today()
    facts = {
        "developers": lay_out_developers(on=on),
        "managers": lay_out_managers(on=on),
        "bases": [lay_out_basis(row, on=on) for row in queries.list_bases()],
        "in_time": say_share(queries.count_duties(on=on)),
        "target": say_percent(partner_policy().in_time.at_least),
        "acts": [(act.value, words) for act, words in ACTS.items()],
        "ranks": [(rank.value, words) for rank, words in RANKS.items()],
        "today": on,
        "may_keep": is_permitted(by, "partners.keep"),
    }
    return render(request, "officer/titles/partners.html", facts)


@require_safe
@route(permits="partners.see")
def show_party(request: HttpRequest, party_id: UUID, *, by: Actor) -> HttpResponse:
    """Show one company's file: duties or facts, securities, restrictions, and what is disabled."""
    on = _today()
    party = queries.party_by_id(party_id=party_id)
    communities = [one for one in list_communities() if by.sees_project(one.id)]
    facts: dict[str, object] = {
        "party": party,
        "today": on,
        "communities": communities,
        "may_keep": is_permitted(by, "partners.keep"),
        "may_restrict": is_permitted(by, "partners.restrict"),
    }
    if party.kind == "developer":
        facts |= _developer_facts(party_id, communities, by=by, on=on)
        return render(request, "officer/titles/developer.html", facts)
    facts |= {
        "star": say_star_so_far(queries.star_so_far(party_id=party_id, on=on)),
        "so_far": queries.star_so_far(party_id=party_id, on=on),
        "stars": [(row, say_published(row)) for row in queries.stars_of(party_id=party_id)],
        "kinds": [(kind.value, words) for kind, words in FACTS.items()],
    }
    return render(request, "officer/titles/manager.html", facts)


@require_POST
@route(permits="partners.keep")
def act(request: HttpRequest, act: str, *, by: Actor) -> HttpResponse:
    """Carry out one act of the list; each has an address of its own."""
    LIST_ACTS[act](request, by, read_clock())
    return go_to("desk-partners", request=request)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="partners.keep")
def act_on_party(request: HttpRequest, party_id: UUID, act: str, *, by: Actor) -> HttpResponse:
    """Carry out one act of a company's file, named by its address."""
    if act not in PARTY_ACTS:
        raise Http404
    queries.party_by_id(party_id=party_id)
    PARTY_ACTS[act](request, party_id, by, read_clock())
    return go_to("desk-partner", request=request, party_id=party_id)


def _developer_facts(
    party_id: UUID, communities: list[CommunityRow], *, by: Actor, on: date
) -> dict[str, object]:
    duties = queries.duties_of(party_ids=[party_id], on=on)
    bases = queries.list_bases()
    demands = queries.demands_of(party_id=party_id, on=on, by=by)
    held = queries.restrictions_of(party_ids=[party_id], on=on)
    share = count_in_time(row.standing for row in duties)
    names = {one.id: one.name for one in communities}
    # One security a community: what is asked in one says nothing of the next.
    asked = {row.project_id for row in demands if row.released_at is None}
    return {
        "duties": lay_out_duties(duties),
        "in_time": say_share(share),
        "target": say_percent(partner_policy().in_time.at_least),
        "reaches_target": share.reaches(partner_policy().in_time.at_least),
        "demands": [
            (
                row,
                names.get(row.project_id, ""),
                say_verdict(row.verdict),
                say_verdict(row.basis_verdict),
            )
            for row in demands
        ],
        "to_ask": [one for one in communities if one.id not in asked],
        "restrictions": held,
        "open_restriction": next((row for row in held if row.lifted_on is None), None),
        "security_bases": _usable(bases, Act.SECURITY, on=on),
        "security_why_not": _why_not(bases, Act.SECURITY, on=on),
        "restriction_bases": _usable(bases, Act.RESTRICTION, on=on),
        "restriction_why_not": _why_not(bases, Act.RESTRICTION, on=on),
    }


def _usable(bases: list[BasisRow], act: Act, *, on: date) -> list[BasisRow]:
    """Give the bases that an act may rest on today."""
    return [row for row in bases if judge_basis(act=act, basis=row.basis, on=on).met]


def _why_not(bases: list[BasisRow], act: Act, *, on: date) -> str:
    """Say why an act is disabled today; empty where it is not."""
    if _usable(bases, act, on=on):
        return ""
    ours = [row for row in bases if row.basis.act is act]
    newest = ours[0].basis if ours else None
    return say_verdict(judge_basis(act=act, basis=newest, on=on))


def _today() -> date:
    return read_clock().astimezone(CHINA).date()
