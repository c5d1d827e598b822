"""Unit tables (楼盘表): a project's homes as a clerk keeps them, and its floor price differences.

A table that has one fault gives no home at all (INV-8).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from anju.foundation.exchange.cells import CellValue, Column
from anju.foundation.exchange.faults import Fault, shown
from anju.foundation.exchange.sheets import Source, source_name
from anju.foundation.exchange.tables import Row, TableLayout, find_repeats, read_table
from anju_rules.inventory import GRADES
from anju_rules.values import AreaSqm, Home, UnitNumber

LARGEST_HOME_SQM = 10_000
HIGHEST_FLOOR = 200
LOWEST_FLOOR = -9
LONGEST_NUMBER = 64
DEAREST_YUAN_PER_SQM = 10_000_000
AREA_DECIMALS = 4
"""Areas are certified to 0.01 m²; finer ones are kept up to here, longer ones are formulas."""

LARGEST_DIFFERENCE = 10**9
FARTHEST_M = 1_000_000
QUALITY_GRADES = {"优质": "excellent", "良好": "good", "合格": "qualified"}
LOCATION_TIERS = {"核心区": "core", "拓展区": "extended", "郊区": "suburb"}
AMENITY_TIERS = {"完善": "complete", "基本": "basic", "待建": "pending"}
"""The grades of a home on three axes, by the words that clerks use; a plan may name others."""
_FLOOR_COUNTS = frozenset(str(floors) for floors in range(1, HIGHEST_FLOOR + 1))

COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column(key="number", header=""),
        Column(key="community", header=""),
        Column(key="building", header=""),
        Column(key="stair", header=""),
        Column(key="floor", header="", kind="integer", least=LOWEST_FLOOR, most=HIGHEST_FLOOR),
        Column(key="total_floors", header="", kind="integer", least=1, most=HIGHEST_FLOOR),
        Column(key="room", header=""),
        Column(key="layout", header=""),
        Column(key="rooms", header="", kind="integer", least=0, most=50),
        Column(key="orientation", header=""),
        Column(
            key="area_sqm",
            header="",
            kind="decimal",
            required=True,
            most=LARGEST_HOME_SQM,
            most_decimals=AREA_DECIMALS,
        ),
        Column(
            key="inner_area_sqm",
            header="",
            kind="decimal",
            least=0,
            most=LARGEST_HOME_SQM,
            most_decimals=AREA_DECIMALS,
        ),
        Column(
            key="price_fen_per_sqm",
            header="",
            kind="integer",
            least=0,
            most=DEAREST_YUAN_PER_SQM * 100,
        ),
        Column(
            key="price_yuan_per_sqm",
            header="",
            kind="decimal",
            least=0,
            most=DEAREST_YUAN_PER_SQM,
            most_decimals=2,
        ),
        Column(key="has_lift", header="", kind="flag"),
        Column(key="is_barrier_free", header="", kind="flag"),
        Column(key="reserved_for", header=""),
        Column(key="position", header=""),
        Column(key="decoration", header=""),
        Column(key="quality_grade", header="", words=QUALITY_GRADES),
        Column(key="location_tier", header="", words=LOCATION_TIERS),
        Column(key="amenity_tier", header="", words=AMENITY_TIERS),
        Column(key="school_district", header=""),
        Column(key="transit_distance_m", header="", kind="integer", least=0, most=FARTHEST_M),
        Column(key="commerce_distance_m", header="", kind="integer", least=0, most=FARTHEST_M),
        Column(key="hospital_distance_m", header="", kind="integer", least=0, most=FARTHEST_M),
        Column(key="parking", header=""),
        Column(key="handover_on", header="", kind="date"),
        Column(key="panorama", header=""),
    )
}
"""The columns with a meaning; any other key of a plan is kept as text beside the home."""
NUMBER_PARTS = ("community", "building", "stair", "floor", "room")
_OF_THE_HOME = frozenset(
    {
        *NUMBER_PARTS,
        *("number", "total_floors", "layout", "rooms", "orientation", "area_sqm"),
        *("has_lift", "is_barrier_free", "reserved_for"),
    }
)
"""What a rule may ask of a home; the rest stands beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTable:
    """The homes in table order and what else is said of each, or the faults that forbid both."""

    homes: Mapping[UnitNumber, Home] = field(default_factory=dict)
    beside: Mapping[UnitNumber, Mapping[str, CellValue]] = field(default_factory=dict)
    rows: Mapping[UnitNumber, int] = field(default_factory=dict)
    """The row of each home as the spreadsheet shows it."""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorDifferences:
    """Floor price differences: number of floors → one difference a floor, from floor 1 up."""

    table: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def read_units(
    source: Source, *, layout: TableLayout, needs: frozenset[str] | None = None, file: str = ""
) -> UnitTable:
    """Read a unit table into homes.

    Decided here: every home has a number of its own (its cell, or ``layout.number_from`` joined by
    ``-``), an area above 0 m², a floor that is not 0 and not above the building's top, an inner
    area not above the built area; ``reserved_for`` names one of the plan's ``needs`` where those
    are given.
    """
    shown_file = file or source_name(source)
    columns = [
        replace(
            COLUMNS.get(key, Column(key=key, header="")),
            header=header,
            words=layout.words.get(key) or (COLUMNS[key].words if key in COLUMNS else None),
            required=(key in COLUMNS and COLUMNS[key].required)
            or (key == "number" and not layout.number_from),
        )
        for key, header in layout.columns.items()
    ]
    read = read_table(source, layout.spec(columns), file=shown_file)
    faults = list(read.faults)
    homes: dict[UnitNumber, Home] = {}
    beside: dict[UnitNumber, Mapping[str, CellValue]] = {}
    numbered: list[tuple[int, str]] = []
    for row in read.rows:
        number = _number_of(row, layout)
        faults += _row_faults(row, number, layout, needs, file=shown_file)
        numbered.append((row.number, number))
        homes[UnitNumber(number)] = _home_from(row, number)
        beside[UnitNumber(number)] = _beside_home(row)
    named = layout.columns.get("number") or "-".join(
        layout.columns.get(part, part) for part in layout.number_from
    )
    faults += find_repeats((entry for entry in numbered if entry[1]), file=shown_file, column=named)
    if faults:
        return UnitTable(faults=tuple(sorted(faults, key=lambda fault: fault.row or 0)))
    rows = {UnitNumber(number): row for row, number in numbered}
    return UnitTable(homes=homes, beside=beside, rows=rows)


