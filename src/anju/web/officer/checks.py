"""What waits for a signature at any desk, the tablet handed to a family, and the sheet on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection import queries
from anju.resettlement.selection.sheets import find_sheet
from anju.resettlement.selection.types import SignSide, TurnRow
from anju.web.household.name_sheet import TABLET
from anju.web.namings import NamingCard, lay_out_naming, side_to_sign
from anju.web.officer.steps import project_in_sight
from anju.web.once import new_once
from anju.web.papers import answer_paper, code_image
from anju.web.routes import route
from anju.web.sheets import print_sheet
from anju_rules.values import Refusal

_TABLET_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One naming that waits, and what the reader may do about it."""

    turn: TurnRow
    naming: NamingCard
    my_side: SignSide | None
    once: str


@require_safe
@route(permits="selection.sign")
def show_checks(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show every naming that is not signed by all sides: 待复核."""
    project = project_in_sight(code=code, by=by)
    return render(request, "officer/checks.html", _facts(project, by=by, at=read_clock()))


@require_safe
@route(permits="selection.sign")
def show_status(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Answer the poll of the queue: nothing (204) while nothing changed."""
    facts = _facts(project_in_sight(code=code, by=by), by=by, at=read_clock())
    if request.GET.get("mark") == facts["mark"]:
        return HttpResponse(status=204)
    return render(request, "officer/_checks.html", facts)


@require_safe
@route(permits="selection.run")
def hand_over(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Say how the family signs: on its phone, or here once the officer's session has ended.

    Two sides sign from two sessions: the family enters with its own code and password.
    """
    project = project_in_sight(code=code, by=by)
    address = reverse("my-sign")
    code_of_page = code_image(request.build_absolute_uri(address))
    facts = {"project": project, "code": code_of_page, "address": address}
    response = render(request, "officer/hand_over.html", facts)
    # From here on this device asks whoever has signed on it to hand it back.
    response.set_cookie(TABLET, "1", max_age=_TABLET_SECONDS, samesite="Lax", httponly=True)
    return response


@require_safe
@route(permits="selection.see")
def give_sheet(request: HttpRequest, code: str, turn: UUID, *, by: Actor) -> HttpResponse:
    """Give the office's copy of a confirmation sheet: the household stands masked in it."""
    project = project_in_sight(code=code, by=by)
    row = queries.turn_by_id(project_id=project.id, turn_id=turn)
    sheet = find_sheet(project_id=project.id, household_id=row.household_id)
    if sheet is None:
        raise Refusal("sheet.nothing-chosen")
    host = f"{request.scheme}://{request.get_host()}"
    return answer_paper(
        print_sheet(sheet=sheet, project=project, host=host), name=f"{sheet.ticket}.pdf"
    )


def _facts(project: ProjectRow, *, by: Actor, at: datetime) -> dict[str, object]:
    checks = _checks(project.id, by=by, at=at)
    told = [f"{one.turn.id.hex[:8]}-{one.turn.step}-{one.naming.mark}" for one in checks]
    return {"project": project, "checks": checks, "mark": "_".join(told) or "none"}


def _checks(project_id: UUID, *, by: Actor, at: datetime) -> list[Check]:
    checks = []
    for turn in queries.called_turns(project_id=project_id):
        naming = queries.naming_of(project_id=project_id, turn_id=turn.id)
        if naming is None:
            continue
        card = lay_out_naming(naming=naming, at=at)
        my_side = side_to_sign(naming=naming, is_by_wishes=turn.is_by_wishes, by=by)
        checks.append(Check(turn=turn, naming=card, my_side=my_side, once=new_once()))
    return checks
