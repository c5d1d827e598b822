"""What else waits for a family beside its turn: its case, the vote on the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import case_of_household
from anju.resettlement.planning.queries import consent_of_household, plan_of
from anju.web.household.case import own_case
from anju.web.household.owning import whose
from anju.web.public.plan_page import lay_out_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing, in one sentence, and where it is done."""

    title: str
    words: str
    address: str


def tell_matters(by: Actor, *, at: datetime) -> tuple[Matter, ...]:
    """Give what waits for the family or runs for it, its own turn first."""
    return (*_plan(by, at=at), *_cases(by, at=at))


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
