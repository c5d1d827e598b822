"""One community's problems at the desk: triage, what waits for what, the plan, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.legacy import default_blockers
from anju.titles.cases.settlements.queries import count_disputes
from anju.titles.communities.queries import community_by_code
from anju.titles.communities.types import CommunityRow
from anju.titles.legacy import queries
from anju.titles.legacy.operations.planning import freeze_plan
from anju.titles.legacy.operations.team import (
    claim_expenses,
    enter_archive_item,
    note_recovery,
    record_expense,
)
from anju.titles.legacy.operations.triage import answer_building, work_again
from anju.titles.legacy.types import Answer, NewExpense, SpentOn
from anju.web.officer.case_forms import LONGEST, require_second
from anju.web.officer.legacy_graph import draw_picture
from anju.web.officer.legacy_means import read_means
from anju.web.officer.legacy_rows import (
    EXPENSE_STATES,
    SPENT_ON,
    ask_questions,
    count_places,
    lay_out_problems,
    lay_out_stages,
    lay_out_ways,
    sum_expenses,
    unanswered_of,
)
from anju.web.officer.uploads import take_in_paper
from anju.web.officer.work_rows import require_officer
from anju.web.once import read_id
from anju.web.public.saying import say_yuan
from anju.web.routes import go_to, route
from anju_rules.sheets import fen_from_yuan
from anju_rules.triage.types import OwedBy
from anju_rules.values import Refusal

_PAGE = "desk-legacy"


@require_safe
@route(permits="legacy.see")
def show_legacy(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a community's problems, its plan under the means asked for, and the team's work.

    ``?staff=&money=&separated=`` ask what if, and keep nothing; ``?building=`` asks its questions.
    """
    community = community_in_sight(code=code, by=by)
    facts: dict[str, object] = {"community": community}
    facts |= _lay_out_plan(request, community)
    facts |= _lay_out_team(community, at=read_clock())
    return render(request, "officer/legacy/community.html", facts)


def community_in_sight(*, code: str, by: Actor) -> CommunityRow:
    """Give a community; another's, or any to a family, answers as one that does not exist."""
    require_officer(by)
    community = community_by_code(code=code)
    if not by.sees_project(community.id):
        raise Refusal("communities.unknown-community", community=code)
    return community


def _lay_out_plan(request: HttpRequest, community: CommunityRow) -> dict[str, object]:
    newest = queries.newest_plan(project_id=community.id)
    asked = read_means(request.GET, is_separated=newest is not None and newest.is_separated)
    planned = queries.plan_for(
        project_id=community.id, means=asked.means, is_separated=asked.is_separated
    )
    triage, plan = planned.triage, planned.plan
    graph = queries.graph_of(triage, is_separated=asked.is_separated)
    buildings = sorted({one.code.rpartition("/")[0] for one in triage.community.blockers})
    building = request.GET.get("building", "")
    order = plan.easy_first
    return {
        "asked": asked,
        "counts": count_places(planned),
        "cards": lay_out_problems(triage, graph),
        "picture": draw_picture(graph, kinds=default_blockers(), supposed=frozenset(plan.supposed)),
        "unanswered": unanswered_of(plan),
        "buildings": buildings or sorted({row.building for row in triage.rows.values()}),
        "building": building,
        "questions": ask_questions(triage, building=building) if building else (),
        "ways": lay_out_ways(plan.ways),
        "stages": lay_out_stages(order.stages, most=len(order.homes) + len(order.waiting)),
        "order": order,
        "plans": queries.plans_of(project_id=community.id),
    }


def _lay_out_team(community: CommunityRow, *, at: datetime) -> dict[str, object]:
    expenses = queries.expenses_of(project_id=community.id)
    rows = queries.blockers_of(project_id=community.id)
    return {
        "expenses": [
            (row, SPENT_ON[row.spent_on], EXPENSE_STATES[row.state], say_yuan(row.amount_fen))
            for row in expenses
        ],
        "sums": sum_expenses(expenses),
        "has_unclaimed": any(row.state == "recorded" for row in expenses),
        "spent_on": SPENT_ON.items(),
        "archive": queries.archive_of(project_id=community.id),
        "worked": [
            (row, default_blockers()[row.kind].title.zh)
            for row in rows
            if row.state != "absent" and row.case_id is not None
        ],
        "disputes": count_disputes(project_id=community.id, at=at),
    }


