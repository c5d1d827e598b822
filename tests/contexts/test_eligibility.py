"""Reviews of eligibility on the database: three reviews, two notices, objections, and draws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.operations import open_case
from anju.foundation.casework.queries import case_file
from anju.foundation.casework.types import CaseRow, HandedIn
from anju.foundation.exchange.departments.types import QuestionRow
from anju.jobs.departments import ask_departments as send_questions
from anju.resettlement.eligibility.operations import (
    ask_departments,
    open_review,
    open_reviews,
    state_facts,
    take_over_reviews,
)
from anju.resettlement.eligibility.queries import (
    approvers_of,
    count_reviews,
    review_file,
    review_of_household,
    standings,
)
from anju_rules.applications import Repeat, Standing
from anju_rules.departments.kinds import ABOUT_HOUSEHOLDS
from anju_rules.eligibility.sheet import Group, Result
from anju_rules.procedures.states import Status
from anju_rules.values import Refusal
from tests.support import planning
from tests.support.cases import refused
from tests.support.databases import Database
from tests.support.departments import open_departments
from tests.support.eligibility import FINAL_DAY, FIRST_DAY, STREET, Reviews, day
from tests.support.notices import watch
from tests.support.selections import AT, officer, scored_project
from tests.support.statements import answers_to, person, statement_of


@pytest.fixture
def reviews(database: Database, monkeypatch: pytest.MonkeyPatch) -> Reviews:
    assert database.name
    project = scored_project(homes=8, households=4)
    return Reviews(project=project, monkeypatch=monkeypatch)


@pytest.mark.req("ELG-1", "ELG-2", "ELG-3")
@pytest.mark.threat("T-06")
def test_a_household_goes_through_three_reviews_and_two_notices(reviews: Reviews) -> None:
    case = reviews.open("H0001", 1)
    project_id, household_id = case.project_id, case.household_id
    assert household_id is not None
    street = reviews.street
    reviews.decide(case, "street-review", "eligible", on=1)
    with refused("eligibility.not-published"):
        reviews.decide(case, "first-notice", "no-objection", on=10)
    first = reviews.publish(first=True, on=FIRST_DAY)
    assert [row[3] for row in first.rows] == ["符合"]
    assert first.rows[0][:2] == ("H0001", "王*丁")
    watch(11, first=day(FIRST_DAY))
    assert reviews.settle(first, on=5) == {"case.window-not-over": 1}
    assert reviews.settle(first, on=11) == {"": 1}
    reviews.hand_over_records(case, on=11)
    reviews.compare_all(case, on=11)
    reviews.decide(case, "district-review", "eligible", on=11)
    with refused("eligibility.same-person"):
        reviews.decide(
            case, "city-review", "eligible", on=11, by=replace(reviews.city, id=reviews.district.id)
        )
    reviews.decide(case, "city-review", "eligible", on=FINAL_DAY)
    final = reviews.publish(first=False, on=FINAL_DAY)
    with reading(by=street):
        assert Standing.CONFIRMED not in standings(project_id=project_id).values()
    watch(12, first=day(FINAL_DAY))
    assert reviews.settle(final, on=22) == {"": 1}
    row = review_of_household(project_id=project_id, household_id=household_id, by=street)
    assert row is not None
    assert row.standing is Standing.CONFIRMED
    assert row.case is not None
    assert row.case.status is Status.DONE
    assert (row.street_by, row.district_by, row.city_by) == tuple(
        one.id for one in reviews.people.values()
    )
    with reading(by=street):
        assert approvers_of(project_id=project_id) == {household_id: reviews.city.id}
        assert standings(project_id=project_id) == {household_id: Standing.CONFIRMED}
    file = review_file(project_id=project_id, case_id=case.id, by=street, at=day(23))
    assert [one.step for one in file.kept] == [
        "street-review",
        *("check-register", "check-title", "check-residence"),
        "district-review",
        "city-review",
    ]
    assert [one.step.value for one in file.published] == ["first-notice", "final-notice"]
    with refused("eligibility.confirmed-already"):
        open_review(project_id=project_id, household_id=household_id, by=street, at=day(23))


def bring_to_district(reviews: Reviews, *cases: CaseRow) -> None:
    """Bring reviews to the district's comparisons, with every record in the file."""
    for case in cases:
        reviews.decide(case, "street-review", "eligible", on=FIRST_DAY)
    first = reviews.publish(first=True, on=FIRST_DAY)
    watch(11, first=day(FIRST_DAY))
    reviews.settle(first, on=11)
    for case in cases:
        reviews.hand_over_records(case, on=11)


