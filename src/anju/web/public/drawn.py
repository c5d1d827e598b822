"""What a draw of some takes: the first of its order, struck ones left out."""

from __future__ import annotations

from dataclasses import dataclass

from anju.foundation.draws.listing import find_line, list_lines
from anju.foundation.draws.queries import taken_of
from anju.foundation.draws.types import CeremonyRow, DrawRow
from anju_rules.ceremony import Step
from anju_rules.values import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRow:
    """One that is taken: a household by its masked name, a body or an officer by its own."""

    ticket: Ticket
    name: str
    street: str


def lay_out_taken(ceremony: CeremonyRow, draw: DrawRow) -> tuple[TakenRow, ...]:
    """Give who is taken, in the drawn order; nobody where all are ordered, or before the order."""
    if ceremony.take is None or not draw.seed or ceremony.step is Step.VOID:
        return ()
    project_id, draw_id = ceremony.project_id, draw.id
    told = dict(taken_of(project_id=ceremony.project_id, ceremony_id=ceremony.id))
    most = ceremony.take + len(draw.struck)
    lines = {
        row.ticket: row
        for row in list_lines(project_id=project_id, draw_id=draw_id, most=most).rows
    }
    rows = []
    for ticket in told[draw.stratum]:
        # Who was placed from the disputed list stands behind the last line of the listing.
        line = lines.get(ticket) or find_line(project_id=project_id, draw_id=draw_id, ticket=ticket)
        name, street = (line.masked_name, line.street) if line else ("", "")
        rows.append(TakenRow(ticket=ticket, name=name, street=street))
    return tuple(rows)
