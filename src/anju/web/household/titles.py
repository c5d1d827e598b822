"""An owner's homes and their titles: where each stands, and filing for one from home (TTL-6, 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.clock import read_clock
from anju.foundation.core.definitions import read_default_procedures
from anju.foundation.documents.operations import store_document
from anju.foundation.documents.strokes import HEIGHT, WIDTH
from anju.titles.cases.laying import newest_version
from anju.titles.cases.operations import join_title_case, open_title_case
from anju.titles.cases.queries import title_case, title_cases_of
from anju.titles.cases.types import TitleCaseRow
from anju.titles.communities.queries import community_by_id, home_by_id, homes_of_household
from anju.titles.communities.types import CommunityRow, HomeRow
from anju.web.household.case import own_case
from anju.web.household.name_sheet import keep_name
from anju.web.household.owning import own_name, own_names, read_once, whose
from anju.web.papers import set_paper
from anju.web.public.saying import say_area, say_moment
from anju.web.refusals import RefusalRow, tell_refusal
from anju.web.routes import go_to, route
from anju_rules.hashing import digest
from anju_rules.identifiers import check_unit_code
from anju_rules.procedures.types import Material, Source
from anju_rules.values import Refusal

APPLICATION, HOMES_OWNED = "title-application", "home-count-commitment"
_TO_SIGN = "请您家签字"
_HOMES = {"1": "这是家里唯一的住房", "2": "这是家里第二套住房", "3": "家里还有两套以上住房"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCard:
    """One home and how its title stands."""

    id: UUID
    where: str
    area: str
    code: str
    """The unit code as it is read out: 6-6-7-9."""
    state: str
    words: str
    case_id: UUID | None
    may_file: bool
    may_join: bool
    """Whether the seller has filed, and the owners' signature is what is missing."""


@require_safe
@route(permits="titles.see")
def show_own_titles(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show each home of the owner's: its title, the case that runs, or that one may file."""
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "household_id": household_id}
    cases: dict[UUID | None, TitleCaseRow] = {}
    for one in sorted(title_cases_of(**own, with_cases=False), key=lambda one: one.opened_at):
        cases[one.home_id] = one
    cards = [_card(home, cases.get(home.id)) for home in homes_of_household(**own)]
    community = community_by_id(community_id=project_id) if cards else None
    facts = {
        "family_name": own_name(request, by),
        "community": community,
        "is_owner": community is not None and community.origin == "listed",
        "cards": cards,
        "running": sum(card.state == "running" for card in cards),
        "may_file": any(card.may_file for card in cards),
    }
    return render(request, "household/titles/titles.html", facts)


def _card(home: HomeRow, case: TitleCaseRow | None) -> HomeCard:
    state, words = "none", "还没有办证"
    if home.title_state == "titled":
        state, words = "titled", "已经办证"
    elif case is not None and case.standing == "open":
        is_waiting = case.owner_signed_at is None
        state, words = "running", _TO_SIGN if is_waiting else "正在办"
    elif case is not None and case.standing in {"refused", "revoked"}:
        state, words = "refused", "上一次没有办成"
    area = home.registered_sqm or home.contracted_sqm
    return HomeCard(
        id=home.id,
        where=f"{home.building} 号楼 {home.number}",
        area=say_area(area) if area is not None else "",
        code=check_unit_code(home.unit_code).shown if home.unit_code else "",
        state=state,
        words=words,
        case_id=case.id if case is not None else None,
        may_file=state in {"none", "refused"} and home.use != "common",
        may_join=state == "running" and words == _TO_SIGN,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="titles.file")
