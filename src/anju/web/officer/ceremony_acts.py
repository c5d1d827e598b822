"""What people do in a ceremony: one form, one operation; a code of the minute for each signature.

Who may act, and when, is decided by the operations alone: these views only read the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from anju.foundation.access.context import reading
from anju.foundation.access.operations import step_up
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import CHINA, read_clock
from anju.foundation.draws import operations, queries
from anju.foundation.draws.operations.broadcasts import record_broadcast
from anju.foundation.draws.types import CeremonyRow, NewParty, NewTerms
from anju.resettlement.selection.operations.ceremonies import open_order_ceremony, take_order
from anju.web.officer.ceremony_cards import CardKind, read_card, read_card_of
from anju.web.officer.ceremony_words import beacon_asks
from anju.web.officer.steps import project_in_sight
from anju.web.routes import go_to, route
from anju_rules.ceremony import Party, Step
from anju_rules.draws import Scheme
from anju_rules.values import Refusal, Ticket

_MOST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A form as it came, with the ceremony it speaks of and who sent it."""

    told: QueryDict
    ceremony: CeremonyRow
    by: Actor
    at: datetime

    @property
    def signer(self) -> Actor:
        """The sender, once the code of the minute is right; the code is used up."""
        return step_up(by=self.by, code=self.told.get("code", "").strip(), at=self.at)

    @property
    def where(self) -> dict[str, UUID]:
        """The ceremony, as operations ask for it."""
        return {"project_id": self.ceremony.project_id, "ceremony_id": self.ceremony.id}

    def text(self, name: str) -> str:
        """One field, without the blanks around it."""
        return self.told.get(name, "").strip()


