"""A project on the database for tests: its plan, its files, and who may do what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.exchange.types import ImportKind, ImportRow
from anju.resettlement.households.queries import registered_households
from anju.resettlement.intake.operations import open_project, run_import
from anju.resettlement.inventory.queries import homes_of
from anju.resettlement.preferences.queries import wishes_of
from anju.resettlement.projects.types import ProjectRow

_numbers = count(1)
AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PLAN = """
[project]
code = "YS-2026"
name = "示例"
division = "370105"
mode = "score"
strata = ["优先户", "普通户"]
[tables.units]
file = "units.csv"
columns = { number = "房号", building = "楼栋", floor = "楼层", layout = "户型", area_sqm = "面积", decoration = "装修", view = "景观" }
[tables.households]
file = "households.csv"
columns = { number = "户号", name = "户主", identity_number = "身份证号", phone = "电话", stratum = "类别", persons = "人口", home_area_sqm = "住房面积" }
[tables.wishes]
file = "wishes.csv"
columns = { household = "户号", rank = "志愿", homes = "房号" }
[facts]
home_area_sqm = "area"
[rules]
version = "1"
effective_on = 2026-06-01
scoring_clause = "plan/scoring"
[[rules.scoring]]
code = "population"
label = "户籍人口，每人"
points = "0.3"
per = "persons"
clause = "plan/scoring#1"
source = "示例"
certainty = "P"
[[rules.scoring]]
code = "small-home"
label = "人均住房不足 15 平方米"
points = "2"
when = { fact = "home_area_per_person_sqm", below = "15" }
clause = "plan/scoring#2"
source = "示例"
certainty = "P"
[rules.entitlement]
kind = "budget"
per_person_sqm = "50"
per = "persons"
excess_at_most_sqm = "30"
clause = "plan/selection#3"
"""  # noqa: E501
UNITS = """房号,楼栋,楼层,户型,面积,装修,景观
1-101,1,1,A,88.50,毛坯,河
1-102,1,1,A,88.5,毛坯,
1-201,1,2,B,101,精装,园
"""
HOUSEHOLDS = """户号,户主,身份证号,电话,类别,人口,住房面积
H001,张三,11010519491231002X,13800000001,优先户,3,40.50
H002,张四,,13800000002,普通户,2,60
H003,欧阳春,440524188001010014,13800000003,普通户,4,0
"""
WISHES = """户号,志愿,房号
H001,1,1-101
H001,3,1-102+1-201
H002,1,1-201
"""


def city_officer() -> Actor:
    """Give an officer who sees every project."""
    return Actor(
        id=new_id(),
        kind="officer",
        role="city-officer",
        name="王市",
        division="3701",
        projects=None,
        address="10.0.0.1",
        request_id="tests",
        has_second_factor=True,
    )


SYSTEM = system_actor(request_id="tests")


@dataclass(frozen=True, slots=True)
class Office:
    """A project and the officer who keeps its registers."""

    project: ProjectRow
    officer: Actor

    def send(self, kind: ImportKind, text: str | bytes, *, is_dry_run: bool = False) -> ImportRow:
        """Send a file; it is not read yet."""
        return receive_upload(
            project_id=self.project.id,
            kind=kind,
            data=text.encode() if isinstance(text, str) else text,
            file_name=f"{kind}.csv",
            is_dry_run=is_dry_run,
            by=self.officer,
            at=AT,
        )

    def bring(self, kind: ImportKind, text: str | bytes, *, is_dry_run: bool = False) -> ImportRow:
        """Send a file and have it read."""
        row = self.send(kind, text, is_dry_run=is_dry_run)
        return run_import(import_id=row.id, by=SYSTEM, at=AT)

    def bring_all(self) -> None:
        """Fill the registers with the three small tables."""
        for kind, text in (("units", UNITS), ("households", HOUSEHOLDS), ("wishes", WISHES)):
            done = self.bring(kind, text)  # type: ignore[arg-type]
            assert done.state == "done", done.messages()


def open_office(plan: str = PLAN) -> Office:
    """Open a project by its plan."""
    officer = city_officer()
    return Office(open_project(plan_text=plan, by=officer, at=AT), officer)


def open_fresh_office(plan: str = PLAN) -> Office:
    """Open a project with a code that no other test has."""
    return open_office(
        re.sub('code = "YS-[0-9]+"', f'code = "YS-{next(_numbers):04d}"', plan, count=1)
    )


def count_rows(office: Office) -> tuple[int, int, int]:
    """Count homes, households and wishes in a project's registers."""
    with reading(by=SYSTEM):
        return (
            len(homes_of(project_id=office.project.id)),
            len(registered_households(project_id=office.project.id)),
            len(wishes_of(project_id=office.project.id)),
        )


def write_folder(folder: Path, *, units: str = UNITS, households: str = HOUSEHOLDS) -> Path:
    """Write the same plan and tables as a folder for the command line."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    (folder / "units.csv").write_text(units, encoding="utf-8")
    (folder / "households.csv").write_text(households, encoding="utf-8")
    (folder / "wishes.csv").write_text(WISHES, encoding="utf-8")
    return folder
