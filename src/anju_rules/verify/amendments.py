"""Checks 6 and 12 where the failure rules amended a list: what may be struck, what may be placed.

A strike names a line of the list, a placement one of the announced disputed list ``P``; both stand
under the number of their draw, with the incident that allows them and the ledger's entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from anju_rules.amendments import REASONS, Amendment, Kind, amend_order
from anju_rules.draws import Draw, check_ticket
from anju_rules.hashing import bytes_from_hex
from anju_rules.values import Refusal, Ticket
from anju_rules.verify.published import Published, Row

_EVENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def placed_of(published: Published) -> frozenset[str]:
    """Give the tickets that amendments say were placed: they are in the roster, not in a list."""
    rows = published.amendments or []
    return frozenset(row["ticket"] for row in rows if row["kind"] == Kind.PLACE)


def struck_of(published: Published) -> frozenset[Ticket]:
    """Give the tickets that amendments say were struck: they have no place."""
    rows = published.amendments or []
    return frozenset(Ticket(row["ticket"]) for row in rows if row["kind"] == Kind.STRIKE)


def check_amendments(published: Published, draws: Iterable[Draw]) -> None:
    """6: each amendment is of a line that could be amended so, once, with reason and entry."""
    if published.amendments is None:
        return
    if not published.amendments:
        raise Refusal("verify.amendments-empty")
    by_number = {draw.terms.draw_id: draw for draw in draws}
    roster = {row["ticket"]: row for row in published.roster}
    before, events = "", set()
    for row in published.amendments:
        one = _read(row)
        if one.ticket <= before or one.event in events:
            raise Refusal("verify.amendment-twice", ticket=one.ticket)
        before = one.ticket
        events.add(one.event)
        draw = by_number.get(one.draw_number)
        entry = roster.get(one.ticket)
        if draw is None or entry is None or entry["stratum"] != draw.terms.stratum:
            raise Refusal("verify.amendment-unknown", ticket=one.ticket)
        lines = draw.lines if one.kind is Kind.STRIKE else draw.disputed
        commitment = bytes_from_hex(entry["commit"])
        if not any((line.ticket, line.commitment) == (one.ticket, commitment) for line in lines):
            raise Refusal("verify.amendment-unknown", ticket=one.ticket)


def order_with_placed(published: Published, row: Row, draw: Draw) -> tuple[Ticket, ...]:
    """Give one draw's order, struck lines in it, with what was placed where its key says."""
    placed = {
        Ticket(one["ticket"])
        for one in published.amendments or []
        if one["kind"] == Kind.PLACE and one["draw_number"] == draw.terms.draw_id
    }
    return amend_order(
        draw=draw,
        seed=bytes_from_hex(row["expected"]["seed"]),
        order=[Ticket(ticket) for ticket in row["expected"]["order"]],
        placed=placed,
    )


def _read(row: Row) -> Amendment:
    event = row["event"]
    is_event = _EVENT.fullmatch(event) is not None and str(UUID(event)) == event
    if row["kind"] not in set(Kind) or row["reason"] != REASONS[Kind(row["kind"])] or not is_event:
        raise Refusal("verify.amendment-malformed", ticket=row["ticket"][:40])
    return Amendment(
        kind=Kind(row["kind"]),
        draw_number=row["draw_number"],
        ticket=check_ticket(row["ticket"]),
        event=event,
    )
