"""The record of a selection as it is published: every line of it an entry of the ledger.

The tables hold where each turn stands now; what happened on the way stands in the ledger alone, and
is read from there, opened and held to its commitment.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from anju.foundation.ledger.queries import entries_of, read_body
from anju.foundation.ledger.types import EntryRow
from anju.resettlement.offline.bundle import LiveTurnRow
from anju.resettlement.selection.models import PlaceRecord, TurnRecord
from anju_rules.live import TurnLine, What
from anju_rules.values import Ticket, UnitNumber

WHAT: Mapping[str, str] = {
    "selection.turn.missed": "missed",
    "selection.turn.returned": "returned",
    "selection.turn.called": "called",
    "selection.home.chosen": "chosen",
    "selection.turn.waived": "waived",
}
"""Action to what it makes of a turn; of one turn's entries with one moment those come first that
stand first here."""
_RANK = {action: rank for rank, action in enumerate(WHAT)}
_Told = tuple[EntryRow, PlaceRecord]


def entries_of_turn(turn_id: UUID | str) -> list[EntryRow]:
    """Give what the ledger says was done of one turn, in the order in which it happened."""
    entries = [
        entry
        for entry in entries_of(str(turn_id))
        if entry.action in WHAT and entry.outcome == "done"
    ]
    return sorted(entries, key=lambda entry: (entry.at, _RANK[entry.action]))


def record_of_turns(project_id: UUID) -> list[LiveTurnRow]:
    """Give every call, choice, miss, waiver and return of a project, in order.

    Refuses like :func:`anju.foundation.ledger.queries.read_body`: what was erased with its
    household can no longer be published.
    """
    places = {place.place: place for place in PlaceRecord.objects.filter(project_id=project_id)}
    told = [
        (entry, places[turn.place])
        for turn in TurnRecord.objects.filter(project_id=project_id)
        for entry in entries_of_turn(turn.id)
    ]
    return [
        LiveTurnRow(_line(entry, place), str(entry.event_id)) for entry, place in _in_order(told)
    ]


def _in_order(told: list[_Told]) -> Iterator[_Told]:
    """Order by moment, and what has one moment as it alone can have happened.

    An automatic run takes many steps with one reading of the clock: a turn then runs to its end
    before the next is called, and who missed one comes back after the others.
    """
    states: dict[int, str] = {}
    moments: dict[datetime, dict[int, deque[_Told]]] = {}
    for one in told:
        of_turns = moments.setdefault(one[0].at, {})
        of_turns.setdefault(one[1].place, deque()).append(one)
    for moment in sorted(moments):
        left = moments[moment]
        while left:
            following = min((turn[0] for turn in left.values()), key=partial(_urgency, states))
            place = following[1].place
            states[place] = WHAT[following[0].action]
            left[place].popleft()
            if not left[place]:
                del left[place]
            yield following


def _urgency(states: Mapping[int, str], one: _Told) -> tuple[int, int, int]:
    entry, place = one
    what, state = WHAT[entry.action], states.get(place.place, "waiting")
    if what == "called":
        kind = 2 if state == "waiting" else 4
    elif what == "returned":
        kind = 3
    else:
        kind = 0 if state == "called" else 1
    return place.batch, kind, place.place


def _line(entry: EntryRow, place: PlaceRecord) -> TurnLine:
    body = cast("Mapping[str, Any]", read_body(event_id=entry.event_id))
    what = WHAT[entry.action]
    limit_at = str(body["limit_at"]) if what == "called" else None
    return TurnLine(
        at=entry.at,
        place=place.place,
        ticket=Ticket(place.ticket),
        batch=place.batch,
        what=cast("What", what),
        limit_at=None if limit_at is None else datetime.fromisoformat(limit_at),
        reason=str(body["reason"]) if what == "waived" else "",
        units=tuple(UnitNumber(str(unit["number"])) for unit in body.get("units", ())),
    )
