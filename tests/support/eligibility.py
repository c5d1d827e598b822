"""Eligibility for tests: taken over from paper in a moment, or reviewed step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import hand_in_material, take_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.departments.types import Answer, QuestionState
from anju.foundation.notices.types import NoticeRow
from anju.resettlement.eligibility import sheets
from anju.resettlement.eligibility.operations import (
    open_review,
    publish_final_notice,
    publish_first_notice,
    settle_notice,
    take_over_reviews,
)
from anju.resettlement.planning.queries import is_in_force
from anju_rules.departments.kinds import QUESTIONS
from anju_rules.procedures.states import ActionKind
from tests.support import planning
from tests.support.selections import AT, Selected, officer
from tests.support.statements import Facts, answers_to, statement_of

STREET, DISTRICT, CITY = "370105001", "370105", "3701"
OFFICES = {"street-officer": STREET, "district-officer": DISTRICT, "city-officer": CITY}
FIRST_DAY, FINAL_DAY = 1, 12
PAPERS = ("agreement", "residence-declaration", "hardship-record", "disability-certificate")


def finish_on_paper(
    project_id: UUID, *, household_ids: list[UUID] | None = None, at: datetime = AT
) -> None:
    """Have a project's plan and reviews taken over from paper, so that a draw may count."""
    if not is_in_force(project_id):
        planning.take_over(project_id, at=at)
    take_over_reviews(
        project_id=project_id,
        household_ids=household_ids,
        reason="平台上线前已完成三审两公示",
        by=officer(),
        second=officer(),
        at=at,
    )


@dataclass(kw_only=True)
class Reviews:
    """The reviews of a project, taken from step to step by those who may."""

    project: Selected
    monkeypatch: pytest.MonkeyPatch | None = None
    """With it departments are stood in for; without it they are asked."""
    people: Mapping[str, Actor] = field(
        default_factory=lambda: {
            role: replace(officer(role), division=division) for role, division in OFFICES.items()
        }
    )
    told: dict[UUID, Facts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the plan in force."""
        planning.take_over(self.project.id)
        if self.monkeypatch is not None:
            self.monkeypatch.setattr(sheets, "answers_of", self._answers_of)

    @property
    def street(self) -> Actor:
        """Give the officer of the street."""
        return self.people["street-officer"]

    @property
    def district(self) -> Actor:
        """Give the officer of the district."""
        return self.people["district-officer"]

    @property
    def city(self) -> Actor:
        """Give the officer of the city."""
        return self.people["city-officer"]

    def open(self, number: str, place: int, **changes: object) -> CaseRow:
        """Open a review with what the household states, and accept it."""
        statement = statement_of(place, **changes)
        household_id = self.project.households[number]
        self.told[household_id] = answers_to(statement, place)
        case = open_review(
            project_id=self.project.id,
            household_id=household_id,
            papers=[HandedIn(code=code) for code in PAPERS],
            statement=statement,
            division=STREET,
            by=self.street,
            at=day(0),
        )
        return self.act(case, ActionKind.ACCEPT, role="street-officer", on=0)

    def act(
        self,
        case: CaseRow,
        kind: ActionKind,
        *,
        role: str,
        on: float,
        by: Actor | None = None,
        step: str = "",
        outcome: str = "",
        why: str = "",
        second: Actor | None = None,
    ) -> CaseRow:
        """Do one thing to a case."""
        act = NewAction(kind=kind, step=step, outcome=outcome, why=why)
        return take_action(
            project_id=case.project_id,
            case_id=case.id,
            act=act,
            by=by or self.people[role],
            second=second,
            at=day(on),
        )

    def decide(
        self, case: CaseRow, step: str, outcome: str, *, on: float, **how: object
    ) -> CaseRow:
        """Decide a step, by the officer of its level."""
        return self.act(
            case,
            ActionKind.DECIDE,
            role=ROLE_OF[step],
            step=step,
            outcome=outcome,
            on=on,
            **how,  # type: ignore[arg-type]
        )

    def hand_over_records(self, case: CaseRow, *, on: float) -> None:
        """Put the departments' records into the file, as their answers do."""
        hand_in_material(
            project_id=case.project_id,
            case_id=case.id,
            materials=[
                HandedIn(code=code)
                for code in ("household-register", "title-record", "resettlement-record")
            ],
            by=self.street,
            at=day(on),
        )

    def compare_all(self, case: CaseRow, *, on: float) -> CaseRow:
        """Make the three comparisons, all of which agree."""
        for step in ("check-register", "check-title", "check-residence"):
            case = self.decide(case, step, "agrees", on=on)
        return case

    def publish(
        self,
        *,
        first: bool,
        on: float,
        predecessor_id: UUID | None = None,
        numbers: tuple[str, ...] | None = None,
    ) -> NoticeRow:
        """Publish one of the two notices for everybody who waits for it, or for those named."""
        publish = publish_first_notice if first else publish_final_notice
        named = None
        if numbers is not None:
            named = [self.project.households[number] for number in numbers]
        return publish(
            project_id=self.project.id,
            issuer="泺口街道办事处",
            channel="泺口街道便民服务中心 3 号窗口，电话 0531-88881234",
            predecessor_id=predecessor_id,
            household_ids=named,
            by=self.street if first else self.district,
            at=day(on),
        )

    def settle(self, notice: NoticeRow, *, on: float) -> dict[str, int]:
        """Move on what a notice lets move on; count what came of it, by code."""
        by = self.street if notice.subject_kind.endswith("first-notice") else self.district
        done = settle_notice(project_id=self.project.id, notice_id=notice.id, by=by, at=day(on))
        return dict(Counter(one.code for one in done))

    def _answers_of(
        self, *, project_id: UUID, subject_kind: str, subject_id: UUID
    ) -> tuple[Answer, ...]:
        assert (project_id, subject_kind) == (self.project.id, "household")
        return tuple(
            Answer(
                question_id=new_id(),
                kind=kind,
                department=QUESTIONS[kind].department,
                state=QuestionState.ANSWERED,
                facts=facts,
                source="模拟",
                reason="",
                asked_at=AT,
                answer_by=AT + timedelta(days=1),
                answered_at=AT,
                is_late=False,
                differing=(),
            )
            for kind, facts in self.told.get(subject_id, {}).items()
        )


ROLE_OF = {
    "street-review": "street-officer",
    "street-visit": "street-officer",
    "first-notice": "street-officer",
    "check-register": "district-officer",
    "check-title": "district-officer",
    "check-residence": "district-officer",
    "district-review": "district-officer",
    "home-visit": "district-officer",
    "city-review": "city-officer",
    "final-notice": "district-officer",
    "street-answer": "street-officer",
    "district-answer": "district-officer",
    "city-arbitration": "city-officer",
}


def day(number: float) -> datetime:
    """Give a moment some days after Monday, 1 June 2026, nine in the morning in China."""
    return AT + timedelta(days=number)
