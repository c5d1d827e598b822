"""The turns desk: call a household, choose its homes with it, miss, waive, come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations import batches, choosing, turns
from anju.resettlement.selection.types import DeskRow, HomeOption
from anju.web.clocks import ClockRow, clock_of
from anju.web.officer.homes import lay_out_picker, lay_out_tile, read_filters
from anju.web.officer.steps import project_in_sight
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """What the desk's page shows."""

    project: ProjectRow
    desk: DeskRow
    clock: ClockRow | None
    mark: str
    """Changes whenever the desk does: a poll that knows it gets no answer to swap."""


@require_safe
@route(permits="selection.run")
def show_turns(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show whose turn it is with its clock, and the homes it may have; a fragment: only those."""
    page = _desk_page(code=code, by=by, at=read_clock())
    facts: dict[str, object] = {"page": page, "desk": page.desk, "project": page.project}
    if page.desk.called is not None:
        options = _options(page, by)
        facts["picker"] = lay_out_picker(options=options, filters=read_filters(request.GET))
    is_part = request.headers.get("HX-Target") == "picker"
    return render(request, "officer/_picker.html" if is_part else "officer/turns.html", facts)


@require_safe
@route(permits="selection.run")
def show_status(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Answer the desk's poll: nothing (204) while nothing changed, so that no focus is lost."""
    page = _desk_page(code=code, by=by, at=read_clock())
    if request.GET.get("mark") == page.mark:
        return HttpResponse(status=204)
    facts = {"page": page, "desk": page.desk, "project": page.project}
    response = render(request, "officer/_status.html", facts)
    response.headers["HX-Trigger"] = "turn-changed"
    return response


@require_safe
@route(permits="selection.run")
def confirm_homes(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Read the picked homes back before they are taken: a choice cannot be undone at the desk."""
    page = _desk_page(code=code, by=by, at=read_clock())
    if page.desk.called is None:
        raise Refusal("desk.nobody-called")
    picked = set(request.GET.getlist("home"))
    chosen = [one for one in _options(page, by) if str(one.tile.unit_id) in picked]
    facts = {
        "page": page,
        "desk": page.desk,
        "project": page.project,
        "homes": [lay_out_tile(one) for one in chosen],
        "area_sqm": sum((one.tile.area_sqm for one in chosen), Decimal(0)),
    }
    return render(request, "officer/confirm.html", facts)


@require_POST
@route(permits="selection.choose")
def choose(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Take the homes for the called household: the same operation a family uses at home."""
    choosing.choose_homes(
        project_id=project_in_sight(code=code, by=by).id,
        turn_id=_one_id(request, "turn"),
        unit_ids=[_read_id(told) for told in request.POST.getlist("home")],
        by=by,
        at=read_clock(),
    )
    return go_to("desk-turns", request=request, code=code)


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
    del request
    turns.call_next(project_id=project_id, by=by, at=at)


def _miss(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    turns.miss_turn(project_id=project_id, turn_id=_one_id(request, "turn"), by=by, at=at)


def _waive(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    turns.waive_turn(project_id=project_id, turn_id=_one_id(request, "turn"), by=by, at=at)


def _return(request: HttpRequest, project_id: UUID, by: Actor, at: datetime) -> None:
    turns.return_turn(project_id=project_id, turn_id=_one_id(request, "turn"), by=by, at=at)


ACTS: dict[str, Callable[[HttpRequest, UUID, Actor, datetime], None]] = {
    "open-batch": _open_batch,
    "close-batch": _close_batch,
    "call": _call_next,
    "miss": _miss,
    "waive": _waive,
    "return": _return,
}


def _desk_page(*, code: str, by: Actor, at: datetime) -> DeskPage:
    project = project_in_sight(code=code, by=by)
    desk = queries.desk(project_id=project.id, by=by)
    called = desk.called
    clock = None
    if called is not None and called.called_at and called.limit_at:
        clock = clock_of(called_at=called.called_at, limit_at=called.limit_at, at=at)
    counts = desk.counts
    open_batch = desk.open_batch.batch if desk.open_batch else 0
    through = f"{counts.chosen}.{counts.missed}.{counts.waived}.{counts.to_come}"
    mark = f"{open_batch}.{called.id if called else '-'}.{through}"
    return DeskPage(project=project, desk=desk, clock=clock, mark=mark)


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


def _one_id(request: HttpRequest, name: str) -> UUID:
    return _read_id(request.POST.get(name, ""))


def _read_id(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError as fault:
        raise Http404 from fault
