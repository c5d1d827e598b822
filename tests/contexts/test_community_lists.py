"""Real lists of buildings and communities, brought in whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest

from anju.titles.communities.operations import (
    import_communities,
)
from anju.titles.communities.queries import (
    list_communities,
)
from anju.titles.communities.types import TableReport
from tests.support.communities import AT, open_town
from tests.support.community_tables import (
    bring,
    rules,
    table,
)
from tests.support.real_data import real_data

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.req("LEG-1")
def test_a_real_building_list_comes_in_whole_and_a_second_time_changes_nothing() -> None:
    listed = real_data("unit-tables/new-build-416.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(listed)))
    town = open_town(homes=1)
    header = ("楼栋", "房号", "楼层", "合同面积", "单价")
    data = table(
        *(
            [building, f"{stair}{floor}{room}", floor, area, price.replace("--", "")]
            for building, stair, floor, room, price, area, _ in rows[1:]
        ),
        header=header,
    )
    done = bring(town, data)
    assert (done.faults, done.counts.added) == ((), 416)
    assert bring(town, data).counts.unchanged == 416


@pytest.mark.req("LEG-1", "INV-8")
def test_a_real_list_of_communities_opens_every_file_or_none() -> None:
    town = open_town(homes=1)
    listed = real_data("communities/resettlement_named.csv").read_text(encoding="utf-8")
    rows = [
        [f"L-{at:03}", one["name"], "370105012", one["year"], one["developer"]]
        for at, one in enumerate(csv.DictReader(io.StringIO(listed)), start=1)
    ]
    header = ("编号", "小区名称", "区划代码", "建成年份", "开发企业")

    def open_list(*more: Sequence[object], is_dry_run: bool = False) -> TableReport:
        return import_communities(
            data=table(*rows, *more, header=header),
            file_name="list.csv",
            is_dry_run=is_dry_run,
            by=town.officer(),
            at=AT,
        )

    elsewhere = ["L-900", "外区小区", "370102001", "", ""]
    twice = ["L-001", "又一个", "370105012", "19", ""]
    taken = ["HY-01", "别的名字", "370105012", "", ""]
    assert [rule for _, _, rule in rules(open_list(elsewhere, twice))] == [
        "communities.division-not-here",
        "import.too-small",
    ]
    assert [rule for _, _, rule in rules(open_list(taken))] == ["communities.file-differs"]
    assert open_list(is_dry_run=True).counts.added == len(rows) == 227
    assert len(list_communities()) == 1
    assert open_list().counts.added == 227
    assert len([row for row in list_communities() if town.officer().sees_project(row.id)]) == 228
    assert open_list().counts.unchanged == 227
