"""What a procedure adds to the page of its cases: one panel each, beside the materials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.casework.types import CaseFile
from anju.resettlement.planning.queries import plan_of
from anju.resettlement.projects.queries import project_by_id
from anju.titles.cases.operations.issuing import ISSUE
from anju.titles.cases.types import FIRST, TRANSFERS
from anju.web.officer.review_sheet import lay_out_objection, lay_out_review
from anju.web.officer.title_panel import lay_out_title
from anju.web.public.plan_page import lay_out_plan

Load = Callable[[CaseFile, Actor, datetime], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Where a procedure's own facts come from, and how they are shown."""

    permits: str
    load: Load
    template: str
    elsewhere: frozenset[str] = frozenset()
    """Steps that are decided on a page of their own, with what only that page knows."""
    where: str = ""
    page: str = ""
    """That page's name; its address has the project's code. Empty: this very page, further up."""
    said: str = "这一步要和名册、公示一起办，不在这里直接定。"
    """Why it is not decided as other steps are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidPanel:
    """A panel with its facts."""

    template: str
    told: object
    elsewhere: frozenset[str]
    where: str
    url: str
    said: str


def _load_plan(file: CaseFile, by: Actor, at: datetime) -> object:
    del by
    plan = plan_of(file.case.project_id, at=at)
    return lay_out_plan(plan) if plan is not None else None


_TITLE = Panel(permits="titles.see", load=lay_out_title, template="officer/titles/_case_panel.html")
PANELS: Mapping[str, Panel] = {
    "eligibility-review": Panel(
        permits="eligibility.see",
        load=lay_out_review,
        template="officer/casework/_review.html",
    ),
    "objection": Panel(
        permits="eligibility.see",
        load=lay_out_objection,
        template="officer/casework/_objection.html",
    ),
    "plan-approval": Panel(
        permits="planning.see",
        load=_load_plan,
        template="officer/casework/_plan.html",
        elsewhere=frozenset({"draft", "consent", "enact"}),
        where="到方案页办",
        page="desk-plan",
    ),
    FIRST: _TITLE,
    **dict.fromkeys(
        TRANSFERS,
        replace(
            _TITLE,
            elsewhere=frozenset({ISSUE}),
            where="到“登簿发证”办",
            said="登簿和出证书是一回事，一次办完。",
        ),
    ),
}
"""By procedure; a procedure without an entry has no panel."""


def panel_of(file: CaseFile, *, by: Actor, at: datetime) -> LaidPanel | None:
    """Give the panel of a case's procedure, loaded; call it while reading."""
    panel = PANELS.get(file.case.procedure)
    if panel is None or not is_permitted(by, panel.permits):
        return None
    code = project_by_id(project_id=file.case.project_id).code if panel.page else ""
    return LaidPanel(
        template=panel.template,
        told=panel.load(file, by, at),
        elsewhere=panel.elsewhere,
        where=panel.where,
        url=reverse(panel.page, kwargs={"code": code}) if panel.page else "#issue",
        said=panel.said,
    )
