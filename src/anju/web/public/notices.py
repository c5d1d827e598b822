"""Notices as everybody reads them: how each stands, what it says, and on which days it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.core.clock import read_clock
from anju.foundation.notices.pages import china_day
from anju.foundation.notices.queries import find_notice, notices_of, standing_of
from anju.foundation.notices.types import NoticeRow, NoticeStanding, SightingRow
from anju.resettlement.projects.queries import list_projects, project_by_code
from anju.web.bars import Stretch, draw_stretches
from anju.web.public.paging import turn_to_page
from anju.web.public.saying import say_clock, say_date, say_day, say_moment
from anju.web.routes import public_route
from anju_rules.notices import Counting, NoticeKind, NoticeState

KINDS = {
    NoticeKind.PLAN: "方案征求意见",
    NoticeKind.ELIGIBILITY: "资格审核结果",
    NoticeKind.SCORES: "得分",
    NoticeKind.RESULT: "选房结果",
    NoticeKind.OTHER: "其他",
}
_STATES = {
    NoticeState.WAITING: "等着露面",
    NoticeState.RUNNING: "正在公示",
    NoticeState.OVER: "已期满",
    NoticeState.WITHDRAWN: "已撤回",
}
_FAULTS = {
    "": "看得到，与公布的一字不差",
    "away": "服务器没有应答",
    "missing": "页面或文件不在了",
    "differs": "内容与公布的不一样",
    "unsigned": "签名不对",
}
_UNITS = {Counting.CALENDAR: "天", Counting.WORKING: "个工作日"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day of the log of what was seen."""

    day: str
    time: str
    words: str
    is_fault: bool
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCard:
    """One notice, as a card or as the head of its page."""

    notice: NoticeRow
    kind: str
    state: NoticeState
    state_words: str
    headline: str
    """Whether one can still object, and until when."""
    detail: str
    missed: str
    """The days that made it longer; empty if there are none."""
    bar: tuple[Stretch, ...]
    counted_words: str
    left_words: str
    is_provisional: bool
    objections: int
    published: str
    copy: str
    """Where its static copy is."""
    successor_id: UUID | None


@require_safe
@public_route
@transaction.atomic
def show_notices(request: HttpRequest, code: str) -> HttpResponse:
    """Show a project's notices: what one can still object to comes first."""
    project = project_by_code(code=code)
    at = read_clock()
    cards = [lay_out(standing, at=at) for standing in notices_of(project_id=project.id, at=at)]
    open_states = {NoticeState.WAITING, NoticeState.RUNNING}
    facts = {
        "open": [card for card in cards if card.state in open_states],
        "past": [card for card in cards if card.state not in open_states],
        "code": code,
        "name": project.name,
    }
    return render(request, "public/notices/list.html", facts)


@require_safe
@public_route
@transaction.atomic
def show_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Show one notice: may one still object, what it says, when it was seen, how to check it."""
    notice = find_notice(notice_id=notice_id)
    if notice is None:
        raise Http404
    at = read_clock()
    standing = standing_of(project_id=notice.project_id, notice_id=notice_id, at=at)
    asked = request.GET.get("q", "").strip()[:64]
    rows = [row for row in notice.rows if not asked or any(asked in cell for cell in row)]
    sheet = turn_to_page(rows, asked=request.GET.get("page", ""), kept={"q": asked})
    days = [lay_out_day(row) for row in reversed(standing.sightings)]
    facts = {
        "card": lay_out(standing, at=at),
        "notice": notice,
        "sheet": sheet,
        "found": len(rows),
        "asked": asked,
        "days": days[:10],
        "earlier": days[10:],
        "predecessor": notice.predecessor_id and find_notice(notice_id=notice.predecessor_id),
        "code": _code_of(notice.project_id),
    }
    return render(request, "public/notices/notice.html", facts)


def _code_of(project_id: UUID) -> str:
    return next((row.code for row in list_projects() if row.id == project_id), "")


def lay_out(standing: NoticeStanding, *, at: datetime) -> NoticeCard:
    """Lay a notice out as it stands."""
    notice, window = standing.notice, standing.window
    unit = _UNITS[notice.term.counting]
    headline, detail = _say_standing(standing)
    return NoticeCard(
        notice=notice,
        kind=KINDS[notice.kind],
        state=standing.state,
        state_words=_STATES[standing.state],
        headline=headline,
        detail=detail,
        missed=say_days(window.missed),
        bar=_draw_bar(standing, on=china_day(at)),
        counted_words=f"已公示 {window.counted} {unit}",
        left_words=f"共 {notice.term.length} {unit}",
        is_provisional=window.due is not None and window.due.provisional,
        objections=standing.objections,
        published=say_moment(notice.published_at),
        copy=f"{settings.PEAK_URL}/notices/{notice.digest}/",
        successor_id=standing.successor_id,
    )


def _say_standing(standing: NoticeStanding) -> tuple[str, str]:
    window, notice = standing.window, standing.notice
    unit = _UNITS[notice.term.counting]
    if standing.state is NoticeState.WITHDRAWN and notice.withdrawn_at is not None:
        moment = say_moment(notice.withdrawn_at)
        return "这份公示撤回了", f"{moment} 撤回：{notice.withdrawn_reason}"
    if window.due is None or window.began_on is None:
        return (
            "刚刚发布，公示期还没有起算",
            "系统像普通人一样打开这一页，确认真正看得到，第二天起算第一天。现在也可以提意见。",
        )
    last = say_day(window.due.on)
    if standing.state is NoticeState.OVER:
        return "公示期满，不再收意见", f"从 {say_day(window.began_on)}看得到，到 {last}期满。"
    left = f"还有 {window.left} {unit}" if window.left else "今天是最后一天"
    if window.rests_until_due:
        left += "，逢休息日顺延"
    return (
        f"可以提意见，到 {last}为止",
        f"{say_day(window.began_on)}起看得到，第二天算第一天；{left}。",
    )


def lay_out_day(row: SightingRow) -> DayRow:
    """Lay one look at a notice out."""
    return DayRow(
        day=say_day(row.seen_on),
        time=say_clock(row.at),
        words=_FAULTS[row.fault],
        is_fault=bool(row.fault),
        event_id=row.event_id,
    )


def say_days(days: Sequence[date]) -> str:
    """Say which days, those that follow each other as one stretch.

    >>> say_days([date(2026, 9, 19), date(2026, 9, 22), date(2026, 9, 23), date(2026, 9, 24)])
    '9 月 19 日（周六）、9 月 22 日至 9 月 24 日'
    """
    stretches: list[list[date]] = []
    for day in sorted(days):
        if stretches and day - stretches[-1][-1] == timedelta(days=1):
            stretches[-1].append(day)
        else:
            stretches.append([day])
    return "、".join(
        say_day(days[0]) if len(days) == 1 else f"{say_date(days[0])}至 {say_date(days[-1])}"
        for days in stretches
    )


def _draw_bar(standing: NoticeStanding, *, on: date) -> tuple[Stretch, ...]:
    """Draw the days from the first counted one to the last: run, missed, to come."""
    window = standing.window
    seen = {row.seen_on for row in standing.sightings if not row.fault}
    if window.began_on is None or window.due is None:
        return ()
    missed = frozenset(window.missed)
    length = max(1, (window.due.on - window.began_on).days)
    days = [window.began_on + timedelta(days=place) for place in range(1, length + 1)]
    kinds = [
        "pause" if day in missed else "used" if day < on or day in seen else "left" for day in days
    ]
    return draw_stretches(kinds)
