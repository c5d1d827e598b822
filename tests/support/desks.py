"""A street's morning for tests of the desk: reviews at every point, and a real register behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from anju.foundation.casework.operations import ask_correction, pause_case
from anju.foundation.casework.types import AskedPoint, CaseRow, HandedIn
from anju.resettlement.eligibility.operations import open_review
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import ActionKind
from tests.support.access import AT, Person, open_officer, open_tier
from tests.support.cases import Offices, accept, act_on, actor_with_code, later
from tests.support.eligibility import OFFICES, PAPERS, STREET, Reviews
from tests.support.selections import Selected, register_plan, small_plan
from tests.support.statements import answers_to, statement_of

NOW = AT + timedelta(days=6, hours=2)
"""Sunday 7 June 2026 in the morning, six days after the first case came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """A project with its register, and the offices over it."""

    project: Selected
    people: Mapping[str, Person]
    """``street-officer1`` and ``street-officer2``, and so for each tier; ``supervisor``."""
    offices: Offices


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """Desks, and cases that wait."""

    desks: Desks
    cases: Mapping[str, CaseRow]
    """By what each waits for."""


def open_desks(*, households: int = 8) -> Desks:
    """Open a project with its register, an officer of each tier, a colleague of each."""
    plan, text = small_plan(households=households)
    project = register_plan(plan, text)
    homes = {role: open_tier(code) for role, code in OFFICES.items()}

    def appoint(login: str, role: str, home: str) -> Person:
        return open_officer(login, role=role, organisation_id=homes[home], project_id=project.id)

    people = {
        f"{role}{place}": appoint(f"{role}{place}", role, role)
        for role in OFFICES
        for place in (1, 2)
    }
    people["supervisor"] = appoint("supervisor", "supervisor", "city-officer")
    offices = Offices(
        project_id=project.id,
        officers={role: actor_with_code(people[f"{role}1"].id) for role in OFFICES},
        colleagues={role: actor_with_code(people[f"{role}2"].id) for role in OFFICES},
        supervisor=actor_with_code(people["supervisor"].id),
    )
    return Desks(project=project, people=people, offices=offices)


def open_morning(monkeypatch: pytest.MonkeyPatch) -> Morning:
    """Lay out cases that wait for everything a case of the street can wait for."""
    desks = open_desks()
    offices = desks.offices
    reviews = Reviews(project=desks.project, monkeypatch=monkeypatch, people=offices.officers)

    def begin(place: int, *, accepted: float | None, **changes: object) -> CaseRow:
        household_id = desks.project.households[f"H{place:04d}"]
        statement = statement_of(place, **changes)
        reviews.told[household_id] = answers_to(statement_of(place), place)
        case = open_review(
            project_id=desks.project.id,
            household_id=household_id,
            papers=[HandedIn(code=code) for code in PAPERS[:2]],
            statement=statement,
            division=STREET,
            by=offices.street,
            at=later(0),
        )
        return case if accepted is None else accept(offices, case, days=accepted)

    late = begin(1, accepted=0.5)
    stopped, asked = begin(2, accepted=1), begin(3, accepted=1)
    doubtful = begin(4, accepted=4, area_sqm=Decimal("70.00"))
    step = "street-review"
    cases = {
        "late": act_on(late, ActionKind.TAKE_UP, by=offices.street, days=3, step=step, why=""),
        "stopped": pause_case(
            project_id=offices.project_id,
            case_id=stopped.id,
            step=step,
            reason=PauseReason.SURVEY,
            why="请测绘单位复核房屋面积",
            by=offices.street,
            at=later(2),
        ),
        "asked": ask_correction(
            project_id=offices.project_id,
            case_id=asked.id,
            step=step,
            points=[AskedPoint(code="agreement", text="协议缺公证书编号，请补交盖章的一份")],
            by=offices.street,
            at=later(2),
        ),
        "doubtful": doubtful,
        "plain": begin(5, accepted=4),
        "other": begin(6, accepted=4),
        "fresh": begin(7, accepted=None),
    }
    return Morning(desks=desks, cases=cases)
