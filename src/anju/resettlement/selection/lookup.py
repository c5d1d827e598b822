"""What everybody may look up of every household: its place, its turn, its homes; masked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from anju.resettlement.selection.types import Board

_PLACES = """
SELECT p.place, p.ticket, p.batch, p.stratum, COALESCE(t.state, 'waiting')
FROM selection_place p
LEFT JOIN selection_turn t ON t.project_id = p.project_id AND t.place = p.place
WHERE p.project_id = %s ORDER BY p.place
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRow:
    """One household as it is found by its ticket."""

    place: int
    ticket: str
    batch: int
    stratum: str
    state: str
    """The state of its turn; ``waiting`` too before its batch is opened."""
    homes: tuple[str, ...]
    """The numbers of the homes it has chosen, sorted."""
    event_id: UUID | None
    """The entry that proves the choice."""


def rows_to_find(*, board: Board) -> tuple[FoundRow, ...]:
    """Give every household of a board's project, in the order of choosing.

    Homes are taken from the board, so that both say the same; it needs no context.
    """
    homes: dict[str, list[str]] = {}
    events: dict[str, UUID | None] = {}
    for building in board.buildings:
        for floor in building.floors:
            for home in floor.homes:
                if home.state == "taken":
                    homes.setdefault(home.ticket, []).append(home.number)
                    events[home.ticket] = home.event_id
    with connections["default"].cursor() as cursor:
        cursor.execute(_PLACES, [board.project_id])
        return tuple(
            FoundRow(
                place=place,
                ticket=ticket,
                batch=batch,
                stratum=stratum,
                state=state,
                homes=tuple(sorted(homes.get(ticket, ()))),
                event_id=events.get(ticket),
            )
            for place, ticket, batch, stratum, state in cursor.fetchall()
        )
