"""The gate: one act, one transaction, one entry; what is refused leaves nothing but an entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connections, transaction

from anju.foundation.access import gate
from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.gate import (
    OPERATIONS,
    OperationFault,
    Recorded,
    operation,
    record,
    record_each,
)
from anju.foundation.access.permissions import known_permissions, permissions_by_role
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju_rules.values import Refusal
from tests.architecture.source_files import ROOT
from tests.support.access import AT, SYSTEM
from tests.support.databases import Database
from tests.support.operations import declared_operations

MINE, FOREIGN = new_id(), new_id()
OFFICER = Actor(
    id=new_id(),
    kind="officer",
    role="city-officer",
    division="3701",
    projects=frozenset({MINE}),
    address="10.1.2.3",
    request_id="r-1",
    has_second_factor=True,
)
OTHER_OFFICER = replace(OFFICER, id=new_id())
HOUSEHOLD = Actor(
    id=new_id(),
    kind="household",
    role="household",
    household_id=new_id(),
    project_id=MINE,
    address="120.1.2.3",
    request_id="r-2",
)

Act = Callable[..., object]


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Act]:
    """Declare operations of our own, which the platform forgets afterwards."""
    monkeypatch.setattr(gate, "OPERATIONS", dict(OPERATIONS))

    @operation(permits="projects.open", action="tests.scope.noted", clauses=("law#1",))
    def note(*, project_id: UUID, by: Actor, at: datetime, refuse: str = "") -> UUID:
        del by, at
        write_scope(project_id)
        if refuse:
            raise Refusal(refuse, clause="law#2", area=12)
        return record(target=project_id, body={"division": "370105"}).event_id

    @operation(permits="projects.open", action="tests.scope.noted", signs=2)
    def note_by_two(*, project_id: UUID, by: Actor, second: Actor, at: datetime) -> None:
        del by, second, at
        write_scope(project_id)
        record(target=project_id, body={})

    @operation(permits="selection.choose", action="tests.choice.made")
    def choose(*, project_id: UUID, household_id: UUID, by: Actor, at: datetime) -> None:
        del by, at, project_id
        record(target=household_id, body={}, household_id=household_id)

    @operation(permits="projects.open", action="tests.silent")
    def forget(*, project_id: UUID, by: Actor, at: datetime) -> None:
        del by, at
        write_scope(project_id)

    @operation(permits="projects.open", action="tests.twice")
    def repeat(*, project_id: UUID, by: Actor, at: datetime) -> None:
        del by, at
        record(target=project_id, body={})
        record(target=project_id, body={})

    @operation(permits="projects.open", action="tests.each")
    def forget_each(*, project_id: UUID, by: Actor, at: datetime) -> None:
        del by, at
        write_scope(project_id)
        record_each(things=[])

    @operation(permits="projects.open", action="tests.each-twice")
    def repeat_each(*, project_id: UUID, by: Actor, at: datetime) -> None:
        del by, at
        record_each(things=[Recorded(target=project_id, body={}) for _ in range(2)])
        record(target=project_id, body={})

    @operation(permits="projects.open", action="tests.nested")
    def nest(*, project_id: UUID, by: Actor, at: datetime) -> None:
        note(project_id=project_id, by=by, at=at)
        record(target=project_id, body={})

    return {
        "note": note,
        "note_by_two": note_by_two,
        "choose": choose,
        "forget": forget,
        "repeat": repeat,
        "nest": nest,
        "forget_each": forget_each,
        "repeat_each": repeat_each,
    }


def write_scope(project_id: UUID) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO access_project_scope VALUES (%s, '370105')", [project_id])


def entries(database: Database) -> list[tuple[str, str, str, str]]:
    with psycopg.connect(database.superuser_url) as all_seeing:
        return all_seeing.execute(
            "SELECT action, outcome, target, address FROM ledger_event ORDER BY at, id"
        ).fetchall()


def scopes(database: Database) -> int:
    with psycopg.connect(database.superuser_url) as all_seeing:
        row = all_seeing.execute("SELECT count(*) FROM access_project_scope").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.req("GOV-1")
def test_an_operation_leaves_one_entry_with_who_where_what_and_outcome(
    database: Database, declared: dict[str, Act]
) -> None:
    declared["note"](project_id=MINE, by=OFFICER, at=AT)
    assert entries(database) == [("tests.scope.noted", "done", str(MINE), "10.1.2.3")]
    assert scopes(database) == 1
    assert gate.OPERATIONS["contexts.note"].clauses == ("law#1",)


@pytest.mark.req("GOV-1")
def test_a_refused_operation_leaves_an_entry_and_nothing_else(
    database: Database, declared: dict[str, Act]
) -> None:
    with pytest.raises(Refusal, match=r"selection\.over-area-budget"):
        declared["note"](project_id=MINE, by=OFFICER, at=AT, refuse="selection.over-area-budget")
    assert scopes(database) == 0
    assert [row[:2] for row in entries(database)] == [
        ("tests.scope.noted", "refused:selection.over-area-budget")
    ]


@pytest.mark.req("GOV-1")
@pytest.mark.threat("T-23")
@pytest.mark.parametrize(
    ("by", "project", "code"),
    [
        (replace(OFFICER, role="notary"), MINE, "access.not-permitted"),
        (replace(OFFICER, role="no-such-role"), MINE, "access.not-permitted"),
        (HOUSEHOLD, MINE, "access.not-permitted"),
        (OFFICER, FOREIGN, "access.not-found"),
        (replace(OFFICER, projects=frozenset()), MINE, "access.not-found"),
    ],
)
def test_without_permission_or_out_of_sight_nothing_is_done(
    database: Database, declared: dict[str, Act], by: Actor, project: UUID, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        declared["note"](project_id=project, by=by, at=AT)
    assert refused.value.code == code
    assert scopes(database) == 0
    assert [row[1] for row in entries(database)] == [f"refused:{code}"]


@pytest.mark.threat("T-23")
def test_a_household_acts_for_itself_alone(database: Database, declared: dict[str, Act]) -> None:
    assert HOUSEHOLD.household_id is not None
    choose = declared["choose"]
    choose(project_id=MINE, household_id=HOUSEHOLD.household_id, by=HOUSEHOLD, at=AT)
    for project, household in ((MINE, new_id()), (FOREIGN, HOUSEHOLD.household_id)):
        with pytest.raises(Refusal, match=r"access\.not-found"):
            choose(project_id=project, household_id=household, by=HOUSEHOLD, at=AT)
    outcomes = [row[1] for row in entries(database)]
    assert sorted(outcomes) == ["done", "refused:access.not-found", "refused:access.not-found"]
    # A citizen's address is no part of the header, which stays for ever.
    assert {row[3] for row in entries(database)} == {""}


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (None, "access.second-person-missing"),
        (OFFICER, "access.same-person"),
        (replace(OFFICER, request_id="another session"), "access.same-person"),
        (replace(OTHER_OFFICER, has_second_factor=False), "access.second-factor-missing"),
        (replace(OTHER_OFFICER, role="notary"), "access.not-permitted"),
        (replace(OTHER_OFFICER, projects=frozenset({FOREIGN})), "access.not-found"),
    ],
)
def test_two_persons_means_two_persons_who_both_may(
    database: Database, declared: dict[str, Act], second: Actor | None, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        declared["note_by_two"](project_id=MINE, by=OFFICER, second=second, at=AT)
    assert refused.value.code == code
    assert scopes(database) == 0
    declared["note_by_two"](project_id=MINE, by=OFFICER, second=OTHER_OFFICER, at=AT)
    assert scopes(database) == 1


@pytest.mark.parametrize("name", ["forget", "repeat", "nest", "forget_each", "repeat_each"])
def test_an_operation_that_records_nothing_or_twice_or_inside_another_is_undone(
    database: Database, declared: dict[str, Act], name: str
) -> None:
    with pytest.raises(OperationFault):
        declared[name](project_id=MINE, by=OFFICER, at=AT)
    assert scopes(database) == 0
    assert entries(database) == []


def test_an_operation_refuses_to_be_part_of_another_transaction(
    database: Database, declared: dict[str, Act]
) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        declared["note"](project_id=MINE, by=OFFICER, at=AT)
    assert scopes(database) == 0


@pytest.mark.threat("T-16")
def test_control_without_the_gate_the_database_itself_refuses(database: Database) -> None:
    with pytest.raises(IntegrityError, match=r"ledger\.change-without-entry"), transaction.atomic():
        write_scope(MINE)
    assert scopes(database) == 0


def test_record_outside_an_operation_is_a_fault() -> None:
    with pytest.raises(OperationFault):
        record(target="x", body={})


def test_a_reading_can_write_nothing(database: Database) -> None:
    with pytest.raises(Exception, match="read-only"), reading(by=SYSTEM):
        write_scope(MINE)
    assert scopes(database) == 0


def test_sensitive_data_are_read_after_the_ledger_knows(database: Database) -> None:
    seen: list[list[tuple[str, str, str, str]]] = []

    def read_and_fail() -> None:
        with sensitive_reading(
            by=OFFICER,
            permits="households.open",
            purpose="核对身份",
            target=str(MINE),
            at=AT,
            project_id=MINE,
        ):
            seen.append(entries(database))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_and_fail()
    assert [row[0] for row in seen[0]] == ["access.personal-data.read"]
    assert entries(database) == seen[0]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"purpose": " "}, "access.no-purpose"),
        ({"project_id": FOREIGN}, "access.not-found"),
        ({"by": HOUSEHOLD}, "access.not-permitted"),
    ],
)
def test_sensitive_reading_asks_for_right_sight_and_purpose(
    database: Database, told: dict[str, object], code: str
) -> None:
    del database
    asked: dict[str, object] = {
        "by": OFFICER,
        "permits": "households.open",
        "purpose": "核对",
        "target": str(MINE),
        "at": AT,
        "project_id": MINE,
    }
    opened: Act = sensitive_reading
    with pytest.raises(Refusal) as refused, opened(**asked | told):  # type: ignore[attr-defined]
        pass
    assert refused.value.code == code


def test_every_declared_operation_asks_for_a_permission_that_some_role_has() -> None:
    asked = {name: found.permits for name, found in declared_operations().items()}
    assert len(asked) > 10
    assert {
        name: permit for name, permit in asked.items() if permit not in known_permissions()
    } == {}


@pytest.mark.req("GOV-1")
def test_every_operation_of_the_platform_is_refused_to_who_may_not(database: Database) -> None:
    """Every declaration, with an actor of every role that lacks its permission."""
    asked = 0
    for found in declared_operations().values():
        for role, permits in permissions_by_role().items():
            if found.permits in permits:
                continue
            asked += 1
            with pytest.raises(Refusal) as refused:
                found.function(by=replace(OFFICER, role=role), at=AT)
            assert refused.value.code == "access.not-permitted"
    outcomes = [row[1] for row in entries(database)]
    assert outcomes == ["refused:access.not-permitted"] * asked
    print(f"{asked} of {asked} refused")  # noqa: T201


def test_the_page_says_what_the_roles_may_do() -> None:
    page = (ROOT / "docs/domain/access.md").read_text(encoding="utf-8")
    roles = permissions_by_role()
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in page.splitlines()
        if line.startswith("| `") and "." in line.split("`")[1]
    ]
    told = {row[0].strip("`"): [cell == "●" for cell in row[2:]] for row in rows}
    assert told == {
        permission: [permission in permits for permits in roles.values()]
        for permission in known_permissions()
    }
    assert all(f"| `{role}` |" in page for role in roles)


@pytest.mark.req("SEC-1")
def test_everything_done_has_one_of_four_levels_and_top_secret_asks_for_two() -> None:
    assert [level.value for level in Secrecy] == ["public", "internal", "secret", "top-secret"]
    assert all(isinstance(one.level, Secrecy) for one in declared_operations().values())
    declare = partial(operation, permits="projects.open", action="tests.scope.noted")
    with pytest.raises(OperationFault):
        declare(level=Secrecy.TOP_SECRET)
    for level in Secrecy:
        declare(level=level, signs=2)
