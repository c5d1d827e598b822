"""A developer files its community's first registration: three papers, one form."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from anju.foundation.access.types import Actor
from anju.foundation.casework.types import HandedIn
from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.core.definitions import read_default_procedures
from anju.titles.cases.operations import open_title_case
from anju.titles.cases.types import FIRST
from anju.web.officer.case_forms import asked_materials
from anju.web.officer.first_form import FILES
from anju.web.officer.titles import community_in_sight
from anju.web.officer.uploads import take_in_paper
from anju.web.once import read_id
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@require_POST
@route(permits="titles.file")
def file_first(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """File the first registration with its papers; a minor one may come later."""
    community = community_in_sight(code=code, by=by)
    case_id = read_id(request.POST.get("once", "")) or new_id()
    # Of anybody else nothing is taken in: the operation refuses, and the ledger knows of it.
    papers = (
        _take_in(request, project_id=community.id, case_id=case_id, by=by)
        if by.role in FILES
        else []
    )
    row = open_title_case(
        project_id=community.id,
        kind="first",
        materials=papers,
        case_id=case_id,
        by=by,
        at=read_clock(),
    )
    return go_to("desk-case", request=request, case_id=row.id)


def _take_in(request: HttpRequest, *, project_id: UUID, case_id: UUID, by: Actor) -> list[HandedIn]:
    """Take in the form's papers; refuses with ``web.no-file`` where a needed one is missing."""
    procedure = read_default_procedures()[FIRST]
    wanted = [
        one
        for one in asked_materials(procedure)
        if request.FILES.get(one) or not procedure.materials[one].is_tolerable
    ]
    # All of them before the first is kept: nothing is left of a form that is refused.
    if not all(request.FILES.get(one) for one in wanted):
        raise Refusal("web.no-file")
    return [
        HandedIn(
            code=one,
            document_id=take_in_paper(
                request,
                name=one,
                project_id=project_id,
                owner_kind="case",
                owner_id=case_id,
                by=by,
            ),
        )
        for one in wanted
    ]
