"""Pages on which a stranger checks a certificate: from its code, and from its file, offline too."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import say
from anju.titles.certificates.queries import (
    CODE_DIGITS,
    find_on_paper,
    registries,
    verify_state,
)
from anju.web.clauses import say_clause
from anju.web.public.certificate_sheets import STATUSES, public_keys, verifier_page
from anju.web.public.draws import policy_of
from anju.web.public.saying import say_moment
from anju.web.routes import public_route
from anju_rules.certificates.handing import SignedState, open_told, show_state
from anju_rules.certificates.register import Status
from anju_rules.hashing import canonical, digest
from anju_rules.values import Refusal

_SENTENCES = {
    Status.IN_FORCE: "登记簿上有效",
    Status.LIMITED: "登记簿上有效，但房屋上有限制",
    Status.SUSPENDED: "暂停：正在处理，有没有效还没有定",
    Status.REVOKED: "没有效，已经撤销",
    Status.REPLACED: "没有效，已由新证取代",
}


@require_safe
@public_route
def check_certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Answer whoever scanned a certificate's code: in force? by whom? and what about the paper?"""
    at = read_clock()
    signed = verify_state(certificate_id=certificate_id, at=at)
    return render(request, "public/certificates/check.html", _tell(signed, certificate_id))


@require_safe
@public_route
def find_certificate(request: HttpRequest) -> HttpResponse:
    """Lead whoever types number and code off a paper to its page; a wrong pair learns nothing."""
    number, code = (request.GET.get(name, "").strip()[:80] for name in ("number", "code"))
    told = {"number": number, "code": code, "refusal": ""}
    if not number and not code:
        return render(request, "public/certificates/find.html", told)
    try:
        row = find_on_paper(number=number, code=code)
    except Refusal as refusal:
        told["refusal"] = say(refusal.code, {})
        return render(request, "public/certificates/find.html", told, status=404)
    page = reverse("certificate-check", kwargs={"certificate_id": row.id})
    return HttpResponseRedirect(f"{page}#{row.digest[:CODE_DIGITS]}")


@require_safe
@public_route
def give_state(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Give the register's signed word of this moment, to carry to a desk without a net."""
    del request
    signed = verify_state(certificate_id=certificate_id, at=read_clock())
    return HttpResponse(
        canonical(show_state(signed)),
        content_type="application/json; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="state-{certificate_id}.json"',
            "Cache-Control": "no-store",
        },
    )


@require_safe
@public_route
def show_page(request: HttpRequest) -> HttpResponse:
    """Serve the one-file verifier with the keys in it; it may load nothing."""
    page = verifier_page(at=read_clock())
    headers = {
        "Content-Security-Policy": policy_of(page.decode()),
        "Cache-Control": "public, max-age=300",
        "ETag": f'"{digest(page).hex()}"',
    }
    if "download" in request.GET:
        headers["Content-Disposition"] = 'attachment; filename="verify_certificate.html"'
    return HttpResponse(page, content_type="text/html; charset=utf-8", headers=headers)


@require_safe
@public_route
def give_keys(request: HttpRequest) -> HttpResponse:
    """Give the public keys that certificates are checked with, for the command line."""
    del request
    return HttpResponse(
        canonical(public_keys(at=read_clock())),
        content_type="application/json; charset=utf-8",
        headers={"Cache-Control": "public, max-age=300"},
    )


def _tell(signed: SignedState, certificate_id: UUID) -> dict[str, object]:
    state, authority = open_told(signed.told)
    issuer = next((one for one in reversed(registries()) if one.authority == authority), None)
    page = digest(verifier_page(at=state.as_of)).hex()
    return {
        "certificate_id": certificate_id,
        "number": state.number,
        "digest": state.digest,
        "status": state.status.value,
        "status_word": STATUSES[state.status],
        "sentence": _SENTENCES[state.status],
        "since": say_moment(state.since),
        "as_of": say_moment(state.as_of),
        "clause": say_clause(state.clause),
        "replaced_by": state.replaced_by,
        "issuer": issuer.authority_name if issuer else "",
        "authority": authority,
        "page_digest": page,
    }
