"""Responsibility agreements: drafted, signed on paper, signed by two, and held to (GOV-2)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from anju.foundation.agreements.operations import (
    draft_agreement,
    sign_for_city,
    sign_for_department,
)
from anju.foundation.agreements.queries import agreement_record
from anju.foundation.core.crypto import new_id
from anju.jobs.departments import ask_departments
from anju_rules.departments.kinds import SHARE_LIMIT
from anju_rules.values import Refusal
from tests.support.access import AT
from tests.support.cases import Offices, later, open_offices
from tests.support.databases import Database
from tests.support.departments import ask_about, open_departments

REGISTRATION = "registration"


@pytest.fixture
def offices(database: Database) -> Offices:
    assert database.name
    return open_offices()


def state_of(offices: Offices, department: str = REGISTRATION) -> str:
    told = agreement_record(
        project_id=offices.project_id, department=department, by=offices.supervisor
    )
    return told.agreement.state


@pytest.mark.req("GOV-2")
def test_an_agreement_is_drafted_sent_back_signed_by_both_and_then_held_against_the_record(
    offices: Offices, tmp_path: Path
) -> None:
    city, colleague = offices.city, offices.colleagues["city-officer"]
    draft = partial(
        draft_agreement, project_id=offices.project_id, department=REGISTRATION, by=city
    )
    signed_on_paper, signed_by_city = (
        partial(sign, project_id=offices.project_id, department=REGISTRATION, by=city)
        for sign in (sign_for_department, sign_for_city)
    )
    assert state_of(offices) == "none"
    with pytest.raises(Refusal, match=r"departments\.unknown"):
        draft(department="weather", paper=new_id(), at=AT)
    with pytest.raises(Refusal, match=r"access\.not-permitted"):
        draft(paper=new_id(), by=offices.district, at=AT)
    draft(paper=new_id(), at=AT)
    assert state_of(offices) == "with-department"

    signed_on_paper(outcome="to-change", why="时限写明", second=colleague, at=later(1))
    assert state_of(offices) == "drafting"
    draft(paper=new_id(), at=later(2))
    with pytest.raises(Refusal, match=r"agreements\.paper-missing"):
        signed_on_paper(outcome="signed", second=colleague, at=later(3))
    with pytest.raises(Refusal, match=r"access\.same-person"):
        signed_on_paper(outcome="signed", paper=new_id(), second=city, at=later(3))
    signed_on_paper(outcome="signed", paper=new_id(), second=colleague, at=later(3))
    assert state_of(offices) == "with-city"
    signed_by_city(outcome="in-force", paper=new_id(), second=colleague, at=later(4))
    assert state_of(offices) == "in-force"
    assert state_of(offices, "tax") == "none"
    with pytest.raises(Refusal, match=r"agreements\.none-open"):
        signed_by_city(outcome="in-force", paper=new_id(), second=colleague, at=later(5))

    with open_departments(tmp_path, at=later(6)) as departments:
        departments.is_away = True
        ask_about(project_id=offices.project_id, household_id=new_id(), by=city, at=later(6))
        for passed in (timedelta(0), SHARE_LIMIT):
            ask_departments(at=later(6) + passed, port=departments)
    record_of = partial(agreement_record, project_id=offices.project_id, department=REGISTRATION)
    record = record_of(by=offices.supervisor)
    assert record.agreement.state == "in-force"
    assert record.agreement.in_force_on == later(4).date()
    assert (record.kept.asked, record.kept.breaches, record.kept.waiting) == (1, 1, 1)
    draft(paper=new_id(), at=later(9))
    renewed = record_of(by=city).agreement
    assert (renewed.state, renewed.in_force_on) == ("with-department", later(4).date())
