"""The same done to many cases: chosen in the queue, looked at once more, told row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import take_action_on_many
from anju.foundation.casework.queries import case_by_id, procedure_of
from anju.foundation.casework.types import CaseLine, CaseRow, ManyLine, ManyResult, NewAction
from anju.foundation.core.clock import read_clock
from anju.web.officer.case_forms import read_clauses, read_second
from anju.web.officer.case_words import say_effect, say_facts
from anju.web.officer.told import answer_rows, tell_row
from anju.web.officer.work_rows import queue_options, read_key, require_officer
from anju.web.routes import route
from anju_rules.procedures.states import ActionKind
from anju_rules.procedures.types import Outcome, Procedure, Step
from anju_rules.values import Refusal

_TAKE_UP = "take-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChoice:
    """One decision that may be made of many lines at once."""

    key: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkGroup:
    """The decisions of one step that stands in the queue."""

    title: str
    choices: tuple[BulkChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """One ticked line."""

    key: str
    line: ManyLine
    step: str
    case: CaseRow
    procedure: Procedure


def bulk_choices(lines: Iterable[CaseLine], *, by: Actor) -> list[BulkGroup]:
    """Give the decisions that the actor's role may make of the steps in these lines.

    Call it while reading. Whether each case stands so is judged when it is tried.
    """
    if not is_permitted(by, "casework.act"):
        return []
    groups = []
    steps = {(line.procedure, line.step): line for line in lines if line.step}
    for (code, step_code), line in steps.items():
        step = line.definition.steps[step_code]
        choices = tuple(
            BulkChoice(key=f"{code}_{step_code}_{one.code}", label=one.title.zh)
            for one in step.outcomes
            if by.role == (one.role or step.role) and one.threshold is None
        )
        if choices:
            groups.append(BulkGroup(title=step.title.zh, choices=choices))
    return groups


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="casework.act")
def act_on_many(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Do the same to every ticked case; a decision is shown once more before it is made."""
    require_officer(by)
    told = request.POST
    chosen = told.get("act", "")
    ticked = _read_ticked(told, by=by)
    if chosen == _TAKE_UP:
        return _tell(request, ticked, _take_up(ticked, by=by), title="接手")
    procedure, step, outcome = _read_decision(chosen, ticked)
    if told.get("sure") != "1":
        facts = {
            "ticked": ticked,
            "act": chosen,
            "step": step,
            "outcome": outcome,
            "effect": say_effect(procedure, outcome),
            "others": sum(one.step != step.code for one in ticked),
            "queues": queue_options(""),
        }
        return render(request, "officer/casework/many.html", facts)
    results = take_action_on_many(
        cases=[one.line for one in ticked],
        act=NewAction(
            kind=ActionKind.DECIDE,
            step=step.code,
            outcome=outcome.code,
            why=told.get("why", ""),
            clauses=read_clauses(told),
        ),
        second=read_second(told, by=by) if step.signs > 1 else None,
        by=by,
        at=read_clock(),
    )
    return _tell(request, ticked, results, title=f"{step.title.zh}：{outcome.title.zh}")


def _read_ticked(told: QueryDict, *, by: Actor) -> list[Ticked]:
    keys = told.getlist("line")
    if not keys:
        raise Refusal("web.nothing-picked")
    with reading(by=by):
        return [_ticked(key, *read_key(key)) for key in dict.fromkeys(keys)]


def _ticked(key: str, line: ManyLine, step: str) -> Ticked:
    where = {"project_id": line.project_id, "case_id": line.case_id}
    return Ticked(
        key=key, line=line, step=step, case=case_by_id(**where), procedure=procedure_of(**where)
    )


def _read_decision(chosen: str, ticked: Sequence[Ticked]) -> tuple[Procedure, Step, Outcome]:
    code, _, rest = chosen.partition("_")
    step_code, _, outcome_code = rest.partition("_")
    for one in ticked:
        step = one.procedure.steps.get(step_code)
        outcome = step.outcome(outcome_code) if step is not None else None
        if one.procedure.code == code and step is not None and outcome is not None:
            return one.procedure, step, outcome
    raise Refusal("web.not-a-choice")


def _take_up(ticked: Sequence[Ticked], *, by: Actor) -> list[ManyResult]:
    """Take every line up, a step at a time: an act names one step."""
    return [
        result
        for step in dict.fromkeys(one.step for one in ticked)
        for result in take_action_on_many(
            cases=[one.line for one in ticked if one.step == step],
            act=NewAction(kind=ActionKind.TAKE_UP, step=step),
            by=by,
            at=read_clock(),
        )
    ]


def _tell(
    request: HttpRequest, ticked: Sequence[Ticked], results: Iterable[ManyResult], *, title: str
) -> HttpResponse:
    cases = {one.case.id: one for one in ticked}
    rows = [
        tell_row(
            label=cases[one.case_id].case.number,
            case_id=one.case_id,
            refusal=say_facts(
                Refusal(one.code, clause="", **one.facts), cases[one.case_id].procedure
            )
            if one.code
            else None,
        )
        for one in results
    ]
    return answer_rows(request, rows, title=title, back=reverse("desk-work"))
