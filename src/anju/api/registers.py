"""Endpoints of the registers: homes, households (masked) and their scores."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest
from ninja import Router, Schema

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import Number, Page, PageSize, ProjectCode, Refused
from anju.resettlement.households.queries import household_by_number, masked_households
from anju.resettlement.households.types import MaskedRow
from anju.resettlement.inventory.queries import homes_of, unit_by_number
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.scoring.queries import score_sheet
from anju_rules.values import Refusal

router = Router(tags=["registers"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}


class UnitOut(Schema):
    """A home of the register, as its table describes it."""

    number: str
    community: str
    building: str
    stair: str
    floor: int | None
    total_floors: int | None
    room: str
    layout: str
    area_sqm: Decimal
    inner_area_sqm: Decimal | None
    price_fen_per_sqm: int | None
    reserved_for: str
    state: str


class UnitsOut(Schema):
    """A page of homes."""

    total: int
    homes: list[UnitOut]


class HouseholdOut(Schema):
    """A household, its name masked; what names a person leaves the platform on no list."""

    number: str
    masked_name: str
    stratum: str
    street: str


class HouseholdsOut(Schema):
    """A page of households."""

    total: int
    households: list[HouseholdOut]


class ScoreLineOut(Schema):
    """One line of a score sheet; the sensitive ones are a single subtotal."""

    code: str
    label: str
    clause: str
    quantity: int
    tenths: int


class ScoreOut(Schema):
    """A household's score, in tenths of a point."""

    number: str
    total_tenths: int
    rules_version: str
    lines: list[ScoreLineOut]


@router.get("/{code}/homes", response={200: UnitsOut, **_REFUSED})
@asks("inventory.see")
def list_homes(
    request: HttpRequest, code: ProjectCode, page: Page = 1, size: PageSize = 100
) -> UnitsOut:
    """Give a page of the homes, in the order of their table."""
    project = project_in_sight(code, by=actor_of(request))
    units = homes_of(project_id=project.id)
    return UnitsOut(
        total=len(units),
        homes=[_unit(unit) for unit in units[(page - 1) * size : page * size]],
    )


@router.get("/{code}/homes/{number}", response={200: UnitOut, **_REFUSED})
@asks("inventory.see")
def show_home(request: HttpRequest, code: ProjectCode, number: Number) -> UnitOut:
    """Give one home."""
    project = project_in_sight(code, by=actor_of(request))
    return _unit(unit_by_number(project_id=project.id, number=number))


@router.get("/{code}/households", response={200: HouseholdsOut, **_REFUSED})
@asks("households.see")
def list_households(
    request: HttpRequest, code: ProjectCode, page: Page = 1, size: PageSize = 100
) -> HouseholdsOut:
    """Give a page of the households, in the order of their register, names masked."""
    project = project_in_sight(code, by=actor_of(request))
    households = masked_households(project_id=project.id)
    return HouseholdsOut(
        total=len(households),
        households=[_household(row) for row in households[(page - 1) * size : page * size]],
    )


@router.get("/{code}/households/{number}/score", response={200: ScoreOut, **_REFUSED})
@asks("scoring.see")
def show_score(request: HttpRequest, code: ProjectCode, number: Number) -> ScoreOut:
    """Give a household's score with every line and its clause."""
    project = project_in_sight(code, by=actor_of(request))
    household = household_by_number(project_id=project.id, number=number)
    sheet = score_sheet(project_id=project.id, household_id=household.id)
    if sheet is None:
        raise Refusal("api.not-found")
    return ScoreOut(
        number=number,
        total_tenths=sheet.total_tenths,
        rules_version=sheet.sheet.version,
        lines=[ScoreLineOut.from_orm(line) for line in sheet.public_lines],
    )


def _unit(unit: UnitRow) -> UnitOut:
    home = unit.home
    return UnitOut(
        number=str(home.number),
        community=home.community,
        building=home.building,
        stair=home.stair,
        floor=home.floor,
        total_floors=home.total_floors,
        room=home.room,
        layout=home.layout,
        area_sqm=home.area_sqm,
        inner_area_sqm=unit.inner_area_sqm,
        price_fen_per_sqm=unit.price_fen_per_sqm,
        reserved_for=home.reserved_for or "",
        state=unit.state,
    )


def _household(told: MaskedRow) -> HouseholdOut:
    return HouseholdOut(
        number=str(told.row.number),
        masked_name=told.masked_name,
        stratum=told.row.stratum,
        street=told.row.street,
    )
