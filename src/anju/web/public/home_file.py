"""One home, one file (一房一档, INV-1): what it is, what lies around it, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.ledger.queries import find_entry
from anju.foundation.ledger.types import EntryRow
from anju.resettlement.inventory.queries import (
    quality_file,
    unit_briefs,
    unit_by_number,
    unit_history,
)
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection import queries
from anju.resettlement.selection.types import HomeTile
from anju.web.public.home_quality import lay_out_quality
from anju.web.public.home_words import say_facts, say_more, say_sun
from anju.web.public.map_amenities import draw_amenities
from anju.web.public.saying import say_building, say_home, say_moment
from anju.web.public.tour import query_of
from anju.web.public.tour_rooms import draw_panorama
from anju.web.public.towers import STATE_WORDS
from anju.web.routes import public_route

_HISTORY: Mapping[str, str] = {
    "exchange.upload.received": "收到房源表",
    "registers.import.stored": "房源表导入：登记或更改了这套房",
    "selection.home.chosen": "这套房被选定",
    "inventory.units.graded": "定了等级",
    "inventory.units.reserved": "预留给有需要的家庭",
    "inventory.stage.signed": "质量签字",
    "inventory.defect.reported": "上报一处质量问题，停止选这套房",
    "inventory.defect.mended": "质量问题已整改，等待验收",
    "inventory.defect.accepted": "整改验收通过",
}
_LIKE_IT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """What happened to a home, and the entry that proves it."""

    at: datetime
    when: str
    what: str
    event_id: UUID


@require_safe
@public_route
@transaction.atomic
def show_home_file(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """Show a home's file; a home that does not exist is no page."""
    project = project_by_code(code=code)
    unit = unit_by_number(project_id=project.id, number=number)
    tiles = queries.home_tiles(project_id=project.id)
    tile = next(one for one in tiles if one.unit_id == unit.id)
    home = unit.home
    facts = {
        "name": project.name,
        "code": code,
        "unit": unit,
        "tile": tile,
        "where": say_home(home),
        "state_words": STATE_WORDS[tile.state],
        "facts": say_facts(unit),
        "more": say_more(unit),
        "sun": say_sun(
            orientation=home.orientation, floor=home.floor, total_floors=home.total_floors
        ),
        "map": draw_amenities(unit),
        "quality": lay_out_quality(quality_file(project_id=project.id, unit_id=unit.id)),
        "history": _history(unit, tile=tile),
        "building": say_building(home.building),
        "building_query": query_of(community=home.community, building=home.building),
        "like_it": _like(tile, tiles=tiles),
        "panorama": _own_panorama(unit),
    }
    return render(request, "public/homes/file.html", facts)


@require_safe
@public_route
def show_rooms(request: HttpRequest, code: str, layout: str) -> HttpResponse:
    """Give the drawn panorama of a layout's living room; a layout nobody has is no picture."""
    del request
    project = project_by_code(code=code)
    homes = [unit.home for unit in unit_briefs(project_id=project.id)]
    areas = [home.area_sqm for home in homes if layout and home.layout == layout]
    if not areas:
        raise Http404
    drawn = draw_panorama(layout=layout, area_sqm=int(min(areas)))
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _own_panorama(unit: UnitRow) -> str:
    """Give the picture taken of this home, where the table names one of this very site."""
    named = unit.panorama
    return named if named.startswith("/") and not named.startswith("//") else ""


def _history(unit: UnitRow, *, tile: HomeTile) -> list[HistoryLine]:
    """Give what the ledger says of a home, oldest first; dry runs brought nothing."""
    entries = unit_history(project_id=unit.project_id, unit_id=unit.id)
    chosen = None if tile.event_id is None else find_entry(event_id=tile.event_id)
    if chosen is not None:
        entries.append(chosen)
    lines = _lines(entries)
    return sorted(lines, key=lambda line: line.at)


def _lines(entries: Iterable[EntryRow]) -> list[HistoryLine]:
    return [
        HistoryLine(
            at=entry.at,
            when=say_moment(entry.at),
            what=_HISTORY.get(entry.action, "办理了一次登记"),
            event_id=entry.event_id,
        )
        for entry in {entry.event_id: entry for entry in entries}.values()
    ]


def _like(tile: HomeTile, *, tiles: Iterable[HomeTile]) -> list[HomeTile]:
    """Give free homes to compare with: the same layout first, the nearest in area first."""
    free = [one for one in tiles if one.state == "free" and one.unit_id != tile.unit_id]
    free.sort(key=lambda one: (one.layout != tile.layout, abs(one.area_sqm - tile.area_sqm)))
    return free[:_LIKE_IT]
