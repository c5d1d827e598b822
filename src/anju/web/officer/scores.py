"""Scores: freeze the rules, score everyone, and show each household where its points come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.policies.operations import freeze_rule_set
from anju.foundation.policies.queries import rule_set_in_force, rule_sets_of
from anju.resettlement.households.queries import (
    household_by_id,
    masked_names,
    registered_households,
)
from anju.resettlement.households.types import HouseholdRow
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.scoring.queries import latest_scoring, score_sheet, totals_of
from anju.resettlement.selection.queries import find_place
from anju.web.officer.steps import project_in_sight
from anju.web.routes import go_to, route
from anju_rules.values import Tenths

SHEETS_A_PAGE = 20
"""As many as a telephone's reader scrolls through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRow:
    """One household in the list."""

    household_id: UUID
    number: str
    masked_name: str
    stratum: str
    street: str
    total_tenths: Tenths | None
    """None before it is scored."""


@require_safe
@route(permits="scoring.see")
def show_scores(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show the rules, whether they are frozen, and every household's total."""
    project = project_in_sight(code=code, by=by)
    wanted = request.GET.get("find", "").strip()
    totals = totals_of(project_id=project.id)
    rows = [
        row
        for row in registered_households(project_id=project.id)
        if wanted in row.number or wanted in row.stratum
    ]
    if request.GET.get("order") == "total":
        rows.sort(key=lambda row: -totals.get(row.id, Tenths(0)))
    page = Paginator(rows, SHEETS_A_PAGE).get_page(request.GET.get("page"))
    rule_sets = rule_sets_of(project_id=project.id)
    facts = {
        "project": project,
        "rule_sets": rule_sets,
        "draft": next((one for one in rule_sets if not one.is_frozen), None),
        "in_force": rule_set_in_force(project_id=project.id),
        "scoring": latest_scoring(project_id=project.id),
        "households": len(rows),
        "page": page,
        "rows": _tell_rows(project.id, page.object_list, totals),
        "find": wanted,
        "order": request.GET.get("order", ""),
    }
    return render(request, "officer/scores.html", facts)


@require_safe
@route(permits="scoring.see")
def show_sheet(request: HttpRequest, code: str, household_id: UUID, *, by: Actor) -> HttpResponse:
    """Show one household where each of its points comes from (SCO-3)."""
    project = project_in_sight(code=code, by=by)
    household = household_by_id(project_id=project.id, household_id=household_id)
    names = masked_names(project_id=project.id, household_ids=[household_id])
    facts = {
        "project": project,
        "household": household,
        "masked_name": names.get(household_id, ""),
        "sheet": score_sheet(project_id=project.id, household_id=household_id),
        "place": find_place(project_id=project.id, household_id=household_id),
    }
    return render(request, "officer/sheet.html", facts)


@require_POST
@route(permits="policies.freeze")
def freeze_rules(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Freeze the rule set of the plan: from here on nobody can change it."""
    project = project_in_sight(code=code, by=by)
    freeze_rule_set(project_id=project.id, by=by, at=read_clock())
    return go_to("desk-scores", request=request, code=code)


@require_POST
@route(permits="scoring.score")
def score_all(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Score every household under the frozen rules."""
    project = project_in_sight(code=code, by=by)
    score_project(project_id=project.id, by=by, at=read_clock())
    return go_to("desk-scores", request=request, code=code)


def _tell_rows(
    project_id: UUID, rows: Iterable[HouseholdRow], totals: Mapping[UUID, Tenths]
) -> list[ScoredRow]:
    listed = list(rows)
    names = masked_names(project_id=project_id, household_ids=[row.id for row in listed])
    return [
        ScoredRow(
            household_id=row.id,
            number=row.number,
            masked_name=names.get(row.id, ""),
            stratum=row.stratum,
            street=row.street,
            total_tenths=totals.get(row.id),
        )
        for row in listed
    ]
