"""Grading homes at the desk: narrowed down, then one or many graded together with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.inventory import operations
from anju.resettlement.inventory.queries import homes_of
from anju.resettlement.inventory.tables import AMENITY_TIERS, LOCATION_TIERS, QUALITY_GRADES
from anju.resettlement.inventory.types import UnitRow
from anju.web.officer.homes import natural
from anju.web.officer.steps import project_in_sight
from anju.web.officer.stock import building_key, buildings_of
from anju.web.public.saying import say_area, say_home
from anju.web.routes import go_to, route
from anju_rules.inventory import GRADES

SHOWN = 200
FILTERS = ("building", "layout", "low", "high", "only")
AXES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "quality_grade": ("品质", {key: word for word, key in QUALITY_GRADES.items()}),
    "location_tier": ("区位", {key: word for word, key in LOCATION_TIERS.items()}),
    "amenity_tier": ("配套", {key: word for word, key in AMENITY_TIERS.items()}),
}
"""Axis → its name, and its grades in words, the best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeLine:
    """One home with its grades in words."""

    number: str
    where: str
    layout: str
    area: str
    grades: tuple[tuple[str, str], ...]
    """Axis and grade, both in words."""
    is_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of the form."""

    key: str
    name: str
    grades: tuple[tuple[str, str], ...]
    common: str
    """What all the homes found have now; empty where they differ."""


@require_safe
@route(permits="inventory.see")
def show_grades(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show the homes a filter finds, with their grades, and the form that grades them."""
    project = project_in_sight(code=code, by=by)
    units = homes_of(project_id=project.id)
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    found = find_units(units, asked=asked)
    facts = {
        "project": project,
        "asked": asked,
        "asked_pairs": [(name, value) for name, value in asked.items() if value],
        "homes": len(units),
        "found": len(found),
        "ungraded": sum(not is_graded(unit) for unit in units),
        "lines": [_line(unit) for unit in found[:SHOWN]],
        "left_out": max(0, len(found) - SHOWN),
        "axes": [_axis(key, found) for key in AXES],
        "buildings": buildings_of(units),
        "layouts": sorted({unit.home.layout for unit in units} - {""}, key=natural),
        "is_frozen": project.register_frozen_at is not None,
    }
    return render(request, "officer/stock_grades.html", facts)


@require_POST
@route(permits="inventory.grade")
def grade(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Grade the homes that were ticked, or all that the filter finds."""
    project = project_in_sight(code=code, by=by)
    asked = {name: request.POST.get(name, "") for name in FILTERS}
    units = find_units(homes_of(project_id=project.id), asked=asked)
    ticked = set(request.POST.getlist("unit"))
    wanted = [unit for unit in units if request.POST.get("which") == "all" or unit.number in ticked]
    operations.grade_units(
        project_id=project.id,
        unit_ids=[unit.id for unit in wanted],
        grades={axis: request.POST.get(axis, "") for axis in GRADES},
        reason=request.POST.get("reason", "").strip(),
        by=by,
        at=read_clock(),
    )
    kept = urlencode({name: value for name, value in asked.items() if value})
    return go_to("desk-stock-grades", request=request, query=kept, code=code)


def find_units(units: Sequence[UnitRow], *, asked: Mapping[str, str]) -> list[UnitRow]:
    """Give the homes that ``asked`` (building, layout, low, high, only) names, in table order."""
    return [unit for unit in units if _is_wanted(unit, asked)]


def is_graded(unit: UnitRow) -> bool:
    """Whether a home has its grade on all three axes."""
    return all(getattr(unit, axis) in known for axis, known in GRADES.items())


def _is_wanted(unit: UnitRow, asked: Mapping[str, str]) -> bool:
    low, high = _storey(asked.get("low", "")), _storey(asked.get("high", ""))
    floor = unit.home.floor
    return (
        asked.get("building", "") in {"", building_key(unit)}
        and asked.get("layout", "") in {"", unit.home.layout}
        and (low is None or (floor is not None and floor >= low))
        and (high is None or (floor is not None and floor <= high))
        and (asked.get("only") != "ungraded" or not is_graded(unit))
    )


def _storey(told: str) -> int | None:
    bare = told.strip()
    return int(bare) if bare.removeprefix("-").isdecimal() and len(bare) < 4 else None


def _line(unit: UnitRow) -> GradeLine:
    return GradeLine(
        number=unit.number,
        where=say_home(unit.home),
        layout=unit.home.layout,
        area=say_area(unit.home.area_sqm),
        grades=tuple(
            (name, words.get(getattr(unit, axis), "未评")) for axis, (name, words) in AXES.items()
        ),
        is_taken=unit.state == "taken",
    )


def _axis(key: str, found: Sequence[UnitRow]) -> Axis:
    name, words = AXES[key]
    now = {str(getattr(unit, key)) for unit in found}
    return Axis(
        key=key,
        name=name,
        grades=tuple(words.items()),
        common=now.pop() if len(now) == 1 else "",
    )
