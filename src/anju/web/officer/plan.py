"""The plan at the desk: drafted, published, voted on, counted, put in force; or taken over."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.casework.types import StepLine, StepState
from anju.foundation.core.clock import read_clock
from anju.resettlement.households.queries import household_by_number
from anju.resettlement.planning import operations
from anju.resettlement.planning.queries import plan_of, rule_change
from anju.resettlement.planning.types import NewPaper, PlanFile
from anju.resettlement.projects.types import ProjectRow
from anju.web.officer.case_panels import PANELS
from anju.web.officer.desk_forms import DeskForm
from anju.web.officer.notices import own_office
from anju.web.officer.steps import project_in_sight
from anju.web.officer.uploads import read_upload
from anju.web.officer.work_rows import require_officer
from anju.web.public.plan_page import lay_out_plan
from anju.web.refusals import RefusalRow, tell_refusal
from anju.web.routes import go_to, route
from anju_rules.moves import Comparison, Direction
from anju_rules.notices import LEAST_TERMS, NoticeKind
from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.values import Refusal

DIRECTIONS = {
    Direction.UP: "往前",
    Direction.DOWN: "往后",
    Direction.EITHER: "同分的范围变了",
    Direction.STAYS: "分数变了，位次不变",
}
_OPEN = frozenset({StepState.OPEN, StepState.IN_HAND})
_MOST_MOVES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanForms:
    """What the reader may do to the plan now."""

    draft: bool
    notice: bool
    consent: bool
    count: bool
    enact: bool
    take_over: bool
    on_case: tuple[StepLine, ...]
    """Open steps that are decided on the case's page."""


@require_safe
@route(permits="planning.see")
def show_plan(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show how the plan stands, and what may be done to it now."""
    require_officer(by)
    project = project_in_sight(code=code, by=by)
    file = plan_of(project.id, at=read_clock())
    facts: dict[str, object] = {
        "project": project,
        "code": code,
        "file": file,
        "page": lay_out_plan(file) if file is not None else None,
        "forms": lay_out_forms(file, by=by),
        "issuer": own_office(by),
        "least": LEAST_TERMS[NoticeKind.PLAN].length,
    }
    if file is not None and file.in_force and file.newest.id != file.in_force.id:
        facts |= _tell_moves(project, by=by)
    return render(request, "officer/plan/plan.html", facts)


def lay_out_forms(file: PlanFile | None, *, by: Actor) -> PlanForms:
    """Say what the reader may do: what the plan waits for, and what the role permits."""
    steps = () if file is None else tuple(one for one in file.steps if one.state in _OPEN)
    is_open = frozenset(one.code for one in steps)
    has_notice = (
        file is not None and file.notice is not None and file.notice.notice.withdrawn_at is None
    )
    is_running = file is not None and file.case is not None and file.case.status.is_open
    is_binding = file is not None and file.in_force is not None
    return PlanForms(
        draft=is_permitted(by, "planning.draft") and (not is_running or "draft" in is_open),
        notice=is_permitted(by, "planning.publish") and "notice" in is_open and not has_notice,
        consent=is_permitted(by, "planning.consent") and "consent" in is_open,
        count=is_permitted(by, "planning.count") and "consent" in is_open,
        enact=is_permitted(by, "planning.enact") and "enact" in is_open,
        take_over=is_permitted(by, "planning.take-over") and not (is_running or is_binding),
        on_case=tuple(one for one in steps if one.code not in PANELS["plan-approval"].elsewhere),
    )


def _tell_moves(project: ProjectRow, *, by: Actor) -> dict[str, object]:
    """Say whom the new version's rules move, or why that cannot be said."""
    if not is_permitted(by, "scoring.see"):
        return {}
    comparison: Comparison | None = None
    fault: RefusalRow | None = None
    try:
        comparison = rule_change(project.id, by=by)
    except Refusal as refusal:
        fault = tell_refusal(refusal)
    if comparison is None:
        return {"moves_fault": fault}
    return {
        "comparison": comparison,
        "directions": [(DIRECTIONS[one], comparison.counts[one]) for one in Direction],
        "moves": [(one, DIRECTIONS[one.direction]) for one in comparison.moves[:_MOST_MOVES]],
        "more_moves": max(0, len(comparison.moves) - _MOST_MOVES),
    }


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="planning.see")
def act(request: HttpRequest, code: str, act: str, *, by: Actor) -> HttpResponse:
    """Do one thing to the plan, named by its address."""
    require_officer(by)
    if act not in ACTS:
        raise Http404
    with reading(by=by):
        project = project_in_sight(code=code, by=by)
    ACTS[act](DeskForm(request=request, project=project, by=by, at=read_clock()))
    return go_to("desk-plan", request=request, code=code)


def _draft(form: DeskForm) -> None:
    rules = _read_rules(form)
    text = form.take_in("text", owner_kind="plan", owner_id=form.project.id)
    operations.draft_plan(
        **form.common,
        text=NewPaper(title=form.text("title") or "补偿安置方案", document_id=text),
        rules=rules,
        why=form.text("why"),
    )


def _read_rules(form: DeskForm) -> RuleSet | None:
    """Read changed rules from a plan file; ``None`` where none came.

    Refuses with ``policies.not-text`` and as :func:`anju_rules.policy.read_rule_set` does.
    """
    if not form.request.FILES.get("rules"):
        return None
    content = read_upload(form.request, name="rules").content
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Refusal("policies.not-text", reason=str(fault)) from fault
    return read_rule_set({"facts": table.get("facts", {}), "rules": table.get("rules", {})})


def _publish(form: DeskForm) -> None:
    operations.publish_plan_notice(
        **form.common,
        issuer=form.text("issuer"),
        channel=form.text("channel"),
        days=_read_days(form.text("days")),
    )


def _read_days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Refusal("notices.empty", field="length")
    return int(text)


def _consent(form: DeskForm) -> None:
    answer = form.text("answer")
    if answer not in {"for", "against"}:
        raise Refusal("web.not-a-choice")
    with reading(by=form.by):
        household = household_by_number(project_id=form.project.id, number=form.text("number"))
    document_id = form.take_in(
        "paper", owner_kind="household", owner_id=household.id, household_id=household.id
    )
    operations.give_consent(
        **form.common,
        household_id=household.id,
        is_for=answer == "for",
        document_id=document_id,
    )


def _count(form: DeskForm) -> None:
    otherwise = form.text("otherwise") or "not-reached"
    if otherwise not in {"not-reached", "given-up"}:
        raise Refusal("web.not-a-choice")
    operations.count_consent(
        **form.common,
        otherwise=otherwise,
        why=form.text("why"),
        second=form.second(),
    )


def _enact(form: DeskForm) -> None:
    operations.put_in_force(
        **form.common,
        why=form.text("why"),
        second=form.second(),
    )


def _take_over(form: DeskForm) -> None:
    try:
        approved_on = date.fromisoformat(form.text("approved_on"))
    except ValueError as fault:
        raise Refusal("web.not-a-choice") from fault
    second = form.second()
    text = form.take_in("text", owner_kind="plan", owner_id=form.project.id)
    operations.take_over_plan(
        **form.common,
        approved_on=approved_on,
        papers=[NewPaper(title=form.text("title") or "补偿安置方案", document_id=text)],
        reason=form.text("reason"),
        second=second,
    )


ACTS: Mapping[str, Callable[[DeskForm], None]] = {
    "draft": _draft,
    "notice": _publish,
    "consent": _consent,
    "count": _count,
    "enact": _enact,
    "take-over": _take_over,
}
