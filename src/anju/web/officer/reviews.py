"""Reviews of a project at the desk: how everybody stands, and what is done for many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.queries import list_organisations
from anju.foundation.access.types import Actor, OrganisationRow, Tier
from anju.foundation.casework.queries import find_case
from anju.foundation.core.clock import read_clock
from anju.foundation.core.definitions import read_default_procedures
from anju.foundation.exchange.departments.queries import answers_of
from anju.foundation.notices.queries import notices_of
from anju.foundation.notices.types import NoticeStanding
from anju.resettlement.eligibility import operations
from anju.resettlement.eligibility.queries import (
    count_reviews,
    objections_of,
    standings,
    unshown_households,
)
from anju.resettlement.eligibility.types import (
    REVIEW,
    NewObjector,
    NoticeStep,
    ReviewCounts,
    RowResult,
)
from anju.resettlement.households.queries import (
    household_numbers,
    masked_names,
    registered_households,
)
from anju.resettlement.planning.queries import is_in_force
from anju.web.bars import Stretch, draw_stretches
from anju.web.household.facts_form import read_answers, statement_from
from anju.web.officer.desk_forms import DeskForm
from anju.web.officer.notices import own_office
from anju.web.officer.review_sheet import STANDINGS
from anju.web.officer.steps import project_in_sight
from anju.web.officer.told import answer_rows, tell_row
from anju.web.officer.work_rows import require_officer
from anju.web.public.notices import lay_out
from anju.web.routes import go_to, route
from anju_rules.applications import Standing
from anju_rules.departments.kinds import QuestionKind
from anju_rules.notices import NoticeKind, NoticeState
from anju_rules.values import Refusal

MOST_AT_ONCE = 100
"""Households opened by one press: each is a transaction and an entry of its own."""
_DRAWN = {
    Standing.CONFIRMED: "used",
    Standing.OPEN: "turn",
    Standing.REFUSED: "over",
    Standing.WITHDRAWN: "pause",
    Standing.NONE: "left",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow:
    """How many households stand so."""

    words: str
    count: int
    kind: str
    """How it is painted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCount:
    """How many open reviews wait at a step."""

    title: str
    count: int


