"""An owner's own certificates: how each stands, and the file to keep."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.access.context import sensitive_reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.titles.certificates import queries
from anju.titles.certificates.types import CertificateRow
from anju.web.household.owning import whose
from anju.web.papers import answer_paper
from anju.web.public.certificate_sheets import STATUSES, print_certificate, say_content
from anju.web.public.saying import say_moment
from anju.web.routes import route
from anju_rules.certificates.handing import HandedOver, show_handed_over
from anju_rules.certificates.register import Status
from anju_rules.hashing import canonical
from anju_rules.values import Refusal

_PURPOSE = "本户下载不动产权证书"


@require_safe
@route(permits="certificates.see-own")
def show_own(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show an owner's certificates, those out of force below."""
    project_id, household_id = whose(by)
    rows = queries.certificates_of(project_id=project_id, household_id=household_id)
    cards = [_tell(row) for row in rows]
    facts = {
        "living": [card for card in cards if card["is_living"]],
        "ended": [card for card in cards if not card["is_living"]],
    }
    return render(request, "household/title/certificates.html", facts)


@require_safe
@route(permits="certificates.see-own", is_reading=False)
def give_paper(request: HttpRequest, certificate_id: UUID, *, by: Actor) -> HttpResponse:
    """Give an owner the certificate as a signed PDF."""
    handed = _own(certificate_id, by=by)
    made = print_certificate(
        handed,
        certificate_id=certificate_id,
        host=f"{request.scheme}://{request.get_host()}",
        at=read_clock(),
    )
    return answer_paper(made, name=f"certificate-{certificate_id}.pdf")


@require_safe
@route(permits="certificates.see-own", is_reading=False)
def give_file(request: HttpRequest, certificate_id: UUID, *, by: Actor) -> HttpResponse:
    """Give an owner the certificate as data, for a bank or another register to check."""
    del request
    return HttpResponse(
        canonical(show_handed_over(_own(certificate_id, by=by))),
        content_type="application/json; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="certificate-{certificate_id}.json"'
        },
    )


def _own(certificate_id: UUID, *, by: Actor) -> HandedOver:
    """Open an owner's own certificate; the ledger knows before the reader does."""
    project_id, household_id = whose(by)
    at = read_clock()
    with sensitive_reading(
        by=by,
        permits="certificates.see-own",
        purpose=_PURPOSE,
        target=str(certificate_id),
        at=at,
        household_id=household_id,
        project_id=project_id,
    ):
        row = queries.certificate_by_id(certificate_id=certificate_id)
        if row.household_id != household_id:
            raise Refusal("certificates.unknown")
        return queries.handed_over(certificate_id=certificate_id, at=at)


def _tell(row: CertificateRow) -> dict[str, object]:
    content = queries.sheet_of(certificate_id=row.id).content
    return {
        "id": row.id,
        "number": row.number,
        "status": row.status.value,
        "status_word": STATUSES[row.status],
        "since": say_moment(row.status_at),
        "is_living": row.status not in (Status.REVOKED, Status.REPLACED),
        "content": say_content(content) if content else [],
        "event_id": row.event_id,
    }
