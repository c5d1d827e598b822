"""What is shown of homes: panoramas of layouts, papers of one home, schools and clinics (INV-9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import say
from anju.resettlement.inventory import operations
from anju.resettlement.inventory.queries import (
    facilities_of,
    find_stock_terms,
    homes_of,
    materials_of,
    unit_numbers,
)
from anju.resettlement.inventory.types import MaterialRow, UnitRow
from anju.web.officer.desk_forms import DeskForm
from anju.web.officer.homes import natural
from anju.web.officer.steps import project_in_sight
from anju.web.officer.stock_acts import known_home, read_count, read_day
from anju.web.officer.uploads import read_upload
from anju.web.routes import go_to, route
from anju_rules.inventory import StockTerms
from anju_rules.provision import Facility, Provision, judge_provision
from anju_rules.values import Refusal

PROVISIONS = {Provision.SCHOOL: "学校", Provision.MEDICAL: "医疗机构"}
_PAGE = "desk-stock-shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutLine:
    """One layout of a community: how many homes have it, and what is shown of it."""

    community: str
    layout: str
    homes: int
    shown: MaterialRow | None
    earlier: tuple[MaterialRow, ...]
    """Shown no longer, the latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityLine:
    """One school or clinic, and how many homes it is there for."""

    kind: str
    facility: Facility
    homes: int


@require_safe
@route(permits="inventory.see")
def show_shown(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show what everybody sees of the homes, and the forms that change it."""
    project = project_in_sight(code=code, by=by)
    units = homes_of(project_id=project.id)
    asked = request.GET.get("unit", "").strip()
    unit = next((one for one in units if one.number == asked), None)
    facilities = facilities_of(project_id=project.id)
    provision = judge_provision(
        homes=[one.home for one in units],
        facilities=facilities,
        terms=find_stock_terms(project_id=project.id) or StockTerms(),
    )
    facts = {
        "project": project,
        "layouts": _layout_lines(units, materials_of(project_id=project.id)),
        "asked": asked,
        "unit": unit,
        "papers": () if unit is None else materials_of(project_id=project.id, unit_id=unit.id),
        "facilities": [_facility_line(one, units) for one in facilities],
        "provision": [say(one.code, one.facts) for one in provision.unmet],
        "provisions": tuple(PROVISIONS.items()),
        "communities": sorted({one.home.community for one in units}, key=natural),
        "buildings": sorted({one.home.building for one in units} - {""}, key=natural),
    }
    return render(request, "officer/stock_shown.html", facts)


@require_POST
@route(permits="inventory.plan")
def keep_panorama(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a panorama of a layout from now on."""
    form = _form(request, code, by=by)
    upload = read_upload(request, name="picture")
    operations.keep_panorama(
        community=form.text("community"),
        layout=form.text("layout"),
        name=upload.name,
        content=upload.content,
        **form.common,
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.plan")
def keep_attachment(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Lay a picture or a paper in one home's file."""
    form = _form(request, code, by=by)
    unit_id = known_home(unit_numbers(project_id=form.project.id), form.text("unit"))
    upload = read_upload(request, name="paper")
    operations.keep_attachment(
        unit_id=unit_id,
        title=form.text("title"),
        name=upload.name,
        content=upload.content,
        **form.common,
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.plan")
def remove_material(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a picture or a paper no longer, for a reason."""
    form = _form(request, code, by=by)
    operations.remove_material(
        material_id=form.id("material"), reason=form.text("reason"), **form.common
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.plan")
def record_facility(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Note a school or a clinic and the homes it is there for."""
    form = _form(request, code, by=by)
    kind = form.text("kind")
    if kind not in set(Provision):
        raise Refusal("web.not-a-choice", value=kind)
    facility = Facility(
        kind=Provision(kind),
        name=form.text("name"),
        community=form.text("community"),
        buildings=tuple(request.POST.getlist("building")),
        places=read_count(form.text("places")),
        distance_m=read_count(form.text("distance_m")),
        ready_on=read_day(form.text("ready_on")),
    )
    operations.record_facility(facility=facility, **form.common)
    return go_to(_PAGE, request=request, code=code)


def _form(request: HttpRequest, code: str, *, by: Actor) -> DeskForm:
    project = project_in_sight(code=code, by=by)
    return DeskForm(request=request, project=project, by=by, at=read_clock())


def _layout_lines(units: Sequence[UnitRow], materials: Sequence[MaterialRow]) -> list[LayoutLine]:
    keys = [(unit.home.community, unit.home.layout) for unit in units if unit.home.layout]
    lines = []
    for community, layout in sorted(set(keys)):
        of_it = [one for one in materials if (one.community, one.layout) == (community, layout)]
        lines.append(
            LayoutLine(
                community=community,
                layout=layout,
                homes=keys.count((community, layout)),
                shown=next((one for one in of_it if one.removed_at is None), None),
                earlier=tuple(one for one in of_it if one.removed_at is not None),
            )
        )
    return lines


def _facility_line(facility: Facility, units: Sequence[UnitRow]) -> FacilityLine:
    return FacilityLine(
        kind=PROVISIONS[facility.kind],
        facility=facility,
        homes=sum(facility.serves(unit.home) for unit in units),
    )
