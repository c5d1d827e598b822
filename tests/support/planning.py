"""Plans for tests: taken over in a moment, or approved step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.foundation.documents.operations import store_document
from anju.foundation.documents.types import OwnerKind
from anju.foundation.notices.operations import confirm_visible
from anju.foundation.notices.types import NoticeRow
from anju.resettlement.planning.operations import (
    draft_plan,
    give_consent,
    publish_plan_notice,
    take_over_plan,
)
from anju.resettlement.planning.types import ConsentRow, NewPaper, VersionRow
from anju_rules.hashing import digest
from anju_rules.policy import RuleSet
from anju_rules.procedures.states import ActionKind
from tests.support.access import SYSTEM
from tests.support.hostile_files import plain_pdf
from tests.support.selections import AT, Selected, officer

STREET, DISTRICT, CITY = "370105001", "370105", "3701"
PAPER = NewPaper(title="补偿安置方案（批准文本）", digest=digest(b"plan").hex())
"""A plan that lies on paper in the archive."""

NEW_LAW = """
code = "shared-ownership"
title = { zh = "共有产权住房办法", en = "Rules on shared ownership" }
source = "市政府"
edition = 2026-07-01
certainty = "C"

[[clauses]]
number = "4"
title = { zh = "共有份额", en = "shares" }
touches = ["entitlement"]

[[clauses.items]]
kind = "permits"
zh = "安置房可以按份额共有"
en = "a home may be owned in shares"
check = "human"
"""
"""A law that a test's library does not hold yet."""


def take_over(project_id: UUID, *, at: datetime = AT) -> VersionRow:
    """Put a project's plan in force as approved on paper, by two officers of the city."""
    return take_over_plan(
        project_id=project_id,
        approved_on=date(2026, 5, 8),
        papers=[PAPER],
        reason="平台上线前已由区政府批准公布",
        by=officer(),
        second=officer(),
        at=at,
    )


@dataclass(kw_only=True)
class Approval:
    """The approval of a project's plan, taken from step to step by those who may."""

    project: Selected
    version: VersionRow | None = None
    people: Mapping[str, Actor] = field(
        default_factory=lambda: {
            role: replace(officer(role), division=division)
            for role, division in (
                ("street-officer", STREET),
                ("district-officer", DISTRICT),
                ("city-officer", CITY),
            )
        }
    )

    @cached_property
    def second(self) -> Mapping[str, Actor]:
        """Give a colleague of each."""
        return {role: replace(one, id=officer().id) for role, one in self.people.items()}

    def store(
        self,
        name: str,
        *,
        kind: OwnerKind = "plan",
        owner_id: UUID | None = None,
        household_id: UUID | None = None,
    ) -> UUID:
        """Hand in a paper as PDF; gives its id."""
        return store_document(
            project_id=self.project.id,
            owner_kind=kind,
            owner_id=owner_id or self.project.id,
            household_id=household_id,
            name=f"{name}.pdf",
            content=plain_pdf(),
            channel="desk",
            by=self.people["district-officer"],
            at=AT,
        ).id

    def draft(self, day: float, *, rules: RuleSet | None = None) -> VersionRow:
        """Draft the next version."""
        self.version = draft_plan(
            project_id=self.project.id,
            text=NewPaper(title="补偿安置方案", document_id=self.store("方案")),
            rules=rules,
            by=self.people["district-officer"],
            at=later(day),
        )
        return self.version

    def decide(
        self, role: str, step: str, outcome: str, day: float, *, brings: str = "", **more: object
    ) -> CaseRow:
        """Decide a step as anybody may from the desk, with a document where it makes one."""
        assert self.version is not None
        assert self.version.case_id is not None
        case_id = self.version.case_id
        materials: tuple[HandedIn, ...] = ()
        if brings:
            document_id = self.store(brings, kind="case", owner_id=case_id)
            materials = (HandedIn(code=brings, document_id=document_id),)
        return take_action(
            project_id=self.project.id,
            case_id=case_id,
            act=NewAction(
                kind=ActionKind.DECIDE,
                step=step,
                outcome=outcome,
                materials=materials,
                why="理由",
                **more,  # type: ignore[arg-type]
            ),
            by=self.people[role],
            second=self.second[role],
            at=later(day),
        )

    def review(self, day: float) -> None:
        """Hold the hearing, collect the questionnaires, and have both reviews find it lawful."""
        for role, step, outcome, brings in (
            ("district-officer", "hearing", "held", "hearing-record"),
            ("street-officer", "questionnaire", "collected", "questionnaire-report"),
            ("district-officer", "internal-review", "lawful", "internal-opinion"),
            ("city-officer", "justice-review", "lawful", "justice-opinion"),
        ):
            self.decide(role, step, outcome, day, brings=brings)

    def publish(self, day: float) -> NoticeRow:
        """Publish the version for comments."""
        return publish_plan_notice(
            project_id=self.project.id,
            issuer="历下区征收办",
            channel="泺口街道便民服务中心 3 号窗口",
            by=self.people["district-officer"],
            at=later(day),
        )

    def stand(self, notice: NoticeRow, day: float, *, days: int = 33) -> None:
        """Let its notice be seen every day."""
        for place in range(days):
            confirm_visible(
                project_id=self.project.id,
                notice_id=notice.id,
                fault="",
                address="https://public.example",
                by=SYSTEM,
                at=later(day + place),
            )

    def vote(self, household: str, day: float, *, is_for: bool = True) -> ConsentRow:
        """Let a household vote by its own account."""
        household_id = self.project.households[household]
        return give_consent(
            project_id=self.project.id,
            household_id=household_id,
            is_for=is_for,
            by=self.project.household(household_id),
            at=later(day),
        )


def later(days: float) -> datetime:
    """Give a moment some days after Monday 1 June 2026."""
    return AT + timedelta(days=days)
