"""The re-match at the desk: open it, take wishes in, freeze the list, carry it out by two."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import CHINA, read_clock
from anju.resettlement.households.queries import household_by_number
from anju.resettlement.rematch import operations, queries
from anju.web.household.choosing import read_ids
from anju.web.household.rematch_form import lay_out_form
from anju.web.officer.case_forms import LONGEST, require_second
from anju.web.officer.steps import project_in_sight
from anju.web.public.rematch_rows import lay_out_round
from anju.web.routes import go_to, route
from anju_rules.values import Refusal

_PAGE = "desk-rematch"
_WEEKS = timedelta(days=14)


@require_safe
@route(permits="selection.run")
def show_rematch(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show the project's re-matches, and what may be done next with the running one."""
    project = project_in_sight(code=code, by=by)
    rounds = queries.rounds_of(project_id=project.id)
    running = next((row for row in rounds if row.is_running), None)
    at = read_clock()
    today = at.astimezone(CHINA).date()
    facts: dict[str, object] = {
        "project": project,
        "rounds": [lay_out_round(row) for row in rounds],
        "running": lay_out_round(running) if running else None,
        "may_freeze": running is not None and running.state == "open" and at >= running.closes_at,
        "has_ended": queries.has_ended(project_id=project.id),
        "vacant": len(queries.vacant_homes(project_id=project.id)),
        "quarter": f"{today.year}-Q{(today.month + 2) // 3}",
        "closes_on": today + _WEEKS,
        "asked": request.GET.get("household", "").strip()[:64],
    }
    if running is not None:
        told = queries.count_wishes(project_id=project.id, round_id=running.id, by=by)
        facts["handed_in"], facts["offered"] = told
        if facts["asked"]:
            facts |= _form_of(request, project.id, running.id, str(facts["asked"]), by=by)
    return render(request, "officer/rematch.html", facts)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="selection.run")
def act(request: HttpRequest, code: str, act: str, *, by: Actor) -> HttpResponse:
    """Carry out one act of the page, named by its address."""
    if act not in ACTS:
        raise Http404
    ACTS[act](request, project_in_sight(code=code, by=by).id, by, read_clock())
    return go_to(_PAGE, request=request, code=code)


def _form_of(
    request: HttpRequest, project_id: UUID, round_id: UUID, number: str, *, by: Actor
) -> dict[str, object]:
    try:
        household = household_by_number(project_id=project_id, number=number)
    except Refusal:
        return {"form": None}
    form = lay_out_form(
        project_id=project_id,
        household_id=household.id,
        round_id=round_id,
        asked=request.GET.get("offers", ""),
        by=by,
    )
    return {"form": form}


def _open(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    try:
        day = date.fromisoformat(request.POST.get("closes_on", ""))
    except ValueError as fault:
        raise Refusal("rematch.closes-too-early") from fault
    # Wishes are taken until the office closes on that day.
    closes_at = datetime.combine(day, time(17), tzinfo=CHINA).astimezone(UTC)
    operations.open_rematch(
        project_id=project_id,
        quarter=request.POST.get("quarter", "").strip(),
        closes_at=closes_at,
        by=by,
        at=at,
    )


def _hand_in(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    number = request.POST.get("household", "").strip()
    offers = read_ids([request.POST.get("offers", "")])
    with reading(by=by):
        household = household_by_number(project_id=project_id, number=number)
    operations.hand_in_rematch_wishes(
        project_id=project_id,
        household_id=household.id,
        unit_ids=read_ids(request.POST.getlist("unit")),
        offered_id=offers[0] if offers else None,
        by=by,
        at=at,
    )


def _freeze(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    del request
    operations.freeze_rematch(project_id=project_id, by=by, at=at)


def _carry_out(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    second = require_second(request.POST, by=by)
    operations.carry_out_rematch(project_id=project_id, by=by, second=second, at=at)


def _cancel(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    reason = request.POST.get("why", "").strip()[:LONGEST]
    second = require_second(request.POST, by=by)
    operations.cancel_rematch(project_id=project_id, reason=reason, by=by, second=second, at=at)


ACTS: dict[str, Callable[[HttpRequest, UUID, Actor, datetime], None]] = {
    "open": _open,
    "hand-in": _hand_in,
    "freeze": _freeze,
    "carry-out": _carry_out,
    "cancel": _cancel,
}
