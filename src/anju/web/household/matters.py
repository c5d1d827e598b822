"""What else waits for a family beside its turn: its batch, the vote on the plan, its case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import case_of_household
from anju.resettlement.delivery.queries import hand_overs_of
from anju.resettlement.negotiation.queries import find_gift
from anju.resettlement.negotiation.types import GiftState
from anju.resettlement.planning.queries import consent_of_household, plan_of
from anju.resettlement.rematch.queries import find_own_wishes, find_standing, running_round
from anju.resettlement.selection.attendance import find_batch_plan
from anju.resettlement.selection.operations.batch_plans import say_moment
from anju.resettlement.selection.queries import find_place
from anju.web.household.case import own_case
from anju.web.household.owning import whose
from anju.web.public.plan_page import lay_out_plan

_AGREEMENTS: Mapping[GiftState, str] = {
    "proposed": "给您家提出了房屋，请签字",
    "signed": "您家已签字，等监督员",
    "given": "房屋已经给您家了",
    "declined": "这一份没有谈成",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing, in one sentence, and where it is done."""

    title: str
    words: str
    address: str


def tell_matters(by: Actor, *, at: datetime) -> tuple[Matter, ...]:
    """Give what waits for the family or runs for it, its own turn first."""
    return (
        *_batch(by),
        *_agreement(by),
        *_delivery(by),
        *_rematch(by, at=at),
        *_plan(by, at=at),
        *_cases(by, at=at),
    )


def _agreement(by: Actor) -> Iterator[Matter]:
    """Say how the agreement about the family's home stands."""
    project_id, household_id = whose(by)
    gift = find_gift(project_id=project_id, household_id=household_id)
    if gift is not None:
        yield Matter(
            title="协议分配", words=_AGREEMENTS[gift.state], address=reverse("my-agreement")
        )


def _delivery(by: Actor) -> Iterator[Matter]:
    """Say that a home is handed over to the family, or was."""
    project_id, household_id = whose(by)
    rows = hand_overs_of(project_id=project_id, household_id=household_id)
    shown = [row for row in rows if row.state != "withdrawn"]
    if shown:
        is_waiting = any(row.household_signed_at is None for row in shown)
        is_done = all(row.state == "handed-over" for row in shown)
        words = "等您家签字" if is_waiting else "已交房" if is_done else "您家已签字，等经办人"
        yield Matter(title="交房", words=words, address=reverse("my-delivery"))


def _rematch(by: Actor, *, at: datetime) -> Iterator[Matter]:
    """Say that a re-match runs which the family may take part in."""
    project_id, household_id = whose(by)
    running = running_round(project_id=project_id)
    if running is None or find_standing(project_id=project_id, household_id=household_id) is None:
        return
    words = "志愿已截止，等结果"
    if running.state == "open" and at < running.closes_at:
        own = find_own_wishes(
            project_id=project_id, round_id=running.id, household_id=household_id, by=by
        )
        words = "正在收志愿，您家还没有交" if own is None else "您家的志愿已经交了"
    yield Matter(title="动态调剂", words=words, address=reverse("my-rematch"))


def _batch(by: Actor) -> Iterator[Matter]:
    """Give when the family's batch meets; of a household without a place nothing."""
    project_id, household_id = whose(by)
    place = find_place(project_id=project_id, household_id=household_id)
    if place is None:
        return
    plan = find_batch_plan(project_id=project_id, batch=place.batch)
    words = "时间、地点还没有公布"
    if plan is not None:
        words = f"{say_moment(plan.begins_at)}，{plan.place_of_meeting}"
    yield Matter(title=f"第 {place.batch} 批选房安排", words=words, address=reverse("my-batch"))


def _plan(by: Actor, *, at: datetime) -> Iterator[Matter]:
    project_id, household_id = whose(by)
    file = plan_of(project_id, at=at)
    page = lay_out_plan(file) if file is not None else None
    if page is None:
        return
    words = page.headline
    if page.is_voting:
        own = consent_of_household(project_id=project_id, household_id=household_id, by=by)
        if own is None:
            words = "方案征求同意，请您家投一票"
        else:
            words = "方案：您家同意了" if own.is_for else "方案：您家不同意"
    yield Matter(title="补偿安置方案", words=words, address=reverse("my-plan"))


def _cases(by: Actor, *, at: datetime) -> Iterator[Matter]:
    """Give each open case; of those that are closed, the newest."""
    project_id, household_id = whose(by)
    rows = case_of_household(project_id=project_id, household_id=household_id, by=by)
    running = [row for row in rows if row.status.is_open] or list(rows[:1])
    for row in running:
        page = own_case(case_id=row.id, by=by, at=at)
        words = page.question.words
        if page.is_open:
            words = f"{words}（净 {page.net_working_days} 个工作日，共 {page.gross_days} 天）"
        address = reverse("my-case", kwargs={"case_id": row.id})
        yield Matter(title=page.title, words=words, address=address)