def _number_of(row: Row, layout: TableLayout) -> str:
    if number := row.text("number"):
        return number
    parts = [row.values.get(part) for part in layout.number_from]
    return "-".join(str(part) for part in parts if part is not None and part != "")


def _row_faults(
    row: Row, number: str, layout: TableLayout, needs: frozenset[str] | None, *, file: str
) -> list[Fault]:
    """List what is wrong with one home though each of its cells can be read."""

    def fault(key: str, rule: str, **facts: object) -> Fault:
        value = row.values.get(key)
        return Fault(
            file=file,
            row=row.number,
            column=layout.columns.get(key, ""),
            rule=rule,
            value=shown(number if key == "number" else "" if value is None else value),
            facts=facts,
        )

    faults = []
    area, inner = row.values.get("area_sqm"), row.values.get("inner_area_sqm")
    floor, top = row.values.get("floor"), row.values.get("total_floors")
    if not number:
        faults.append(fault("number", "units.number-missing"))
    elif "+" in number:
        # A wish for several homes joins their numbers by "+".
        faults.append(fault("number", "units.number-with-plus"))
    elif len(number) > LONGEST_NUMBER:
        faults.append(fault("number", "units.number-too-long", most=LONGEST_NUMBER))
    if isinstance(area, Decimal) and area <= 0:
        faults.append(fault("area_sqm", "units.area-not-positive"))
    if isinstance(area, Decimal) and isinstance(inner, Decimal) and inner > area > 0:
        faults.append(fault("inner_area_sqm", "units.inner-area-larger", area=area))
    if floor == 0:
        faults.append(fault("floor", "units.floor-zero"))
    if isinstance(floor, int) and isinstance(top, int) and floor > top:
        faults.append(fault("floor", "units.floor-above-top", top=top))
    reserved = row.text("reserved_for")
    if needs is not None and reserved and reserved not in needs:
        faults.append(fault("reserved_for", "units.unknown-need", known="、".join(sorted(needs))))
    for axis, known in GRADES.items():
        # An empty cell is a home not graded yet: the stock page counts those.
        if row.text(axis) and row.text(axis) not in known:
            faults.append(fault(axis, "units.unknown-grade", known="、".join(known)))
    return faults


