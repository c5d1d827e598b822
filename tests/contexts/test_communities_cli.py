"""``anju communities import`` as a clerk types it: the desk's tables, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from anju.cli import community_tables
from anju.foundation.access.context import reading
from anju.titles.communities.queries import homes_of, surveys_of
from tests.support.access import SYSTEM
from tests.support.communities import Town, open_town
from tests.support.community_tables import row, table

pytestmark = pytest.mark.usefixtures("database")
MEASURED = ("楼栋", "房号", "实测面积")
BY = ("--surveyor", "泉城测绘院", "--surveyed-on", "2026-09-01")


def run(*words: object) -> Result:
    app = typer.Typer()
    community_tables.register(app)
    return CliRunner().invoke(app, ["communities", "import", *(str(word) for word in words)])


def files(folder: Path, homes: bytes, survey: bytes) -> tuple[Path, Path]:
    told = (folder / "homes.csv", folder / "survey.csv")
    for file, data in zip(told, (homes, survey), strict=True):
        file.write_bytes(data)
    return told


def numbers(town: Town) -> dict[str, str]:
    with reading(by=SYSTEM):
        found = homes_of(project_id=town.project_id)
    return {one.number: f"{one.registered_sqm:.2f}" for one in found if one.registered_sqm}


@pytest.mark.req("LEG-1", "INV-8")
def test_tables_are_tried_and_then_written_with_their_survey(tmp_path: Path) -> None:
    town = open_town(homes=1)
    homes, survey = files(tmp_path, table(row("901")), table(["1", "901", "90.5"], header=MEASURED))
    asked = ("HY-01", "--homes", homes, "--survey", survey, *BY)
    tried = json.loads(run(*asked, "--dry-run", "--json").stdout)
    assert (tried["homes"]["added"], tried["homes"]["written"]) == (1, False)
    assert "survey" not in tried, "the homes that it measures are not there yet"
    assert "901" not in str(numbers(town))
    told = json.loads(run(*asked, "--json").stdout)
    assert (told["homes"]["added"], told["survey"]["changed"]) == (1, 1)
    assert "90.50" in numbers(town).values()
    with reading(by=SYSTEM):
        assert [one.surveyor for one in surveys_of(project_id=town.project_id)] == ["泉城测绘院"]
    again = run(*asked)
    assert again.exit_code == 0
    assert "不变 1 套，已写入" in again.stdout


@pytest.mark.req("INV-8")
def test_every_fault_names_its_row_and_nothing_is_written(tmp_path: Path) -> None:
    town = open_town(homes=1)
    before = numbers(town)
    homes, survey = files(
        tmp_path,
        table(row("901"), row("902", home=34, 合同面积="八十")),
        table(["1", "901", "90.5"], header=MEASURED),
    )
    result = run("HY-01", "--homes", homes, "--survey", survey, *BY)
    assert result.exit_code == 1
    assert "一行也没有写入" in result.stdout
    assert "第 4 行「合同面积」" in result.stdout
    told = json.loads(run("HY-01", "--homes", homes, "--json").stdout)
    (fault,) = told["homes"]["faults"]
    assert (fault["row"], fault["column"]) == (4, "合同面积")
    assert numbers(town) == before


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    open_town(homes=1)
    homes, survey = files(tmp_path, table(row("901")), table(header=MEASURED))
    for words, code in (
        (("HY-01",), "communities.nothing-to-import"),
        (("XX-99", "--homes", homes), "communities.unknown-community"),
        (("HY-01", "--survey", survey), "communities.survey-unclear"),
    ):
        result = run(*words, "--json")
        assert result.exit_code == 1
        assert json.loads(result.stdout)["refused"][0]["code"] == code
