"""Queues, alerts and holiday notices: what waits, who is told once, what a notice moves."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from anju.foundation.access.types import Actor
from anju.foundation.casework.events import CaseEvent, EventKind, forget, listen
from anju.foundation.casework.operations import lay_action, lay_case, open_case
from anju.foundation.casework.queries import board, case_file, queue_of
from anju.foundation.casework.queues import MOST_COUNTED
from anju.foundation.casework.types import (
    ActingAs,
    AlertLine,
    AskedPoint,
    CaseLine,
    NewAction,
    Scope,
)
from anju.foundation.casework.watching import (
    load_holiday_notice,
    raise_alerts,
    raise_case_alerts,
    reckon_again,
    refold_cases,
)
from anju.foundation.core.crypto import new_id
from anju_rules.alerts import AlertRung
from anju_rules.calendar import LAST_NOTICE_YEAR
from anju_rules.clocks import Unit
from anju_rules.procedures.queues import QueueKind
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal
from tests.support.access import AT, SYSTEM, recorded
from tests.support.cases import (
    REVIEW,
    STREET,
    Offices,
    accept,
    act_on,
    later,
    open_offices,
    open_review,
    review_until,
)
from tests.support.databases import Database

WORKERS = 8
NEXT = LAST_NOTICE_YEAR + 1
OFF = [date(NEXT, 1, 1), date(NEXT, 10, 1)]


@pytest.fixture
def offices(database: Database) -> Offices:
    assert database.name
    return open_offices()


def all_lines(by: Actor, *, size: int = 3, scope: Scope = Scope.OFFICE) -> list[CaseLine]:
    """Read a queue page by page to its end."""
    found: list[CaseLine] = []
    after = None
    while True:
        page = queue_of(by=by, at=later(5), scope=scope, after=after, size=size)
        found += page.rows
        assert page.total <= MOST_COUNTED
        after = page.after
        if after is None:
            assert page.total == len(found)
            return found


@pytest.mark.pitfall("P19")
def test_the_queue_is_read_page_by_page_the_most_pressing_first(offices: Offices) -> None:
    cases = [open_review(offices, days=day) for day in range(5)]
    accepted = [accept(offices, case, days=4 + place / 10) for place, case in enumerate(cases[:3])]
    lines = all_lines(offices.street, size=2)
    assert {line.case_id for line in lines} == {case.id for case in cases}
    assert [line.cursor.sort_on for line in lines] == sorted(line.cursor.sort_on for line in lines)
    assert [line.kind for line in lines[3:]] == [QueueKind.INTAKE] * 2
    act_on(accepted[0], ActionKind.TAKE_UP, by=offices.street, days=5, step="street-review")
    (mine,) = all_lines(offices.street, scope=Scope.MINE)
    assert (mine.case_id, mine.taken_by) == (accepted[0].id, offices.street.id)
    assert all_lines(offices.colleagues["street-officer"], scope=Scope.MINE) == []
    assert len(all_lines(offices.street, scope=Scope.TIER)) == 5
    assert all_lines(offices.district) == []
    only = queue_of(by=offices.street, at=later(5), kind=QueueKind.INTAKE)
    assert {line.case_id for line in only.rows} == {case.id for case in cases[3:]}


def test_parallel_steps_wait_side_by_side_and_families_in_a_list_of_their_own(
    offices: Offices,
) -> None:
    case = review_until(offices, open_review(offices), step="check-register")
    assert [line.step for line in all_lines(offices.district)] == [
        "check-register",
        "check-title",
        "check-residence",
    ]
    family = offices.family()
    asked = accept(offices, open_review(offices, family=family, days=0.5))
    assert {line.case_id for line in all_lines(offices.street)} == {asked.id}
    assert case.status.is_open
    page = queue_of(by=offices.street, at=later(5), with_families=True)
    assert page.rows == ()
    act_on(
        asked,
        ActionKind.ASK_CORRECTION,
        by=offices.street,
        days=3,
        step="street-review",
        points=(AskedPoint(code="signature-missing"),),
    )
    assert all_lines(offices.street) == []
    (line,) = queue_of(by=offices.street, at=later(5), with_families=True).rows
    assert (line.case_id, line.kind, line.role) == (asked.id, QueueKind.APPLICANT, "household")


def three(offices: Offices, *, days: float = 0.1) -> None:
    for _ in range(3):
        accept(offices, open_review(offices), days=days)


def alerts_kept(database: Database) -> int:
    with psycopg.connect(database.superuser_url) as admin:
        row = admin.execute("SELECT count(*) FROM casework_alert").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.pitfall("P18")
def test_eight_workers_raise_every_alert_once(offices: Offices, database: Database) -> None:
    three(offices)
    heard: list[CaseEvent] = []
    listen(EventKind.ALERTED)(heard.append)
    try:
        outcomes = database.in_threads(
            [lambda: raise_alerts(by=SYSTEM, at=later(10)) for _ in range(WORKERS)]
        )
    finally:
        forget(EventKind.ALERTED, heard.append)
    assert not [one for one in outcomes if isinstance(one, BaseException)]
    told = [alert for one in outcomes if not isinstance(one, BaseException) for alert in one]
    mine = [(alert.case_id, alert.step, alert.rung) for alert in told]
    assert len(mine) == len(set(mine)) == len(heard) == alerts_kept(database)
    assert {rung for _, step, rung in mine if step} == set(AlertRung)
    assert [alert.tells_supervisor for alert in told].count(True) == 3
    assert raise_alerts(by=SYSTEM, at=later(10)) == ()
    assert refold_cases(by=SYSTEM) == ()
    shown = board(by=offices.supervisor, at=later(10))
    assert (shown.open_cases, sum(shown.rungs.values())) == (3, len(mine))
    assert [(line.office, line.waiting, line.overdue) for line in shown.offices] == [(STREET, 3, 3)]
    assert len(shown.latest) == len(mine)


@pytest.mark.pitfall("P18")
def test_control_without_the_unique_row_they_are_raised_again_and_again(
    offices: Offices, database: Database
) -> None:
    case = accept(offices, open_review(offices), days=0.1)
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("ALTER TABLE casework_alert DROP CONSTRAINT casework_alert_once")

    def work() -> tuple[AlertLine, ...]:
        return raise_case_alerts(
            project_id=case.project_id, case_id=case.id, by=SYSTEM, at=later(10)
        )

    database.in_threads([work] * WORKERS)
    assert alerts_kept(database) == WORKERS * len(AlertRung)


def test_a_limit_in_hours_is_told_by_the_hour(offices: Offices) -> None:
    with recorded():
        case = lay_case(
            project_id=offices.project_id,
            procedure="department-request",
            subject_kind="tests",
            subject_id=new_id(),
            division="3701",
            by=SYSTEM,
            at=AT,
            acting_as=ActingAs(role="city-officer", tier="city"),
        )
    act_on(case, ActionKind.DECIDE, by=offices.city, days=0.5, step="request", outcome="urgent",
           bring=("request-letter",))  # fmt: skip
    (line,) = queue_of(by=offices.city, at=later(0.5), with_families=True).rows
    assert (line.step, line.role, line.unit, line.length) == (
        "urgent-response",
        "department",
        Unit.HOURS,
        2,
    )
    assert line.due_at == later(0.5) + timedelta(hours=2)
    raised = raise_alerts(by=SYSTEM, at=later(0.5) + timedelta(hours=2))
    assert [alert.rung for alert in raised] == [AlertRung.HALF, AlertRung.DUE]
    told = case_file(project_id=case.project_id, case_id=case.id, by=offices.city, at=later(0.6))
    (clock,) = [step.clock for step in told.steps if step.clock is not None]
    assert (clock.is_overdue, clock.used, clock.rung) == (True, 2, AlertRung.DUE)
    with recorded():
        answered = lay_action(
            project_id=case.project_id,
            case_id=case.id,
            act=NewAction(
                kind=ActionKind.DECIDE, step="urgent-response", outcome="cannot", why="无此数据"
            ),
            by=SYSTEM,
            at=later(0.6),
            acting_as=ActingAs(role="department", tier="outside"),
        )
    assert answered.open_steps == ("take-answer",)


def open_late(offices: Offices, *, on: date) -> None:
    """Open a review whose deadline lies beyond the last notice."""
    at = AT + (on - AT.date())
    case = open_case(
        project_id=offices.project_id,
        procedure=REVIEW,
        subject_kind="household",
        subject_id=new_id(),
        division=STREET,
        by=offices.street,
        at=at,
    )
    act_on(case, ActionKind.ACCEPT, by=offices.street, days=(on - AT.date()).days)


@pytest.mark.req("TTL-4")
def test_a_loaded_notice_moves_what_was_provisional_with_an_entry(
    offices: Offices, database: Database
) -> None:
    settled = accept(offices, open_review(offices), days=0.1)
    open_late(offices, on=date(LAST_NOTICE_YEAR, 12, 28))
    before = all_lines(offices.street)
    assert [line.is_provisional for line in before] == [False, True]
    assert before[1].due_on == date(NEXT, 1, 1)  # a Friday, as far as anybody knows
    with pytest.raises(Refusal, match=r"calendar\.notice-out-of-turn"):
        load_holiday_notice(year=NEXT + 1, off_days=OFF, worked_weekends=[], by=offices.city, at=AT)
    for _ in range(2):
        load_holiday_notice(year=NEXT, off_days=OFF, worked_weekends=[], by=offices.city, at=AT)
    with pytest.raises(Refusal, match=r"casework\.notice-differs"):
        load_holiday_notice(
            year=NEXT, off_days=[*OFF, date(NEXT, 1, 4)], worked_weekends=[], by=offices.city, at=AT
        )
    assert reckon_again(by=SYSTEM, at=AT) == 1
    after = all_lines(offices.street)
    assert [(line.due_on, line.is_provisional) for line in after] == [
        (before[0].due_on, False),
        (date(NEXT, 1, 4), False),
    ]
    assert after[0].case_id == settled.id
    assert reckon_again(by=SYSTEM, at=AT) == 0
    assert refold_cases(by=SYSTEM) == ()
    with psycopg.connect(database.superuser_url) as admin:
        rows = admin.execute(
            "SELECT count(*) FROM ledger_event WHERE action = 'casework.deadline.reckoned-again'"
        ).fetchone()
    assert rows == (1,)