class Common(TypedDict):
    """What every operation is told."""

    project_id: UUID
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyForm:
    """A form of the page, with the community it speaks of and who sent it."""

    request: HttpRequest
    community: CommunityRow
    by: Actor
    at: datetime

    @property
    def common(self) -> Common:
        """What every operation is told."""
        return {"project_id": self.community.id, "by": self.by, "at": self.at}

    def text(self, name: str) -> str:
        """One field, without the blanks around it."""
        return self.request.POST.get(name, "").strip()[:LONGEST]

    def id(self, name: str) -> UUID:
        """An id; what is none is no thing that exists."""
        return read_id(self.text(name)) or UUID(int=0)

    def second(self) -> Actor:
        """Who signs beside; refuses with ``access.second-person-missing``."""
        return require_second(self.request.POST, by=self.by)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="legacy.keep")
def act(request: HttpRequest, code: str, act: str, *, by: Actor) -> HttpResponse:
    """Carry out one act of the page, named by its address."""
    if act not in ACTS:
        raise Http404
    with reading(by=by):
        community = community_in_sight(code=code, by=by)
    ACTS[act](LegacyForm(request=request, community=community, by=by, at=read_clock()))
    return go_to(_PAGE, request=request, code=code)


def _answer(form: LegacyForm) -> None:
    answers = {
        kind: Answer(
            stands=form.text(f"stands-{kind}") == "yes",
            facts=form.text(f"facts-{kind}"),
            owed_by=_read_owed(form.text(f"owed-{kind}")),
            home_numbers=tuple(
                form.text(f"homes-{kind}").replace("，", " ").replace("、", " ").split()
            ),
        )
        for kind in default_blockers()
        if form.text(f"stands-{kind}") in ("yes", "no")
    }
    answer_building(**form.common, building=form.text("building"), answers=answers)


def _read_owed(told: str) -> OwedBy:
    return OwedBy(told) if told in set(OwedBy) else OwedBy.NOBODY


def _work_again(form: LegacyForm) -> None:
    work_again(**form.common, blocker_id=form.id("problem"))


def _freeze(form: LegacyForm) -> None:
    asked = read_means(form.request.POST)
    freeze_plan(
        **form.common, means=asked.means, is_separated=asked.is_separated, second=form.second()
    )


def _spend(form: LegacyForm) -> None:
    if form.text("spent_on") not in SPENT_ON:
        raise Refusal("web.not-a-choice")
    try:
        paid_on = date.fromisoformat(form.text("paid_on"))
    except ValueError as fault:
        raise Refusal("legacy.day-missing") from fault
    spent_on: SpentOn = form.text("spent_on")  # type: ignore[assignment]
    expense = NewExpense(
        blocker_id=form.id("problem"),
        spent_on=spent_on,
        words=form.text("words"),
        amount_fen=fen_from_yuan(form.text("amount")),
        paid_on=paid_on,
    )
    record_expense(**form.common, expense=expense)


def _claim(form: LegacyForm) -> None:
    claim_expenses(**form.common, claim=form.text("claim"), second=form.second())


def _recover(form: LegacyForm) -> None:
    amount = fen_from_yuan(form.text("amount"))
    note_recovery(**form.common, expense_id=form.id("expense"), amount_fen=amount)


def _archive(form: LegacyForm) -> None:
    with reading(by=form.by):
        row = queries.blocker_by_id(project_id=form.community.id, blocker_id=form.id("problem"))
    if row.case_id is None:
        raise Refusal("legacy.no-case")
    document_id = take_in_paper(
        form.request,
        name="file",
        project_id=form.community.id,
        owner_kind="case",
        owner_id=row.case_id,
        by=form.by,
    )
    enter_archive_item(
        **form.common,
        blocker_id=row.id,
        paper=form.text("paper"),
        source=form.text("source"),
        document_id=document_id,
    )


ACTS: Mapping[str, Callable[[LegacyForm], None]] = {
    "answer": _answer,
    "archive": _archive,
    "claim": _claim,
    "freeze": _freeze,
    "recover": _recover,
    "spend": _spend,
    "work-again": _work_again,
}
