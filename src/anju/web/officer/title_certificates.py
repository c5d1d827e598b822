"""The register of certificates at the desk: search, history, and what two people sign."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time, read_clock
from anju.titles.certificates import operations, queries
from anju.titles.certificates.types import (
    CLAUSES,
    CertificateRow,
    EndGround,
    Ground,
    HistoryRow,
)
from anju.web.clauses import say_clause
from anju.web.officer.case_forms import LONGEST, require_second
from anju.web.officer.deed_forms import read_deed, show_deed
from anju.web.papers import answer_paper
from anju.web.public.certificate_sheets import (
    ENTRIES,
    STATUSES,
    print_certificate,
    say_content,
)
from anju.web.public.saying import say_moment
from anju.web.routes import go_to, route
from anju_rules.certificates.register import Entry, Status
from anju_rules.identifiers import check_unit_code
from anju_rules.masking import mask_name
from anju_rules.values import Refusal

_PAGE = "desk-certificate"
_CORRECTS = "civil-code/220"
_PRINTING = "窗口为持证人打印不动产权证书"
_CORRECTING = "更正不动产权证书"
_GROUNDS: dict[Ground | EndGround, str] = {
    Ground.LOST: "遗失补发",
    Ground.DAMAGED: "损坏换发",
    EndGround.DESTROYED: "房屋灭失",
    EndGround.GIVEN_UP: "权利人放弃",
    EndGround.TAKEN: "依法没收、征收、收回",
    EndGround.JUDGED: "生效法律文书",
    EndGround.UNTRUE: "登记错误，或者材料不实",
}
_Ground = TypeVar("_Ground", Ground, EndGround)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLine:
    """One certificate in the register's list."""

    id: UUID
    number: str
    unit: str
    status: str
    status_word: str
    issued: str
    whose: str


