"""The backlog at the desk: all older communities in sight, easy ones first, and what if."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.titles.communities.queries import count_titles, list_communities
from anju.titles.communities.types import CommunityRow
from anju.titles.legacy.queries import backlog_for, triaged
from anju.web.officer.legacy_means import read_means
from anju.web.officer.legacy_rows import StageLine, lay_out_stages
from anju.web.officer.work_rows import require_officer
from anju.web.routes import route
from anju_rules.triage.backlog import Backlog, CommunityLine
from anju_rules.triage.easy_first import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogRow:
    """A community of the backlog."""

    place: int
    community: CommunityRow
    line: CommunityLine
    usual: int
    """Homes that are freed without the limits asked for."""
    now_share: int
    freed_end: int
    """Where the bar's parts end, in hundredths: free now, and freed under the means."""
    blocked_share: int

    @property
    def freed_share(self) -> int:
        """How wide the part freed under the means is."""
        return self.freed_end - self.now_share

    @property
    def blocked_start(self) -> int:
        """Where the part that is disputed begins."""
        return 100 - self.blocked_share


@require_safe
@route(permits="legacy.see")
def show_backlog(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the communities in sight with homes that wait; the form asks what if, and keeps nothing.

    ``?staff=60&money=200000&separated=1``.
    """
    require_officer(by)
    asked = read_means(request.GET)
    communities = [one for one in list_communities() if by.sees_project(one.id)]
    triages = triaged(communities=communities)
    usual = backlog_for(triages=triages, means=Means())
    found = (
        backlog_for(triages=triages, means=asked.means, separated=asked.is_separated)
        if asked.is_asked
        else usual
    )
    counts = count_titles(community_ids=[one.id for one in communities])
    facts = {
        "asked": asked,
        "rows": _rows(found, usual, communities),
        "stages": _stages(found, communities),
        "untriaged": [
            (one, counts[one.id].homes - counts[one.id].titled)
            for one in communities
            if one.code not in triages and counts[one.id].homes > counts[one.id].titled
        ],
        "now": sum(line.now for line in found.lines),
        "usual_now": sum(line.now for line in usual.lines),
        "waiting": sum(line.waiting for line in found.lines),
        "blocked": sum(line.blocked for line in found.lines),
        "backlog": found,
        "usual": usual,
    }
    return render(request, "officer/legacy/backlog.html", facts)


def _rows(found: Backlog, usual: Backlog, communities: list[CommunityRow]) -> list[BacklogRow]:
    named = {one.code: one for one in communities}
    without_limit = {line.code: line.freed for line in usual.lines}
    lines = [line for line in found.lines if line.homes]
    return [
        BacklogRow(
            place=place,
            community=named[line.code],
            line=line,
            usual=without_limit[line.code],
            now_share=100 * line.now // line.homes,
            freed_end=100 * (line.now + line.freed) // line.homes,
            blocked_share=100 * line.blocked // line.homes,
        )
        for place, line in enumerate(lines, start=1)
    ]


def _stages(found: Backlog, communities: list[CommunityRow]) -> list[StageLine]:
    names = {one.code: one.name for one in communities}
    stages = found.stages
    most = found.freed + sum(line.waiting for line in found.lines)
    lines = lay_out_stages([one.stage for one in stages], most=most)
    return [
        replace(line, community=names[one.community], code=one.community)
        for line, one in zip(lines, stages, strict=True)
    ]
