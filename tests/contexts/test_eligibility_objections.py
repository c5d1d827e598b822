"""Objections to published reviews: who answers them, and what waits for the answer."""

from __future__ import annotations

from uuid import UUID

import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.queries import case_by_id
from anju.foundation.casework.types import CaseRow
from anju.foundation.notices.operations import withdraw_notice
from anju.foundation.notices.types import NoticeRow
from anju.resettlement.eligibility.operations import (
    lodge_objection,
    reply_at_window,
)
from anju.resettlement.eligibility.queries import (
    review_of_household,
)
from anju.resettlement.eligibility.types import NewObjector
from anju_rules.applications import Standing
from anju_rules.procedures.states import ActionKind
from tests.support.cases import refused
from tests.support.databases import Database
from tests.support.eligibility import FIRST_DAY, Reviews, day
from tests.support.notices import watch
from tests.support.selections import scored_project


@pytest.fixture
def reviews(database: Database, monkeypatch: pytest.MonkeyPatch) -> Reviews:
    assert database.name
    project = scored_project(homes=8, households=4)
    return Reviews(project=project, monkeypatch=monkeypatch)


@pytest.mark.req("ELG-5")
def test_an_objection_that_is_upheld_sends_the_review_back(reviews: Reviews) -> None:
    case, other = reviews.open("H0001", 1), reviews.open("H0002", 2)
    project_id = case.project_id
    reviews.decide(case, "street-review", "eligible", on=1)
    reviews.decide(other, "street-review", "not-eligible", on=1, why="无公证协议")
    first = reviews.publish(first=True, on=FIRST_DAY)
    assert {row[3] for row in first.rows} == {"符合", "不符合"}
    watch(3, first=day(FIRST_DAY))
    about = object_to(reviews, first, "H0001", household_id=other.subject_id)
    own = object_to(reviews, first, "H0002")
    for code, number in (
        ("eligibility.not-in-notice", "H0009"),
        ("casework.open-already", "H0001"),
    ):
        with refused(code):
            object_to(reviews, first, number, household_id=other.subject_id)
    for one in (about, own):
        reviews.act(one, ActionKind.ACCEPT, role="street-officer", on=2)
    with refused("case.reason-missing"):
        reviews.decide(own, "street-answer", "not-upheld", on=3)
    reviews.decide(own, "street-answer", "not-upheld", on=3, why="档案中没有公证书")
    with refused("eligibility.replies-itself"):
        reply(about, reviews, "appeals")
    reply(own, reviews, "appeals")
    with refused("eligibility.nothing-upheld"):
        reviews.decide(case, "first-notice", "objection-upheld", on=4, why="查实")
    reviews.decide(about, "street-answer", "upheld", on=4, why="查实")
    with reading(by=reviews.street):
        again = case_by_id(project_id=project_id, case_id=case.id)
    assert again.open_steps == ("street-review",)
    reviews.decide(own, "district-answer", "upheld", on=5, why="公证书确已归档")
    row = review_of_household(
        project_id=project_id, household_id=other.subject_id, by=reviews.district
    )
    assert row is not None
    assert row.case is not None
    assert (row.round, row.standing) == (2, Standing.OPEN)
    assert row.case.open_steps == ("street-review",)
    reviews.decide(case, "street-review", "eligible", on=6)
    watch(12, first=day(FIRST_DAY))
    with refused("eligibility.not-published"):
        reviews.decide(case, "first-notice", "no-objection", on=18)


@pytest.mark.req("ELG-5")
def test_while_an_objection_runs_nobody_is_confirmed_over_it(reviews: Reviews) -> None:
    case, other = reviews.open("H0001", 1), reviews.open("H0002", 2)
    reviews.decide(case, "street-review", "eligible", on=0.5)
    reviews.decide(other, "street-review", "not-eligible", on=0.5, why="无公证协议")
    pulled = reviews.publish(first=True, on=0.8)
    withdraw_notice(
        project_id=case.project_id,
        notice_id=pulled.id,
        reason="联系电话写错",
        by=reviews.street,
        at=day(0.9),
    )
    first = reviews.publish(first=True, on=FIRST_DAY, predecessor_id=pulled.id)
    assert first.rows == pulled.rows
    with refused("eligibility.nothing-to-publish"):
        reviews.publish(first=False, on=FIRST_DAY)
    watch(11, first=day(FIRST_DAY))
    objection = object_to(reviews, first, "H0001")
    reviews.act(objection, ActionKind.ACCEPT, role="street-officer", on=2)
    assert reviews.settle(first, on=11) == {"eligibility.objection-runs": 1}
    reviews.decide(objection, "street-answer", "not-upheld", on=11, why="无依据")
    reply(objection, reviews, "accepts", on=11)
    assert reviews.settle(first, on=11) == {"": 1}
    with refused("notices.objection-too-late"):
        object_to(reviews, first, "H0001", on=12)


def object_to(
    reviews: Reviews,
    notice: NoticeRow,
    number: str,
    *,
    household_id: UUID | None = None,
    on: float = 2,
) -> CaseRow:
    """Object to an entry of a notice, as a household or as somebody at the window."""
    return lodge_objection(
        project_id=reviews.project.id,
        notice_id=notice.id,
        about_number=number,
        why="结果与事实不符",
        household_id=household_id,
        person=None if household_id else NewObjector(name="王测", contact="柳岸村12号"),
        by=reviews.project.household(household_id) if household_id else reviews.street,
        at=day(on),
    )


def reply(case: CaseRow, reviews: Reviews, outcome: str, *, on: float = 4) -> CaseRow:
    """Write a reply down at the window."""
    return reply_at_window(
        project_id=case.project_id,
        case_id=case.id,
        step="reply-street",
        outcome=outcome,
        why="不服",
        by=reviews.street,
        at=day(on),
    )
