"""The ceremonies of a project: the list, the page of one, and what is taken from it on paper."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.queries import list_accounts
from anju.foundation.access.types import AccountRow, Actor
from anju.foundation.draws import queries
from anju.foundation.draws.operations.standing import ROLES_OF
from anju.foundation.draws.types import CeremonyRow
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection.queries import batches_of
from anju.web.officer.ceremony_cards import DEVICE_PAGE
from anju.web.officer.ceremony_page import (
    CeremonyPage,
    lay_out_ceremony_page,
    say_ceremony,
)
from anju.web.officer.prints import print_announcement, print_card
from anju.web.officer.steps import project_in_sight
from anju.web.papers import answer_paper
from anju.web.public.ceremonies import say_counting
from anju.web.public.draw_words import NEXT, PARTIES, USES
from anju.web.public.drawn import lay_out_taken
from anju.web.routes import route
from anju_rules.ceremony import Party, Step, Use
from anju_rules.draw_bundle import write_bundle
from anju_rules.values import Refusal

_CAMERA = "camera=(self), microphone=(), geolocation=(), payment=()"
"""A card's QR code is read by the camera of the device that shows the page, and nowhere else."""
_POOLS = (Use.VISIT_SUPERVISORS, Use.REPRESENTATIVES, Use.EVALUATORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatChoice:
    """One party of a ceremony that is opened, and the accounts that may hold it."""

    party: str
    name: str
    is_many: bool
    accounts: tuple[AccountRow, ...]


@require_safe
@route(permits="draws.see")
def show_ceremonies(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show every ceremony of a project, void ones too, and the form that opens one."""
    project = project_in_sight(code=code, by=by)
    rows = sorted(
        queries.ceremonies_of(project_id=project.id),
        key=lambda row: (row.opened_at, row.sequence),
        reverse=True,
    )
    facts = {
        "project": project,
        "doors": [
            {
                "ceremony": row,
                "title": say_ceremony(row),
                "headline": NEXT[row.step],
                "counting": say_counting(row),
                "is_mine": any(one.account_id == by.id for one in row.parties),
                "is_over": row.step in {Step.VOID, Step.LOCKED},
            }
            for row in rows
        ],
        "pool_uses": [(use.value, USES[use]) for use in _POOLS],
        "seats": _seats(by) if is_permitted(by, "draws.open") else [],
    }
    return render(request, "officer/ceremony/list.html", facts)


@require_safe
@route(permits="draws.see")
def show_ceremony(request: HttpRequest, code: str, ceremony_id: UUID, *, by: Actor) -> HttpResponse:
    """Show one ceremony: what is done, what is next, and the form of whose turn it is."""
    response = render(request, "officer/ceremony/show.html", _facts(code, ceremony_id, by=by))
    response.headers["Permissions-Policy"] = _CAMERA
    return response


@require_safe
@route(permits="draws.see")
def show_status(request: HttpRequest, code: str, ceremony_id: UUID, *, by: Actor) -> HttpResponse:
    """Answer the page's poll: nothing (204) while nothing changed."""
    facts = _facts(code, ceremony_id, by=by)
    if request.GET.get("mark") == _page(facts).mark:
        return HttpResponse(status=204)
    response = render(request, "officer/ceremony/_status.html", facts)
    response.headers["HX-Trigger"] = "ceremony-changed"
    return response


@require_safe
@route(permits="draws.see")
def show_now(request: HttpRequest, code: str, ceremony_id: UUID, *, by: Actor) -> HttpResponse:
    """Give the form anew when this person's turn came or went; else nothing, so nothing typed goes.

    What is typed in a form would be lost with it, so another's act in the same step leaves it.
    """
    facts = _facts(code, ceremony_id, by=by)
    if request.GET.get("mark") == _page(facts).now_mark:
        return HttpResponse(status=204)
    return render(request, "officer/ceremony/_now.html", facts)


@require_safe
@route(permits="draws.see")
def give_device_page(
    request: HttpRequest, code: str, ceremony_id: UUID, *, by: Actor
) -> HttpResponse:
    """Give the offline page as a file to be carried to a device that stays off the net."""
    del request
    _ceremony(code, ceremony_id, by=by)
    return HttpResponse(
        DEVICE_PAGE.read_bytes(),
        content_type="text/html; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="device.html"'},
    )


@require_safe
@route(permits="draws.see")
def give_announcement(
    request: HttpRequest, code: str, ceremony_id: UUID, *, by: Actor
) -> HttpResponse:
    """Give the announcement in print form, once it stands."""
    project, ceremony = _ceremony(code, ceremony_id, by=by)
    if ceremony.announced_event_id is None:
        raise Refusal("draws.not-announced")
    host = f"{request.scheme}://{request.get_host()}"
    made = print_announcement(project=project, ceremony=ceremony, host=host)
    return answer_paper(made, name=f"announcement-{ceremony.draws[0].draw_number}.pdf")


@require_safe
@route(permits="draws.see")
def give_card(
    request: HttpRequest, code: str, ceremony_id: UUID, who: str, *, by: Actor
) -> HttpResponse:
    """Give the sheet of one committer: what to copy to the device, then its commitments."""
    del request
    project, ceremony = _ceremony(code, ceremony_id, by=by)
    party = next((one for one in ceremony.parties if one.who == who), None)
    if party is None:
        raise Http404
    return answer_paper(
        print_card(project=project, ceremony=ceremony, party=party), name=f"{who}.pdf"
    )


@require_safe
@route(permits="draws.see")
def give_bundle(
    request: HttpRequest, code: str, ceremony_id: UUID, draw_number: str, *, by: Actor
) -> HttpResponse:
    """Give one draw's bundle to the people who check it, before it is published."""
    del request
    project, ceremony = _ceremony(code, ceremony_id, by=by)
    draw = next((one for one in ceremony.draws if one.draw_number == draw_number), None)
    if draw is None:
        raise Http404
    return HttpResponse(
        write_bundle(queries.draw_bundle(project_id=project.id, draw_id=draw.id)),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{draw.draw_number}.json"'},
    )


def _ceremony(code: str, ceremony_id: UUID, *, by: Actor) -> tuple[ProjectRow, CeremonyRow]:
    project = project_in_sight(code=code, by=by)
    return project, queries.ceremony_by_id(project_id=project.id, ceremony_id=ceremony_id)


def _facts(code: str, ceremony_id: UUID, *, by: Actor) -> dict[str, object]:
    project, ceremony = _ceremony(code, ceremony_id, by=by)
    page = lay_out_ceremony_page(
        ceremony,
        events=queries.ceremony_events(project_id=project.id, ceremony_id=ceremony_id),
        following=queries.what_is_next(ceremony, by=by),
        by=by,
    )
    return {
        "project": project,
        "page": page,
        "ceremony": ceremony,
        "taken": [(draw, lay_out_taken(ceremony, draw)) for draw in ceremony.draws],
        # Households stand here by ticket alone; bodies and officers by the name they gave.
        "names_taken": ceremony.use is not Use.VISIT_SAMPLE,
        "may_take": ceremony.step is Step.LOCKED
        and ceremony.use is Use.ORDER
        and is_permitted(by, "draws.take")
        and not batches_of(project_id=project.id),
    }


def _page(facts: dict[str, object]) -> CeremonyPage:
    page = facts["page"]
    assert isinstance(page, CeremonyPage)  # noqa: S101 - _facts has just put it there
    return page


def _seats(by: Actor) -> list[SeatChoice]:
    accounts = [one for one in list_accounts(by=by) if one.is_active]
    return [
        SeatChoice(
            party=party.value,
            name=PARTIES[party],
            is_many=party is Party.REPRESENTATIVE,
            accounts=tuple(one for one in accounts if one.role in ROLES_OF[party]),
        )
        for party in Party
    ]
