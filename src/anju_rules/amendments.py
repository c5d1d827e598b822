"""Amendments: what the failure rules changed in a draw after its freeze, and the order they leave.

A line that stood in the list by error is struck: nobody else moves, and its number stays empty. A
line that was announced as disputed and then decided for is placed where its key says. Nothing else
can be amended, and neither leaves anything to choose.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from anju_rules.ceremony import Incident
from anju_rules.draws import Draw, DrawResult, order_tickets
from anju_rules.values import Refusal, Ticket


class Kind(StrEnum):
    """What was done to a line."""

    STRIKE = "strike"
    PLACE = "place"


REASONS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.STRIKE: Incident.LISTED_BY_ERROR.value,
        Kind.PLACE: Incident.LEFT_OUT_BUT_DISPUTED.value,
    }
)
"""The incident of the failure table that each kind answers; what officers wrote is in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One line struck or placed by two people after the freeze."""

    kind: Kind
    draw_number: str
    ticket: Ticket
    event: str
    """The id of the platform's ledger entry of the second person's signature."""

    def show(self) -> dict[str, str]:
        """Write it as a row of ``amendments.json``."""
        return {
            "kind": self.kind.value,
            "draw_number": self.draw_number,
            "ticket": self.ticket,
            "reason": REASONS[self.kind],
            "event": self.event,
        }


def amend_order(
    *, draw: Draw, seed: bytes, order: Sequence[Ticket], placed: Collection[Ticket]
) -> tuple[Ticket, ...]:
    """Give a drawn order with the disputed tickets that were placed, each where its key says.

    Struck lines stay in it: a place in it, from 1, is a draw number, and theirs stay empty. Refuses
    with ``draws.not-disputed`` a ticket that was not announced as disputed.
    """
    if not placed:
        return tuple(order)
    unknown = set(placed) - {line.ticket for line in draw.disputed}
    if unknown:
        raise Refusal("draws.not-disputed", ticket=min(unknown))
    return order_tickets(scheme=draw.terms.scheme, seed=seed, tickets=[*order, *placed])


def amend_draws(
    draws: Sequence[tuple[Draw, DrawResult]], *, amendments: Sequence[Amendment]
) -> list[tuple[Ticket, ...]]:
    """Give the order of each draw as its amendments leave it; see :func:`amend_order`."""
    return [
        amend_order(
            draw=draw,
            seed=result.seed,
            order=result.order,
            placed=tickets_of(amendments, kind=Kind.PLACE, draw_number=draw.terms.draw_id),
        )
        for draw, result in draws
    ]


def tickets_of(
    amendments: Sequence[Amendment], *, kind: Kind, draw_number: str | None = None
) -> frozenset[Ticket]:
    """Give the tickets that were amended in one way, of one draw or of all."""
    return frozenset(
        one.ticket
        for one in amendments
        if one.kind is kind and draw_number in {None, one.draw_number}
    )
