"""Plans of batches at the desk: which are out and since when, a new one, and the paper to post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import CHINA, read_clock
from anju.foundation.notices.pages import china_day
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection import attendance, queries
from anju.resettlement.selection.attendance_types import BatchPlanRow, NewBatchPlan
from anju.resettlement.selection.operations.batch_plans import publish_batch_plan, say_moment
from anju.resettlement.selection.types import BatchRow
from anju.web.officer.notices import own_office
from anju.web.officer.steps import project_in_sight
from anju.web.papers import answer_paper, code_image, set_paper
from anju.web.public.saying import say_day
from anju.web.routes import go_to, route
from anju_rules.batches import days_out
from anju_rules.values import Refusal

_STATES = {"waiting": "没有开始", "open": "正在选房", "closed": "已结束"}
TO_BRING = "户主身份证原件、签号单；代人来的带委托书和本人身份证"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCard:
    """One batch: whom it calls, and how its plan stands."""

    batch: BatchRow
    plan: BatchPlanRow | None
    words: str
    """How its plan stands, in a sentence."""
    is_ready: bool
    """Whether it may be opened, as far as its plan goes."""

    @property
    def when(self) -> str:
        """When it meets."""
        return "" if self.plan is None else say_moment(self.plan.begins_at)

    @property
    def state(self) -> str:
        """How far the batch itself is."""
        return _STATES[self.batch.state]

    @property
    def is_plannable(self) -> bool:
        """Whether a plan may be published for it now."""
        return self.batch.state == "waiting" and (self.plan is None or self.plan.is_withdrawn)


@require_safe
@route(permits="selection.see")
def show_batches(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show every batch with its plan, and the form for the next plan."""
    project = project_in_sight(code=code, by=by)
    cards = lay_out_batches(project, at=read_clock())
    to_plan = [card for card in cards if card.is_plannable]
    facts: dict[str, object] = {
        "project": project,
        "cards": cards,
        "to_plan": to_plan if is_permitted(by, "selection.publish") else [],
        "planned": sum(card.plan is not None and not card.plan.is_withdrawn for card in cards),
        "counts": attendance.counts(project_id=project.id),
        "plan_days": attendance.plan_days_of(project_id=project.id),
        "issuer": own_office(by),
        "to_bring": TO_BRING,
        "most_desks": queries.flow_of(project_id=project.id).desks,
    }
    return render(request, "officer/attendance/batches.html", facts)


@require_POST
@route(permits="selection.publish")
def publish(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Publish the plan of a batch."""
    with reading(by=by):
        project = project_in_sight(code=code, by=by)
    told = request.POST
    plan = NewBatchPlan(
        batch=_number(told.get("batch", "")),
        begins_at=_moment(told.get("day", ""), told.get("time", "")),
        place_of_meeting=told.get("place", ""),
        desks=_number(told.get("desks", "")),
        is_remote_allowed=told.get("remote") == "1",
        to_bring=told.get("to_bring", ""),
        issuer=told.get("issuer", ""),
        channel=told.get("channel", ""),
    )
    publish_batch_plan(project_id=project.id, plan=plan, by=by, at=read_clock())
    return go_to("desk-batches", request=request, code=code)


@require_safe
@route(permits="selection.see")
def print_plan(request: HttpRequest, code: str, batch: int, *, by: Actor) -> HttpResponse:
    """Print a batch's plan: the sheet for the door, with a column to sign in."""
    project = project_in_sight(code=code, by=by)
    plan = attendance.find_batch_plan(project_id=project.id, batch=batch)
    if plan is None:
        raise Refusal("selection.batch-plan-missing", batch=batch)
    address = reverse("notice", kwargs={"notice_id": plan.notice_id})
    link = f"{request.scheme}://{request.get_host()}{address}"
    facts = {
        "project": project,
        "plan": plan,
        "places": queries.places_of(project_id=project.id, batch=batch),
        "link": link,
        "code": code_image(link),
    }
    made = set_paper("officer/attendance/print_plan.html", facts)
    return answer_paper(made, name=f"{code}-batch-{batch}.pdf")


def lay_out_batches(project: ProjectRow, *, at: datetime) -> list[BatchCard]:
    """Lay out a project's batches with their plans."""
    plans = attendance.batch_plans(project_id=project.id)
    least = attendance.plan_days_of(project_id=project.id)
    counts = attendance.counts(project_id=project.id)
    return [
        _card(batch, plans.get(batch.batch), least=least if counts else 0, at=at)
        for batch in queries.batches_of(project_id=project.id)
    ]


def _card(batch: BatchRow, plan: BatchPlanRow | None, *, least: int, at: datetime) -> BatchCard:
    if plan is None or plan.is_withdrawn:
        words = "还没有公布安排" if plan is None else "安排已经撤回，要重新公布"
        return BatchCard(batch=batch, plan=plan, words=words, is_ready=not least)
    days = days_out(published_on=china_day(plan.published_at), on=china_day(at))
    left = least - days
    is_ready = left <= 0 and (not least or at >= plan.begins_at)
    words = f"公布了 {days} 天" if days else "今天公布"
    if left > 0:
        words += f"，还差 {left} 天"
    elif not is_ready:
        words += f"，{say_day(china_day(plan.begins_at))}可以开批"
    return BatchCard(batch=batch, plan=plan, words=words, is_ready=is_ready)


def _number(told: str) -> int:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0


def _moment(day: str, time: str) -> datetime:
    try:
        date.fromisoformat(day)
        return datetime.fromisoformat(f"{day}T{time}:00").replace(tzinfo=CHINA)
    except ValueError:
        raise Refusal("web.not-a-day", field="", value=f"{day} {time}"[:40]) from None