@pytest.mark.req("ELG-2", "ELG-3")
@pytest.mark.pitfall("P5")
def test_a_doubt_is_visited_before_it_is_decided(reviews: Reviews) -> None:
    """A wrong title number, and a mother counted in two households: nobody is waved through."""
    bare = reviews.open("H0003", 3, agreement=None)
    with refused("eligibility.agreement-invalid"):
        reviews.decide(bare, "street-review", "eligible", on=1)
    wrong = reviews.open("H0001", 1, certificate="不对")
    twin = reviews.open("H0002", 2, people=(person(2), person(502), person(1)))
    bring_to_district(reviews, wrong, twin)
    with refused("eligibility.title-differs"):
        reviews.decide(wrong, "check-title", "agrees", on=11)
    with refused("case.reason-missing"):
        reviews.decide(wrong, "check-title", "differs", on=11)
    reviews.decide(wrong, "check-title", "differs", on=11, why="证号不符")
    reviews.decide(wrong, "check-register", "agrees", on=11)
    reviews.decide(wrong, "check-residence", "agrees", on=11)
    with refused("eligibility.visit-missing"):
        reviews.decide(wrong, "district-review", "eligible", on=11, why="看过了")
    file = review_file(
        project_id=wrong.project_id, case_id=wrong.id, by=reviews.district, at=day(11)
    )
    assert file.asks_visit
    assert file.sheet.proposes(Group.TITLE) is Result.DIFFERS
    assert [(one.repeat, one.household_id) for one in file.meetings] == [
        (Repeat.SHARED_PERSON, twin.household_id)
    ]
    reviews.decide(wrong, "district-review", "doubtful", on=11, why="证号不符")
    with refused("case.second-person-missing"):
        reviews.decide(wrong, "home-visit", "visited", on=11, why="入户")
    colleague = replace(reviews.district, id=officer().id)
    reviews.decide(wrong, "home-visit", "visited", on=12, why="入户", second=colleague)
    with refused("case.reason-missing"):
        reviews.decide(wrong, "district-review", "eligible", on=12)
    reviews.decide(wrong, "district-review", "eligible", on=12, why="入户核实，证号抄错")
    with refused("eligibility.applied-twice"):
        reviews.decide(wrong, "city-review", "eligible", on=13)
    reviews.decide(twin, "check-register", "differs", on=13, why="人口重复")
    for step in ("check-title", "check-residence"):
        reviews.decide(twin, step, "agrees", on=13)
    reviews.decide(twin, "district-review", "not-eligible", on=13, why="已随另一户安置")
    reviews.decide(wrong, "city-review", "eligible", on=13)
    with reading(by=reviews.city):
        assert standings(project_id=wrong.project_id)[twin.subject_id] is Standing.REFUSED
    final = reviews.publish(first=False, on=13)
    assert {row[0]: row[3] for row in final.rows} == {"H0001": "符合", "H0002": "不符合"}


@pytest.mark.req("ELG-3", "GOV-2")
@pytest.mark.usefixtures("database")
def test_what_departments_answer_lies_in_the_file_by_itself(tmp_path: Path) -> None:
    """Asked over the published contract; nobody at a desk carries an answer from there to here."""
    project = scored_project(homes=8, households=2)
    reviews = Reviews(project=project)
    household_id = project.households["H0001"]
    facts = answers_to(statement_of(1), 1)
    known = {
        kind.value: {name: said for name, said in told.items() if name != "found"}
        for kind, told in facts.items()
        if told["found"] == "yes"
    }
    case = reviews.open("H0001", 1)
    with open_departments(tmp_path, at=day(1), records={person(1): known}) as departments:
        with refused("eligibility.no-review"):
            ask(reviews, project.households["H0002"])
        assert len(ask(reviews, household_id)) == len(ABOUT_HOUSEHOLDS)
        assert send_questions(at=day(1), port=departments) == {"answered": len(ABOUT_HOUSEHOLDS)}
    told = case_file(project_id=project.id, case_id=case.id, by=reviews.street, at=day(1))
    held = {line.code for line in told.materials if line.state == "held"}
    assert held >= {kind.value for kind in ABOUT_HOUSEHOLDS}
    file = review_file(project_id=project.id, case_id=case.id, by=reviews.street, at=day(1))
    assert {line.result for line in file.sheet.lines} == {Result.AGREES}
    assert [one.state for one in file.answers] == ["answered"] * len(ABOUT_HOUSEHOLDS)
    family = project.household(household_id)
    own = review_file(project_id=project.id, case_id=case.id, by=family, at=day(1))
    assert own.sheet == file.sheet


