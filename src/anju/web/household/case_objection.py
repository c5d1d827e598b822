"""A family objects: to what, why, once more to look at, and it is a case with a clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import open_case
from anju.foundation.casework.queries import case_of_household
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.objecting import LETTER, object_to_notice
from anju.foundation.notices.queries import notices_of
from anju.resettlement.eligibility.operations.objecting import SERIES, lodge_objection
from anju.resettlement.eligibility.types import OBJECTION
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.queries import score_sheet
from anju.web.case_words import say_objection_levels
from anju.web.household.case import own_case
from anju.web.household.owning import own_name, read_once, whose
from anju.web.public.saying import say_day
from anju.web.refusals import RefusalRow, tell_refusal
from anju.web.routes import go_to, route
from anju_rules.notices import NoticeKind
from anju_rules.values import Refusal, points_from_tenths

NOTICE, CASE, SCORE = "notice", "case", "score"
_MOST_WORDS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something one may object to."""

    kind: str
    """``notice``, ``case`` or ``score``."""
    id: UUID
    title: str
    told: str
    asks_number: bool = False
    """Whether the notice lists households: which of them is objected to must be said."""

    @property
    def key(self) -> str:
        """What the form calls it."""
        return f"{self.kind}:{self.id}"


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="casework.open")
def object_to(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Ask what it is about, then what is wrong, then to look once more; the last POST objects."""
    project_id, household_id = whose(by)
    asked = request.POST if request.method == "POST" else request.GET
    with reading(by=by):
        name = own_name(request, by)
        number = household_by_id(project_id=project_id, household_id=household_id).number
        topics = tuple(_topics(by, at=read_clock()))
    topic = next((one for one in topics if one.key == asked.get("about", "")), None)
    words = asked.get("why", "").strip()[:_MOST_WORDS] if request.method == "POST" else ""
    refusal = None
    if topic is not None and words and request.POST.get("sure") == "yes":
        try:
            return _lodge(request, topic, words=words, by=by)
        except Refusal as refused:
            refusal = tell_refusal(refused)
    facts = {
        "family_name": name,
        "topics": topics,
        "topic": topic,
        "words": words,
        "number": asked.get("number", "").strip()[:40] or number,
        "is_own": asked.get("number", number).strip() == number,
        "is_checking": bool(words) and request.POST.get("sure") != "no",
        "is_empty": request.method == "POST" and not words,
        "refusal": refusal,
        "levels": say_objection_levels(),
        "once": new_id(),
        "most": _MOST_WORDS,
    }
    status = refusal.status if isinstance(refusal, RefusalRow) else 200
    return render(request, "household/case/object.html", facts, status=status)


def _topics(by: Actor, *, at: datetime) -> Iterator[Topic]:
    """Give what the family may object to, what ends soonest first."""
    project_id, household_id = whose(by)
    for standing in notices_of(project_id=project_id, at=at):
        if standing.window.takes_objections:
            due = standing.window.due
            yield Topic(
                kind=NOTICE,
                id=standing.notice.id,
                title=f"公示：{standing.notice.title}",
                told=f"到 {say_day(due.on)}为止" if due is not None else "正在公示",
                asks_number=standing.notice.kind is NoticeKind.ELIGIBILITY,
            )
    for row in case_of_household(project_id=project_id, household_id=household_id, by=by):
        if row.procedure == OBJECTION:
            continue
        answer = own_case(case_id=row.id, by=by, at=at).answer
        if answer is not None:
            yield Topic(kind=CASE, id=row.id, title=answer.title, told=answer.detail)
    sheet = score_sheet(project_id=project_id, household_id=household_id)
    if sheet is not None:
        told = f"{points_from_tenths(sheet.total_tenths)} 分"
        yield Topic(kind=SCORE, id=household_id, title=f"我的得分：{told}", told="")


def _lodge(request: HttpRequest, topic: Topic, *, words: str, by: Actor) -> HttpResponse:
    """Open the case of an objection; its letter is what the family wrote, sealed in the case."""
    project_id, household_id = whose(by)
    if topic.asks_number:
        row = lodge_objection(
            project_id=project_id,
            notice_id=topic.id,
            about_number=request.POST.get("number", ""),
            why=words,
            household_id=household_id,
            by=by,
            at=read_clock(),
        )
        return go_to("my-case", request=request, case_id=row.id)
    project = project_by_id(project_id=project_id)
    division, series = _division_of(topic, by=by), f"{project.code}-{SERIES}"
    once, at = read_once(request), read_clock()
    if topic.kind == NOTICE:
        row = object_to_notice(
            project_id=project_id,
            notice_id=topic.id,
            household_id=household_id,
            division=division,
            series=series,
            why=words,
            case_id=once,
            by=by,
            at=at,
        )
    else:
        row = open_case(
            project_id=project_id,
            procedure=OBJECTION,
            subject_kind=topic.kind,
            subject_id=topic.id,
            household_id=household_id,
            division=division,
            series=series,
            materials=[HandedIn(code=LETTER)],
            why=words,
            case_id=once,
            by=by,
            at=at,
        )
    return go_to("my-case", request=request, case_id=row.id)


def _division_of(topic: Topic, *, by: Actor) -> str:
    """Give where an objection lies: where the case does that it is about, else the family's own.

    Where the family has no case, in the project's district.
    """
    project_id, household_id = whose(by)
    with reading(by=by):
        rows = case_of_household(project_id=project_id, household_id=household_id, by=by)
    about = next((row for row in rows if row.id == topic.id), rows[0] if rows else None)
    return about.division if about else project_by_id(project_id=project_id).division_code
