"""Write a plan folder to start from: a made-up project, the same for the same seed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path

import xlsxwriter

from anju.resettlement.offline.example_homes import (
    COMMUNITY,
    LAYOUTS,
    SURROUNDINGS_HEADERS,
    ExampleHome,
    make_homes,
    orientation_of,
    surroundings_of,
)
from anju.resettlement.offline.example_people import ExampleHousehold, make_households, make_wishes
from anju_rules.values import Refusal

MOST_EXAMPLE_HOMES = 50_000
MOST_EXAMPLE_HOUSEHOLDS = 15_000
_WRITTEN_ON = datetime(2026, 6, 1)  # noqa: DTZ001 - a fixed mark in the file, not a moment
_UNIT_HEADERS = (
    "房号",
    "小区",
    "楼栋",
    "单元",
    "楼层",
    "总层数",
    "室号",
    "户型",
    "居室",
    "朝向",
    "建筑面积(㎡)",
    "套内面积(㎡)",
    "单价(元/㎡)",
    "电梯",
    "无障碍",
    "预留",
    *SURROUNDINGS_HEADERS,
)
_HOUSEHOLD_HEADERS = (
    "户号",
    "户主",
    "身份证号",
    "电话",
    "街道",
    "类别",
    "户籍人口",
    "原住房面积(㎡)",
    "低保",
    "残疾",
    "七十岁以上",
    "提前签约",
    "按期搬迁",
    "特殊需要",
)
_WISH_HEADERS = ("户号", "志愿", "房号")


def write_example(
    folder: Path, *, seed: int = 1, homes: int = 1296, households: int = 1200
) -> None:
    """Write ``plan.toml``, ``units.xlsx``, ``households.csv`` and ``wishes.csv`` into ``folder``.

    The folder is made if it is not there. The same seed and sizes give the same bytes.

    Refuses with ``example.folder-not-empty`` or ``example.folder-unusable``, and writes nothing
    then.
    """
    listed_homes = make_homes(seed=seed, count=homes, households=households)
    listed_households = make_households(seed=seed, count=households)
    wishes = make_wishes(seed=seed, households=listed_households, homes=listed_homes)
    plan = resources.files(__package__).joinpath("example_plan.toml").read_bytes()
    files = {
        "units.xlsx": _unit_workbook(listed_homes),
        "households.csv": _csv_bytes(_HOUSEHOLD_HEADERS, map(_household_row, listed_households)),
        "wishes.csv": _csv_bytes(_WISH_HEADERS, wishes),
        "plan.toml": plan,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Refusal("example.folder-not-empty", folder=str(folder))
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise Refusal("example.folder-unusable", folder=str(folder)) from error


def _unit_workbook(homes: Sequence[ExampleHome]) -> bytes:
    """Give the unit table as clerks keep it: merged title, blank row, headers, homes, a total."""
    told = io.BytesIO()
    with xlsxwriter.Workbook(told, {"in_memory": True}) as book:
        book.set_properties({"title": f"{COMMUNITY}房源表", "created": _WRITTEN_ON})
        sheet = book.add_worksheet("房源")
        title = book.add_format({"bold": True, "align": "center", "font_size": 14})
        head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
        exact = book.add_format({"num_format": "0.00"})
        sheet.merge_range(0, 0, 0, len(_UNIT_HEADERS) - 1, f"{COMMUNITY}回迁房源一览表", title)
        sheet.write_row(2, 0, _UNIT_HEADERS, head)
        sheet.freeze_panes(3, 1)
        sheet.set_column(0, len(_UNIT_HEADERS) - 1, 11)
        for row, home in enumerate(homes, start=3):
            for column, value in enumerate(_unit_row(home)):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif _UNIT_HEADERS[column] in {"建筑面积(㎡)", "套内面积(㎡)"}:
                    # A spreadsheet knows no exact decimals; the import reads the digits back.
                    sheet.write_number(row, column, value / 100, exact)
                else:
                    sheet.write_number(row, column, value)
        sheet.write_string(len(homes) + 3, 0, f"合计 {len(homes)} 套")
    return told.getvalue()


def _unit_row(home: ExampleHome) -> tuple[str | int, ...]:
    name, rooms, *_ = LAYOUTS[home.layout]
    return (
        home.number,
        COMMUNITY,
        f"{home.building}号楼",
        str(home.stair),
        home.floor,
        home.total_floors,
        home.room,
        name,
        rooms,
        orientation_of(home),
        home.area,
        home.inner,
        home.yuan,
        _yes_or_no(home.has_lift),
        _yes_or_no(home.is_barrier_free),
        home.reserved or "--",
        *surroundings_of(home),
    )


def _household_row(household: ExampleHousehold) -> tuple[str | int, ...]:
    return (
        household.number,
        household.name,
        household.identity_number,
        household.phone,
        household.street,
        household.stratum,
        household.persons,
        f"{household.home_area // 100}.{household.home_area % 100:02d}",
        _yes_or_no(household.is_low_income),
        _yes_or_no(household.has_disability),
        _yes_or_no(household.has_member_over_70),
        _yes_or_no(household.signed_early),
        _yes_or_no(household.moved_on_time),
        "、".join(household.needs),
    )


def _yes_or_no(flag: bool) -> str:  # noqa: FBT001 - the flag is the word
    return "是" if flag else "否"


def _csv_bytes(headers: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    told = io.StringIO(newline="")
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    # With the mark, spreadsheet programs read the file as UTF-8.
    return told.getvalue().encode("utf-8-sig")
