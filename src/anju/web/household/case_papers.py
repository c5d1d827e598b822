"""A family hands papers in: which one, then the picture; and looks at what it handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import hand_in_material
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.cleaning import MOST_BYTES
from anju.foundation.documents.operations import store_document
from anju.foundation.documents.queries import read_document
from anju.web.household.case import own_case
from anju.web.household.case_page import CasePage
from anju.web.household.owning import own_name, read_once, whose
from anju.web.papers import answer_document
from anju.web.refusals import RefusalRow, tell_refusal
from anju.web.routes import route
from anju_rules.values import Refusal

OTHER = "other"
"""A paper that is no material of the procedure: whatever else shows that one is right."""
_OTHER_TITLE = "别的证明材料"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that may be handed in."""

    code: str
    title: str
    told: str


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="documents.store")
def hand_in(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Ask which paper it is, then for the picture; a POST takes it."""
    if request.method == "POST":
        return _take(request, case_id, by=by)
    return _show(request, case_id, by=by, asked=request.GET.get("what", ""))


def _show(
    request: HttpRequest,
    case_id: UUID,
    *,
    by: Actor,
    asked: str,
    came: str = "",
    refusal: RefusalRow | None = None,
) -> HttpResponse:
    with reading(by=by):
        page = own_case(case_id=case_id, by=by, at=read_clock())
        name = own_name(request, by)
    choices = choices_of(page)
    facts = {
        "family_name": name,
        "page": page,
        "choices": choices,
        "choice": next((one for one in choices if one.code == asked), None),
        "came": came,
        "refusal": refusal,
        "once": new_id(),
        "most": MOST_BYTES >> 20,
    }
    status = refusal.status if refusal is not None else 200
    return render(request, "household/case/papers.html", facts, status=status)


def choices_of(page: CasePage) -> tuple[Choice, ...]:
    """Give what may be handed in: what is asked for first, what is missing, then one page more."""
    if not page.may_bring:
        return ()
    papers = sorted(
        (one for one in page.papers if one.may_bring),
        key=lambda one: (one.code not in page.asked, one.is_there),
    )
    own = tuple(Choice(code=one.code, title=one.title, told=one.told) for one in papers)
    return (*own, Choice(code=OTHER, title=_OTHER_TITLE, told="上面没有列的，交在这里"))


def _take(request: HttpRequest, case_id: UUID, *, by: Actor) -> HttpResponse:
    """Keep the document, then note it in the case; each is one act with its own entry."""
    project_id, household_id = whose(by)
    what = request.POST.get("what", "")
    at = read_clock()
    try:
        with reading(by=by):
            page = own_case(case_id=case_id, by=by, at=at)
        _require_choice(choices_of(page), what)
        name, content = _read_file(request)
        document = store_document(
            project_id=project_id,
            owner_kind="case",
            owner_id=case_id,
            household_id=household_id,
            name=name,
            content=content,
            channel="phone",
            by=by,
            at=at,
        )
        if what != OTHER:
            hand_in_material(
                project_id=project_id,
                case_id=case_id,
                materials=[HandedIn(code=what, document_id=document.id)],
                action_id=read_once(request),
                by=by,
                at=at,
            )
    except Refusal as refusal:
        told = tell_refusal(refusal)
        if told.status == 404:
            raise
        return _show(request, case_id, by=by, asked=what, refusal=told)
    return _show(request, case_id, by=by, asked=what, came=document.name)


def _require_choice(choices: Sequence[Choice], what: str) -> None:
    if what not in {one.code for one in choices}:
        raise Refusal("case.unknown-material", material=what[:40])


def _read_file(request: HttpRequest) -> tuple[str, bytes]:
    """Give the file of the form; refuses with ``web.no-file`` and ``documents.too-large``."""
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise Refusal("web.no-file")
    if file.size > MOST_BYTES:
        raise Refusal("documents.too-large", most=MOST_BYTES >> 20)
    return file.name or "", file.read()


@require_safe
@route(permits="documents.see", is_reading=False)
def show_document(
    request: HttpRequest, case_id: UUID, document_id: UUID, *, by: Actor
) -> HttpResponse:
    """Give the family one of the documents of its case."""
    del request
    project_id, household_id = whose(by)
    with sensitive_reading(
        by=by,
        permits="documents.see",
        purpose="本户查看自己的材料",
        target=str(document_id),
        at=read_clock(),
        household_id=household_id,
    ):
        row, content = read_document(project_id=project_id, document_id=document_id)
    if (row.owner_id, row.household_id) != (case_id, household_id):
        raise Refusal("documents.unknown")
    return answer_document(row, content)