def join_own_title(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Show what the seller has filed, and ask for the owners' name under it; a POST signs."""
    project_id, _ = whose(by)
    with reading(by=by):
        own_case(case_id=case_id, by=by, at=read_clock())
    refusal = None
    if request.method == "POST":
        try:
            keep_name(request, document=f"办证签名 {case_id.hex}", by=by)
            join_title_case(project_id=project_id, case_id=case_id, by=by, at=read_clock())
        except Refusal as refused:
            refusal = tell_refusal(refused)
        else:
            return go_to("my-case", request=request, case_id=case_id)
    with reading(by=by):
        row = title_case(project_id=project_id, case_id=case_id)
        home = home_by_id(project_id=project_id, home_id=row.home_id or case_id)
        facts = {
            "family_name": own_name(request, by),
            "community": community_by_id(community_id=project_id),
            "card": _card(home, row),
            "number": row.case.number if row.case is not None else "",
            "sheet": {"width": WIDTH, "height": HEIGHT},
            "refusal": refusal,
        }
    status = refusal.status if refusal is not None else 200
    return render(request, "household/titles/join.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="titles.file")
def file_own_title(request: HttpRequest, home_id: UUID, *, by: Actor) -> HttpResponse:
    """Ask what the filing needs, on one page; a POST signs it and files."""
    if request.method == "POST":
        try:
            case_id = _file(request, home_id, by=by, at=read_clock())
        except Refusal as refusal:
            told = tell_refusal(refusal)
            if told.status == 404:
                raise
            return _ask(request, home_id, by=by, refusal=told)
        return go_to("my-case", request=request, case_id=case_id)
    return _ask(request, home_id, by=by)


def _ask(
    request: HttpRequest, home_id: UUID, *, by: Actor, refusal: RefusalRow | None = None
) -> HttpResponse:
    with reading(by=by):
        home, community = _own_home(home_id, by=by)
        version = newest_version(kind="transfer", at=read_clock())
        materials = read_default_procedures()[version].materials.values()
        facts = {
            "family_name": own_name(request, by),
            "card": _card(home, None),
            "community": community,
            "asked": _titles(materials, Source.ASKED),
            "shared": _titles(materials, Source.SHARED),
            "asks_homes": any(one.code == HOMES_OWNED for one in materials),
            "homes": _HOMES.items(),
            "told_homes": request.POST.get("homes", ""),
            "once": read_once(request).hex,
            "sheet": {"width": WIDTH, "height": HEIGHT},
            "refusal": refusal,
        }
    status = refusal.status if refusal is not None else 200
    return render(request, "household/titles/file.html", facts, status=status)


def _titles(materials: Iterable[Material], source: Source) -> list[str]:
    told = (one for one in materials if one.source is source and one.code != APPLICATION)
    return [one.title.zh for one in told]


def _own_home(home_id: UUID, *, by: Actor) -> tuple[HomeRow, CommunityRow]:
    project_id, household_id = whose(by)
    home = home_by_id(project_id=project_id, home_id=home_id)
    if home.household_id != household_id:
        raise Refusal("communities.unknown-home", home=home_id)
    return home, community_by_id(community_id=project_id)


def _file(request: HttpRequest, home_id: UUID, *, by: Actor, at: datetime) -> UUID:
    """Keep what is signed and the signature, then file; each is one act with its own entry."""
    project_id, household_id = whose(by)
    with reading(by=by):
        home, community = _own_home(home_id, by=by)
    homes = request.POST.get("homes", "")
    if homes not in _HOMES:
        raise Refusal("me.homes-not-told")
    once = read_once(request)
    written = keep_name(request, document=f"办证签名 {once.hex}", by=by)
    told = {
        "community": community,
        "card": _card(home, None),
        "names": "、".join(own_names(by)),
        "at": say_moment(at),
        "homes": _HOMES[homes],
    }
    papers = []
    for code, template in (
        (APPLICATION, "parts/title_application.html"),
        (HOMES_OWNED, "parts/homes_owned_commitment.html"),
    ):
        paper = set_paper(template, {**told, "signature": str(written)})
        kept = store_document(
            project_id=project_id,
            owner_kind="household",
            owner_id=household_id,
            household_id=household_id,
            name=f"{code} {once.hex} {digest(paper).hex()[:16]}",
            content=paper,
            channel="phone",
            by=by,
            at=at,
            is_made_here=True,
        )
        papers.append(HandedIn(code=code, document_id=kept.id))
    case = open_title_case(
        project_id=project_id,
        kind="transfer",
        home_id=home_id,
        household_id=household_id,
        case_id=once,
        materials=papers,
        facts={"homes_owned": int(homes)},
        by=by,
        at=at,
    )
    return case.id
