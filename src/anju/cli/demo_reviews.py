"""The demo's reviews of eligibility: most finished on paper, some in mid-course to be worked on.

What the families state is what the demo's departments know, but for the plants among them
(:mod:`anju.cli.demo_departments`): those are the doubts that the demo's officers find.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.foundation.core.clock import read_clock
from anju.resettlement.eligibility.operations import (
    ask_departments,
    open_review,
    publish_first_notice,
    take_over_reviews,
)
from anju.resettlement.eligibility.queries import standings
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.planning.operations import take_over_plan
from anju.resettlement.planning.queries import is_in_force
from anju.resettlement.planning.types import NewPaper
from anju.resettlement.projects.types import ProjectRow
from anju_rules.eligibility.sheet import Agreement, Claim, Statement
from anju_rules.hashing import digest
from anju_rules.procedures.states import ActionKind
from anju_rules.values import HouseholdNumber, exact_decimal

APPROVED_ON = date(2026, 2, 20)
_PLACES = (5, 13, 31, 53, 71, 90, 110, 129)
"""Rows of the plan's table whose reviews run; four of them are plants of the departments."""
_AT_INTAKE = 1
_AT_NOTICE = 2
_PAPERS = ("agreement", "residence-declaration", "hardship-record", "disability-certificate")
_REASON = "平台上线前已依法批准公布，三审两公示已在线下完成（演示）"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReviews:
    """The reviews of the demo's project, while they are being made."""

    home: Path
    project: ProjectRow
    division: str
    officer: Callable[[str], Actor]
    say: Callable[[str], None]

    def prepare(self) -> None:
        """Take over what was done on paper, and open what is not there yet."""
        city, district = self.officer("city"), self.officer("district")
        if not is_in_force(self.project.id):
            self.say("接续线下批准的方案……")
            take_over_plan(
                project_id=self.project.id,
                approved_on=APPROVED_ON,
                papers=[
                    NewPaper(
                        title="补偿安置方案（批准文本）",
                        digest=digest(self.project.plan_text.encode()).hex(),
                    )
                ],
                reason=_REASON,
                by=city,
                second=district,
                at=read_clock(),
            )
        with reading(by=city):
            numbers = household_numbers(project_id=self.project.id)
            has_reviews = bool(standings(project_id=self.project.id))
        if has_reviews:
            return
        self.say("资格审核……")
        rows = self._rows()
        running = {HouseholdNumber(rows[place]["户号"]): place for place in self._places(rows)}
        take_over_reviews(
            project_id=self.project.id,
            household_ids=[one for number, one in numbers.items() if number not in running],
            reason=_REASON,
            by=city,
            second=district,
            at=read_clock(),
        )
        street = self.officer("street")
        cases = []
        for number, place in running.items():
            cases.append(
                open_review(
                    project_id=self.project.id,
                    household_id=numbers[number],
                    papers=[HandedIn(code=code) for code in _PAPERS],
                    statement=_statement(rows[place], place),
                    division=self.division,
                    by=street,
                    at=read_clock(),
                )
            )
            ask_departments(
                project_id=self.project.id,
                household_id=numbers[number],
                by=street,
                at=read_clock(),
            )
        self._move_on(cases, by=street)

    def _move_on(self, cases: list[CaseRow], *, by: Actor) -> None:
        """Leave the first at the window, bring the last to the notice, accept all between."""
        for case in cases[_AT_INTAKE:]:
            self._act(case, NewAction(kind=ActionKind.ACCEPT), by=by)
        passed = NewAction(kind=ActionKind.DECIDE, step="street-review", outcome="eligible")
        to_notice = cases[_AT_INTAKE:][-_AT_NOTICE:]
        for case in to_notice:
            self._act(case, passed, by=by)
        if to_notice:
            publish_first_notice(
                project_id=self.project.id,
                issuer="柳岸街道办事处（演示）",
                channel="柳岸街道便民服务中心 3 号窗口，工作日 9:00–17:00",
                by=by,
                at=read_clock(),
            )

    def _act(self, case: CaseRow, act: NewAction, *, by: Actor) -> None:
        take_action(project_id=case.project_id, case_id=case.id, act=act, by=by, at=read_clock())

    def _rows(self) -> list[dict[str, str]]:
        path = self.home / "plan" / "households.csv"
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    def _places(self, rows: list[dict[str, str]]) -> list[int]:
        return [place for place in _PLACES if place < len(rows)]


def _statement(row: Mapping[str, str], place: int) -> Statement:
    """Give what a family of the demo states of itself."""
    return Statement(
        holder=row["身份证号"],
        people=(row["身份证号"],),
        agreement=Agreement(
            number=f"演示-协-{place + 1:04d}",
            signed_on=APPROVED_ON,
            notarial_number=f"（2026）演示证字第{place + 1}号",
        ),
        certificate=f"演示（2009）不动产权第{place + 1:07d}号",
        area_sqm=exact_decimal(row["原住房面积(㎡)"]),
        address=f"{row['街道']}柳岸村 {place + 1} 号",
        lives_there=True,
        claims={"is_low_income": Claim.CLAIMED if row["低保"] == "是" else Claim.UNCLAIMED},
    )
