"""The record of a selection as it is published: every line of it an entry of the ledger.

A choice stands there at the moment its homes were named, in the household's own time; its entry is
that of the last signature, which may be later.

The tables hold where each turn stands now; what happened on the way stands in the ledger alone, and
is read from there, opened and held to its commitment.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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

EXCHANGED = "selection.homes.exchanged"
WHAT: Mapping[str, str] = {
    "selection.turn.missed": "missed",
    "selection.turn.returned": "returned",
    "selection.turn.deferred": "returned",
    "selection.turn.called": "called",
    "selection.home.chosen": "chosen",
    "selection.turn.waived": "waived",
    EXCHANGED: "exchanged",
}
"""Action to what it makes of a turn; of one turn's entries with one moment those come first that
stand first here."""
_RANK = {action: rank for rank, action in enumerate(WHAT)}
NAMED = "selection.homes.named"
SIGNED = "selection.choice.signed"
DROPPED = "selection.naming.dropped"
RESUMED = "selection.batch.resumed"
"""After a pause: its entry says until when each called household may choose from then on."""
RECORDED = "selection.recording.entered"
"""Which recording of a batch is kept where; its day of choosing is over by then."""
_NAMINGS = frozenset({NAMED, SIGNED, DROPPED})
"""What is told of a naming before it is a choice: no line of the published record."""


@dataclass(frozen=True, slots=True)
class _Told:
    """An entry, whose turn it tells of, and the moment for which it stands in the record."""

    entry: EntryRow
    place: PlaceRecord
    at: datetime
    body: Mapping[str, Any]


def entries_of_turn(turn_id: UUID | str) -> list[EntryRow]:
    """Give what the ledger says was done of one turn, in the order in which it happened."""
    entries = [
        entry
        for entry in entries_of(str(turn_id))
        if entry.action in WHAT and entry.outcome == "done"
    ]
    return sorted(entries, key=lambda entry: (entry.at, _RANK[entry.action]))


def namings_of_turn(turn_id: UUID | str) -> list[EntryRow]:
    """Give what the ledger says was named, signed in part and dropped in one turn, unordered."""
    return [
        entry
        for entry in entries_of(str(turn_id))
        if entry.action in _NAMINGS and entry.outcome == "done"
    ]


def record_of_turns(project_id: UUID) -> list[LiveTurnRow]:
    """Give every call, choice, miss, deferral, waiver, return and exchange, in order.

    Refuses like :func:`anju.foundation.ledger.queries.read_body`: what was erased with its
    household can no longer be published.
    """
    places = {place.place: place for place in PlaceRecord.objects.filter(project_id=project_id)}
    moved = _limits_after_pauses(project_id)
    told = [
        _tell(entry, places[turn.place], moved)
        for turn in TurnRecord.objects.filter(project_id=project_id)
        for entry in entries_of_turn(turn.id)
    ]
    return [LiveTurnRow(_line(one), str(one.entry.event_id)) for one in _in_order(told)]


def _limits_after_pauses(project_id: UUID) -> dict[tuple[str, int], str]:
    """Give until when each call lasted that a pause had lengthened, by turn and times called."""
    moved: dict[tuple[str, int], str] = {}
    for entry in entries_of(str(project_id)):
        if entry.action == RESUMED and entry.outcome == "done":
            body = cast("Mapping[str, Any]", read_body(event_id=entry.event_id))
            for turn in body["turns"]:
                moved[str(turn["turn"]), int(turn["times_called"])] = str(turn["limit_at"])
    return moved


def _tell(entry: EntryRow, place: PlaceRecord, moved: Mapping[tuple[str, int], str]) -> _Told:
    body = cast("Mapping[str, Any]", read_body(event_id=entry.event_id))
    if entry.action == "selection.turn.called":
        limit_at = moved.get((entry.target, int(body["times_called"])), body["limit_at"])
        body = {**body, "limit_at": limit_at}
    named_at = body.get("named_at")
    at = entry.at if named_at is None else datetime.fromisoformat(str(named_at))
    return _Told(entry, place, at, body)


def _in_order(told: list[_Told]) -> Iterator[_Told]:
    """Order by moment, and what has one moment as it alone can have happened.

    An automatic run takes many steps with one reading of the clock: a turn then runs to its end
    before the next is called, and who missed one comes back after the others.
    """
    states: dict[int, str] = {}
    moments: dict[datetime, dict[int, deque[_Told]]] = {}
    for one in told:
        of_turns = moments.setdefault(one.at, {})
        of_turns.setdefault(one.place.place, deque()).append(one)
    for moment in sorted(moments):
        left = moments[moment]
        while left:
            following = min((turn[0] for turn in left.values()), key=partial(_urgency, states))
            place = following.place.place
            states[place] = WHAT[following.entry.action]
            left[place].popleft()
            if not left[place]:
                del left[place]
            yield following


def _urgency(states: Mapping[int, str], one: _Told) -> tuple[int, int, int]:
    place = one.place
    what, state = WHAT[one.entry.action], states.get(place.place, "waiting")
    if what == "called":
        kind = 2 if state == "waiting" else 4
    elif what == "returned" and state == "missed":
        kind = 3
    else:
        kind = 0 if state == "called" else 1
    return place.batch, kind, place.place


def _line(one: _Told) -> TurnLine:
    place, body, what = one.place, one.body, WHAT[one.entry.action]
    limit_at = str(body["limit_at"]) if what == "called" else None
    return TurnLine(
        at=one.at,
        place=place.place,
        ticket=Ticket(place.ticket),
        batch=place.batch,
        what=cast("What", what),
        limit_at=None if limit_at is None else datetime.fromisoformat(limit_at),
        reason=str(body["reason"]) if what == "waived" else "",
        units=tuple(UnitNumber(str(unit["number"])) for unit in body.get("units", ())),
    )
