"""The titles wing on the desk: every community in sight, how far each is, and what blocks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.queries import list_accounts, list_organisations
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.titles.communities.operations import open_community
from anju.titles.communities.queries import (
    community_by_code,
    count_titles,
    last_visits,
    list_communities,
)
from anju.titles.communities.types import COMPANIES, CommunityRow, CommunityTerms
from anju.web.officer.stock_acts import read_count, read_day
from anju.web.officer.title_panels import Mark, marks_of
from anju.web.public.community_drawing import Completion, draw_completion, sum_counts
from anju.web.routes import go_to, route
from anju_rules.values import Refusal

NOBODY = "nobody"
STATES: Mapping[str, str] = {
    "waiting": "还没开始",
    "running": "办理中",
    "done": "全部办完",
    "empty": "还没录房屋",
}
_STREET = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityLine:
    """One community in the list, on the map and in the chart."""

    community: CommunityRow
    completion: Completion
    specialist: str
    last_visit: date | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """The communities of one street together: a block of the map, a bar of the chart."""

    name: str
    lines: tuple[CommunityLine, ...]
    completion: Completion


@require_safe
@route(permits="communities.see")
def show_titles(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the communities in sight: list, map and chart; a company goes to its own."""
    communities = [row for row in list_communities() if by.sees_project(row.id)]
    if by.role in COMPANIES and len(communities) == 1:
        return go_to("desk-community", request=request, code=communities[0].code)
    lines = lay_out_lines(communities, by=by)
    asked = {"specialist": request.GET.get("specialist", ""), "state": request.GET.get("state", "")}
    shown = [line for line in lines if _admits(line, **asked)]
    facts = {
        "quarters": _quarters(shown, by=by),
        "lines": sorted(shown, key=_by_urgency),
        "all": len(lines),
        "whole": draw_completion(sum_counts(line.completion.counts for line in shown)),
        "unvisited": sum(line.last_visit is None for line in shown),
        "nobody": sum(line.community.specialist_id is None for line in lines),
        "specialists": _specialists(lines),
        "states": tuple(STATES.items()),
        "asked": asked,
        "is_narrowed": any(asked.values()),
    }
    return render(request, "officer/titles/communities.html", facts)


@require_POST
@route(permits="communities.keep")
def open_file(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Open a community's file."""
    terms = read_terms(request.POST, code=_text(request.POST, "code"))
    community = open_community(terms=terms, by=by, at=read_clock())
    return go_to("desk-community", request=request, code=community.code)


def read_terms(
    told: Mapping[str, str], *, code: str, before: CommunityTerms | None = None
) -> CommunityTerms:
    """Read a community's terms from a form; ``before`` gives what a form cannot change."""
    year = read_count(_text(told, "built_year"))
    return CommunityTerms(
        code=code,
        name=_text(told, "name"),
        division=before.division if before is not None else _text(told, "division"),
        address=_text(told, "address"),
        parcel=_text(told, "parcel"),
        built_year=year,
        accepted_on=read_day(_text(told, "accepted_on"), field="竣工验收日"),
        handed_over_on=read_day(_text(told, "handed_over_on"), field="交付日"),
        developer_name=_text(told, "developer_name"),
        developer_credit=_text(told, "developer_credit"),
        manager_name=_text(told, "manager_name"),
        manager_credit=_text(told, "manager_credit"),
    )


def community_in_sight(*, code: str, by: Actor) -> CommunityRow:
    """Give a community's file; refuses with ``access.not-found`` another's as one that is not."""
    community = community_by_code(code=code)
    if by.kind == "household" or not by.sees_project(community.id):
        raise Refusal("access.not-found")
    return community


def officer_names(*, by: Actor) -> dict[UUID, str]:
    """Give the names of the officers whom this reader may know; a company knows no one's."""
    if not is_permitted(by, "accounts.see"):
        return {}
    return {one.id: one.name for one in list_accounts(by=by)}


def lay_out_lines(communities: Sequence[CommunityRow], *, by: Actor) -> list[CommunityLine]:
    """Lay out communities with how far they are; call it while reading."""
    ids = [row.id for row in communities]
    counts, visits = count_titles(community_ids=ids), last_visits(community_ids=ids)
    marks, names = marks_of(communities, by=by), officer_names(by=by)
    return [
        CommunityLine(
            community=row,
            completion=draw_completion(counts[row.id]),
            specialist=names.get(row.specialist_id, "已指定") if row.specialist_id else "",
            last_visit=visits.get(row.id),
            marks=tuple(marks[row.id]),
        )
        for row in communities
    ]


def _admits(line: CommunityLine, *, specialist: str, state: str) -> bool:
    kept = line.community.specialist_id
    is_theirs = kept is None if specialist == NOBODY else specialist in {"", str(kept)}
    return is_theirs and state in {"", line.completion.state}


def _by_urgency(line: CommunityLine) -> tuple[object, ...]:
    """Give the order of the list: what has most homes without a title comes first."""
    return (-line.completion.left, line.community.code)


def _quarters(lines: Sequence[CommunityLine], *, by: Actor) -> list[Quarter]:
    by_division: dict[str, list[CommunityLine]] = {}
    for line in lines:
        by_division.setdefault(line.community.division[:_STREET], []).append(line)
    offices = {}
    if is_permitted(by, "accounts.see"):
        offices = {row.division: row.name for row in list_organisations(by=by)}
    return [
        Quarter(
            name=offices.get(division, f"区划 {division}"),
            lines=tuple(sorted(within, key=lambda line: line.community.code)),
            completion=draw_completion(sum_counts(line.completion.counts for line in within)),
        )
        for division, within in sorted(by_division.items())
    ]


def _specialists(lines: Sequence[CommunityLine]) -> list[tuple[str, str]]:
    found = {
        str(line.community.specialist_id): line.specialist
        for line in lines
        if line.community.specialist_id is not None
    }
    return sorted(found.items(), key=lambda item: item[1])


def _text(told: Mapping[str, str], name: str) -> str:
    return told.get(name, "").strip()
