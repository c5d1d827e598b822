"""How far each community is with its titles: figures everybody may read, and no person."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.titles.communities.queries import (
    community_by_code,
    count_titles,
    count_titles_by_building,
    list_communities,
)
from anju.titles.communities.types import CommunityRow
from anju.web.public.community_drawing import Completion, draw_completion, sum_counts
from anju.web.public.saying import say_building
from anju.web.public.towers import natural
from anju.web.routes import public_route


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityDoor:
    """One community, and how far it is."""

    community: CommunityRow
    completion: Completion


@require_safe
@public_route
def show_titles(request: HttpRequest) -> HttpResponse:
    """Show every community that has homes, and how far it is."""
    communities = list_communities()
    counts = count_titles(community_ids=[row.id for row in communities])
    doors = [
        CommunityDoor(community=row, completion=draw_completion(counts[row.id]))
        for row in communities
        if counts[row.id].homes
    ]
    whole = draw_completion(sum_counts(door.completion.counts for door in doors))
    return render(request, "public/titles/communities.html", {"doors": doors, "whole": whole})


@require_safe
@public_route
def show_community(request: HttpRequest, code: str) -> HttpResponse:
    """Show one community: how far each building is, and who built and manages it."""
    community = community_by_code(code=code)
    counts = count_titles_by_building(project_id=community.id)
    facts = {
        "community": community,
        "completion": draw_completion(sum_counts(counts.values())),
        "buildings": [
            (say_building(number), draw_completion(counts[number]))
            for number in sorted(counts, key=natural)
        ],
    }
    return render(request, "public/titles/community.html", facts)
