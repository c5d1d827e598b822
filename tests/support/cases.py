"""Cases on the database: offices of three tiers, a family, and cases anywhere in a procedure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.queries import actor_by_id
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import open_case, take_action
from anju.foundation.casework.types import AskedPoint, CaseRow, HandedIn, NewAction
from anju.foundation.core.crypto import new_id
from anju_rules.clocks import PauseReason
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal
from tests.support.access import AT, Family, open_family, open_officer, open_scope, open_tier
from tests.support.databases import Database

STREET, DISTRICT, CITY = "370102001", "370102", "3701"
TIERS = {"city-officer": CITY, "district-officer": DISTRICT, "street-officer": STREET}
REVIEW = "eligibility-review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """A project in a street, an officer of each tier, a colleague of each, and a supervisor."""

    project_id: UUID
    officers: dict[str, Actor]
    colleagues: dict[str, Actor]
    supervisor: Actor

    @property
    def street(self) -> Actor:
        """Give the officer of the street."""
        return self.officers["street-officer"]

    @property
    def district(self) -> Actor:
        """Give the officer of the district."""
        return self.officers["district-officer"]

    @property
    def city(self) -> Actor:
        """Give the officer of the city."""
        return self.officers["city-officer"]

    def family(self) -> Family:
        """Open a household's account."""
        return open_family(self.project_id)


def open_offices(*, division: str = STREET) -> Offices:
    """Open a project in a street, and the officers of the three tiers over it."""
    project_id = open_scope(division)
    homes = {role: open_tier(code) for role, code in TIERS.items()}
    people = {
        role: (
            open_officer(f"{role}-1", role=role, organisation_id=home).id,
            open_officer(f"{role}-2", role=role, organisation_id=home).id,
        )
        for role, home in homes.items()
    }
    watcher = open_officer("watcher", role="supervisor", organisation_id=homes["city-officer"])
    return Offices(
        project_id=project_id,
        officers={role: actor_with_code(first) for role, (first, _) in people.items()},
        colleagues={role: actor_with_code(second) for role, (_, second) in people.items()},
        supervisor=actor_with_code(watcher.id),
    )


def actor_with_code(account_id: UUID) -> Actor:
    """Give an account's actor as after a sign-in with a second factor."""
    found = actor_by_id(account_id=account_id, address="10.1.2.3", request_id="r-1")
    return replace(found, has_second_factor=True)


def later(days: float) -> datetime:
    """Give a moment some days after the tests' beginning, Monday 1 June 2026."""
    return AT + timedelta(days=days)


def open_review(
    offices: Offices,
    *,
    family: Family | None = None,
    days: float = 0,
    materials: tuple[str, ...] = ("agreement", "residence-declaration"),
) -> CaseRow:
    """Open an eligibility review at the street's window, for a family where one is given."""
    return open_case(
        project_id=offices.project_id,
        procedure=REVIEW,
        subject_kind="household",
        subject_id=family.id if family else new_id(),
        household_id=family.id if family else None,
        division=STREET,
        series="YS-ELG",
        materials=[HandedIn(code=code) for code in materials],
        by=offices.street,
        at=later(days),
    )


def act_on(
    case: CaseRow,
    kind: ActionKind,
    *,
    by: Actor,
    days: float,
    step: str = "",
    outcome: str = "",
    bring: tuple[str, ...] = (),
    points: tuple[AskedPoint, ...] = (),
    reason: PauseReason | None = None,
    why: str = "理由",
    second: Actor | None = None,
    action_id: UUID | None = None,
    expects: int | None = None,
) -> CaseRow:
    """Do one thing to a case."""
    return take_action(
        project_id=case.project_id,
        case_id=case.id,
        act=NewAction(
            kind=kind,
            step=step,
            outcome=outcome,
            materials=tuple(HandedIn(code=code) for code in bring),
            points=points,
            reason=reason,
            why=why,
            id=action_id,
        ),
        by=by,
        at=later(days),
        second=second,
        expects=expects,
    )


REVIEW_PATH: tuple[tuple[str, str, str, float, tuple[str, ...]], ...] = (
    (
        "street-officer",
        "street-review",
        "eligible",
        2,
        ("hardship-record", "disability-certificate"),
    ),
    ("street-officer", "first-notice", "no-objection", 11, ()),
    ("district-officer", "check-register", "agrees", 12, ("household-register",)),
    ("district-officer", "check-title", "agrees", 12, ("title-record",)),
    ("district-officer", "check-residence", "agrees", 12, ()),
    ("district-officer", "district-review", "eligible", 13, ()),
    ("city-officer", "city-review", "eligible", 14, ("resettlement-record",)),
    ("district-officer", "final-notice", "confirmed", 23, ()),
)
"""Who decides what, on which day, bringing what, until a review is confirmed."""


def accept(offices: Offices, case: CaseRow, *, days: float = 1) -> CaseRow:
    """Accept a case at the window, where its procedure has one."""
    if case.status.value != "intake":
        return case
    return act_on(case, ActionKind.ACCEPT, by=offices.street, days=days)


def review_until(offices: Offices, case: CaseRow, *, step: str = "") -> CaseRow:
    """Take a review to where ``step`` is open; without one, to its end."""
    case = accept(offices, case)
    for role, code, outcome, days, bring in REVIEW_PATH:
        if code == step:
            return case
        case = act_on(
            case,
            ActionKind.DECIDE,
            by=offices.officers[role],
            days=days,
            step=code,
            outcome=outcome,
            bring=bring,
        )
    return case


def lost_cases(database: Database) -> list[UUID]:
    """Give the open cases that are in no queue, or in one that is not among their tasks."""
    with psycopg.connect(database.superuser_url) as admin:
        rows = admin.execute(
            "SELECT c.id FROM casework_case c LEFT JOIN casework_task t ON (t.project_id,"
            " t.case_id, t.place) = (c.project_id, c.id, c.first_task)"
            " WHERE (c.status IN ('intake', 'in-progress'))"
            " IS DISTINCT FROM (t.case_id IS NOT NULL)"
        ).fetchall()
    return [found for (found,) in rows]


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    """Expect a refusal with this code."""
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)
