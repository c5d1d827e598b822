"""What is done on the page of the stock: one form, one operation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.inventory import operations
from anju.resettlement.inventory.queries import find_stock_terms, homes_of, unit_numbers
from anju.web.officer.case_forms import require_second
from anju.web.officer.steps import project_in_sight
from anju.web.officer.stock import building_key
from anju.web.routes import go_to, route
from anju_rules.inventory import Lot, Source, StockTerms
from anju_rules.quality import Part, Stage
from anju_rules.values import Refusal, UnitNumber

_PAGE = "desk-stock"
NO_COUNT = -1
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_TOLD_BACK = 40
"""Characters of a wrong answer that are said again."""
Word = TypeVar("Word", Source, Stage, Part)


@require_POST
@route(permits="inventory.plan")
def set_terms(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Set what the stock is measured by; what the form does not ask stays as it was."""
    project = project_in_sight(code=code, by=by)
    before = find_stock_terms(project_id=project.id) or StockTerms()
    terms = replace(
        before,
        decided_on=read_day(_text(request, "decided_on")),
        reserve_confirmed_on=read_day(_text(request, "reserve_confirmed_on")),
        reserve_completed_on=read_day(_text(request, "reserve_completed_on")),
        is_core_area=bool(request.POST.get("is_core_area")),
        is_new_district=bool(request.POST.get("is_new_district")),
        clause=_text(request, "clause"),
    )
    operations.set_stock_terms(project_id=project.id, terms=terms, by=by, at=read_clock())
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.plan")
def store_lot(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Note a lot of homes from one source."""
    project = project_in_sight(code=code, by=by)
    homes = read_count(_text(request, "homes"))
    lot = Lot(
        name=_text(request, "name"),
        source=_one_of(Source, request, "source"),
        homes=-1 if homes is None else homes,
        ready_on=read_day(_text(request, "ready_on")),
    )
    operations.store_lot(project_id=project.id, lot=lot, by=by, at=read_clock())
    return go_to(_PAGE, request=request, code=code)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="inventory.reserve")
def reserve(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Keep the homes that the page showed for a need; two people sign at this desk."""
    project = project_in_sight(code=code, by=by)
    numbers = unit_numbers(project_id=project.id)
    operations.reserve_units(
        project_id=project.id,
        unit_ids=[known_home(numbers, told) for told in request.POST.getlist("unit")],
        need=_text(request, "need"),
        by=by,
        second=require_second(request.POST, by=by),
        at=read_clock(),
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.report")
def report(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Report a defect: the home is out of choosing at once."""
    project = project_in_sight(code=code, by=by)
    numbers = unit_numbers(project_id=project.id)
    operations.report_defect(
        project_id=project.id,
        unit_id=known_home(numbers, _text(request, "unit")),
        what=_text(request, "what"),
        by=by,
        at=read_clock(),
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.mend")
def mend(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Note that a defect is mended."""
    project = project_in_sight(code=code, by=by)
    operations.note_mending(
        project_id=project.id,
        defect_id=_defect_id(request),
        mending=_text(request, "mending"),
        by=by,
        at=read_clock(),
    )
    return go_to(_PAGE, request=request, code=code)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="inventory.sign")
def accept(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Accept a mending: the other party signs at the same desk."""
    project = project_in_sight(code=code, by=by)
    operations.accept_mending(
        project_id=project.id,
        defect_id=_defect_id(request),
        by=by,
        second=require_second(request.POST, by=by),
        at=read_clock(),
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.sign")
def sign(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Sign a stage for every home of one building."""
    project = project_in_sight(code=code, by=by)
    wanted = request.POST.get("building", "")
    operations.sign_stage(
        project_id=project.id,
        unit_ids=[
            unit.id for unit in homes_of(project_id=project.id) if building_key(unit) == wanted
        ],
        stage=_one_of(Stage, request, "stage"),
        by=by,
        at=read_clock(),
    )
    return go_to(_PAGE, request=request, code=code)


@require_POST
@route(permits="inventory.plan")
def name_responsible(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Name who answers for a part of all the project's buildings."""
    project = project_in_sight(code=code, by=by)
    operations.name_responsible(
        project_id=project.id,
        community="",
        building="",
        part=_one_of(Part, request, "part"),
        organisation=_text(request, "organisation"),
        responsible=_text(request, "responsible"),
        by=by,
        at=read_clock(),
    )
    return go_to(_PAGE, request=request, code=code)


def known_home(numbers: dict[UnitNumber, UUID], told: str) -> UUID:
    """Give the home with the number that was typed; refuses with ``web.no-such-home``."""
    found = numbers.get(UnitNumber(told))
    if found is None:
        raise Refusal("web.no-such-home", unit=told)
    return found


def _defect_id(request: HttpRequest) -> UUID:
    told = _text(request, "defect")
    try:
        return UUID(told)
    except ValueError:
        raise Refusal("web.not-a-choice", value=told) from None


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def read_count(told: str) -> int | None:
    """Read a field with a figure; empty: None; what is none: ``NO_COUNT``, which is refused."""
    if not told:
        return None
    return int(told) if told.isascii() and told.isdigit() and len(told) < 7 else NO_COUNT


def read_day(told: str, *, field: str = "") -> date | None:
    """Read a field with a day; empty: None. Refuses with ``web.not-a-day``.

    ``field`` is its name on the page, so that a form with several days tells which one is meant.
    """
    if not told:
        return None
    try:
        day = date.fromisoformat(told)
    except ValueError:
        day = None
    # Only as browsers send a day: fromisoformat reads weeks too, and the year 1.
    if day is None or told != day.isoformat() or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Refusal("web.not-a-day", field=field, value=told[:_TOLD_BACK])
    return day


def _one_of(words: type[Word], request: HttpRequest, name: str) -> Word:
    told = _text(request, name)
    if told not in {str(word) for word in words}:
        raise Refusal("web.not-a-choice", value=told)
    return words(told)
