"""Receiving a file: what is refused at the door, what the ledger and the reader are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anju.foundation.access.context import reading
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.exchange.queries import import_row, imports_of
from anju.foundation.exchange.types import plain_name
from anju.foundation.ledger.queries import entries_of
from anju.resettlement.intake.operations import run_import
from anju.resettlement.offline.example import write_example
from anju_rules.values import Refusal
from tests.support.registers import AT, SYSTEM, UNITS, open_office

if TYPE_CHECKING:
    from tests.support.databases import Database

pytestmark = [pytest.mark.req("INV-8"), pytest.mark.usefixtures("database")]


def test_each_step_of_an_import_is_an_entry_with_who_and_what() -> None:
    office = open_office()
    done = office.bring("units", UNITS)
    bad = office.bring("units", UNITS.replace("101,精装", "x,精装"))
    assert [
        (entry.action, entry.actor_role, entry.outcome) for entry in entries_of(target=str(done.id))
    ] == [
        ("exchange.upload.received", "city-officer", "done"),
        ("registers.import.stored", "system", "done"),
    ]
    assert [entry.action for entry in entries_of(target=str(bad.id))] == [
        "exchange.upload.received",
        "registers.import.refused",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "choices"}, "exchange.unknown-kind"),
        ({"data": b""}, "exchange.file-empty"),
        ({"by": "selection-officer"}, "access.not-permitted"),
        ({"project_id": new_id()}, "access.not-found"),
    ],
)
def test_what_is_refused_at_the_door(changes: dict[str, object], code: str) -> None:
    office = open_office()
    officer = replace(office.officer, projects=frozenset({office.project.id}))
    told: dict[str, object] = {
        "project_id": office.project.id,
        "kind": "units",
        "data": UNITS.encode(),
        "file_name": "units.csv",
        "is_dry_run": False,
        "by": officer,
        "at": AT,
        **changes,
    }
    if isinstance(told["by"], str):
        told["by"] = replace(officer, role=told["by"])
    with pytest.raises(Refusal, match=code.replace(".", r"\.")):
        receive_upload(**told)  # type: ignore[arg-type]
    with reading(by=SYSTEM):
        assert imports_of(project_id=office.project.id) == []


def test_an_import_out_of_sight_does_not_exist() -> None:
    office = open_office()
    row = office.bring("units", UNITS)
    stranger = replace(office.officer, projects=frozenset({new_id()}))
    with pytest.raises(Refusal, match=r"exchange\.unknown-import"):
        run_import(import_id=row.id, by=stranger, at=AT)
    with reading(by=stranger), pytest.raises(Refusal, match=r"exchange\.unknown-import"):
        import_row(import_id=row.id)


@pytest.mark.req("SEC-2")
def test_faults_are_sealed_in_the_table_and_plain_to_the_clerk(database: Database) -> None:
    office = open_office()
    wrong = "户号,户主,身份证号,电话,类别,人口,住房面积\nH1,张三,110105194912310029,,普通户,1,1\n"
    row = office.bring("households", wrong)
    assert row.state == "faulty"
    assert [fault.value for fault in row.faults] == ["110105194912310029"]
    with database.connect("anju_owner") as connection:
        connection.execute("SET anju.projects = '*'")
        (text,) = connection.execute("SELECT t::text FROM exchange_import t").fetchone() or ("",)
    assert str(row.id) in text
    assert "110105194912310029" not in text
    assert b"110105194912310029".hex() not in text


def test_a_file_name_loses_its_folders_and_what_nobody_can_see() -> None:
    assert plain_name("C:\\x\\房源\u202e.xlsx") == "房源.xlsx"
    assert plain_name("../../etc/passwd") == "passwd"
    assert plain_name("/") == "table"


def test_the_example_comes_in_as_a_spreadsheet(tmp_path: Path) -> None:
    write_example(tmp_path / "plan", seed=3, homes=60, households=50)
    folder = tmp_path / "plan"
    office = open_office((folder / "plan.toml").read_text(encoding="utf-8"))
    counts = [
        office.bring(kind, (folder / name).read_bytes()).counts.added  # type: ignore[arg-type]
        for kind, name in (("units", "units.xlsx"), ("households", "households.csv"))
    ]
    assert counts == [60, 50]
    assert office.bring("wishes", (folder / "wishes.csv").read_bytes()).state == "done"
