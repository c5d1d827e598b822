"""One community, one file (一小区一档案): everything known of it on one page, and what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.titles.communities.operations import change_terms, name_specialist, record_visit
from anju.titles.communities.queries import (
    count_titles,
    homes_of,
    officers_for,
    revisions_of,
    surveys_of,
    visits_of,
)
from anju.titles.communities.types import CommunityRow, HomeRow, RevisionRow, VisitRow
from anju.titles.partners.types import Service
from anju.web.officer.community_homes import lay_out_homes
from anju.web.officer.stock_acts import read_day
from anju.web.officer.title_panels import panels_of
from anju.web.officer.titles import community_in_sight, officer_names, read_terms
from anju.web.public.community_drawing import draw_completion
from anju.web.rating_codes import RatingCode, draw_rating_code
from anju.web.routes import go_to, route
from anju_rules.identifiers import check_unit_code
from anju_rules.values import Refusal

_PAGE = "desk-community"
_KEEPS = "communities.keep"
TERM_WORDS: Mapping[str, str] = {
    "name": "名称",
    "address": "地址",
    "parcel": "宗地",
    "built_year": "建成年份",
    "accepted_on": "竣工验收",
    "handed_over_on": "交付",
    "developer_name": "开发企业",
    "developer_credit": "开发企业信用代码",
    "manager_name": "物业企业",
    "manager_credit": "物业企业信用代码",
    "specialist_id": "专员",
}
_NO_BUILDING = "W00000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionLine:
    """One change of the file, in words."""

    at: datetime
    by: str
    reason: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What the file lacks, in homes."""

    codes: int
    areas: int
    owners: int


@require_safe
@route(permits="communities.see")
def show_community(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a community's file."""
    community = community_in_sight(code=code, by=by)
    homes = homes_of(project_id=community.id)
    names = officer_names(by=by)
    now = read_clock()
    specialist = community.specialist_id
    visits = visits_of(project_id=community.id)
    facts = {
        "community": community,
        "parcel": _say_parcel(community.terms.parcel),
        "completion": draw_completion(count_titles(community_ids=[community.id])[community.id]),
        "shown": lay_out_homes(homes, asked=request.GET.dict()),
        "gaps": _gaps(homes),
        "homes": len(homes),
        "specialist": names.get(specialist, "已指定") if specialist else "",
        "is_specialist": specialist == by.id,
        "officers": officers_for(community, by=by) if is_permitted(by, _KEEPS) else [],
        "visits": [(one, names.get(one.by, "专员")) for one in visits],
        "rating": _rating_of(visits[0], community, request) if visits else None,
        "surveys": surveys_of(project_id=community.id),
        "revisions": [_revision(one, names) for one in revisions_of(project_id=community.id)],
        "panels": panels_of(community, by=by, at=now),
        "today": localdate(now),
    }
    return render(request, "officer/titles/community.html", facts)


def _rating_of(visit: VisitRow, community: CommunityRow, request: HttpRequest) -> RatingCode:
    """Give the code by which those who were visited rate it (PRT-3)."""
    service = Service(project_id=community.id, kind="visit", id=visit.id)
    return draw_rating_code(service, host=f"{request.scheme}://{request.get_host()}")


@require_POST
@route(permits=_KEEPS)
def change(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Change what the file says."""
    community = community_in_sight(code=code, by=by)
    terms = read_terms(request.POST, code=community.code, before=community.terms)
    change_terms(
        project_id=community.id,
        terms=terms,
        reason=request.POST.get("reason", ""),
        by=by,
        at=read_clock(),
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits=_KEEPS)
def name(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Name the officer who answers for the community."""
    community = community_in_sight(code=code, by=by)
    told = request.POST.get("officer", "")
    known = {str(one.id): one.id for one in officers_for(community, by=by)}
    if told not in known:
        raise Refusal("web.not-a-choice", value=told)
    name_specialist(project_id=community.id, account_id=known[told], by=by, at=read_clock())
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="communities.visit")
def visit(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Record a visit of the specialist's."""
    community = community_in_sight(code=code, by=by)
    at = read_clock()
    record_visit(
        project_id=community.id,
        visited_on=read_day(request.POST.get("visited_on", "").strip(), field="走访日")
        or localdate(at),
        findings=request.POST.get("findings", ""),
        by=by,
        at=at,
    )
    return go_to(_PAGE, request=request, code=code)


def _say_parcel(parcel: str) -> str:
    """Write a parcel as papers do, in groups of 6, 6 and 7."""
    return check_unit_code(parcel + _NO_BUILDING).shown.rpartition(" ")[0] if parcel else ""


def _gaps(homes: Sequence[HomeRow]) -> Gaps:
    return Gaps(
        codes=sum(not home.unit_code for home in homes),
        areas=sum(home.registered_sqm is None for home in homes),
        owners=sum(home.use == "home" and home.household_id is None for home in homes),
    )


def _revision(row: RevisionRow, names: Mapping[UUID, str]) -> RevisionLine:
    people = {str(account_id): told for account_id, told in names.items()}

    def say(term: str, told: str) -> str:
        return people.get(told, "已指定") if told and term == "specialist_id" else told

    return RevisionLine(
        at=row.at,
        by=names.get(row.by, ""),
        reason=row.reason,
        changes=tuple(
            (TERM_WORDS.get(term, term), say(term, was), say(term, now))
            for term, (was, now) in row.changes.items()
        ),
    )
