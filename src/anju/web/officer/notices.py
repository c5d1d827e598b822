"""Notices at the desk: what stands, a new one looked at as it will be read, and withdrawal."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.queries import list_organisations
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.contents import read_document, write_document
from anju.foundation.notices.operations import publish_notice, withdraw_notice
from anju.foundation.notices.queries import notices_of
from anju.foundation.notices.types import NewColumn, NewNotice, NoticeStanding
from anju.resettlement.projects.types import ProjectRow
from anju.web.officer.steps import project_in_sight
from anju.web.public.notices import KINDS, lay_out
from anju.web.public.paging import Option
from anju.web.routes import go_to, route
from anju_rules.notices import (
    LEAST_TERMS,
    CellKind,
    Counting,
    NoticeKind,
    NoticeState,
    Term,
)
from anju_rules.values import Refusal

MASKED = {"姓名": CellKind.NAME, "证件": CellKind.IDENTITY, "身份证": CellKind.IDENTITY}
MASKED |= {"电话": CellKind.PHONE, "手机": CellKind.PHONE, "地址": CellKind.ADDRESS}
MASKED |= {"住址": CellKind.ADDRESS}
"""Words in a column's name that say what stands in it, and so how it is masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOption:
    """One kind of notice in the form, with the days it must stand."""

    key: str
    label: str
    least: int


@require_safe
@route(permits="notices.see")
def show_notices(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a project's notices, and the form for a new one."""
    project = project_in_sight(code=code, by=by)
    at = read_clock()
    standings = notices_of(project_id=project.id, at=at)
    facts = {
        "project": project,
        "cards": [lay_out(standing, at=at) for standing in standings],
        "kinds": [
            KindOption(key=kind.value, label=KINDS[kind], least=LEAST_TERMS[kind].length)
            for kind in NoticeKind
        ],
        "replaceable": [_replaceable(one) for one in standings if _may_be_replaced(one)],
        "issuer": own_office(by),
    }
    return render(request, "officer/notices/list.html", facts)


def own_office(by: Actor) -> str:
    """Give the office of whoever may publish: it stands under a new notice unless changed."""
    if not is_permitted(by, "notices.publish"):
        return ""
    offices = list_organisations(by=by)
    return next((one.name for one in offices if one.id == by.organisation_id), "")


def _may_be_replaced(standing: NoticeStanding) -> bool:
    return standing.state is NoticeState.WITHDRAWN and standing.successor_id is None


def _replaceable(standing: NoticeStanding) -> Option:
    notice = standing.notice
    return Option(key=str(notice.id), label=f"{notice.number} {notice.title}", is_on=False)


@require_POST
@route(permits="notices.publish")
def publish(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show a notice as everybody will read it; publish it once that was looked at."""
    with reading(by=by):
        project = project_in_sight(code=code, by=by)
    told, at = request.POST, read_clock()
    notice = read_form(told, project=project)
    if told.get("seen") != "1":
        # The same document is made that would be published: what is refused is refused here.
        document = write_document(
            notice=notice,
            notice_id=new_id(),
            project_id=project.id,
            number="",
            predecessor=None,
            at=at,
        )
        facts = {"project": project, "draft": read_document(document), "told": told}
        facts["kind"] = KINDS[notice.kind]
        return render(request, "officer/notices/check.html", facts)
    publish_notice(project_id=project.id, notice=notice, by=by, at=at)
    return go_to("desk-notices", request=request, code=code)


@require_POST
@route(permits="notices.withdraw")
def withdraw(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Withdraw a notice, with the reason everybody will read."""
    with reading(by=by):
        project = project_in_sight(code=code, by=by)
    withdraw_notice(
        project_id=project.id,
        # No notice has the nil id: what was not read is refused, and recorded, as unknown.
        notice_id=_read_id(request.POST.get("notice", "")) or UUID(int=0),
        reason=request.POST.get("reason", ""),
        by=by,
        at=read_clock(),
    )
    return go_to("desk-notices", request=request, code=code)


def read_form(told: QueryDict, *, project: ProjectRow) -> NewNotice:
    """Read the form of a new notice; refuses with ``notices.empty`` and as its table does."""
    kind = told.get("kind", "")
    if kind not in set(NoticeKind):
        raise Refusal("notices.empty", field="kind")
    length = told.get("length", "").strip()
    if not (length.isascii() and length.isdigit() and len(length) < 6):
        raise Refusal("notices.empty", field="length")
    counting = told.get("counting", Counting.CALENDAR.value)
    columns, rows = read_table(told.get("table", ""))
    return NewNotice(
        kind=NoticeKind(kind),
        title=told.get("title", ""),
        issuer=told.get("issuer", ""),
        place=project.name,
        paragraphs=told.get("paragraphs", "").replace("\r\n", "\n").split("\n\n"),
        term=Term(
            length=int(length),
            counting=Counting.WORKING if counting == "working" else Counting.CALENDAR,
            clause=LEAST_TERMS[NoticeKind(kind)].clause,
        ),
        channel=told.get("channel", ""),
        clauses=told.get("clauses", "").splitlines(),
        columns=columns,
        rows=rows,
        predecessor_id=_read_id(told.get("predecessor", "")),
    )


def read_table(text: str) -> tuple[list[NewColumn], list[list[str]]]:
    """Read a table as it is pasted from a spreadsheet: its head says what is masked."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if not lines:
        return [], []
    delimiter = "\t" if "\t" in lines[0] else ","
    if delimiter == ",":
        lines = [line.replace("，", ",") for line in lines]
    head, *rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    return [NewColumn(label=label.strip(), kind=_kind_of(label)) for label in head], rows


def _kind_of(label: str) -> CellKind:
    return next((kind for word, kind in MASKED.items() if word in label), CellKind.TEXT)


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
