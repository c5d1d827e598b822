"""One home, one file (一房一档, INV-1): what it is, what lies around it, and its history."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from anju.resettlement.inventory.queries import (
    facilities_of,
    materials_of,
    quality_file,
    read_material,
    unit_briefs,
    unit_by_number,
)
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection import queries
from anju.resettlement.selection.types import HomeTile
from anju.web.papers import answer_document
from anju.web.public.home_history import tell_history
from anju.web.public.home_quality import lay_out_quality
from anju.web.public.home_words import say_facts, say_more, say_sun
from anju.web.public.map_amenities import draw_amenities, lay_out_facility
from anju.web.public.saying import say_building, say_home
from anju.web.public.tour_rooms import draw_panorama
from anju.web.public.towers import STATE_WORDS, query_of
from anju.web.routes import public_route
from anju_rules.values import Refusal

_LIKE_IT = 4


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
    facilities = [one for one in facilities_of(project_id=project.id) if one.serves(home)]
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
        "map": draw_amenities(unit, facilities=facilities),
        "not_drawn": [lay_out_facility(one) for one in facilities if one.distance_m is None],
        "quality": lay_out_quality(quality_file(project_id=project.id, unit_id=unit.id)),
        "history": tell_history(unit, tile=tile),
        "papers": [
            one
            for one in materials_of(project_id=project.id, unit_id=unit.id)
            if one.removed_at is None
        ],
        "building": say_building(home.building),
        "building_query": query_of(community=home.community, building=home.building),
        "like_it": _like(tile, tiles=tiles),
        "panorama": _panorama_of(unit, code=code),
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


@require_safe
@public_route
@transaction.atomic
def show_material(request: HttpRequest, code: str, document_id: UUID) -> HttpResponse:
    """Give a picture or a paper that is shown of a home; one that was taken out is no page."""
    del request
    project = project_by_code(code=code)
    try:
        row, content = read_material(project_id=project.id, document_id=document_id)
    except Refusal:
        raise Http404 from None
    response = answer_document(row, content)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _panorama_of(unit: UnitRow, *, code: str) -> str:
    """Give the picture taken of this home, else of its layout; empty: there is only the sketch.

    The table may name one of this very site; no other address is ever shown.
    """
    named = unit.panorama
    if named.startswith("/") and not named.startswith("//"):
        return named
    shown = materials_of(
        project_id=unit.project_id, layout=unit.home.layout, community=unit.home.community
    )
    picture = next((one for one in shown if one.removed_at is None and unit.home.layout), None)
    return "" if picture is None else reverse("home-material", args=[code, picture.document_id])


def _like(tile: HomeTile, *, tiles: Iterable[HomeTile]) -> list[HomeTile]:
    """Give free homes to compare with: the same layout first, the nearest in area first."""
    free = [one for one in tiles if one.state == "free" and one.unit_id != tile.unit_id]
    free.sort(key=lambda one: (one.layout != tile.layout, abs(one.area_sqm - tile.area_sqm)))
    return free[:_LIKE_IT]
