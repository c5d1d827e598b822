"""Title cases at the desk: how many run by which version, how many are late, and what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import count_waiting
from anju.foundation.core.clock import CHINA, read_clock
from anju.foundation.core.definitions import read_default_procedures
from anju.titles.cases.operations import draw_sample, freeze_sample
from anju.titles.cases.queries import (
    commitments_of,
    count_versions,
    lapsed_title_cases,
    owing_title_cases,
    samples_of,
)
from anju.titles.cases.types import OnTimeCounts, VersionCounts
from anju.titles.communities.queries import community_by_code, list_communities
from anju.titles.communities.types import CommunityRow
from anju.web.case_words import say_budget
from anju.web.officer.case_forms import require_second
from anju.web.officer.stock_acts import read_count
from anju.web.officer.title_panel import CHECKED
from anju.web.once import read_id
from anju.web.routes import go_to, route
from anju.web.title_process import lay_out_process
from anju_rules.values import Refusal

BEACON = "balls:6x00-99"
"""The public chance: six two-digit numbers drawn by a notary from a machine."""
MOST_PERMILLE = 30
"""At most three in a hundred may run over (plan, milestones)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version's cases in words."""

    counts: VersionCounts
    title: str
    limit: str
    steps: tuple[tuple[str, int], ...]
    """At which steps its open cases wait."""


@require_safe
@route(permits="communities.see")
def show_cases(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the title cases in sight: by version, the share that ran over, what lapsed."""
    at = read_clock()
    versions = _versions(at=at)
    counts = OnTimeCounts(
        cases=sum(one.counts.timed for one in versions),
        overdue=sum(one.counts.overdue for one in versions),
    )
    facts = {
        "versions": versions,
        "counts": counts,
        "is_within": counts.permille <= MOST_PERMILLE,
        "percent": f"{counts.permille // 10}.{counts.permille % 10}",
        "lapsed": lapsed_title_cases(),
        "owing": owing_title_cases(),
        "communities": list_communities(division=by.division),
    }
    return render(request, "officer/titles/cases.html", facts)


@require_safe
@route(permits="communities.see")
def show_process(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show what the reform made of each step and paper."""
    del by
    return render(request, "officer/titles/process.html", {"process": lay_out_process()})


@require_safe
@route(permits="titles.decide")
def show_checks(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a community's commitments, and the samples that were drawn of them."""
    community = _in_sight(code, by)
    rows = commitments_of(project_id=community.id)
    facts = {
        "community": community,
        "unchecked": sum(one.state == "unchecked" for one in rows),
        "false": sum(one.state == "false" for one in rows),
        "commitments": len(rows),
        "drawn": [(one, CHECKED[one.state]) for one in rows if one.sample_id or one.checked_at],
        "samples": samples_of(project_id=community.id),
    }
    return render(request, "officer/titles/checks.html", facts)


@require_POST
@route(permits="titles.decide")
def freeze(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Fix what is drawn from, how many, and which chance decides."""
    with reading(by=by):
        community = _in_sight(code, by)
    try:
        beacon_at = datetime.fromisoformat(request.POST.get("beacon_at", "")).replace(tzinfo=CHINA)
    except ValueError:
        raise Refusal("web.not-a-day", field="摇号日期和时间", value="") from None
    freeze_sample(
        project_id=community.id,
        count=read_count(request.POST.get("count", "")) or 0,
        beacon_rule=BEACON,
        beacon_at=beacon_at,
        by=by,
        at=read_clock(),
    )
    return go_to("desk-title-checks", request=request, code=code)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="titles.decide")
def draw(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Enter the numbers that were drawn in public, and draw the sample by them."""
    with reading(by=by):
        community = _in_sight(code, by)
    draw_sample(
        project_id=community.id,
        sample_id=read_id(request.POST.get("sample", "")) or UUID(int=0),
        beacon=(request.POST.get("balls", "").strip(),),
        second=require_second(request.POST, by=by),
        by=by,
        at=read_clock(),
    )
    return go_to("desk-title-checks", request=request, code=code)


def _in_sight(code: str, by: Actor) -> CommunityRow:
    """Give a community in sight; another's is as one that does not exist."""
    community = community_by_code(code=code)
    if not by.sees_project(community.id):
        raise Refusal("access.not-found")
    return community


def _versions(*, at: datetime) -> list[VersionLine]:
    known, waiting = read_default_procedures(), count_waiting()
    lines = []
    for counts in count_versions(at=at):
        procedure = known[counts.procedure]
        budget = procedure.limit.binding
        steps = waiting.get(counts.procedure, {})
        names = {"": "受理", **{code: step.title.zh for code, step in procedure.steps.items()}}
        lines.append(
            VersionLine(
                counts=counts,
                title=procedure.title.zh,
                limit=say_budget(budget) if budget else "",
                steps=tuple((name, steps[code]) for code, name in names.items() if code in steps),
            )
        )
    return lines