@require_POST
@route(permits="draws.open")
def open_one(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Open the ceremony for the order of a project's households."""
    project = project_in_sight(code=code, by=by)
    told = request.POST
    ceremony = open_order_ceremony(
        project_id=project.id,
        scheme=read_scheme(told),
        terms=read_terms(told),
        parties=read_parties(told),
        disputed=read_words(told.get("disputed", "")),
        by=by,
        at=read_clock(),
    )
    return go_to("desk-ceremony", request=request, code=code, ceremony_id=ceremony.id)


@sensitive_post_parameters("code", "card")
@require_POST
@route(permits="draws.see")
def act(request: HttpRequest, code: str, ceremony_id: UUID, act: str, *, by: Actor) -> HttpResponse:
    """Carry out one act of the ceremony, named by its address."""
    if act not in ACTS:
        raise Http404
    project = project_in_sight(code=code, by=by)
    with reading(by=by):
        ceremony = queries.ceremony_by_id(project_id=project.id, ceremony_id=ceremony_id)
    ACTS[act](_Form(told=request.POST, ceremony=ceremony, by=by, at=read_clock()))
    return go_to("desk-ceremony", request=request, code=code, ceremony_id=ceremony_id)


def _sign(form: _Form) -> None:
    step = form.text("step")
    if step not in set(Step):
        raise Http404
    operations.sign_step(**form.where, step=Step(step), by=form.signer, at=form.at)


def _count(form: _Form) -> None:
    operations.sign_street_count(
        **form.where,
        street=form.text("street"),
        count=read_count(form.text("count")),
        by=form.signer,
        at=form.at,
    )


def _commit(form: _Form) -> None:
    mine = next((row for row in form.ceremony.parties if row.account_id == form.by.id), None)
    if mine is None:
        raise Refusal("draws.not-a-party")
    commitments = [
        read_card(
            form.text(f"card-{draw.draw_number}"),
            kind=CardKind.COMMITMENT,
            scheme=form.ceremony.scheme,
            draw_number=draw.draw_number,
            who=mine.who,
        )
        for draw in form.ceremony.draws
    ]
    operations.enter_commitments(
        **form.where, who=mine.who, commitments=commitments, by=form.signer, at=form.at
    )


def _enter_beacon(form: _Form) -> None:
    """Enter every part that was typed; a part left empty is entered later."""
    typed = [
        (ask.place, form.told.get(f"part-{ask.place}", ""))
        for ask in beacon_asks(form.ceremony.beacon_rule)
        if form.text(f"part-{ask.place}")
    ]
    if not typed:
        raise Refusal("ceremony.nothing-typed")
    for place, text in typed:
        operations.enter_beacon_part(**form.where, place=place, text=text, by=form.by, at=form.at)


def _scan(form: _Form) -> None:
    """Open one card: its QR code says whose it is, typed digits ask for it."""
    who, draw_number = form.text("who"), form.text("draw")
    card = read_card_of(
        form.text("card"), scheme=form.ceremony.scheme, draw_number=draw_number, who=who
    )
    found = [row.id for row in form.ceremony.draws if row.draw_number == card.draw_number]
    if not found:
        raise Refusal("ceremony.card-of-another", draw_number=card.draw_number, who=card.who)
    operations.scan_secret(
        **form.where,
        draw_id=found[0],
        who=card.who,
        secret=card.value,
        by=form.by,
        at=form.at,
    )


def _report(form: _Form) -> None:
    operations.report_agreement(
        **form.where,
        verifier=form.text("verifier"),
        # Of each draw the digest its verifier shows, one after another.
        digest=" ".join(
            "".join(form.text(f"digest-{draw.draw_number}").lower().split())
            for draw in form.ceremony.draws
        ),
        by=form.signer,
        at=form.at,
    )


def _void(form: _Form) -> None:
    operations.sign_void(**form.where, cause=form.text("cause"), by=form.signer, at=form.at)


def _strike(form: _Form) -> None:
    operations.strike_entry(
        **form.where,
        ticket=Ticket(form.text("ticket").upper()),
        reason=form.text("reason")[:_MOST_REASON],
        by=form.signer,
        at=form.at,
    )


def _place(form: _Form) -> None:
    operations.place_disputed(
        **form.where, ticket=Ticket(form.text("ticket").upper()), by=form.signer, at=form.at
    )


def _take(form: _Form) -> None:
    """Make places and batches of the locked order: choosing follows it."""
    take_order(**form.where, by=form.by, at=form.at)


def _broadcast(form: _Form) -> None:
    record_broadcast(
        **form.where,
        address=form.text("address"),
        recording_digest="".join(form.text("recording_digest").lower().split()),
        recording_place=form.text("recording_place"),
        by=form.by,
        at=form.at,
    )


def _postpone(form: _Form) -> None:
    operations.postpone_beacon(
        **form.where,
        to=read_moment(form.text("to")),
        reason=form.text("reason")[:_MOST_REASON],
        by=form.signer,
        at=form.at,
    )


ACTS: Mapping[str, Callable[[_Form], None]] = {
    "sign": _sign,
    "count": _count,
    "commit": _commit,
    "beacon": _enter_beacon,
    "scan": _scan,
    "verify": _report,
    "void": _void,
    "strike": _strike,
    "place": _place,
    "postpone": _postpone,
    "broadcast": _broadcast,
    "take": _take,
}


def read_scheme(told: QueryDict) -> Scheme:
    """Read whether a ceremony counts: it does unless it is called a rehearsal."""
    return Scheme.REHEARSAL if told.get("scheme") == "rehearsal" else Scheme.REAL


def read_terms(told: QueryDict) -> NewTerms:
    """Read what is fixed of a ceremony before chance speaks; the same fields in every form."""
    return NewTerms(
        freeze_at=read_moment(told.get("freeze_at", "")),
        beacon_at=read_moment(told.get("beacon_at", "")),
        beacon_rule=told.get("beacon_rule", "").strip(),
        redraw_rule=told.get("redraw_rule", "").strip(),
    )


def read_words(told: str) -> list[str]:
    r"""Read numbers or tickets, one a line or with commas between them.

    >>> read_words("YS-0001， YS-0002\n\nYS-0003")
    ['YS-0001', 'YS-0002', 'YS-0003']
    """
    return [word for word in re.split(r"[\s,，、;；]+", told) if word]


def read_moment(told: str) -> datetime:
    """Read a date and time as the browser's field gives it, in Beijing's time.

    >>> read_moment("2026-11-23T17:00").isoformat()
    '2026-11-23T17:00:00+08:00'
    """
    try:
        moment = datetime.fromisoformat(told.strip())
    except ValueError as fault:
        raise Refusal("ceremony.time-missing") from fault
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)


def read_count(told: str) -> int:
    """Read a count of households.

    >>> read_count("412")
    412
    """
    if not (told.isascii() and told.isdigit() and len(told) < 8):
        raise Refusal("ceremony.no-count")
    return int(told)


def read_parties(told: QueryDict) -> list[NewParty]:
    """Read who takes part: one account a party, of representatives as many as are ticked."""
    parties: list[NewParty] = []
    for party in Party:
        accounts = [one for one in told.getlist(party.value) if one]
        for number, account in enumerate(accounts, start=1):
            # One representative is called as the others are; several are numbered.
            who = party.value if len(accounts) == 1 else f"{party.value}-{number}"
            parties.append(NewParty(who=who, party=party, account_id=_read_id(account)))
    return parties


def _read_id(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError as fault:
        raise Http404 from fault
