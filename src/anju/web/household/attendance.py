"""When and where the family's batch meets, and what it does that cannot simply come."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.notices.pages import china_day
from anju.resettlement.preferences.queries import wishes_of_household
from anju.resettlement.selection import attendance, queries
from anju.resettlement.selection.operations.absences import declare_absence, end_absence
from anju.resettlement.selection.operations.batch_plans import say_moment
from anju.resettlement.selection.operations.mandates import revoke_mandate
from anju.resettlement.selection.operations.turns import defer_turn, waive_turn
from anju.resettlement.selection.types import TurnRow
from anju.web.household.owning import own_name, whose
from anju.web.refusals import tell_refusal
from anju.web.routes import go_to, route
from anju_rules.values import Refusal

DEFER, WAIVE = "defer", "waive"
_ACTS = {DEFER: defer_turn, WAIVE: waive_turn}
_TO_COME = {"waiting", "called", "returned", "missed"}


@require_safe
@route(permits="household.see")
def show_batch(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show when and where the family's batch meets, what to bring, and what else it may do."""
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "household_id": household_id}
    place, turn = queries.find_place(**own), queries.find_turn(**own)
    plan = None
    if place is not None:
        plan = attendance.find_batch_plan(project_id=project_id, batch=place.batch)
    facts = {
        "family_name": own_name(request, by),
        "place": place,
        "plan": plan,
        "when": say_moment(plan.begins_at) if plan is not None else "",
        "mandate": attendance.find_mandate(**own),
        "absence": attendance.find_absence(**own),
        # Who is through needs nobody to come in the family's place.
        "is_to_come": turn is None or turn.state in _TO_COME,
        "may_defer": turn is not None and attendance.is_deferrable(turn=turn),
        "may_waive": turn is not None and _may(WAIVE, turn),
        "may_swap": turn is not None and turn.state == "chosen",
        "has_wishes": bool(wishes_of_household(**own)),
    }
    return render(request, "household/attendance/batch.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="household.see")
def show_absence(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Say what following one's wishes means, ask once more; a POST declares or takes it back."""
    project_id, household_id = whose(by)
    own = {"project_id": project_id, "household_id": household_id}
    if request.method == "POST":
        act: Callable[..., object] = declare_absence
        if request.POST.get("act") == "end":
            act = end_absence
        try:
            act(**own, by=by, at=read_clock())
        except Refusal as refusal:
            return _refused(request, refusal)
        return go_to("my-absence", request=request)
    facts = {
        "family_name": own_name(request, by),
        "absence": attendance.find_absence(**own),
        "wishes": len(wishes_of_household(**own)),
        "is_asked": request.GET.get("sure") == "1",
    }
    return render(request, "household/attendance/absence.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="household.see")
def show_mandate(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show who may choose for the family, and how to send somebody; a POST revokes."""
    project_id, household_id = whose(by)
    mandate = attendance.find_mandate(project_id=project_id, household_id=household_id)
    if request.method == "POST":
        try:
            revoke_mandate(
                project_id=project_id, mandate_id=_id(request, "mandate"), by=by, at=read_clock()
            )
        except Refusal as refusal:
            return _refused(request, refusal)
        return go_to("my-mandate", request=request)
    today = china_day(read_clock())
    facts = {
        "family_name": own_name(request, by),
        "mandate": mandate,
        "holds": mandate is not None and mandate.holds_on(today),
        "is_asked": request.GET.get("sure") == "1",
    }
    return render(request, "household/attendance/mandate.html", facts)


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="household.see")
def end_turn(request: HttpRequest, act: str, *, by: Actor) -> HttpResponse:
    """Ask once more before a turn is deferred or waived; a POST does it."""
    project_id, household_id = whose(by)
    turn = queries.find_turn(project_id=project_id, household_id=household_id)
    if request.method == "POST":
        try:
            _ACTS[act](project_id=project_id, turn_id=_id(request, "turn"), by=by, at=read_clock())
        except Refusal as refusal:
            return _refused(request, refusal)
        return go_to("me", request=request)
    facts = {
        "family_name": own_name(request, by),
        "turn": turn,
        "act": act,
        "may_act": turn is not None and _may(act, turn),
    }
    return render(request, "household/attendance/turn.html", facts)


def _may(act: str, turn: TurnRow) -> bool:
    if act == DEFER:
        return attendance.is_deferrable(turn=turn)
    return turn.state in {"waiting", "called", "returned"}


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    told = tell_refusal(refusal)
    return render(
        request, "household/attendance/refused.html", {"refusal": told}, status=told.status
    )


def _id(request: HttpRequest, name: str) -> UUID:
    """Read an id; what is none is the id of nothing, and is refused, and recorded, as unknown."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return UUID(int=0)
