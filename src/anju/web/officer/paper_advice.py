"""What a machine found in a paper, beside the paper itself: an officer looks and decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from procrastinate.contrib.django import app as jobs

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.queries import case_file, find_case
from anju.foundation.casework.types import CaseRow, MaterialLine
from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import say
from anju.foundation.documents.queries import find_prereview, read_document
from anju.foundation.documents.reading import ChildReader, is_reader_installed
from anju.foundation.documents.types import NotedPreReview
from anju.web.officer.case_page import papers_in
from anju.web.officer.work_rows import require_officer
from anju.web.routes import go_to, route
from anju_rules.prereview.forms import MATERIAL_KINDS
from anju_rules.prereview.types import PaperKind, PointFinding, Stance
from anju_rules.values import Refusal

POINTS: Mapping[str, str] = {
    "kind": "是不是这种材料",
    "pages": "页数",
    "name": "姓名",
    "identity-number": "身份证号",
    "unit-code": "不动产单元号",
    "certificate-number": "不动产权证号",
    "area": "面积",
    "amount": "金额",
    "date": "日期",
    "valid-until": "有效期",
    "holder-page": "权利人页",
    "notes-page": "附记页",
    "parties-page": "买卖双方页",
    "price-page": "价款页",
    "signature-page": "签字页",
    "portrait-side": "人像面",
    "emblem-side": "国徽面",
    "deed-tax-line": "契税一栏",
    "surveyor": "测绘单位",
    "floor-plan": "分户图",
    "head-page": "户主页",
    "member-page": "本人页",
}
PAPERS: Mapping[PaperKind, str] = {
    PaperKind.TITLE_CERTIFICATE: "不动产权证书",
    PaperKind.PURCHASE_CONTRACT: "买卖合同",
    PaperKind.IDENTITY_CARD: "身份证",
    PaperKind.TAX_PROOF: "完税证明",
    PaperKind.SURVEY_REPORT: "测绘报告",
    PaperKind.HOUSEHOLD_REGISTER: "户口簿",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding in words, and the mark for it."""

    number: int
    point: str
    words: str
    is_doubt: bool
    clause: str
    percent: int
    """How certain the reading is; nothing was read: 0."""
    page: int
    corners: str
    """As SVG writes them, in ten-thousandths of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """A page with the marks on it."""

    number: int
    marks: Sequence[FindingRow]


@require_safe
@route(permits="documents.see")
def show_advice(
    request: HttpRequest, case_id: UUID, document_id: UUID, *, by: Actor
) -> HttpResponse:
    """Show what a machine found in a paper of a case, doubts first."""
    require_officer(by)
    case, at = find_case(case_id=case_id, by=by), read_clock()
    _require_of_case(case, document_id, by=by, at=at)
    material = _material_of(case, document_id, by=by, at=at)
    kind = MATERIAL_KINDS.get(material.code) if material else None
    noted = find_prereview(project_id=case.project_id, document_id=document_id)
    rows = lay_out_findings(noted) if noted else ()
    facts = {
        "case": case,
        "document_id": document_id,
        "material": material,
        "kind": PAPERS[kind] if kind else "",
        "noted": noted,
        "doubts": [row for row in rows if row.is_doubt],
        "citations": [row for row in rows if not row.is_doubt],
        "pages": [
            PageRow(number=number, marks=[row for row in rows if row.page == number])
            for number in range(1, (noted.review.pages if noted else 0) + 1)
        ],
        "is_installed": is_reader_installed(),
        "is_asked": "asked" in request.GET,
    }
    return render(request, "officer/casework/advice.html", facts)


@require_POST
@route(permits="documents.store")
def ask(request: HttpRequest, case_id: UUID, document_id: UUID, *, by: Actor) -> HttpResponse:
    """Have a machine look at a paper; the worker does it, so that no page waits."""
    require_officer(by)
    case, at = find_case(case_id=case_id, by=by), read_clock()
    _require_of_case(case, document_id, by=by, at=at)
    with reading(by=by):
        material = _material_of(case, document_id, by=by, at=at)
    kind = MATERIAL_KINDS.get(material.code) if material else None
    if kind is None:
        raise Refusal("documents.not-readable")
    jobs.configure_task("papers.prereview", queue="reading").defer(
        project_id=str(case.project_id),
        case_id=str(case_id),
        document_id=str(document_id),
        kind=kind.value,
        account_id=str(by.id),
    )
    return go_to(
        "desk-case-advice",
        request=request,
        query="asked=1",
        case_id=case_id,
        document_id=document_id,
    )


@require_safe
@route(permits="documents.see", is_reading=False)
def show_page(request: HttpRequest, case_id: UUID, document_id: UUID, *, by: Actor) -> HttpResponse:
    """Give one page of a paper as a picture; that it was opened is written down before."""
    require_officer(by)
    case, at = find_case(case_id=case_id, by=by), read_clock()
    _require_of_case(case, document_id, by=by, at=at)
    with sensitive_reading(
        by=by,
        permits="documents.see",
        purpose=f"办理 {case.number}",
        target=str(document_id),
        at=at,
        household_id=case.household_id,
        project_id=case.project_id,
    ):
        _, content = read_document(project_id=case.project_id, document_id=document_id)
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isdecimal() and len(asked) < 4 else 1
    drawn = ChildReader().draw_page(content=content, page=page)
    return HttpResponse(
        drawn, content_type="image/png", headers={"Content-Security-Policy": "sandbox"}
    )


def lay_out_findings(noted: NotedPreReview) -> tuple[FindingRow, ...]:
    """Put findings into words, numbered, doubts first."""
    ordered = (*noted.review.doubts, *noted.review.citations)
    return tuple(_row(number, one) for number, one in enumerate(ordered, 1))


def _row(number: int, found: PointFinding) -> FindingRow:
    facts = {"read": "", "known": "", **found.facts}
    return FindingRow(
        number=number,
        point=POINTS.get(found.point, found.point),
        words=say(found.code, facts),
        is_doubt=found.stance is Stance.DOUBTS,
        clause=found.clause,
        percent=found.certainty // 10,
        page=found.place.page if found.place else 0,
        corners=" ".join(f"{across},{down}" for across, down in found.place.corners)
        if found.place
        else "",
    )


def _require_of_case(case: CaseRow, document_id: UUID, *, by: Actor, at: datetime) -> None:
    """Refuse with ``documents.unknown`` a paper that is none of this case."""
    if document_id not in papers_in(case, by=by, at=at):
        raise Refusal("documents.unknown")


def _material_of(
    case: CaseRow, document_id: UUID, *, by: Actor, at: datetime
) -> MaterialLine | None:
    """Give the material of a case that a document is; None for its other papers."""
    file = case_file(project_id=case.project_id, case_id=case.id, by=by, at=at)
    return next((one for one in file.materials if one.document_id == document_id), None)