def _home_from(row: Row, number: str) -> Home:
    area, floor = row.values.get("area_sqm"), row.values.get("floor")
    top, rooms = row.values.get("total_floors"), row.values.get("rooms")
    return Home(
        number=UnitNumber(number),
        area_sqm=AreaSqm(area if isinstance(area, Decimal) else Decimal(0)),
        community=row.text("community"),
        building=row.text("building"),
        stair=row.text("stair"),
        floor=floor if isinstance(floor, int) else None,
        total_floors=top if isinstance(top, int) else None,
        room=row.text("room"),
        layout=row.text("layout"),
        rooms=rooms if isinstance(rooms, int) else None,
        orientation=row.text("orientation"),
        has_lift=row.values.get("has_lift") is True,
        is_barrier_free=row.values.get("is_barrier_free") is True,
        reserved_for=row.text("reserved_for"),
    )


def _beside_home(row: Row) -> Mapping[str, CellValue]:
    """Give what the table says beyond the home itself; money as whole fen."""
    beside = {
        key: value
        for key, value in row.values.items()
        if value is not None and key not in _OF_THE_HOME
    }
    yuan = beside.pop("price_yuan_per_sqm", None)
    if isinstance(yuan, Decimal):
        beside["price_fen_per_sqm"] = int(yuan * 100)
    return beside


def read_floor_differences(path: Path, *, file: str = "") -> FloorDifferences:
    """Read ``{"table": {"5": [-2, 2, 7, 6, -13], …}}``: floors → difference of each floor from 1.

    Decided here: a list for n floors has n whole numbers that sum to zero, since a building as a
    whole is neither dearer nor cheaper (as in the real plan of ``selection-event``). Else a fault
    that names the number of floors.
    """
    shown_file = file or path.name
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=str)
    except FileNotFoundError:
        return FloorDifferences(faults=(Fault(file=shown_file, rule="import.file-missing"),))
    except OSError:
        return FloorDifferences(faults=(Fault(file=shown_file, rule="import.file-unreadable"),))
    except (ValueError, RecursionError):
        return FloorDifferences(faults=(Fault(file=shown_file, rule="import.not-json"),))
    lists = told.get("table") if isinstance(told, dict) else None
    if not isinstance(lists, dict) or not lists:
        return FloorDifferences(faults=(Fault(file=shown_file, rule="units.floor-table-missing"),))
    faults = [
        fault
        for floors, entries in lists.items()
        if (fault := _floor_list_fault(str(floors), entries, file=shown_file))
    ]
    if faults:
        return FloorDifferences(faults=tuple(faults))
    return FloorDifferences(table={int(n): tuple(entries) for n, entries in lists.items()})


def _floor_list_fault(floors: str, entries: object, *, file: str) -> Fault | None:
    column = shown(f"table.{floors}")
    if floors not in _FLOOR_COUNTS:
        return Fault(
            file=file, column=column, rule="units.floor-count-unreadable", value=shown(floors)
        )
    if not isinstance(entries, list) or not all(
        type(entry) is int and abs(entry) <= LARGEST_DIFFERENCE for entry in entries
    ):
        return Fault(
            file=file,
            column=column,
            rule="units.floor-differences-not-whole",
            value=shown(entries),
            facts={"floors": floors},
        )
    if len(entries) != int(floors):
        return Fault(
            file=file,
            column=column,
            rule="units.floor-differences-count",
            value=shown(len(entries)),
            facts={"floors": floors, "entries": len(entries)},
        )
    if sum(entries) != 0:
        return Fault(
            file=file,
            column=column,
            rule="units.floor-differences-not-zero",
            value=shown(sum(entries)),
            facts={"floors": floors, "sum": sum(entries)},
        )
    return None
