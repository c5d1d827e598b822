"""The registers on the database: what they hold, what is sealed, who sees it, what is forbidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.access.operations import erase_household
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.resettlement.households.queries import (
    household_file,
    household_numbers,
    masked_households,
    masked_names,
    register_for_plan,
    registered_households,
)
from anju.resettlement.inventory.queries import unit_by_number
from anju.resettlement.preferences.queries import wishes_of, wishes_of_household
from anju.resettlement.projects.queries import find_project, list_projects, project_by_code
from anju_rules.values import HouseholdNumber, Refusal
from tests.support.registers import AT, HOUSEHOLDS, PLAN, SYSTEM, Office, open_office

if TYPE_CHECKING:
    from tests.support.databases import Database

pytestmark = pytest.mark.usefixtures("database")

ATTRIBUTES = {
    "position": "位置",
    "building": "楼栋",
    "stair": "单元",
    "floor": "楼层",
    "room": "室号",
    "orientation": "朝向",
    "layout": "户型",
    "area_sqm": "建筑面积",
    "inner_area_sqm": "套内面积",
    "decoration": "装修",
    "quality_grade": "品质",
    "location_tier": "区位",
    "amenity_tier": "配套",
    "has_lift": "电梯",
    "is_barrier_free": "无障碍",
    "school_district": "学区",
    "transit_distance_m": "公交距离",
    "commerce_distance_m": "商业距离",
    "hospital_distance_m": "医院距离",
    "parking": "车位",
    "handover_on": "交付日期",
}
"""The twenty attributes of a home's file; the area counts built and inner."""


@pytest.fixture
def office() -> Office:
    made = open_office()
    made.bring_all()
    return made


def household_actor(office: Office, number: str) -> Actor:
    """Give the household itself as an actor."""
    with reading(by=SYSTEM):
        household_id = household_numbers(project_id=office.project.id)[HouseholdNumber(number)]
    return Actor(
        id=new_id(),
        kind="household",
        role="household",
        household_id=household_id,
        project_id=office.project.id,
    )


@pytest.mark.req("INV-1")
def test_a_home_has_a_file_of_twenty_attributes() -> None:
    columns = ", ".join(f'{key} = "{header}"' for key, header in ATTRIBUTES.items())
    before, _, after = PLAN.partition("columns = { number")
    plan = f'{before}number_from = ["building", "stair", "room"]\ncolumns = {{ {columns} }}\n'
    office = open_office(plan + after.partition("\n")[2])
    row = "柳岸路 1 号,3,2,11,1102,南,三居,101.50,88.2,精装,优质,核心区,完善,有,是,实验小学,300,"
    head = ",".join(ATTRIBUTES.values())
    done = office.bring("units", f"{head}\n{row}500,1200,地下一个,2027-06-30\n")
    assert done.state == "done", done.messages()
    unit = unit_by_number(project_id=office.project.id, number="3-2-1102")
    told = {key: getattr(unit.home if hasattr(unit.home, key) else unit, key) for key in ATTRIBUTES}
    assert told == {
        "position": "柳岸路 1 号",
        "building": "3",
        "stair": "2",
        "floor": 11,
        "room": "1102",
        "orientation": "南",
        "layout": "三居",
        "area_sqm": Decimal("101.50"),
        "inner_area_sqm": Decimal("88.2"),
        "decoration": "精装",
        "quality_grade": "excellent",
        "location_tier": "core",
        "amenity_tier": "complete",
        "has_lift": True,
        "is_barrier_free": True,
        "school_district": "实验小学",
        "transit_distance_m": 300,
        "commerce_distance_m": 500,
        "hospital_distance_m": 1200,
        "parking": "地下一个",
        "handover_on": date(2027, 6, 30),
    }


def test_projects_are_found_by_code(office: Office) -> None:
    assert project_by_code(code="YS-2026") == office.project
    assert list_projects() == [office.project]
    assert find_project(code="NONE") is None
    with pytest.raises(Refusal, match=r"projects\.unknown-project"):
        project_by_code(code="NONE")


@pytest.mark.req("SEC-2")
def test_names_and_numbers_are_sealed_in_every_table(database: Database, office: Office) -> None:
    office.bring("households", HOUSEHOLDS.replace("11010519491231002X", "110105194912310021"))
    canaries = ("张三", "欧阳春", "11010519491231002", "440524188001010014", "13800000001")
    with psycopg.connect(database.superuser_url) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
        ]
        dump = {
            table: str(connection.execute(f"SELECT t::text FROM {table} t").fetchall())  # noqa: S608
            for table in tables
        }
    found = [
        (table, canary) for table, text in dump.items() for canary in canaries if canary in text
    ]
    assert found == []
    assert "毛坯" in dump["inventory_unit"]  # the control: what is not sealed is found


