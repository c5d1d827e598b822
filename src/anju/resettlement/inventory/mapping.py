"""Rows of homes into what others see, and a table's homes into rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from anju.foundation.exchange.bulk import BulkColumn
from anju.foundation.exchange.cells import CellValue
from anju.resettlement.inventory.models import FacilityRecord, MaterialRecord, UnitRecord
from anju.resettlement.inventory.types import MaterialRow, UnitBrief, UnitRow, UnitState
from anju_rules.hashing import digest
from anju_rules.inventory import Source, StockTerms
from anju_rules.provision import Facility, Provision
from anju_rules.values import AreaSqm, Home, UnitNumber

TABLE_COLUMNS = (
    BulkColumn("position", "text"),
    BulkColumn("community", "text"),
    BulkColumn("building", "text"),
    BulkColumn("stair", "text"),
    BulkColumn("floor", "integer"),
    BulkColumn("total_floors", "integer"),
    BulkColumn("room", "text"),
    BulkColumn("orientation", "text"),
    BulkColumn("layout", "text"),
    BulkColumn("rooms", "integer"),
    BulkColumn("area_sqm", "numeric"),
    BulkColumn("inner_area_sqm", "numeric"),
    BulkColumn("decoration", "text"),
    BulkColumn("quality_grade", "text"),
    BulkColumn("location_tier", "text"),
    BulkColumn("amenity_tier", "text"),
    BulkColumn("has_lift", "boolean"),
    BulkColumn("is_barrier_free", "boolean"),
    BulkColumn("school_district", "text"),
    BulkColumn("transit_distance_m", "integer"),
    BulkColumn("commerce_distance_m", "integer"),
    BulkColumn("hospital_distance_m", "integer"),
    BulkColumn("parking", "text"),
    BulkColumn("handover_on", "date"),
    BulkColumn("price_fen_per_sqm", "bigint"),
    BulkColumn("reserved_for", "text"),
    BulkColumn("panorama", "text"),
    BulkColumn("other", "jsonb"),
)
"""The columns that a unit table decides, in the order in which they are written."""
_written = json.JSONEncoder(ensure_ascii=False, default=str).encode
_OF_HOME = frozenset(Home.__dataclass_fields__)
_BESIDE = tuple(
    column for column in TABLE_COLUMNS if column.name not in _OF_HOME and column.name != "other"
)
_HOME_NAMES = tuple(column.name for column in TABLE_COLUMNS if column.name in _OF_HOME)
_BESIDE_NAMES = frozenset(column.name for column in _BESIDE)


def home_from(record: UnitRecord) -> Home:
    """Give a home as the rules see it."""
    return Home(
        number=UnitNumber(record.number),
        area_sqm=AreaSqm(record.area_sqm),
        community=record.community,
        building=record.building,
        stair=record.stair,
        floor=record.floor,
        total_floors=record.total_floors,
        room=record.room,
        layout=record.layout,
        rooms=record.rooms,
        orientation=record.orientation,
        has_lift=record.has_lift,
        is_barrier_free=record.is_barrier_free,
        reserved_for=record.reserved_for,
    )


BRIEF_COLUMNS = (
    "id",
    "state",
    "number",
    "area_sqm",
    "community",
    "building",
    "stair",
    "floor",
    "total_floors",
    "room",
    "layout",
    "rooms",
    "orientation",
    "has_lift",
    "is_barrier_free",
    "reserved_for",
)
"""The columns of a :class:`~anju.resettlement.inventory.types.UnitBrief`; the home's follow two."""


def brief_from(row: Sequence[object]) -> UnitBrief:
    """Give a home with its state, from a row of :data:`BRIEF_COLUMNS`."""
    told = dict(zip(BRIEF_COLUMNS[2:], row[2:], strict=True))
    return UnitBrief(cast("UUID", row[0]), Home(**told), cast("UnitState", row[1]))  # type: ignore[arg-type]


