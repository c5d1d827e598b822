"""The turns desk: call a household to one's desk, name homes with it, sign, miss, waive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.selection import queries
from anju.resettlement.selection.lawful import lawful_wishes
from anju.resettlement.selection.operations import batches, choosing, signing, turns
from anju.resettlement.selection.types import HomeOption
from anju.web.officer.at_desk import DeskPage, lay_out_desk, read_desk, remember_desk
from anju.web.officer.homes import lay_out_picker, lay_out_tile, read_filters
from anju.web.officer.steps import project_in_sight
from anju.web.once import new_once, read_sent
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@require_safe
@route(permits="selection.run")
def show_turns(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show whose turn it is with its clock, and the homes it may have; a fragment: only those."""
    page = _page(request, code, by=by)
    facts: dict[str, object] = _facts(page)
    if page.desk.called is not None:
        options = _options(page, by)
        facts["picker"] = lay_out_picker(options=options, filters=read_filters(request.GET))
    is_part = request.headers.get("HX-Target") == "picker"
    shown = render(request, "officer/_picker.html" if is_part else "officer/turns.html", facts)
    return remember_desk(shown, request)


@require_safe
@route(permits="selection.run")
def show_status(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Answer the desk's poll: nothing (204) while nothing changed, so that no focus is lost."""
    page = _page(request, code, by=by)
    if request.GET.get("mark") == page.mark:
        return HttpResponse(status=204)
    response = render(request, "officer/_status.html", _facts(page))
    response.headers["HX-Trigger"] = "turn-changed"
    return response


@require_safe
@route(permits="selection.run")
def confirm_homes(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Read the picked homes back before they are named; those named before are kept beside them."""
    page = _page(request, code, by=by)
    if page.desk.called is None:
        raise Refusal("desk.nobody-called")
    picked = set(request.GET.getlist("home"))
    is_by_wishes = "wishes" in request.GET
    if is_by_wishes:
        picked = _first_wish(page, by)
    named = () if page.desk.naming is None else page.desk.naming.homes
    kept = {home.unit_id for home in named}
    chosen = [
        one
        for one in _options(page, by)
        if (one.is_lawful and str(one.tile.unit_id) in picked) or one.tile.unit_id in kept
    ]
    facts = _facts(page) | {
        "homes": [lay_out_tile(one) for one in chosen],
        "kept": kept,
        # Shown again by the back button, what is named already is not offered a second time.
        "is_new": bool(picked - {str(unit_id) for unit_id in kept}),
        "is_by_wishes": is_by_wishes,
        "area_sqm": sum((one.tile.area_sqm for one in chosen), Decimal(0)),
    }
    return render(request, "officer/confirm.html", facts)


@require_POST
@route(permits="selection.choose")
def choose(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Name the homes for the called household: the same operations a family uses at home.

    With ``hold`` they are only held, to go on step by step; else the office's side is signed too.
    """
    sent = read_sent(request)
    name = choosing.name_homes if "hold" in request.POST else choosing.choose_homes
    name(
        project_id=project_in_sight(code=code, by=by).id,
        turn_id=sent.turn_id,
        unit_ids=[_read_id(told) for told in request.POST.getlist("home")],
        by_wishes="by_wishes" in request.POST,
        by=by,
        at=read_clock(),
        call=sent.call,
        key=sent.key,
    )
    return go_to("desk-turns", request=request, code=code)


@require_POST
@route(permits="selection.sign")
def sign(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Sign for the office, or as the third check, exactly what this page has shown."""
    sent = read_sent(request)
    signing.sign_choice(
        project_id=project_in_sight(code=code, by=by).id,
        turn_id=sent.turn_id,
        by=by,
        at=read_clock(),
        call=sent.call,
        step=sent.step,
        key=sent.key,
    )
    back = "desk-checks" if request.POST.get("back") == "checks" else "desk-turns"
    return go_to(back, request=request, code=code)


@require_POST
@route(permits="selection.run")
def act(request: HttpRequest, code: str, act: str, *, by: Actor) -> HttpResponse:
    """Carry out one act of the desk, named by its address."""
    if act not in ACTS:
        raise Http404
    ACTS[act](request, project_in_sight(code=code, by=by).id, by, read_clock())
    return go_to("desk-turns", request=request, code=code)


def _open_batch(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    told = request.POST.get("batch", "")
    batch = int(told) if told.isascii() and told.isdigit() else 0
    batches.open_batch(project_id=project_id, batch=batch, by=by, at=at)


def _close_batch(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    del request
    batches.close_batch(project_id=project_id, by=by, at=at)


def _call_next(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    key = request.POST.get("key") or None
    turns.call_next(project_id=project_id, desk=read_desk(request), by=by, at=at, key=key)


def _miss(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    sent = read_sent(request)
    turns.miss_turn(
        project_id=project_id, turn_id=sent.turn_id, by=by, at=at, call=sent.call, key=sent.key
    )


def _waive(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    sent = read_sent(request)
    turns.waive_turn(
        project_id=project_id, turn_id=sent.turn_id, by=by, at=at, call=sent.call, key=sent.key
    )


def _defer(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    sent = read_sent(request)
    turns.defer_turn(
        project_id=project_id, turn_id=sent.turn_id, by=by, at=at, call=sent.call, key=sent.key
    )


def _return(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    turns.return_turn(project_id=project_id, turn_id=read_sent(request).turn_id, by=by, at=at)


def _drop(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    sent = read_sent(request)
    signing.drop_naming(
        project_id=project_id, turn_id=sent.turn_id, by=by, at=at, call=sent.call, key=sent.key
    )


ACTS: dict[str, Callable[[HttpRequest, UUID, Actor, datetime], None]] = {
    "open-batch": _open_batch,
    "close-batch": _close_batch,
    "call": _call_next,
    "miss": _miss,
    "waive": _waive,
    "defer": _defer,
    "return": _return,
    "drop": _drop,
}


def _page(request: HttpRequest, code: str, *, by: Actor) -> DeskPage:
    project = project_in_sight(code=code, by=by)
    return lay_out_desk(project=project, my_desk=read_desk(request), by=by, at=read_clock())


def _facts(page: DeskPage) -> dict[str, object]:
    return {"page": page, "desk": page.desk, "project": page.project, "once": new_once()}


def _options(page: DeskPage, by: Actor) -> list[HomeOption]:
    """Give every home, the taken ones too: a façade with holes would show nobody anything."""
    called, project_id = page.desk.called, page.project.id
    if called is None:
        return []
    judged = {
        option.tile.unit_id: option
        for option in queries.options_of(
            project_id=project_id, household_id=called.household_id, by=by
        )
    }
    return [
        judged.get(tile.unit_id) or HomeOption(tile=tile, is_lawful=False)
        for tile in queries.home_tiles(project_id=project_id)
    ]


def _first_wish(page: DeskPage, by: Actor) -> set[str]:
    """Give the homes of the first wish that the called household may still have; none: empty."""
    called, project_id = page.desk.called, page.project.id
    if called is None:
        return set()
    wishes = lawful_wishes(project_id=project_id, household_id=called.household_id, by=by)
    free = {
        tile.unit_id
        for tile in queries.home_tiles(project_id=project_id)
        if tile.state in {"free", "reserved"}
    }
    return {str(unit_id) for unit_id in next((wish for wish in wishes if free >= set(wish)), ())}


def _read_id(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError as fault:
        raise Http404 from fault