@pytest.mark.req("SEC-2")
def test_names_leave_masked_and_the_file_alone_tells_all(office: Office) -> None:
    with reading(by=SYSTEM):
        rows = masked_households(project_id=office.project.id)
        ids = household_numbers(project_id=office.project.id)
        told = household_file(project_id=office.project.id, household_id=ids[rows[0].row.number])
        register = register_for_plan(project_id=office.project.id)
    assert [row.masked_name for row in rows] == ["张*", "张*", "欧阳*"]
    assert (told.name, told.identity_number, told.phone) == (
        "张三",
        "11010519491231002X",
        "13800000001",
    )
    assert "张三" not in repr(told)
    assert [registered.name for registered in register.values()] == ["张三", "张四", "欧阳春"]


@pytest.mark.req("SEC-2")
def test_an_erased_household_keeps_its_facts_and_loses_its_name(
    database: Database, office: Office
) -> None:
    with reading(by=SYSTEM):
        ids = household_numbers(project_id=office.project.id)
    erase_household(
        project_id=office.project.id,
        household_id=ids[HouseholdNumber("H001")],
        ground="PIPL 47",
        by=office.officer,
        second=replace(office.officer, id=new_id()),
        at=AT,
    )
    with reading(by=SYSTEM):
        rows = masked_households(project_id=office.project.id)
    assert [row.masked_name for row in rows] == ["", "张*", "欧阳*"]
    assert rows[0].row.facts["persons"] == 3
    with database.connect("anju_owner") as connection:
        connection.execute("SET anju.projects = '*'")
        left = connection.execute(
            "SELECT name_sealed, identity_sealed, phone_sealed, identity_index, content_index"
            " FROM households_household WHERE number = 'H001'"
        ).fetchone()
    assert left == (None, None, None, None, b"")


@pytest.mark.req("SEC-2")
def test_without_a_context_no_household_is_seen(office: Office) -> None:
    assert registered_households(project_id=office.project.id) == []
    assert wishes_of(project_id=office.project.id) == {}


@pytest.mark.req("SEC-2")
def test_an_officer_of_another_project_sees_no_household(office: Office) -> None:
    stranger = replace(office.officer, projects=frozenset({new_id()}))
    with reading(by=stranger):
        assert registered_households(project_id=office.project.id) == []
    with reading(by=replace(office.officer, projects=frozenset({office.project.id}))):
        assert len(registered_households(project_id=office.project.id)) == 3


@pytest.mark.req("SEC-2")
def test_a_household_sees_itself_alone(office: Office) -> None:
    actor = household_actor(office, "H001")
    assert actor.household_id is not None
    with reading(by=actor):
        rows = registered_households(project_id=office.project.id)
        wishes = wishes_of(project_id=office.project.id)
        own = wishes_of_household(project_id=office.project.id, household_id=actor.household_id)
        names = masked_names(project_id=office.project.id, household_ids=[actor.household_id])
    assert [row.number for row in rows] == ["H001"]
    assert list(wishes) == [actor.household_id]
    assert [len(wish) for wish in own] == [1, 2]
    assert names == {actor.household_id: "张*"}


@pytest.mark.pitfall("P11")
@pytest.mark.parametrize(
    ("table", "constraint"),
    [
        ("inventory_unit", "inventory_unit_number_once"),
        ("households_household", "households_household_number_once"),
        ("preferences_wish", "preferences_wish_rank_once"),
    ],
)
def test_a_second_row_of_one_number_is_refused_by_the_database_itself(
    database: Database, office: Office, table: str, constraint: str
) -> None:
    assert office.project.code == "YS-2026"
    copy = f"""
        INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id',
        gen_random_uuid(), 'identity_index', NULL))).* FROM {table} t LIMIT 1
    """  # noqa: S608
    with psycopg.connect(database.superuser_url) as connection:
        with pytest.raises(psycopg.errors.UniqueViolation, match=constraint):
            connection.execute(copy)
        connection.rollback()
        # The control: with the constraint off nothing stops the second row.
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        connection.execute(copy)
        connection.rollback()


@pytest.mark.pitfall("P5")
def test_one_person_in_two_households_is_refused_by_the_database_itself(
    database: Database, office: Office
) -> None:
    assert office.project.code == "YS-2026"
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            "UPDATE households_household SET identity_index ="
            " (SELECT identity_index FROM households_household WHERE number = 'H001')"
            " WHERE number = 'H002'"
        )
        with pytest.raises(psycopg.errors.UniqueViolation, match="identity_once"):
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_register_cannot_change_without_an_entry(database: Database, office: Office) -> None:
    assert office.project.code == "YS-2026"
    change = "UPDATE households_household SET stratum = '优先户'"
    with database.connect("anju_app") as connection:
        connection.execute("SELECT set_config('anju.projects', '*', true)")
        assert connection.execute(change).rowcount == 3
        with pytest.raises(psycopg.Error, match=r"ledger\.change-without-entry"):
            connection.commit()