def unit_from(record: UnitRecord) -> UnitRow:
    """Give a home's frozen file."""
    return UnitRow(
        project_id=record.project_id,
        id=record.id,
        home=home_from(record),
        place=record.place,
        state=cast("UnitState", record.state),
        position=record.position,
        inner_area_sqm=record.inner_area_sqm,
        decoration=record.decoration,
        quality_grade=record.quality_grade,
        location_tier=record.location_tier,
        amenity_tier=record.amenity_tier,
        school_district=record.school_district,
        transit_distance_m=record.transit_distance_m,
        commerce_distance_m=record.commerce_distance_m,
        hospital_distance_m=record.hospital_distance_m,
        parking=record.parking,
        handover_on=record.handover_on,
        price_fen_per_sqm=record.price_fen_per_sqm,
        panorama=record.panorama,
        other=record.other,
        import_ids=tuple(record.import_ids),
    )


def values_from(home: Home, beside: Mapping[str, CellValue]) -> dict[str, object]:
    """Give the value of every column that the unit table decides."""
    told: dict[str, object] = {name: getattr(home, name) for name in _HOME_NAMES}
    for column in _BESIDE:
        value = beside.get(column.name)
        told[column.name] = "" if value is None and column.type == "text" else value
    told["other"] = {
        key: str(value) for key, value in sorted(beside.items()) if key not in _BESIDE_NAMES
    }
    return told


def digest_of(number: UnitNumber, values: Mapping[str, object]) -> bytes:
    """Give the SM3 of all that the table says of a home."""
    return digest(_written([number, *values.values()]).encode())


_DAYS = ("decided_on", "reserve_confirmed_on", "reserve_completed_on")
_FIGURES = (
    *("confirm_days", "complete_days", "barrier_free_margin", "lift_margin"),
    *("supported_share", "rental_least", "rental_most"),
)


def told_terms(terms: StockTerms) -> dict[str, object]:
    """Give a stock's terms as values of JSON; a day that is not known as an empty text."""
    days = {name: getattr(terms, name) for name in _DAYS}
    return {
        **{name: "" if day is None else day.isoformat() for name, day in days.items()},
        **{name: getattr(terms, name) for name in _FIGURES},
        "shares": {str(source): share for source, share in terms.shares.items()},
        "is_core_area": terms.is_core_area,
        "is_new_district": terms.is_new_district,
        "clause": terms.clause,
    }


def terms_from(told: Mapping[str, object]) -> StockTerms:
    """Read terms back from JSON."""
    days = {name: date.fromisoformat(str(told[name])) if told[name] else None for name in _DAYS}
    shares = cast("Mapping[str, int]", told["shares"])
    return StockTerms(
        **days,  # type: ignore[arg-type]
        **{name: cast("int", told[name]) for name in _FIGURES},  # type: ignore[arg-type]
        shares={Source(source): share for source, share in shares.items()},
        is_core_area=bool(told["is_core_area"]),
        # Terms that were set before this was asked do not have it.
        is_new_district=bool(told.get("is_new_district", False)),
        clause=str(told["clause"]),
    )


def material_from(record: MaterialRecord) -> MaterialRow:
    """Give a picture or a paper as others see it."""
    return MaterialRow(
        id=record.id,
        document_id=record.document_id,
        title=record.title,
        is_panorama=record.is_panorama,
        community=record.community,
        layout=record.layout,
        unit_id=record.unit_id,
        kept_at=record.kept_at,
        removed_at=record.removed_at,
        reason=record.reason,
    )


def facility_from(record: FacilityRecord) -> Facility:
    """Give a school or a clinic as the rules see it."""
    return Facility(
        kind=Provision(record.kind),
        name=record.name,
        community=record.community,
        buildings=tuple(record.buildings),
        places=record.places,
        distance_m=record.distance_m,
        ready_on=record.ready_on,
    )
