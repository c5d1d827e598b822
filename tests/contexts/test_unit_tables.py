"""A unit table becomes homes, or faults and no home at all."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju.foundation.exchange.tables import TableLayout
from anju.resettlement.inventory.tables import UnitTable, read_floor_differences, read_units
from tests.support.real_data import real_data

LAYOUT = TableLayout(
    columns={
        "number": "房号",
        "area_sqm": "面积",
        "inner_area_sqm": "套内",
        "floor": "楼层",
        "total_floors": "总层数",
        "has_lift": "电梯",
        "reserved_for": "预留",
        "decoration": "装修",
    }
)
HEADER = "房号,面积,套内,楼层,总层数,电梯,预留,装修"

pytestmark = pytest.mark.req("INV-8")


def read(
    tmp_path: Path, *rows: str, layout: TableLayout = LAYOUT, header: str = HEADER
) -> UnitTable:
    path = tmp_path / "units.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return read_units(path, layout=layout, needs=frozenset({"barrier-free"}))


def test_a_table_becomes_homes_with_what_it_says_beside_them(tmp_path: Path) -> None:
    table = read(tmp_path, "1-101,88.50,70.1,1,18,有,barrier-free,毛坯")
    (home,) = table.homes.values()
    assert (
        home.number,
        home.area_sqm,
        home.floor,
        home.total_floors,
        home.has_lift,
        home.reserved_for,
    ) == ("1-101", Decimal("88.50"), 1, 18, True, "barrier-free")
    assert table.beside[home.number] == {"inner_area_sqm": Decimal("70.1"), "decoration": "毛坯"}


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        ("1-102,0,,1,18,,,", "units.area-not-positive", "面积"),
        ("1-102,-88,,1,18,,,", "units.area-not-positive", "面积"),
        ("1-102,12553,,1,18,,,", "import.too-large", "面积"),
        ("1-102,88,89,1,18,,,", "units.inner-area-larger", "套内"),
        ("1-102,88,,0,18,,,", "units.floor-zero", "楼层"),
        ("1-102,88,,19,18,,,", "units.floor-above-top", "楼层"),
        ("1-102,88,,1,18,,狗窝,", "units.unknown-need", "预留"),
        ("1-102+1-103,88,,1,18,,,", "units.number-with-plus", "房号"),
        ("x" * 65 + ",88,,1,18,,,", "units.number-too-long", "房号"),
        ("1-101,88,,1,18,,,", "import.repeated", "房号"),
    ],
)
def test_one_fault_and_no_home_is_accepted(
    tmp_path: Path, row: str, rule: str, column: str
) -> None:
    table = read(tmp_path, "1-101,88.5,70,1,18,,,", row)
    assert [(fault.rule, fault.row, fault.column) for fault in table.faults] == [(rule, 3, column)]
    assert not table.homes
    assert not table.beside


def test_each_fault_of_grades_days_and_distances_is_named_by_row_and_column(
    tmp_path: Path,
) -> None:
    keys = {
        "number": "房号",
        "area_sqm": "面积",
        "quality_grade": "品质",
        "location_tier": "区位",
        "amenity_tier": "配套",
        "handover_on": "交房",
        "transit_distance_m": "公交",
        "is_barrier_free": "无障碍",
    }
    table = read(
        tmp_path,
        "1-101,88.5,优质,核心区,完善,2027-06-30,300,是",
        "1-102,88.5,特好,市中心,完善,明年,很近,也许",
        "1-103,88.5,,,,,,",
        "1-104,88.5,合格,郊区,待建,2027-02-30,-5,否",
        layout=TableLayout(columns=keys),
        header=",".join(keys.values()),
    )
    assert table.homes == {}, "nothing is half-imported"
    named = {(fault.row, fault.column) for fault in table.faults}
    # A row with an unreadable cell is not judged further: its grades are named the next time.
    assert {(3, "交房"), (3, "公交"), (3, "无障碍"), (5, "交房"), (5, "公交")} <= named
    assert {row for row, _ in named} == {3, 5}


def test_a_repeated_number_names_the_first_row(tmp_path: Path) -> None:
    table = read(tmp_path, "a,88,,,,,,", "b,88,,,,,,", "a,90,,,,,,")
    assert [(fault.row, fault.facts["first_row"]) for fault in table.faults] == [(4, 2)]


def test_a_number_is_composed_where_the_table_has_none(tmp_path: Path) -> None:
    layout = TableLayout(
        columns={"building": "楼", "stair": "元", "floor": "层", "room": "室", "area_sqm": "面积"},
        number_from=("building", "stair", "floor", "room"),
        null=frozenset({"--"}),
    )
    header = "楼,元,层,室,面积"
    table = read(tmp_path, "6,--,12,04,88", "7,1,2,01,90", layout=layout, header=header)
    assert list(table.homes) == ["6-12-04", "7-1-2-01"]
    twice = read(tmp_path, "6,1,2,04,88", "6,1,2,04,90", layout=layout, header=header)
    assert [fault.rule for fault in twice.faults] == ["import.repeated"]
    empty = read(tmp_path, "--,--,,,88", layout=layout, header=header)
    assert [fault.rule for fault in empty.faults] == ["units.number-missing"]


def test_the_real_spreadsheet_and_its_csv_give_equal_homes() -> None:
    chinese = {
        "building": "楼栋",
        "stair": "单元",
        "floor": "楼层",
        "room": "房号",
        "price_yuan_per_sqm": "预售单价",
        "area_sqm": "建筑面积",
        "inner_area_sqm": "户内面积",
    }
    english = dict(
        zip(
            chinese,
            ("building", "unit", "floor", "room", "price_per_m2", "area_built", "area_inner"),
            strict=True,
        )
    )
    parts = ("building", "stair", "floor", "room")
    old, plain = (
        read_units(
            real_data(f"unit-tables/new-build-416.{kind}"),
            layout=TableLayout(columns=columns, null=frozenset({"--"}), number_from=parts),
        )
        for kind, columns in (("xls", chinese), ("csv", english))
    )
    assert old == plain
    assert not old.faults
    assert len(old.homes) == 416
    home = old.homes[next(iter(old.homes))]
    assert (home.number, home.area_sqm) == ("松风明月花园3栋-1单元-31-01", Decimal("125.53"))
    assert old.beside[home.number]["price_fen_per_sqm"] == 5222987
    assert sum(home.stair == "" for home in old.homes.values()) == 300


def test_the_real_floor_differences_have_exactly_two_defects() -> None:
    differences = read_floor_differences(real_data("selection-event/floor_differences.json"))
    assert [
        (fault.rule, fault.facts["floors"], fault.facts["sum"]) for fault in differences.faults
    ] == [
        ("units.floor-differences-not-zero", "26", -26),
        ("units.floor-differences-not-zero", "27", -54),
    ]
    assert not differences.table


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        ({"table": {"3": [1, 0, -1], "2": [1, 1]}}, "units.floor-differences-not-zero"),
        ({"table": {"3": [1, -1]}}, "units.floor-differences-count"),
        ({"table": {"2": [0.5, -0.5]}}, "units.floor-differences-not-whole"),
        ({"table": {"2": [True, False]}}, "units.floor-differences-not-whole"),
        ({"table": {"2": [10**4299, -(10**4299)]}}, "units.floor-differences-not-whole"),
        ({"table": {"²": []}}, "units.floor-count-unreadable"),
        ({"table": {"9" * 5000: []}}, "units.floor-count-unreadable"),
        ({"table": []}, "units.floor-table-missing"),
        ([1], "units.floor-table-missing"),
    ],
)
def test_an_unlawful_list_of_floor_differences_is_a_fault(
    tmp_path: Path, told: Any, rule: str
) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    assert [fault.rule for fault in read_floor_differences(path).faults] == [rule]


def test_lawful_floor_differences_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text('{"table": {"3": [1, 0, -1]}}', encoding="utf-8")
    assert read_floor_differences(path).table == {3: (1, 0, -1)}


@given(data=st.one_of(st.binary(max_size=200), st.just(b"[" * 100_000)))
def test_any_bytes_as_floor_differences_give_faults(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "floors.json"
    path.write_bytes(data)
    assert read_floor_differences(path).faults


@given(
    cells=st.lists(st.text(st.characters(exclude_characters='"\r\n,\t;')), min_size=8, max_size=8)
)
def test_any_cells_give_homes_or_faults_and_never_both(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    table = read(
        tmp_path_factory.getbasetemp(),
        ",".join(c.encode("utf-8", "replace").decode() for c in cells),
    )
    assert bool(table.homes) != bool(table.faults)


def test_twenty_thousand_rows_are_read(tmp_path: Path) -> None:
    rows = [f"{n},88.5,70,{n % 18 + 1},18,有,,毛坯" for n in range(20_000)]
    assert len(read(tmp_path, *rows).homes) == 20_000
