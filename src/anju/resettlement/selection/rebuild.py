"""Rebuilding the allocation from the ledger, and holding the tables against it (every night).

A superuser can change a table without a trace in it; not without one here: what the tables say is
compared with what the entries, opened and held to their commitments, add up to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.draws.finished import draw_heads
from anju.foundation.ledger.queries import entries_of, read_body
from anju.foundation.ledger.types import EntryRow
from anju.resettlement.inventory.queries import homes_of
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import (
    BatchRecord,
    ChoiceRecord,
    DrawRecord,
    PlaceRecord,
    TurnRecord,
)
from anju.resettlement.selection.record import WHAT, entries_of_turn
from anju.resettlement.selection.types import Difference
from anju_rules.values import Refusal

_DRAWS = frozenset({"selection.draw.rehearsed", "selection.draw.taken", "selection.order.taken"})
_OF_PROJECT = {
    **dict.fromkeys(_DRAWS, 0),
    "selection.batch.opened": 1,
    "selection.batch.closed": 2,
}
"""What is told of the project itself, in the order in which it can happen at one moment."""
Body = Mapping[str, Any]


@dataclass(slots=True)
class _Told:
    """What the ledger adds up to: kind and target to what the table must say."""

    rows: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[Difference] = field(default_factory=list)
    units: set[UUID] = field(default_factory=set)


def compare_project(*, project_id: UUID, by: Actor) -> list[Difference]:
    """Give every place where the tables of a project's selection differ from the ledger.

    Draws, the order, batches, turns, choices and the state of homes are compared. An entry whose
    body was erased with its household (PIPL 47) is followed as far as its header tells; one that
    does not open to its commitment is a difference of its own.
    """
    with reading(by=by):
        told = _rebuild(project_id)
        found = dict(_stored(project_id))
        differences = list(told.faults)
        for kind, target in sorted(told.rows.keys() | found.keys()):
            expected = told.rows.get((kind, target), "")
            stored = found.get((kind, target), "")
            if expected != stored:
                differences.append(
                    Difference(kind=kind, target=target, ledger=expected, table=stored)
                )
        differences.extend(_compare_units(project_id, told.units))
    return differences


def _rebuild(project_id: UUID) -> _Told:
    told = _Told()
    entries = sorted(
        (entry for entry in _done(entries_of(str(project_id))) if entry.action in _OF_PROJECT),
        key=lambda entry: (entry.at, _OF_PROJECT[entry.action]),
    )
    for entry in entries:
        body = _open(entry, told)
        if body is None:
            continue
        if entry.action in _DRAWS:
            _tell_draw(entry, body, told)
        elif entry.action == "selection.batch.opened":
            told.rows["batch", str(body["batch"])] = "open"
            for turn in body["turns"]:
                _tell_turn(turn, int(body["batch"]), told)
        elif entry.action == "selection.batch.closed":
            told.rows["batch", str(body["batch"])] = "closed"
    return told


def _tell_draw(entry: EntryRow, body: Body, told: _Told) -> None:
    for draw in body["draws"]:
        told.rows["draw", str(draw["stratum"])] = f"{draw['digest']} {entry.event_id}"
    told.rows["place", "order"] = str(body["order_digest"])
    for batch in range(1, int(body["batches"]) + 1):
        told.rows["batch", str(batch)] = "waiting"


def _tell_turn(turn: Body, batch: int, told: _Told) -> None:
    turn_id, household = str(turn["turn"]), str(turn["household"])
    state = "waiting"
    for entry in entries_of_turn(turn_id):
        state = WHAT[entry.action]
        if state != "chosen":
            continue
        body = _open(entry, told)
        for unit in [] if body is None else body["units"]:
            told.rows["choice", str(unit["id"])] = f"{turn_id} {household} {entry.event_id}"
            told.units.add(UUID(str(unit["id"])))
    told.rows["turn", turn_id] = f"{turn['place']} {batch} {household} {state}"


def _done(entries: Iterable[EntryRow]) -> Iterator[EntryRow]:
    return (entry for entry in entries if entry.outcome == "done")


def _open(entry: EntryRow, told: _Told) -> Body | None:
    try:
        return read_body(event_id=entry.event_id)
    except Refusal as refusal:
        told.faults.append(
            Difference(
                kind="entry", target=str(entry.event_id), ledger=refusal.code, table=entry.action
            )
        )
        return None


def _stored(project_id: UUID) -> Iterator[tuple[tuple[str, str], str]]:
    yield from _stored_draws(project_id)
    places = list(PlaceRecord.objects.filter(project_id=project_id).order_by("place"))
    if places:
        yield ("place", "order"), mapping.digest_order(places)
    for batch in BatchRecord.objects.filter(project_id=project_id):
        yield ("batch", str(batch.batch)), batch.state
    for turn in TurnRecord.objects.filter(project_id=project_id):
        said = f"{turn.place} {turn.batch} {turn.household_id} {turn.state}"
        yield ("turn", str(turn.id)), said
    for choice in ChoiceRecord.objects.filter(project_id=project_id, released_at__isnull=True):
        said = f"{choice.turn_id} {choice.household_id} {choice.event_id}"
        yield ("choice", str(choice.unit_id)), said


def _stored_draws(project_id: UUID) -> Iterator[tuple[tuple[str, str], str]]:
    """Derive each stored draw again: one that derives no more differs by what refuses it."""
    records = list(DrawRecord.objects.filter(project_id=project_id).order_by("place_of_draw"))
    heads = draw_heads(project_id=project_id, draw_ids=[record.id for record in records])
    try:
        derived = mapping.draws_of(project_id)
    except Refusal as refusal:
        for record in records:
            yield ("draw", record.stratum), f"{refusal.code} {record.event_id}"
        return
    for record, (draw, result) in zip(records, derived, strict=False):
        head = heads.get(record.id)
        told = (result.root.hex(), result.announcement.hex(), result.seed.hex())
        if head is None or (head.root, head.announcement, head.seed) != told:
            yield ("draw", record.stratum), f"draws.table-differs {record.event_id}"
            continue
        content = mapping.digest_draw(draw, result)
        yield ("draw", record.stratum), f"{content} {record.event_id}"


def _compare_units(project_id: UUID, chosen: set[UUID]) -> Iterator[Difference]:
    for unit in homes_of(project_id=project_id):
        if (unit.state == "taken") != (unit.id in chosen):
            expected = "taken" if unit.id in chosen else "free"
            yield Difference(
                kind="home", target=str(unit.number), ledger=expected, table=unit.state
            )
