"""Tables of homes and surveys as offices send them, for tests of what they bring."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from anju.titles.communities.operations import (
    import_homes,
    import_survey,
)
from anju.titles.communities.types import NewSurvey, TableReport
from tests.support.communities import AT, Town, unit_code

HEADER = (
    "楼栋",
    "房号",
    "用途",
    "楼层",
    "不动产单元号",
    "合同面积",
    "单价",
    "办证状态",
    "权利人",
    "证件号",
    "份额",
    "电话",
)
FIRST, SECOND = "11010519491231002X", "370105198001010014"
SURVEY = NewSurvey(surveyed_on=date(2026, 9, 1), surveyor="泉城测绘院")


def table(*rows: Sequence[object], header: Sequence[str] = HEADER) -> bytes:
    """Write a table as an office sends it: its title, its columns, its rows."""
    text = io.StringIO()
    csv.writer(text).writerows([["槐苑小区房屋登记表"], header, *rows])
    return text.getvalue().encode()


def row(room: str = "901", *, home: int = 33, **told: object) -> list[object]:
    """Give the line of one home; ``told`` says what is otherwise, by column."""
    plain: dict[str, object] = {
        "楼栋": "1 号楼",
        "房号": room,
        "用途": "住宅",
        "楼层": 9,
        "不动产单元号": unit_code(1, home),
        "合同面积": "88.50",
        "单价": "8000.00",
        "办证状态": "未办",
        "权利人": "王甲",
        "证件号": FIRST,
    }
    return [(plain | told).get(name, "") for name in HEADER]


def bring(town: Town, data: bytes, *, is_dry_run: bool = False) -> TableReport:
    """Bring a table of homes in."""
    return import_homes(
        project_id=town.project_id,
        data=data,
        file_name="homes.csv",
        is_dry_run=is_dry_run,
        by=town.officer(),
        at=AT,
    )


def survey(town: Town, data: bytes, *, is_dry_run: bool = False) -> TableReport:
    """Bring a survey's areas in."""
    return import_survey(
        project_id=town.project_id,
        survey=SURVEY,
        data=data,
        file_name="survey.csv",
        is_dry_run=is_dry_run,
        by=town.officer(),
        at=AT,
    )


def rules(report: TableReport) -> list[tuple[int | None, str, str]]:
    """Give row, column and rule of each fault."""
    return [(fault.row, fault.column, fault.rule) for fault in report.faults]
