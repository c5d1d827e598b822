"""A family's own draw: its ticket, its key, its place, and how it checks all three by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.foundation.access.types import Actor
from anju.foundation.draws.listing import list_of
from anju.foundation.draws.queries import ceremonies_of, entry_of
from anju.foundation.draws.types import CeremonyRow, DrawRow, EntryRow
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection.own_receipt import ReceiptRow, find_receipt
from anju.web.household.draw_slip import write_slip_page
from anju.web.papers import answer_paper
from anju.web.public.ceremonies import say_counting
from anju.web.public.draw_words import NEXT, group_hex, say_use
from anju.web.public.saying import say_count, say_moment
from anju.web.routes import route
from anju_rules.ceremony import Step, Use, has_reached
from anju_rules.draw_slips import Slip, fill_slip, hash_line, write_key_command, write_slip
from anju_rules.draws import Line
from anju_rules.hashing import bytes_from_hex, canonical
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDraw:
    """A family's entry in the draw that sets the order."""

    project: ProjectRow
    ceremony: CeremonyRow
    draw: DrawRow
    entry: EntryRow
    receipt: ReceiptRow
    slip: Slip | None
    """None until the order is published."""


@require_safe
@route(permits="household.see")
def show_own_draw(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show the family its ticket, its key and its place, with the line that checks the key."""
    own = _find(by)
    facts: dict[str, object] = {"project": project_by_id(project_id=_project(by)), "own": None}
    if own is not None:
        facts |= {"own": own, **_tell(own)}
    return render(request, "household/draw/draw.html", facts)


@require_safe
@route(permits="household.see")
def give_slip(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Give the family's slip as a PDF: one A5 page with a code that a phone checks offline."""
    own = _find(by)
    if own is None or own.slip is None:
        raise Http404
    page = request.build_absolute_uri("/draws/slip.html")
    written = write_slip_page(
        slip=own.slip,
        salt=own.receipt.salt,
        project=own.project.name,
        title=say_use(own.ceremony.use, batch=own.ceremony.batch, stratum=own.draw.stratum),
        drawn=say_moment(_published_at(own.ceremony)),
        check_page=page,
    )
    return answer_paper(written, name=f"{own.slip.draw_id}-{own.slip.ticket}.pdf")


def _project(by: Actor) -> UUID:
    if by.project_id is None or by.household_id is None:
        raise Refusal("access.not-found")
    return by.project_id


def _find(by: Actor) -> OwnDraw | None:
    """Find the family's entry: in the draw that counts, else in the newest there is."""
    project_id = _project(by)
    if by.household_id is None:
        return None
    receipt = find_receipt(project_id=project_id, household_id=by.household_id)
    if receipt is None:
        return None
    found = [
        (ceremony, entry)
        for ceremony in ceremonies_of(project_id=project_id)
        if ceremony.use is Use.ORDER
        and (
            entry := entry_of(project_id=project_id, ceremony_id=ceremony.id, ticket=receipt.ticket)
        )
    ]
    if not found:
        return None
    ceremony, entry = min(found, key=lambda pair: _rank(pair[0]))
    draw = next(row for row in ceremony.draws if row.id == entry.draw_id)
    return OwnDraw(
        project=project_by_id(project_id=project_id),
        ceremony=ceremony,
        draw=draw,
        entry=entry,
        receipt=receipt,
        slip=_slip(ceremony, draw, entry),
    )


def _rank(ceremony: CeremonyRow) -> tuple[bool, bool, float]:
    """Order draws: not void before void, real before rehearsal, new before old."""
    return (
        ceremony.step is Step.VOID,
        ceremony.is_rehearsal,
        -ceremony.opened_at.timestamp(),
    )


def _slip(ceremony: CeremonyRow, draw: DrawRow, entry: EntryRow) -> Slip | None:
    if not has_reached(ceremony.step, Step.PUBLISHED) or entry.place is None:
        return None
    return fill_slip(
        scheme=ceremony.scheme,
        draw_id=draw.draw_number,
        line=Line(entry.ticket, bytes_from_hex(entry.commitment)),
        place=entry.place,
        index=entry.index,
        leaves=_leaves(ceremony.project_id, draw.id),
        root=bytes_from_hex(draw.root),
        seed=bytes_from_hex(draw.seed),
    )


@lru_cache(maxsize=8)
def _leaves(project_id: UUID, draw_id: UUID) -> tuple[bytes, ...]:
    """Hash a frozen list's lines once: it no longer changes, and every family asks."""
    lines = list_of(project_id=project_id, draw_id=draw_id).lines
    return tuple(hash_line(line) for line in lines)


def _published_at(ceremony: CeremonyRow) -> datetime:
    # A quick rehearsal, or a draw taken from files, was signed by nobody here.
    signed = (row.at for row in ceremony.signatures if row.step is Step.PUBLISHED)
    return max(signed, default=ceremony.opened_at)


def _tell(own: OwnDraw) -> dict[str, object]:
    slip = own.slip
    facts: dict[str, object] = {
        "code": own.project.code,
        "title": say_use(own.ceremony.use, batch=own.ceremony.batch, stratum=own.draw.stratum),
        "headline": NEXT[own.ceremony.step],
        "counting": say_counting(own.ceremony),
        "is_rehearsal": own.ceremony.is_rehearsal,
        "is_void": own.ceremony.step is Step.VOID,
        "size": say_count(own.draw.size),
        "commitment": group_hex(own.entry.commitment),
        "number": own.entry.index + 1,
        "salt": own.receipt.salt.hex(),
        "record": canonical(dict(own.receipt.record)).decode(),
    }
    if slip is not None:
        facts |= {
            "place": slip.place,
            "key": slip.key.hex(),
            "key_shown": group_hex(slip.key.hex()),
            "seed": group_hex(slip.seed.hex()),
            "root": group_hex(slip.root.hex()),
            "path": [node.hex() for node in slip.path],
            "command": write_key_command(scheme=slip.scheme, seed=slip.seed, ticket=slip.ticket),
            "slip_text": write_slip(slip),
        }
    return facts