def ask(reviews: Reviews, household_id: UUID) -> tuple[QuestionRow, ...]:
    """Ask the departments about a household."""
    return ask_departments(
        project_id=reviews.project.id, household_id=household_id, by=reviews.street, at=day(1)
    )


@pytest.mark.req("ELG-1")
def test_a_notice_shows_nobody_who_stands_in_one_that_runs(reviews: Reviews) -> None:
    early = reviews.open("H0001", 1)
    reviews.decide(early, "street-review", "eligible", on=0.5)
    reviews.publish(first=True, on=0.8)
    with refused("eligibility.nothing-to-publish"):
        reviews.publish(first=True, on=0.9)
    late = reviews.open("H0002", 2)
    reviews.decide(late, "street-review", "eligible", on=1)
    with refused("eligibility.not-at-notice"):
        reviews.publish(first=True, on=1.1, numbers=("H0001", "H0002"))
    second = reviews.publish(first=True, on=1.2)
    assert [row[0] for row in second.rows] == ["H0002"]


@pytest.mark.req("ELG-1")
@pytest.mark.threat("T-06")
def test_everybody_is_opened_once_and_only_what_is_reviewed_here_counts(
    reviews: Reviews, database: Database
) -> None:
    project_id = reviews.project.id
    first = reviews.open("H0001", 1)
    results = open_reviews(project_id=project_id, division=STREET, by=reviews.street, at=day(1))
    assert [one.code for one in results] == ["", "", ""]
    again = open_reviews(
        project_id=project_id,
        household_ids=list(reviews.project.households.values()),
        division=STREET,
        by=reviews.street,
        at=day(1),
    )
    assert {one.code for one in again} == {"casework.open-already"}
    counts = count_reviews(project_id=project_id, by=reviews.street)
    assert counts.by_standing == {Standing.OPEN: 4, Standing.NONE: 0}
    assert counts.by_step == {"street-review": 1, "intake": 3}
    with refused("eligibility.review-begun"):
        take_over(reviews, reviews.city, officer())
    with refused("access.same-person"):
        take_over(reviews, reviews.city, reviews.city)
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.CheckViolation, match="confirmed_by_people"):
            admin.execute(
                "UPDATE eligibility_review SET standing = 'confirmed' WHERE id = %s", [first.id]
            )


def take_over(reviews: Reviews, by: object, second: object) -> int:
    """Take the reviews of every household over from paper."""
    return take_over_reviews(
        project_id=reviews.project.id,
        household_ids=list(reviews.project.households.values()),
        reason="纸质审核",
        by=by,  # type: ignore[arg-type]
        second=second,  # type: ignore[arg-type]
        at=day(2),
    )


@pytest.mark.req("PLN-2")
@pytest.mark.usefixtures("database")
def test_before_the_plan_is_in_force_nobody_is_reviewed() -> None:
    project = scored_project(homes=8, households=2)
    household_id = project.households["H0001"]
    with refused("planning.plan-not-in-force"):
        open_review(
            project_id=project.id,
            household_id=household_id,
            division=STREET,
            by=officer("street-officer"),
            at=AT,
        )
    planning.take_over(project.id)
    family = project.household(household_id)
    case = open_review(
        project_id=project.id,
        household_id=household_id,
        division=STREET,
        statement=statement_of(1),
        by=family,
        at=AT,
    )
    assert case.number == "XF-2026-ELG-2026-000001"
    corrected = state_facts(
        project_id=project.id,
        household_id=household_id,
        statement=statement_of(1, certificate="改正"),
        papers=[HandedIn(code="agreement")],
        by=family,
        at=AT,
    )
    file = review_file(project_id=project.id, case_id=case.id, by=family, at=AT)
    assert file.statement is not None
    assert (corrected, file.statement.version) == (2, 2)
    assert file.statement.statement.certificate == "改正"
    with refused("identifier.id-characters"):
        state_facts(
            project_id=project.id,
            household_id=household_id,
            statement=statement_of(1, holder=person(1)[:-1] + "Z"),
            by=family,
            at=AT,
        )
    neighbour = project.household(project.households["H0002"])
    with pytest.raises(Refusal, match=r"access\.not-found|unknown-review"):
        review_file(project_id=project.id, case_id=case.id, by=neighbour, at=AT)
    past = open_case(
        project_id=project.id,
        procedure="eligibility-review",
        subject_kind="household",
        subject_id=neighbour.household_id or case.id,
        household_id=neighbour.household_id,
        division=STREET,
        by=neighbour,
        at=AT,
    )
    with reading(by=project.officer):
        assert standings(project_id=project.id) == {household_id: Standing.OPEN}
    assert past.status is Status.INTAKE