@require_safe
@route(permits="eligibility.see")
def show_reviews(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show how a project's households stand, the notices, the objections, and what can be done."""
    require_officer(by)
    project, at = project_in_sight(code=code, by=by), read_clock()
    counts = count_reviews(project_id=project.id, by=by)
    shown = [one for one in notices_of(project_id=project.id, at=at) if _is_about_reviews(one)]
    facts = {
        "project": project,
        "code": code,
        "counts": counts,
        "standings": _standing_rows(counts),
        "bar": _draw(counts),
        "steps": _step_counts(counts),
        "waits_first": len(unshown_households(project_id=project.id, step=NoticeStep.FIRST)),
        "waits_final": len(unshown_households(project_id=project.id, step=NoticeStep.FINAL)),
        "unopened": counts.by_standing.get(Standing.NONE, 0),
        "portion": min(MOST_AT_ONCE, counts.by_standing.get(Standing.NONE, 0)),
        "is_in_force": is_in_force(project.id),
        "cards": [(lay_out(one, at=at), one.state is NoticeState.OVER) for one in shown],
        "objections": objections_of(project_id=project.id, by=by)[:20],
        "issuer": own_office(by),
        "offices": _street_offices(by),
        "streets": sorted(
            {row.street for row in registered_households(project_id=project.id) if row.street}
        ),
    }
    return render(request, "officer/reviews.html", facts)


def _street_offices(by: Actor) -> list[OrganisationRow]:
    """Give the street offices in sight: one of them makes the first review."""
    if not is_permitted(by, "eligibility.open"):
        return []
    return [one for one in list_organisations(by=by) if one.tier is Tier.STREET]


def _is_about_reviews(standing: NoticeStanding) -> bool:
    return standing.notice.kind is NoticeKind.ELIGIBILITY


def _standing_rows(counts: ReviewCounts) -> list[StandingRow]:
    return [
        StandingRow(words=STANDINGS[one], count=counts.by_standing.get(one, 0), kind=kind)
        for one, kind in _DRAWN.items()
    ]


def _draw(counts: ReviewCounts) -> tuple[Stretch, ...]:
    kinds = [kind for one, kind in _DRAWN.items() for _ in range(counts.by_standing.get(one, 0))]
    return draw_stretches(kinds)


def _step_counts(counts: ReviewCounts) -> list[StepCount]:
    """Say where the open reviews wait, in the order of the procedure."""
    steps = read_default_procedures()[REVIEW].steps
    titles = {"intake": "待受理", **{code: step.title.zh for code, step in steps.items()}}
    return [
        StepCount(title=title, count=counts.by_step[code])
        for code, title in titles.items()
        if counts.by_step.get(code)
    ]


@sensitive_post_parameters("second_password", "second_code", "name", "contact", "people")
@require_POST
@route(permits="eligibility.see")
def act(request: HttpRequest, code: str, act: str, *, by: Actor) -> HttpResponse:
    """Do one thing for many, or for one at the window, named by its address."""
    require_officer(by)
    if act not in ACTS:
        raise Http404
    with reading(by=by):
        project = project_in_sight(code=code, by=by)
    return ACTS[act](DeskForm(request=request, project=project, by=by, at=read_clock()))


def _go_back(form: DeskForm) -> HttpResponse:
    return go_to("desk-reviews", request=form.request, code=form.project.code)


def _go_to_case(form: DeskForm, case_id: UUID) -> HttpResponse:
    return go_to("desk-case", request=form.request, case_id=case_id)


def _open(form: DeskForm) -> HttpResponse:
    with reading(by=form.by):
        known = standings(project_id=form.project.id)
        waiting = [
            row.id
            for row in registered_households(project_id=form.project.id)
            if row.id not in known and form.text("street") in ("", row.street)
        ]
    results = operations.open_reviews(
        **form.common, household_ids=waiting[:MOST_AT_ONCE], division=form.text("division")
    )
    opened = [one.household_id for one in results if not one.code]
    if form.text("ask") == "1" and opened and is_permitted(form.by, "departments.ask"):
        operations.ask_departments_of_many(**form.common, household_ids=opened)
    return _tell(form, results, title="受理资格审核")


def _whose(form: DeskForm) -> tuple[UUID, UUID]:
    """Give the case that a form names, and its household."""
    case = find_case(case_id=form.id("case"), by=form.by)
    if case.household_id is None or case.project_id != form.project.id:
        raise Refusal("casework.unknown-case")
    return case.id, case.household_id


def _state(form: DeskForm) -> HttpResponse:
    case_id, household_id = _whose(form)
    statement = statement_from(read_answers(form.request.POST.dict()))
    operations.state_facts(**form.common, household_id=household_id, statement=statement)
    return _go_to_case(form, case_id)


def _ask(form: DeskForm) -> HttpResponse:
    case_id, household_id = _whose(form)
    with reading(by=form.by):
        told = answers_of(
            project_id=form.project.id, subject_kind="household", subject_id=household_id
        )
    asked = {one.kind for one in told}
    operations.ask_departments(
        **form.common,
        household_id=household_id,
        kinds=[kind for kind in QuestionKind if kind not in asked],
        is_urgent=form.text("urgent") == "1",
    )
    return _go_to_case(form, case_id)


def _publish_first(form: DeskForm) -> HttpResponse:
    operations.publish_first_notice(
        **form.common, issuer=form.text("issuer"), channel=form.text("channel")
    )
    return _go_back(form)


def _publish_final(form: DeskForm) -> HttpResponse:
    operations.publish_final_notice(
        **form.common, issuer=form.text("issuer"), channel=form.text("channel")
    )
    return _go_back(form)


def _settle(form: DeskForm) -> HttpResponse:
    results = operations.settle_notice(**form.common, notice_id=form.id("notice"))
    return _tell(form, results, title="公示期满")


def _object(form: DeskForm) -> HttpResponse:
    case = operations.lodge_objection(
        **form.common,
        notice_id=form.id("notice"),
        about_number=form.text("number"),
        why=form.text("why"),
        person=NewObjector(name=form.text("name"), contact=form.text("contact")),
    )
    return _go_to_case(form, case.id)


def _reply(form: DeskForm) -> HttpResponse:
    case = operations.reply_at_window(
        **form.common,
        case_id=form.id("case"),
        step=form.text("step"),
        outcome=form.text("outcome"),
        why=form.text("why"),
    )
    return _go_to_case(form, case.id)


def _take_over(form: DeskForm) -> HttpResponse:
    second, papers = form.second(), []
    if form.has_file("paper"):
        papers.append(form.take_in("paper", owner_kind="plan", owner_id=form.project.id))
    operations.take_over_reviews(
        **form.common, reason=form.text("reason"), papers=papers, second=second
    )
    return _go_back(form)


ACTS: Mapping[str, Callable[[DeskForm], HttpResponse]] = {
    "open": _open,
    "state": _state,
    "ask": _ask,
    "publish-first": _publish_first,
    "publish-final": _publish_final,
    "settle": _settle,
    "object": _object,
    "reply": _reply,
    "take-over": _take_over,
}


def _tell(form: DeskForm, results: Sequence[RowResult], *, title: str) -> HttpResponse:
    with reading(by=form.by):
        numbers = {
            one: str(number)
            for number, one in household_numbers(project_id=form.project.id).items()
        }
        names = masked_names(
            project_id=form.project.id, household_ids=[one.household_id for one in results]
        )
    rows = [
        tell_row(
            label=f"{numbers.get(one.household_id, '')} {names.get(one.household_id, '')}",
            case_id=one.case_id,
            refusal=Refusal(one.code, clause="", **one.facts) if one.code else None,
        )
        for one in results
    ]
    return answer_rows(
        form.request,
        rows,
        title=title,
        back=reverse("desk-reviews", kwargs={"code": form.project.code}),
    )
