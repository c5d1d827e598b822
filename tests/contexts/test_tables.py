"""A clerk's table is read by its headers; each fault has file, row, column, value and rule."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anju.foundation.core.words import read_words
from anju.foundation.exchange.cells import Column, MarkedCell, UnreadableCell, read_cell
from anju.foundation.exchange.faults import Fault, describe_fault
from anju.foundation.exchange.tables import TableRead, TableSpec, read_table
from tests.support.real_data import real_data

NUMBER = Column(key="number", header="房号", required=True)
AREA = Column(key="area", header="建筑面积", kind="decimal", required=True, most_decimals=4)
FLOOR = Column(key="floor", header="楼层", kind="integer")
LIFT = Column(key="lift", header="电梯", kind="flag")
SPEC = TableSpec(columns=(NUMBER, AREA, FLOOR, LIFT), null=frozenset({"--"}))
HEADERS = ["房号", "建筑面积", "楼层", "电梯"]

pytestmark = pytest.mark.req("INV-8")


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(",".join(row) for row in rows).encode(encoding))
    return path


def write_xlsx(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        fill(book, book.add_worksheet("房源"))
    return path


def rules(read: TableRead) -> list[tuple[str, int | None, str]]:
    return [(fault.rule, fault.row, fault.column) for fault in read.faults]


def read_text(tmp_path: Path, *rows: Sequence[str], spec: TableSpec = SPEC) -> TableRead:
    return read_table(write_csv(tmp_path / "t.csv", [HEADERS, *rows]), spec)


def test_title_blank_rows_and_numbers_as_text_are_read_past(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 5, "某某小区房源一览表", book.add_format({"bold": True}))
        sheet.write_row(2, 1, ["序号", "房号", " 建筑\n面积 ", "楼层", "电梯"])
        sheet.write_row(3, 1, [1, "1-101", 125.53, 31, "有"])
        sheet.write_row(5, 1, ["2", 102, "１２５．５３", "31", False])

    read = read_table(write_xlsx(tmp_path / "t.xlsx", fill), SPEC)
    assert not read.faults
    assert [(row.number, dict(row.values)) for row in read.rows] == [
        (4, {"number": "1-101", "area": Decimal("125.53"), "floor": 31, "lift": True}),
        (6, {"number": "102", "area": Decimal("125.53"), "floor": 31, "lift": False}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_each_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "t.csv", [HEADERS, ["甲1", "88.5", "3", "有"]], encoding)
    read = read_table(path, SPEC)
    assert [row.values["number"] for row in read.rows] == ["甲1"]


def test_headers_over_two_rows_are_joined(tmp_path: Path) -> None:
    rows = [
        ["房号", "面积", "", "楼层", "电梯"],
        ["", "建筑面积", "套内", "", ""],
        ["1", "88.5", "70", "3", "否"],
    ]
    read = read_table(write_csv(tmp_path / "t.csv", rows), SPEC)
    assert not read.faults
    assert read.rows[0].number == 3


def test_a_cell_merged_down_a_column_counts_for_each_of_its_rows(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADERS)
        sheet.merge_range(1, 2, 2, 2, 7)
        sheet.write_row(1, 0, ["1", 88])
        sheet.write_row(2, 0, ["2", 89])
        sheet.write_row(3, 0, ["3", 90])

    read = read_table(write_xlsx(tmp_path / "t.xlsx", fill), SPEC)
    assert [row.values["floor"] for row in read.rows] == [7, 7, None]


@pytest.mark.parametrize(
    ("row", "rule", "column"),
    [
        (["", "88", "3", ""], "import.value-missing", "房号"),
        (["1", "--", "3", ""], "import.value-missing", "建筑面积"),
        (["1", "abc", "3", ""], "import.not-a-number", "建筑面积"),
        (["1", "88㎡", "3", ""], "import.not-a-number", "建筑面积"),
        (["1", "1e3", "3", ""], "import.not-a-number", "建筑面积"),
        (["1", '"1,288.5"', "3", ""], "import.thousands-separator", "建筑面积"),
        (["1", "33.33333", "3", ""], "import.too-many-decimals", "建筑面积"),
        (["1", "88", "3.5", ""], "import.not-a-whole-number", "楼层"),
        (["1", "88", "三", ""], "import.not-a-number", "楼层"),
        (["1", "88", "3", "也许"], "import.not-yes-or-no", "电梯"),
        (["#REF!", "88", "3", ""], "import.formula-error", "房号"),
        (['"1\n2"', "88", "3", ""], "import.control-character", "房号"),
        (["3.70105E+17", "88", "3", ""], "import.number-too-long", "房号"),
        (["x" * 3000, "88", "3", ""], "import.cell-too-long", "房号"),
        (["合计", "88", "", ""], "import.total-row", ""),
        (HEADERS, "import.header-again", ""),
    ],
)
def test_each_unlawful_cell_is_a_fault_at_its_place(
    tmp_path: Path, row: list[str], rule: str, column: str
) -> None:
    # The header is looked for in the first twenty rows only; a later repeat is a row like any
    # other.
    good = [[str(number), "88.5", "3", "否"] for number in range(100, 125)]
    read = read_text(tmp_path, *good, row)
    assert rules(read) == [(rule, 27, column)]
    assert len(read.rows) == len(good)


def test_every_fault_of_every_row_is_listed(tmp_path: Path) -> None:
    read = read_text(tmp_path, ["1", "a", "b", "c"], ["2", "88", "3", ""], ["", "", "x", ""])
    assert rules(read) == [
        ("import.not-a-number", 2, "建筑面积"),
        ("import.not-a-number", 2, "楼层"),
        ("import.not-yes-or-no", 2, "电梯"),
        ("import.value-missing", 4, "房号"),
        ("import.value-missing", 4, "建筑面积"),
        ("import.not-a-number", 4, "楼层"),
    ]


def test_a_named_foot_is_skipped(tmp_path: Path) -> None:
    spec = TableSpec(columns=SPEC.columns, feet=("合计", "制表"))
    read = read_text(tmp_path, ["1", "88", "3", ""], ["合计 1 套", "88"], ["制表人：王"], spec=spec)
    assert not read.faults
    assert len(read.rows) == 1


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["甲", "乙"]], [("import.header-missing", None, "")]),
        (
            [["说明"], ["房号", "楼层"]],
            [("import.column-missing", 2, "建筑面积"), ("import.column-missing", 2, "电梯")],
        ),
        ([[*HEADERS, "楼 层"]], [("import.header-duplicate", 1, "楼层")]),
        ([HEADERS, ["1", "88", "3", ""], HEADERS], [("import.header-ambiguous", 3, "")]),
        ([HEADERS], [("import.no-rows", None, "")]),
    ],
)
def test_an_unclear_header_is_a_fault(
    tmp_path: Path, rows: list[list[str]], expected: list[tuple[str, int | None, str]]
) -> None:
    assert rules(read_table(write_csv(tmp_path / "t.csv", rows), SPEC)) == expected


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "import.file-empty"),
        (b" \r\n ", "import.file-empty"),
        (b"PK\x03\x04 this is no archive", "import.damaged-file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x07" * 3000, "import.damaged-file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + b"\x00" * 600
            + "EncryptedPackage".encode("utf-16-le"),
            "import.encrypted-file",
        ),
        (b"%PDF-1.7", "import.wrong-format"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "import.wrong-format"),
        ("房号,建筑面积".encode("utf-16"), "import.wrong-encoding"),
        (b"a\x00b", "import.wrong-format"),
        ('房号,建筑面积,楼层,电梯\n"1,88,3,\n2,88,3,'.encode(), "import.broken-quotes"),
    ],
)
def test_a_file_that_holds_no_table_is_a_fault(tmp_path: Path, data: bytes, rule: str) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes(data)
    assert [fault.rule for fault in read_table(path, SPEC).faults] == [rule]


def test_a_missing_file_a_folder_and_a_missing_sheet_are_faults(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "t.xlsx", lambda _, sheet: sheet.write_row(0, 0, HEADERS))
    for where in (tmp_path / "none.csv", tmp_path):
        assert read_table(where, SPEC).faults[0].rule == "import.file-missing"
    (fault,) = read_table(path, TableSpec(columns=SPEC.columns, sheet="户表")).faults
    assert fault.rule == "import.sheet-missing"
    assert "房源" in describe_fault(fault)


def test_what_a_spreadsheet_silently_changes_is_a_fault(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "m月d日"})
        sheet.write_row(0, 0, HEADERS)
        sheet.write_datetime(1, 0, datetime(2026, 3, 4), day)  # noqa: DTZ001 - a cell has no zone
        sheet.write_row(1, 1, [88, 3])
        sheet.write_row(2, 0, [370105199001011234, 88, 3])
        sheet.write_row(3, 0, ["3", 88])
        sheet.write_formula(3, 2, "=Sheet9!A1", None, "#REF!")

    read = read_table(write_xlsx(tmp_path / "t.xlsx", fill), SPEC)
    assert rules(read) == [
        ("import.date-by-mistake", 2, "房号"),
        ("import.number-too-long", 3, "房号"),
        ("import.formula-error", 4, "楼层"),
    ]
    assert read.faults[2].value == "#REF!"


def test_a_stray_cell_far_away_ends_the_parser_but_not_the_import(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, HEADERS)
        sheet.write(1048575, 16383, "x")

    path = write_xlsx(tmp_path / "t.xlsx", fill)
    assert [fault.rule for fault in read_table(path, SPEC).faults] == ["import.damaged-file"]
    # With the defence off, the parser takes its process with it (kept small here for the machine's
    # sake).
    bare = (
        "import resource, sys, python_calamine as p\n"
        "resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3,) * 2)\n"
        "try: p.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()\n"
        "except Exception: sys.exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", bare, str(path)], capture_output=True, check=False)
    assert done.returncode != 0


@given(st.decimals(min_value=0, max_value=99999, places=2))
@example(Decimal("125.53"))
@example(Decimal("0.29"))
def test_a_spreadsheets_binary_number_is_read_as_the_digits_that_were_typed(typed: Decimal) -> None:
    assert read_cell(float(typed), column=AREA) == typed


def test_other_cells_are_read_by_their_kind() -> None:
    def read(raw: Any, kind: Any, **more: Any) -> Any:
        return read_cell(raw, column=Column(key="k", header="k", kind=kind, **more))

    assert read("无障碍、老人；三居", "list", words={"无障碍": "barrier-free"}) == (
        "barrier-free",
        "老人",
        "三居",
    )
    assert read(MarkedCell(kind="date", text="2026-06-01"), "date") == date(2026, 6, 1)
    assert read("2026年6月1日", "date") == date(2026, 6, 1)
    assert read(0.1 + 0.2, "decimal") == Decimal("0.3")
    assert read("\u202d13800001234\u202c", "text") == "13800001234"
    assert read(31.0, "text") == "31"
    for raw, kind, more in (
        ("2026-02-30", "date", {}),
        ("明天", "date", {}),
        (MarkedCell(kind="time", text="12:00"), "integer", {}),
        ("5", "integer", {"most": 4}),
        ("5", "integer", {"least": 6}),
        (float("nan"), "decimal", {}),
        (float("inf"), "integer", {}),
    ):
        with pytest.raises(UnreadableCell):
            read(raw, kind, **more)


@given(
    st.one_of(st.text(), st.floats(), st.integers(), st.booleans()),
    st.sampled_from(["text", "integer", "decimal", "flag", "list", "date"]),
)
def test_any_cell_is_read_or_refused(raw: Any, kind: Any) -> None:
    column = Column(key="k", header="k", kind=kind, required=True, least=0, most=9, most_decimals=2)
    rule = "import.not-a-number"
    try:
        read_cell(raw, column=column)
    except UnreadableCell as refused:
        rule = refused.rule
    assert rule in read_words()


@given(data=st.binary(max_size=400))
def test_any_bytes_give_faults_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.csv"
    path.write_bytes(data)
    assert read_table(path, SPEC).faults


@settings(max_examples=25)
@given(data=st.data())
def test_a_damaged_spreadsheet_gives_rows_or_faults_and_never_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    told = io.BytesIO()
    with xlsxwriter.Workbook(told, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 6, 1)})  # noqa: DTZ001 - a fixed mark
        book.add_worksheet().write_row(0, 0, HEADERS)
    old = Path(__file__).parents[3] / "shared/data/unit-tables/new-build-416.xls"
    sources = [told.getvalue(), *([old.read_bytes()] if old.exists() else [])]
    damaged = bytearray(data.draw(st.sampled_from(sources)))
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    del damaged[data.draw(st.integers(len(damaged) // 2, len(damaged))) :]
    path = tmp_path_factory.getbasetemp() / "damaged.xls"
    path.write_bytes(bytes(damaged))
    assert read_table(path, SPEC).faults


def test_a_fault_is_said_with_file_row_column_and_value() -> None:
    fault = Fault(
        file="units.xlsx", row=14, column="建筑面积", value="abc", rule="import.not-a-number"
    )
    assert describe_fault(fault) == "文件 units.xlsx 第 14 行「建筑面积」：值 “abc” 不是数字"
    assert describe_fault(fault, "en") == (
        'units.xlsx, row 14, column "建筑面积": value “abc” is not a number'
    )
    assert fault.as_json()["message"] == describe_fault(fault)


def test_every_rule_that_the_import_names_has_words_in_both_languages() -> None:
    root = Path(__file__).parents[2] / "src" / "anju"
    own = tomllib.loads((root / "foundation/core/words/import.toml").read_text(encoding="utf-8"))
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in (
            "foundation/exchange",
            "resettlement/inventory",
            "resettlement/households",
            "resettlement/offline",
        )
        for path in (root / folder).glob("*.py")
        if path.name != "queries.py"  # a register's reads refuse in words of their own
    )
    unused = [
        code for code in own if f'"{code}"' not in source and not code.startswith("import.unknown-")
    ]
    named = set(
        re.findall(r'"((?:import|units|households|wishes|plan|example)\.[a-z0-9-]+)"', source)
    )
    assert unused == []
    files = {name for name in named if name.endswith((".toml", ".csv", ".xlsx", ".json"))}
    assert named - files <= own.keys()
    page = (root.parents[1] / "docs/algorithms/import.md").read_text(encoding="utf-8")
    assert [code for code in own if f"| `{code}` |" not in page] == []
    assert all(words.keys() == {"zh", "en"} for words in own.values())


def test_the_real_table_with_numbers_as_text_is_read_whole() -> None:
    columns = (
        Column(key="building", header="楼栋", required=True),
        Column(key="floor", header="楼层", kind="integer", required=True),
        Column(key="area", header="建筑面积", kind="decimal", required=True),
    )
    read = read_table(real_data("unit-tables/new-build-416.xls"), TableSpec(columns=columns))
    assert (len(read.rows), read.faults) == (416, ())
