"""The family signs what is named for it: on its phone, or on the desk's tablet (SEL-3, CRT-3)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.strokes import HEIGHT, WIDTH
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.signing import drop_naming, sign_choice
from anju.resettlement.selection.types import ChoiceRow, TurnRow
from anju.web.household.name_sheet import TABLET, find_name, keep_name
from anju.web.household.owning import answer_refused, own_name, whose
from anju.web.namings import lay_out_naming
from anju.web.once import Sent, new_once, read_sent
from anju.web.refusals import answer_not_found, tell_refusal
from anju.web.routes import go_to, route
from anju_rules.values import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@route(permits="selection.sign", is_reading=False)
def sign_own(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show exactly what is to be signed, and the sheet to sign on; a POST signs it."""
    if request.method == "POST":
        return _sign(request, by)
    project_id, household_id = whose(by)
    with reading(by=by):
        turn, naming = own_naming(project_id, household_id)
        facts = {
            "family_name": own_name(request, by),
            "project": project_by_id(project_id=project_id),
            "turn": turn,
            "naming": None if naming is None else lay_out_naming(naming=naming, at=read_clock()),
            "is_signed": naming is not None and "household" not in naming.missing,
            "is_chosen": turn is not None and turn.state == "chosen",
            "place": queries.find_place(project_id=project_id, household_id=household_id),
            "mark": _mark(project_id, household_id),
            "once": new_once(),
            "sheet": {"width": WIDTH, "height": HEIGHT},
            "has_sheet": has_sheet(by),
            "is_tablet": TABLET in request.COOKIES,
        }
    return render(request, "household/sign.html", facts)


@require_safe
@route(permits="selection.sign")
def show_news(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Answer the page that is signed on: nothing (204) until what it shows is no more."""
    mark = _mark(*whose(by))
    if request.GET.get("mark") == mark:
        return HttpResponse(status=204)
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("my-sign")})


@require_POST
@route(permits="selection.sign")
def drop_own(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Let the named homes go again, to choose others in the time that is left."""
    project_id, _ = whose(by)
    sent = read_sent(request)
    try:
        drop_naming(
            project_id=project_id,
            turn_id=sent.turn_id,
            by=by,
            at=read_clock(),
            call=sent.call,
            key=sent.key,
        )
    except Refusal as refusal:
        raise hide_others(refusal, turn_id=sent.turn_id, by=by) from refusal
    return go_to("choose", request=request)


def own_naming(project_id: UUID, household_id: UUID) -> tuple[TurnRow | None, ChoiceRow | None]:
    """Give a household's turn, and what is named in it; inside its reading."""
    turn = queries.find_turn(project_id=project_id, household_id=household_id)
    if turn is None or not turn.is_named:
        return turn, None
    return turn, queries.naming_of(project_id=project_id, turn_id=turn.id)


def hide_others(refusal: Refusal, *, turn_id: UUID, by: Actor) -> Refusal:
    """Give a refusal as its reader may know it: another's turn is as unknown as none (T-23).

    The act was refused and recorded as it is; a proxy, say, is asked for its mandate first.
    """
    project_id, household_id = whose(by)
    with reading(by=by):
        turn, _ = own_naming(project_id, household_id)
    is_own = turn is not None and turn.id == turn_id
    return refusal if is_own else Refusal("selection.turn-unknown")


def has_sheet(by: Actor) -> bool:
    """Whether who signs is asked to write a name: a proxy signs by its own account alone."""
    return is_permitted(by, "documents.store")


def _sign(request: HttpRequest, by: Actor) -> HttpResponse:
    """Keep the signature, then sign; each is one act with its own entry."""
    project_id, household_id = whose(by)
    sent = read_sent(request)
    with reading(by=by):
        turn, naming = own_naming(project_id, household_id)
    is_own = turn is not None and turn.id == sent.turn_id
    may_write = is_own and naming is not None and "household" in naming.missing
    try:
        sign_choice(
            project_id=project_id,
            turn_id=sent.turn_id,
            by=by,
            at=read_clock(),
            call=sent.call,
            step=sent.step,
            key=sent.key,
            signature_document=_keep_signature(request, sent, by=by, may_write=may_write),
        )
    except Refusal as refusal:
        told = tell_refusal(hide_others(refusal, turn_id=sent.turn_id, by=by))
        if told.status == 404:
            return answer_not_found(request)
        return answer_refused(request, told, back="my-sign")
    return go_to("my-sign", request=request)


def _keep_signature(request: HttpRequest, sent: Sent, *, by: Actor, may_write: bool) -> UUID | None:
    """Keep what the family has written; sent again, it is kept once.

    None where there is nothing for the household to sign (the act says why), and for a proxy.
    """
    if not has_sheet(by):
        return None
    document = f"选房签名 {sent.key or new_once()}"
    found = find_name(document, by=by)
    if found is not None or not may_write:
        return found
    return keep_name(request, document=document, by=by)


def _mark(project_id: UUID, household_id: UUID) -> str:
    """Give a word that changes whenever what is to be signed does."""
    turn, naming = own_naming(project_id, household_id)
    if turn is None:
        return "none"
    missing = "" if naming is None else "-".join(naming.missing)
    over = naming is not None and naming.sign_by is not None and naming.sign_by < read_clock()
    return f"{turn.state}.{turn.times_called}.{turn.step}.{missing}.{int(over)}"
