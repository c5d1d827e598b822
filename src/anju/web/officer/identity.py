"""Whom an officer is to meet: owners who filed from home and asked for a person."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import cases_across
from anju.foundation.core.clock import read_clock
from anju.titles.cases.identity.operations import settle_identity_check
from anju.titles.cases.identity.queries import people_to_meet
from anju.titles.communities.queries import communities_by_id, masked_owners_across
from anju.web.once import read_id
from anju.web.public.saying import say_moment
from anju.web.routes import go_to, route
from anju_rules.identity import Outcome, Way
from anju_rules.values import Refusal

_WAYS = {Way.VIDEO: "视频连线", Way.WINDOW: "到窗口", Way.VISIT: "上门"}


@require_safe
@route(permits="titles.identify")
def show_identity(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show who waits to be met, the longest waiting first."""
    del by
    rows = people_to_meet()
    projects = {row.project_id for row in rows}
    cases = cases_across(project_ids=projects, case_ids=[row.case_id for row in rows])
    owners = masked_owners_across(
        project_ids=projects, household_ids=[row.household_id for row in rows]
    )
    communities = communities_by_id(community_ids=projects)
    cards = [
        {
            "id": row.id,
            "project_id": row.project_id,
            "case_id": row.case_id,
            "number": cases[row.case_id].number,
            "owners": owners.get(row.household_id, ""),
            "community": communities[row.project_id].name,
            "way": _WAYS[row.way],
            "asked": say_moment(row.asked_at),
        }
        for row in rows
    ]
    return render(request, "officer/titles/identity.html", {"cards": cards})


@require_POST
@route(permits="titles.identify")
def settle(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Say what came of it: the same person, or not, or not clear."""
    told = request.POST
    outcomes = {one.value: one for one in Outcome}
    if told.get("outcome", "") not in outcomes:
        raise Refusal("web.not-a-choice")
    settle_identity_check(
        project_id=read_id(told.get("project", "")) or UUID(int=0),
        check_id=read_id(told.get("check", "")) or UUID(int=0),
        outcome=outcomes[told["outcome"]],
        method=told.get("method", "")[:200],
        by=by,
        at=read_clock(),
    )
    return go_to("desk-identity", request=request)
