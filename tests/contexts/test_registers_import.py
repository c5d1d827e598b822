"""A clerk's file comes into a register on the database whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anju.foundation.access.context import reading
from anju.resettlement.households.queries import household_by_number, registered_households
from anju.resettlement.inventory.operations import move_units
from anju.resettlement.inventory.queries import homes_of, unit_by_number, unit_history
from anju.resettlement.offline.plan import PlanFaults, read_plan
from anju.resettlement.preferences.queries import wishes_of
from anju.resettlement.projects.operations import freeze_register
from anju_rules.values import Refusal
from tests.support import registers
from tests.support.access import recorded
from tests.support.databases import fresh_database
from tests.support.registers import (
    AT,
    HOUSEHOLDS,
    SYSTEM,
    UNITS,
    WISHES,
    count_rows,
    open_fresh_office,
    write_folder,
)

if TYPE_CHECKING:
    from anju.foundation.core.postgres.launcher import Cluster
    from tests.support.databases import Database

pytestmark = [pytest.mark.req("INV-8"), pytest.mark.usefixtures("database")]


@pytest.fixture(scope="module")
def database(database_cluster: Cluster) -> Iterator[Database]:
    """Give one database to all tests of this file: each opens a project of its own."""
    with fresh_database(database_cluster) as fresh:
        yield fresh


def written_rows(database: Database) -> dict[str, str]:
    """Give, for each table, which versions of which rows stand in it: any write changes it."""
    tables = ("inventory_unit", "households_household", "preferences_wish", "core_data_key")
    with database.connect("anju_owner") as connection:
        connection.execute("SET anju.projects = '*'")
        return {
            table: str(
                connection.execute(
                    f"SELECT string_agg(xmin::text || ctid::text, ',' ORDER BY ctid) FROM {table}"  # noqa: S608
                ).fetchone()
            )
            for table in tables
        }


def test_the_three_tables_fill_the_registers_as_the_command_line_reads_them(
    tmp_path: Path,
) -> None:
    office = open_fresh_office()
    office.bring_all()
    plan = read_plan(write_folder(tmp_path / "plan"))
    with reading(by=SYSTEM):
        units = homes_of(project_id=office.project.id)
        households = registered_households(project_id=office.project.id)
        wishes = wishes_of(project_id=office.project.id)
    assert [unit.home for unit in units] == list(plan.homes.values())
    assert [str(unit.home.area_sqm) for unit in units] == ["88.50", "88.5", "101"]
    assert [row.household for row in households] == [
        registered.household for registered in plan.households.values()
    ]
    numbers = {unit.id: unit.number for unit in units}
    names = {row.id: row.number for row in households}
    assert {
        names[household]: tuple(tuple(numbers[unit] for unit in wish) for wish in told)
        for household, told in wishes.items()
    } == plan.wishes


def test_a_faulty_file_is_refused_with_the_words_of_the_command_line(tmp_path: Path) -> None:
    bad = UNITS.replace("88.5,", "abc,").replace("1-201,1,2", "1-101,1,0")
    with pytest.raises(PlanFaults) as found:
        read_plan(write_folder(tmp_path / "plan", units=bad))
    office = open_fresh_office()
    done = office.bring("units", bad)
    on_desk = [(fault.row, fault.column, fault.value, fault.rule) for fault in done.faults]
    assert done.state == "faulty"
    assert on_desk == [
        (fault.row, fault.column, fault.value, fault.rule)
        for fault in found.value.faults
        if fault.file == "units.csv"
    ]
    assert "文件 units.csv 第 3 行「面积」：值 “abc” 不是数字" in done.messages()
    assert count_rows(office) == (0, 0, 0)


def test_the_same_file_again_writes_nothing(database: Database) -> None:
    office = open_fresh_office()
    office.bring_all()
    before = written_rows(database)
    for kind, text, rows in (("units", UNITS, 3), ("households", HOUSEHOLDS, 3)):
        again = office.bring(kind, text)  # type: ignore[arg-type]
        assert (again.state, again.counts.unchanged, again.counts.changes) == ("done", rows, 0)
    assert office.bring("wishes", WISHES).counts.unchanged == 2
    assert written_rows(database) == before


def test_control_a_changed_file_is_seen_to_write(database: Database) -> None:
    office = open_fresh_office()
    office.bring_all()
    before = written_rows(database)
    changed = office.bring("units", UNITS.replace("精装", "毛坯"))
    assert (changed.counts.changed, changed.counts.unchanged) == (1, 2)
    assert written_rows(database) != before


def test_households_that_a_new_file_does_not_name_stay() -> None:
    office = open_fresh_office()
    office.bring_all()
    head, first, *_ = HOUSEHOLDS.splitlines()
    done = office.bring("households", f"{head}\n{first.replace('张三', '张叁')}\n")
    assert (done.counts.changed, done.counts.staying) == (1, 2)
    assert count_rows(office) == (3, 3, 2)


def test_a_dry_run_counts_and_writes_nothing(database: Database) -> None:
    office = open_fresh_office()
    office.bring_all()
    before = written_rows(database)
    extra = UNITS + "2-101,2,1,A,70,,\n"
    done = office.bring("units", extra, is_dry_run=True)
    assert (done.state, done.counts.added, done.counts.unchanged) == ("done", 1, 3)
    assert not done.has_written
    assert written_rows(database) == before


@pytest.mark.req("INV-1")
def test_the_history_of_a_home_is_what_the_ledger_says_of_it() -> None:
    office = open_fresh_office()
    office.bring_all()
    office.bring("units", UNITS.replace("精装", "毛坯"))
    unit = unit_by_number(project_id=office.project.id, number="1-201")
    other = unit_by_number(project_id=office.project.id, number="1-101")
    assert unit.decoration == "毛坯"
    assert other.other == {"view": "河"}
    with reading(by=SYSTEM):
        actions = {
            number: [
                entry.action
                for entry in unit_history(project_id=office.project.id, unit_id=unit_id)
                if entry.action == "registers.import.stored"
            ]
            for number, unit_id in ((unit.number, unit.id), (other.number, other.id))
        }
    assert {number: len(found) for number, found in actions.items()} == {"1-201": 2, "1-101": 1}


@pytest.mark.parametrize("state", ["held", "taken"])
def test_a_home_in_use_cannot_be_changed_by_a_file(state: str) -> None:
    office = open_fresh_office()
    office.bring_all()
    unit = unit_by_number(project_id=office.project.id, number="1-201")
    with recorded():
        move_units(
            project_id=office.project.id,
            unit_ids=[unit.id],
            from_states=["free"],
            to_state=state,  # type: ignore[arg-type]
        )
    done = office.bring("units", UNITS.replace("精装", "毛坯").replace("河", "湖"))
    assert [(fault.rule, fault.row, fault.value) for fault in done.faults] == [
        ("intake.unit-in-use", 4, "1-201")
    ]
    assert unit_by_number(project_id=office.project.id, number="1-101").other == {"view": "河"}
    assert office.bring("units", UNITS).state == "done"  # unchanged: no one is hurt


def test_a_home_can_be_moved_once() -> None:
    office = open_fresh_office()
    office.bring_all()
    unit = unit_by_number(project_id=office.project.id, number="1-201")

    def take() -> None:
        with recorded():
            move_units(
                project_id=office.project.id,
                unit_ids=[unit.id],
                from_states=["free", "held"],
                to_state="taken",
            )

    take()
    with pytest.raises(Refusal, match=r"inventory\.unit-not-free"):
        take()


def test_a_register_that_a_draw_rests_on_cannot_change() -> None:
    office = open_fresh_office()
    office.bring_all()
    with recorded():
        assert freeze_register(project_id=office.project.id, at=AT)
    changed = office.bring("households", HOUSEHOLDS.replace(",60", ",10"))
    assert [(fault.rule, fault.row) for fault in changed.faults] == [("intake.register-frozen", 3)]
    added = office.bring("households", HOUSEHOLDS + "H004,新,,,普通户,1,9\n")
    assert [fault.value for fault in added.faults] == ["H004"]
    assert office.bring("wishes", "户号,志愿,房号\nH003,1,1-101\n").state == "faulty"
    assert office.bring("households", HOUSEHOLDS).state == "done"


@pytest.mark.pitfall("P5")
def test_one_identity_number_in_two_households_names_both() -> None:
    office = open_fresh_office()
    twice = HOUSEHOLDS + "H009,李五,11010519491231002x,,普通户,1,9\n"
    in_one_file = office.bring("households", twice)
    assert [(fault.rule, fault.row, fault.facts["first_row"]) for fault in in_one_file.faults] == [
        ("households.identity-number-repeated", 5, "2")
    ]
    office.bring("households", HOUSEHOLDS)
    head = HOUSEHOLDS.splitlines()[0]
    later = office.bring("households", f"{head}\nH009,李五,11010519491231002x,,普通户,1,9\n")
    (fault,) = later.faults
    assert (fault.rule, fault.row, fault.column, fault.facts["household"]) == (
        "intake.identity-number-in-register",
        2,
        "身份证号",
        "H001",
    )
    assert "H001" in later.messages()[0]


@pytest.mark.pitfall("P5")
def test_siblings_with_one_surname_and_other_birth_dates_are_not_flagged() -> None:
    office = open_fresh_office()
    siblings = HOUSEHOLDS.replace("张四,,", "张三,440524188001010014,").replace(
        "欧阳春,440524188001010014", "张三,"
    )
    assert office.bring("households", siblings).state == "done"


@pytest.mark.pitfall("P5")
def test_two_households_may_swap_wrongly_entered_identity_numbers() -> None:
    office = open_fresh_office()
    office.bring("households", HOUSEHOLDS)
    swapped = HOUSEHOLDS.replace("11010519491231002X", "?").replace(
        "440524188001010014", "11010519491231002X"
    )
    done = office.bring("households", swapped.replace("?", "440524188001010014"))
    assert (done.state, done.counts.changed) == ("done", 2)


def test_wishes_are_checked_against_the_registers() -> None:
    office = open_fresh_office()
    office.bring("units", UNITS)
    office.bring("households", HOUSEHOLDS)
    done = office.bring("wishes", "户号,志愿,房号\nH001,1,9-999\nH777,1,1-101\n")
    assert [fault.rule for fault in done.faults] == [
        "import.unknown-home",
        "import.unknown-household",
    ]


def test_changed_wishes_take_the_place_of_the_earlier_ones() -> None:
    office = open_fresh_office()
    office.bring_all()
    done = office.bring("wishes", "户号,志愿,房号\nH001,1,1-102\n")
    assert (done.counts.changed, done.counts.staying) == (1, 1)
    with reading(by=SYSTEM):
        household = household_by_number(project_id=office.project.id, number="H001")
        unit = unit_by_number(project_id=office.project.id, number="1-102")
        assert wishes_of(project_id=office.project.id)[household.id] == ((unit.id,),)


def test_a_table_that_the_plan_does_not_name_is_refused() -> None:
    office = open_fresh_office()
    plan = office.project.plan_text.partition("[tables.wishes]")
    without = plan[0] + "[facts]" + plan[2].partition("[facts]")[2]
    bare = open_fresh_office(without)
    assert [fault.rule for fault in bare.bring("wishes", WISHES).faults] == [
        "intake.table-not-in-plan"
    ]


def test_a_plan_with_faults_opens_no_project() -> None:
    office = open_fresh_office()
    with pytest.raises(PlanFaults) as found:
        open_fresh_office(office.project.plan_text.replace('"score"', '"luck"'))
    assert [fault.rule for fault in found.value.faults] == ["plan.unlawful-value"]
    with pytest.raises(Refusal, match=r"projects\.code-taken"):
        registers.open_office(office.project.plan_text)


def test_no_file_with_a_single_fault_leaves_a_row_behind() -> None:
    office = open_fresh_office()
    many = "房号,楼栋,楼层,户型,面积,装修,景观\n" + "".join(
        f"1-{at},1,1,A,{Decimal(at) + Decimal('0.5')},,\n" for at in range(1, 500)
    )
    done = office.bring("units", many + "1-500,1,1,A,-1,,\n")
    assert (done.state, done.faults[0].row) == ("faulty", 501)
    assert count_rows(office) == (0, 0, 0)
