"""A family states what it is asked for, one question at a time; with it its review begins."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.eligibility.operations import open_review, state_facts
from anju.resettlement.eligibility.queries import review_file, review_of_household
from anju.resettlement.planning.queries import require_plan_in_force
from anju.web.household.facts_form import (
    QUESTIONS,
    answers_from,
    judge_answers,
    read_answers,
    say_answer,
    statement_from,
)
from anju.web.household.owning import own_name, whose
from anju.web.refusals import RefusalRow, tell_refusal
from anju.web.routes import go_to, route
from anju_rules.applications import Standing
from anju_rules.values import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="eligibility.state")
def state_own_facts(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Ask question after question, then to look once more; the last POST states it.

    Earlier answers travel in the form's body: nothing is kept before the family says that it is
    right.
    """
    project_id, _ = whose(by)
    with reading(by=by):
        require_plan_in_force(project_id)
        name = own_name(request, by)
        known = _known(by)
    if request.method != "POST":
        return _ask(request, name=name, place=0, answers=known)
    answers = read_answers(request.POST.dict())
    place = _read_place(request.POST.get("place", ""))
    if request.POST.get("turn") == "back":
        return _ask(request, name=name, place=max(0, place - 1), answers=answers)
    try:
        if request.POST.get("sure") == "yes":
            return _state(request, answers, by=by)
        if place < len(QUESTIONS):
            judge_answers(QUESTIONS[place], answers)
    except Refusal as refusal:
        told = tell_refusal(refusal)
        return _ask(request, name=name, place=place, answers=answers, refusal=told)
    return _ask(request, name=name, place=place + 1, answers=answers)


def _known(by: Actor) -> dict[str, str]:
    """Give what the family stated last, to be changed; nothing before it has."""
    project_id, household_id = whose(by)
    review = review_of_household(project_id=project_id, household_id=household_id, by=by)
    if review is None or review.is_taken_over:
        return {}
    file = review_file(project_id=project_id, case_id=review.id, by=by, at=read_clock())
    return answers_from(file.statement.statement) if file.statement else {}


def _read_place(told: str) -> int:
    place = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    return min(place, len(QUESTIONS))


def _ask(
    request: HttpRequest,
    *,
    name: str,
    place: int,
    answers: dict[str, str],
    refusal: RefusalRow | None = None,
) -> HttpResponse:
    question = QUESTIONS[place] if place < len(QUESTIONS) else None
    shown = {field.name for field in question.fields} if question is not None else set()
    facts = {
        "family_name": name,
        "place": place,
        "step": place + 1,
        "steps": len(QUESTIONS) + 1,
        "question": question,
        "fields": [(field, answers.get(field.name, "")) for field in question.fields]
        if question is not None
        else [],
        "kept": {key: value for key, value in answers.items() if key not in shown},
        "told": [
            (field.label or one.title, say_answer(field, answers.get(field.name, "")))
            for one in QUESTIONS
            for field in one.fields
        ],
        "refusal": refusal,
    }
    status = refusal.status if refusal is not None else 200
    return render(request, "household/case/facts.html", facts, status=status)


def _state(request: HttpRequest, answers: dict[str, str], *, by: Actor) -> HttpResponse:
    """State the facts in the review that runs; without one, begin it."""
    project_id, household_id = whose(by)
    statement = statement_from(answers)
    own = {"project_id": project_id, "household_id": household_id}
    with reading(by=by):
        review = review_of_household(**own, by=by)
    case_id: UUID
    if review is not None and review.standing is Standing.OPEN:
        state_facts(
            project_id=project_id,
            household_id=household_id,
            statement=statement,
            by=by,
            at=read_clock(),
        )
        case_id = review.id
    else:
        case_id = open_review(
            project_id=project_id,
            household_id=household_id,
            statement=statement,
            by=by,
            at=read_clock(),
        ).id
    return go_to("my-case", request=request, case_id=case_id)
