"""What is refused of casework: twice, past the log, beside the queue; and its controls."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.definitions import lay_procedure
from anju.foundation.casework.operations import open_case, take_action_on_many
from anju.foundation.casework.queries import case_file, procedure_of
from anju.foundation.casework.types import CaseRow, HandedIn, ManyLine, NewAction
from anju.foundation.casework.watching import refold_cases
from anju.foundation.core.crypto import new_id
from anju_rules.clocks import Budget, Unit
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.values import Refusal
from tests.support.access import SYSTEM, recorded
from tests.support.cases import (
    REVIEW,
    STREET,
    Offices,
    accept,
    act_on,
    later,
    lost_cases,
    open_offices,
    open_review,
    refused,
    review_until,
)
from tests.support.databases import Database
from tests.support.procedures import read_table


@pytest.fixture
def offices(database: Database) -> Offices:
    assert database.name
    return open_offices()


@pytest.mark.pitfall("P19")
def test_the_night_finds_a_table_that_was_changed_past_the_log(
    offices: Offices, database: Database
) -> None:
    case = review_until(offices, open_review(offices), step="district-review")
    for statement, part in (
        ("UPDATE casework_case SET defects = 3", "status"),
        ("UPDATE casework_task SET due_on = '2030-01-01'", "tasks"),
        ("DELETE FROM casework_material WHERE place = 1", "materials"),
        ("UPDATE casework_clock SET length = 99", "clocks"),
    ):
        with psycopg.connect(database.superuser_url) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(statement.encode())
        found = refold_cases(by=SYSTEM)
        assert [one.case_id for one in found] == [case.id]
        assert part in found[0].parts


def overlapping_pause(database: Database, *, guarded: bool) -> None:
    with psycopg.connect(database.superuser_url) as admin:
        if not guarded:
            admin.execute("ALTER TABLE casework_pause DROP CONSTRAINT casework_pause_no_overlap")
        admin.execute("SET session_replication_role = replica")
        for place, began, ended in ((1, "2026-06-02", "2026-06-05"), (2, "2026-06-04", None)):
            admin.execute(
                "INSERT INTO casework_pause SELECT project_id, id, %s, NULL, %s::date, %s::date,"
                " now(), now(), 'survey', 'licensing-law/45' FROM casework_case",
                [place, began, ended],
            )


def test_no_two_pauses_share_a_day(offices: Offices, database: Database) -> None:
    open_review(offices)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        overlapping_pause(database, guarded=True)
    overlapping_pause(database, guarded=False)  # the constraint it was, and nothing else


@pytest.mark.pitfall("P19")
def test_no_open_case_is_without_a_queue(offices: Offices, database: Database) -> None:
    case = accept(offices, open_review(offices))
    lost = "UPDATE casework_case SET first_task = NULL"
    with (
        psycopg.connect(database.superuser_url) as admin,
        pytest.raises(psycopg.errors.CheckViolation, match="in_one_queue"),
    ):
        admin.execute(lost.encode())
    with (
        psycopg.connect(database.superuser_url) as admin,
        pytest.raises(psycopg.errors.ForeignKeyViolation, match="waits_in_task"),
    ):
        admin.execute("DELETE FROM casework_task; SET CONSTRAINTS ALL IMMEDIATE")
    assert lost_cases(database) == []
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("ALTER TABLE casework_case DROP CONSTRAINT casework_case_in_one_queue")
        admin.execute("SET session_replication_role = replica")
        admin.execute(lost.encode())
    assert lost_cases(database) == [case.id]


def test_the_log_is_never_rewritten(offices: Offices, database: Database) -> None:
    open_review(offices)
    for statement in (
        "UPDATE casework_action SET outcome = 'eligible'",
        "DELETE FROM casework_action",
        "TRUNCATE casework_action",
        "UPDATE casework_procedure SET digest = repeat('0', 64)",
        "UPDATE casework_case SET division = '370102002'",
    ):
        with (
            psycopg.connect(database.superuser_url) as admin,
            pytest.raises(psycopg.errors.IntegrityConstraintViolation),
        ):
            admin.execute(statement.encode())


def test_what_is_sent_twice_is_done_once(offices: Offices) -> None:
    case_id, action_id, subject_id = new_id(), new_id(), new_id()
    rows = [
        open_case(
            project_id=offices.project_id,
            procedure=REVIEW,
            subject_kind="household",
            subject_id=subject_id,
            division=STREET,
            case_id=case_id,
            by=offices.street,
            at=later(0),
        )
        for _ in range(2)
    ]
    assert rows[0] == rows[1]
    with refused("casework.open-already"):
        open_case(
            project_id=offices.project_id,
            procedure=REVIEW,
            subject_kind="household",
            subject_id=subject_id,
            division=STREET,
            by=offices.street,
            at=later(0),
        )
    first, second = (
        act_on(rows[0], ActionKind.ACCEPT, by=offices.street, days=1, action_id=action_id)
        for _ in range(2)
    )
    assert first == second
    assert first.length == 2
    with refused("casework.moved-on"):
        act_on(first, ActionKind.TAKE_UP, by=offices.street, days=1, step="street-review",
               expects=1)  # fmt: skip


def test_two_officers_at_once_decide_once(offices: Offices, database: Database) -> None:
    case = accept(offices, open_review(offices))

    def decide() -> CaseRow:
        return act_on(case, ActionKind.DECIDE, by=offices.street, days=2, step="street-review",
                      outcome="not-eligible")  # fmt: skip

    outcomes = database.in_threads([decide] * 4)
    assert sum(isinstance(one, CaseRow) for one in outcomes) == 1
    assert {one.code for one in outcomes if isinstance(one, Refusal)} == {"case.closed"}
    assert refold_cases(by=SYSTEM) == ()


def test_many_at_once_say_for_each_what_came_of_it(offices: Offices) -> None:
    cases = [open_review(offices) for _ in range(3)]
    accept(offices, cases[1])
    results = take_action_on_many(
        cases=[ManyLine(project_id=one.project_id, case_id=one.id, expects=1) for one in cases],
        act=NewAction(kind=ActionKind.ACCEPT),
        by=offices.street,
        at=later(2),
    )
    assert [one.code for one in results] == ["", "casework.moved-on", ""]
    assert [one.row and one.row.status for one in results] == [
        Status.IN_PROGRESS,
        None,
        Status.IN_PROGRESS,
    ]


def test_a_definition_never_changes_under_its_version(offices: Offices) -> None:
    case = open_review(offices)
    changed = read_table(REVIEW)
    changed["steps"][0]["promised"] = "40 calendar-days"
    with recorded(), refused("casework.procedure-changed"):
        lay_procedure(table=changed, at=later(0))
    changed["version"] = "2"
    with recorded():
        fresh = lay_procedure(table=changed, at=later(0))
        assert fresh == lay_procedure(table=changed, at=later(0))
    with reading(by=offices.street):
        pinned = procedure_of(project_id=case.project_id, case_id=case.id)
    assert (pinned.version, pinned.steps["street-review"].limit.binding) == (
        "1",
        Budget(4, Unit.CALENDAR_DAYS),
    )
    with refused("casework.unknown-procedure"):
        open_case(
            project_id=offices.project_id,
            procedure="no-such-procedure",
            subject_kind="tests",
            subject_id=new_id(),
            division=STREET,
            by=offices.street,
            at=later(0),
        )


@pytest.mark.req("ELG-5")
def test_a_family_objects_and_asks_the_next_level(offices: Offices) -> None:
    family = offices.family()
    opening: dict[str, Any] = {
        "project_id": offices.project_id,
        "procedure": "objection",
        "subject_kind": "decision",
        "subject_id": new_id(),
        "division": STREET,
    }
    with refused("access.not-found"):
        open_case(**opening, by=family.actor, at=later(0))
    case = open_case(
        **opening,
        household_id=family.id,
        materials=[HandedIn(code="objection-letter", document_id=new_id())],
        by=family.actor,
        at=later(0),
    )
    with refused("case.wrong-role"):
        act_on(case, ActionKind.ACCEPT, by=family.actor, days=1)
    accept(offices, case)
    decide = ActionKind.DECIDE
    act_on(case, decide, by=offices.street, days=2, step="street-answer", outcome="not-upheld",
           bring=("decision-challenged",))  # fmt: skip
    with refused("case.wrong-role"):
        act_on(case, decide, by=family.actor, days=3, step="reply-street", outcome="silent")
    told = case_file(project_id=case.project_id, case_id=case.id, by=family.actor, at=later(3))
    assert {one.outcome for one in told.what_is_lawful if one.kind is decide} == {
        "appeals",
        "accepts",
    }
    act_on(case, decide, by=family.actor, days=3, step="reply-street", outcome="appeals")
    done = act_on(
        case, decide, by=offices.district, days=5, step="district-answer", outcome="upheld"
    )
    assert (done.status, done.exchange_code) == (Status.DONE, 11)
