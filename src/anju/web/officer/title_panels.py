"""What else a community's file shows: one panel each, in this order; and marks in the list.

Whoever knows more of a community (its problems, its companies, its cases) adds a function here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.legacy import default_blockers
from anju.titles.cases.queries import count_open_cases, open_title_cases
from anju.titles.communities.queries import homes_by_ids
from anju.titles.communities.types import CommunityRow
from anju.titles.legacy.queries import blockers_of, count_blockers
from anju.web.officer.first_form import lay_out_first


@dataclass(frozen=True, slots=True, kw_only=True)
class TitlePanel:
    """A panel with its facts: the template finds them as ``told``."""

    template: str
    told: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A few words about a community in the list: ``2 项卡点``."""

    words: str
    colour: str = "amber"
    """Of the pill: ``amber`` waits, ``sky`` runs, ``jade`` is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """A problem that stands, in words."""

    building: str
    title: str
    homes: int
    state: str
    is_blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A title case that runs."""

    number: str
    id: UUID
    what: str
    home: str
    due: date | None


CASES_SHOWN = 12
_PROBLEM_STATES: Mapping[str, str] = {
    "open": "待解决",
    "working": "办理中",
    "blocked": "有争议，停办",
}
Panel = Callable[[CommunityRow, Actor, datetime], TitlePanel | None]
"""None: nothing to show to this reader."""
Marks = Callable[[Sequence[CommunityRow], Actor], Mapping[UUID, Sequence[Mark]]]


def panels_of(community: CommunityRow, *, by: Actor, at: datetime) -> list[TitlePanel]:
    """Give the panels of a community's file, loaded; call it while reading."""
    panels = (load(community, by, at) for load in PANELS)
    return [panel for panel in panels if panel is not None]


def marks_of(communities: Sequence[CommunityRow], *, by: Actor) -> dict[UUID, list[Mark]]:
    """Give the marks of each community; call it while reading."""
    found: dict[UUID, list[Mark]] = {community.id: [] for community in communities}
    for load in MARKS:
        for community_id, marks in load(communities, by).items():
            found[community_id].extend(marks)
    return found


def show_first(community: CommunityRow, by: Actor, at: datetime) -> TitlePanel | None:
    """Show the form of the first registration to who files it, until it is filed."""
    del at
    told = lay_out_first(community, by=by)
    if told is None:
        return None
    return TitlePanel(template="officer/titles/_first.html", told=told)


def show_problems(community: CommunityRow, by: Actor, at: datetime) -> TitlePanel | None:
    """Show what keeps the community from its titles, each with the homes that it holds up."""
    del at
    if not is_permitted(by, "legacy.see"):
        return None
    kinds, rows = default_blockers(), blockers_of(project_id=community.id)
    lines = [
        ProblemLine(
            building=row.building,
            title=kinds[row.kind].title.zh if row.kind in kinds else row.kind,
            homes=len(row.home_ids),
            state=_PROBLEM_STATES.get(row.state, row.state),
            is_blocked=row.state == "blocked",
        )
        for row in rows
        if row.stands
    ]
    told = {"community": community, "lines": lines, "is_asked": bool(rows)}
    return TitlePanel(template="officer/titles/_problems.html", told=told)


def show_cases(community: CommunityRow, by: Actor, at: datetime) -> TitlePanel | None:
    """Show the title cases that run in the community, the oldest first."""
    del at
    if not is_permitted(by, "titles.see"):
        return None
    rows = open_title_cases(project_id=community.id, limit=CASES_SHOWN)
    count = count_open_cases(community_ids=[community.id]).get(community.id, 0)
    home_ids = [row.home_id for row in rows if row.home_id is not None]
    homes = homes_by_ids(project_id=community.id, home_ids=home_ids)
    lines = [
        CaseLine(
            number=row.case.number,
            id=row.id,
            what="首次登记" if row.kind == "first" else "转移登记",
            home=homes[row.home_id].number if row.home_id in homes else "全小区",
            due=row.case.due_on,
        )
        for row in rows
        if row.case is not None
    ]
    told = {"lines": lines, "left_out": max(0, count - len(lines))}
    return TitlePanel(template="officer/titles/_cases.html", told=told)


def mark_problems(communities: Sequence[CommunityRow], by: Actor) -> dict[UUID, list[Mark]]:
    """Mark how many problems stand in each community."""
    if not is_permitted(by, "legacy.see"):
        return {}
    counts = count_blockers(community_ids=[row.id for row in communities])
    return {one: [Mark(words=f"{count} 项问题")] for one, count in counts.items()}


def mark_cases(communities: Sequence[CommunityRow], by: Actor) -> dict[UUID, list[Mark]]:
    """Mark how many cases run in each community."""
    if not is_permitted(by, "titles.see"):
        return {}
    counts = count_open_cases(community_ids=[row.id for row in communities])
    return {one: [Mark(words=f"{count} 件在办", colour="sky")] for one, count in counts.items()}


PANELS: tuple[Panel, ...] = (show_first, show_problems, show_cases)
MARKS: tuple[Marks, ...] = (mark_problems, mark_cases)