@require_safe
@route(permits="certificates.see")
def show_register(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the register in sight, the latest first, or what was searched for."""
    del by
    search = request.GET.get("search", "").strip()[:60]
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    found = queries.register_page(search=search, page=page)
    pages = max(1, -(-found.found // queries.A_PAGE))
    facts = {
        "search": search,
        "found": found.found,
        "lines": [tell_line(row) for row in found.rows],
        "page": page,
        "pages": pages,
        "previous": page - 1 if page > 1 else 0,
        "next": page + 1 if page < pages else 0,
        "registries": queries.registries(),
    }
    return render(request, "officer/titles/certificates.html", facts)


@require_safe
@route(permits="certificates.see")
def show_certificate(request: HttpRequest, certificate_id: UUID, *, by: Actor) -> HttpResponse:
    """Show one certificate, names masked, with all that was entered about it."""
    del by
    sheet = queries.sheet_of(certificate_id=certificate_id)
    content = sheet.content
    masked = "；".join(mask_name(one.name) for one in content.holders) if content else ""
    lines = say_content(content) if content else []
    facts = {
        "line": tell_line(sheet.row),
        "since": say_moment(sheet.row.status_at),
        "content": [(title, masked if title == "权利人" else words) for title, words in lines],
        "history": [_tell_entry(row) for row in queries.history_of(certificate_id=certificate_id)],
        "event_id": sheet.row.event_id,
        "may_move": sheet.row.status in (Status.IN_FORCE, Status.LIMITED),
        "is_limited": sheet.row.status is Status.LIMITED,
        "is_suspended": sheet.row.status is Status.SUSPENDED,
        "grounds": [(one.value, say_ground(one), CLAUSES[one]) for one in Ground],
        "ends": [(one.value, say_ground(one), CLAUSES.get(one, "")) for one in EndGround],
        "digest": sheet.row.digest,
    }
    return render(request, "officer/titles/certificate.html", facts)


@require_safe
@route(permits="certificates.issue", is_reading=False)
def show_correction(request: HttpRequest, certificate_id: UUID, *, by: Actor) -> HttpResponse:
    """Show what a certificate says in full, to be put right; that it was opened is noted."""
    at = read_clock()
    with reading(by=by):
        row = queries.certificate_by_id(certificate_id=certificate_id)
    with _open(row, purpose=_CORRECTING, by=by, at=at):
        content = queries.sheet_of(certificate_id=certificate_id).content
    if content is None:
        raise Refusal("certificates.erased")
    facts = {
        "line": tell_line(row),
        "may_correct": row.status in (Status.IN_FORCE, Status.LIMITED),
        "deed": show_deed(content),
        "clause": _CORRECTS,
    }
    return render(request, "officer/titles/correct_certificate.html", facts)


@require_safe
@route(permits="certificates.issue", is_reading=False)
def give_paper(request: HttpRequest, certificate_id: UUID, *, by: Actor) -> HttpResponse:
    """Print a certificate at the window, for a holder who has no account; that is noted."""
    at = read_clock()
    with reading(by=by):
        row = queries.certificate_by_id(certificate_id=certificate_id)
    with _open(row, purpose=_PRINTING, by=by, at=at):
        handed = queries.handed_over(certificate_id=certificate_id, at=at)
    made = print_certificate(
        handed,
        certificate_id=certificate_id,
        host=f"{request.scheme}://{request.get_host()}",
        at=at,
    )
    return answer_paper(made, name=f"certificate-{certificate_id}.pdf")


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="certificates.issue")
def act(request: HttpRequest, certificate_id: UUID, act: str, *, by: Actor) -> HttpResponse:
    """Carry out one act of the page, named by its address; see the certificate that stands now."""
    if act not in ACTS:
        raise Http404
    with reading(by=by):
        row = queries.certificate_by_id(certificate_id=certificate_id)
    form = _Form(request=request, row=row, by=by, at=read_clock())
    standing = ACTS[act](form)
    return go_to(_PAGE, request=request, certificate_id=standing.id)


@sensitive_post_parameters("second_password", "second_code")
@require_POST
@route(permits="certificates.revoke")
def enter_registry(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Enter who issues in a county, with this installation's key; two people sign."""
    told = {
        name: str(request.POST.get(name, "")).strip()[:80]
        for name in ("county", "province", "place", "authority", "authority_name")
    }
    operations.enter_registry(
        **told, by=by, second=require_second(request.POST, by=by), at=read_clock()
    )
    return go_to("desk-certificates", request=request)


def _open(
    row: CertificateRow, *, purpose: str, by: Actor, at: datetime
) -> AbstractContextManager[None]:
    return sensitive_reading(
        by=by,
        permits="certificates.issue",
        purpose=purpose,
        target=str(row.id),
        at=at,
        household_id=row.household_id,
        project_id=row.project_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    request: HttpRequest
    row: CertificateRow
    by: Actor
    at: datetime

    def told(self, name: str) -> str:
        """Give a field of the form."""
        return str(self.request.POST.get(name, "")).strip()[:LONGEST]

    def act(self) -> dict[str, Any]:
        """Give what every act on a certificate is told: which, why, by whom and when."""
        return {
            "project_id": self.row.project_id,
            "certificate_id": self.row.id,
            "clause": self.told("clause"),
            "reason": self.told("reason"),
            "by": self.by,
            "at": self.at,
        }

    def ground(self, grounds: type[_Ground]) -> _Ground:
        """Give the ground that was chosen; refuses with ``web.not-a-choice``."""
        told = self.told("ground")
        if told not in set(grounds):
            raise Refusal("web.not-a-choice", value=told)
        return grounds(told)

    def opening(self) -> AbstractContextManager[None]:
        """Open what the certificate says in full; the ledger knows before the reader does."""
        return _open(self.row, purpose=_CORRECTING, by=self.by, at=self.at)

    def second(self) -> Actor:
        """Give who signs beside; whoever may not revoke is told before anybody types a code."""
        require_permission(self.by, "certificates.revoke")
        return require_second(self.request.POST, by=self.by)


def _replace(form: _Form) -> CertificateRow:
    return operations.replace_certificate(
        **form.act(), ground=form.ground(Ground), second=form.second()
    )


def _reissue(form: _Form) -> CertificateRow:
    with form.opening():
        was = queries.sheet_of(certificate_id=form.row.id).content
    if was is None:
        raise Refusal("certificates.erased")
    deed = read_deed(form.request.POST, of=was, on=city_time(form.at).date())
    return operations.reissue_certificate(**form.act(), deed=deed, second=form.second())


def _revoke(form: _Form) -> CertificateRow:
    return operations.revoke_certificate(
        **form.act(), ground=form.ground(EndGround), second=form.second()
    )


def _suspend(form: _Form) -> CertificateRow:
    return operations.suspend_certificate(**form.act())


def _resume(form: _Form) -> CertificateRow:
    return operations.resume_certificate(**form.act())


ACTS: dict[str, Callable[[_Form], CertificateRow]] = {
    "reissue": _reissue,
    "replace": _replace,
    "resume": _resume,
    "revoke": _revoke,
    "suspend": _suspend,
}


def say_ground(ground: Ground | EndGround) -> str:
    """Say why a certificate is given again or ended."""
    return _GROUNDS[ground]


def tell_line(row: CertificateRow) -> CertificateLine:
    """Give a certificate as lists say it."""
    return CertificateLine(
        id=row.id,
        number=row.number,
        unit=check_unit_code(row.unit_code).shown,
        status=row.status.value,
        status_word=STATUSES[row.status],
        issued=say_moment(row.issued_at),
        whose="业主" if row.household_id else "开发企业（首次登记）",
    )


def _tell_entry(row: HistoryRow) -> dict[str, object]:
    said = row.reason
    for ground in (*Ground, *EndGround):
        said = said.replace(f"{ground.value}: ", f"{say_ground(ground)}：")
    return {
        "word": ENTRIES[row.kind],
        "is_end": row.kind in (Entry.REVOKE, Entry.REPLACE),
        "at": say_moment(row.at),
        "clause": say_clause(row.clause),
        "reason": said,
        "replaced_by": row.replaced_by,
        "signed": "两人会签" if row.second_id else "一人经办",
        "event_id": row.event_id,
    }
