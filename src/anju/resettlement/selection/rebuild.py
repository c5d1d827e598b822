"""Rebuilding the allocation from the ledger, and holding the tables against it.

A superuser can change a table without a trace in it; not without one here: what the tables say is
compared with what the entries, opened and held to their commitments, add up to: every night anew,
and every minute with what is kept of the last time, while no byte of those entries is another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.queries import is_household_erased
from anju.foundation.access.types import Actor
from anju.foundation.draws.finished import draw_heads
from anju.foundation.ledger.queries import digest_entries, entries_of, read_body
from anju.foundation.ledger.types import EntryRow
from anju.resettlement.inventory.queries import homes_of
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import (
    BatchRecord,
    ChoiceRecord,
    DrawRecord,
    PlaceRecord,
    RecordingRecord,
    SignatureRecord,
    TurnRecord,
)
from anju.resettlement.selection.record import (
    DROPPED,
    EXCHANGED,
    RECORDED,
    SIGNED,
    WHAT,
    entries_of_turn,
    namings_of_turn,
)
from anju.resettlement.selection.types import Difference
from anju_rules.values import Refusal

REMATCHED = "rematch.round.carried-out"
_DRAWS = frozenset({"selection.draw.rehearsed", "selection.draw.taken", "selection.order.taken"})
_OF_PROJECT = {
    **dict.fromkeys(_DRAWS, 0),
    "selection.batch.opened": 1,
    "selection.batch.closed": 2,
    REMATCHED: 3,
    "negotiation.homes.given": 3,
    RECORDED: 3,
}
"""What is told of the project itself, in the order in which it can happen at one moment."""
_OF_RECORDING = ("batch", "kind", "recorded_on", "digest", "corrects", "camera", "place")
Body = Mapping[str, Any]


@dataclass(slots=True)
class _Told:
    """What the ledger adds up to: kind and target to what the table must say."""

    rows: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[Difference] = field(default_factory=list)
    given: set[UUID] = field(default_factory=set)
    """Homes that went by agreement, without a turn."""
    swaps: list[EntryRow] = field(default_factory=list)
    households: dict[str, str] = field(default_factory=dict)
    """Of which turns the entries were read, and whose each is."""
    erased: dict[str, str] = field(default_factory=dict)
    """Which entries went with their household, and of which turn each is."""


class Rebuilds:
    """What each project's entries added up to when they were last read, with their digest."""

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[bytes, _Told]] = {}

    def rebuild(self, project_id: UUID) -> _Told:
        """Give what the ledger adds up to; entries are opened only where they are not the same."""
        known = TurnRecord.objects.filter(project_id=project_id).values_list("id", flat=True)
        turns = {str(turn) for turn in known}
        # Before the entries are opened: one that comes meanwhile is news the next time.
        digest = digest_entries([str(project_id), *turns])
        kept = self._kept.get(project_id)
        if kept is not None and kept[0] == digest:
            return kept[1]
        told = _rebuild(project_id)
        # A turn that only the ledger knows is not under the digest.
        if told.households.keys() <= turns:
            self._kept[project_id] = digest, told
        return told


def compare_project(
    *, project_id: UUID, by: Actor, rebuilds: Rebuilds | None = None
) -> list[Difference]:
    """Give every place where the tables of a project's selection differ from the ledger.

    Draws, the order, batches, turns, what is named, chosen and signed, the recordings, and the
    state of homes are compared. An entry whose body was erased with its household (PIPL 47) is
    followed as far as its header tells, and for what its body told the tables are believed, where
    the ledger has that erasure; one that does not open to its commitment is a difference of its
    own. With ``rebuilds`` the entries are opened again only where they are not the same as the
    last time.
    """
    # A choice that is made between two of the queries is in both of what they give, or in neither.
    with reading(by=by, of_one_moment=True):
        told = _rebuild(project_id) if rebuilds is None else rebuilds.rebuild(project_id)
        found = dict(_stored(project_id))
        rows = told.rows | _told_by_erased(told, found)
        chosen = {
            UUID(target)
            for (kind, target), said in rows.items()
            if kind == "choice" and said.endswith(" chosen")
        }
        differences = list(told.faults)
        for kind, target in sorted(rows.keys() | found.keys()):
            expected = rows.get((kind, target), "")
            stored = found.get((kind, target), "")
            if expected != stored:
                differences.append(
                    Difference(kind=kind, target=target, ledger=expected, table=stored)
                )
        differences.extend(_compare_units(project_id, told.given | chosen))
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
        elif entry.action == REMATCHED:
            # No batch is open then: whatever was exchanged in one has been.
            _tell_swaps(told)
            _tell_rematch(entry, body, told)
        elif entry.action == RECORDED:
            told.rows["recording", str(body["recording"])] = _say_recording(body, entry.event_id)
        else:
            told.given.update(UUID(str(home["id"])) for home in body["homes"])
    _tell_swaps(told)
    return told


def _tell_draw(entry: EntryRow, body: Body, told: _Told) -> None:
    for draw in body["draws"]:
        told.rows["draw", str(draw["stratum"])] = f"{draw['digest']} {entry.event_id}"
    told.rows["place", "order"] = str(body["order_digest"])
    for batch in range(1, int(body["batches"]) + 1):
        told.rows["batch", str(batch)] = "waiting"


def _tell_turn(turn: Body, batch: int, told: _Told) -> None:
    turn_id, household = str(turn["turn"]), str(turn["household"])
    told.households[turn_id] = household
    state, last = "waiting", None
    for entry in entries_of_turn(turn_id):
        if entry.action == EXCHANGED:
            told.swaps.append(entry)
            continue
        state, last = WHAT[entry.action], entry
    body = None
    if state == "chosen" and last is not None:
        body = _open(last, told)
    elif state == "called" and last is not None:
        last, body = _standing_naming(turn_id, last, told)
    if last is not None and body is not None:
        held = "named" if state == "called" else "chosen"
        for unit in body["units"]:
            told.rows["choice", str(unit["id"])] = f"{turn_id} {household} {last.event_id} {held}"
        for signature in body.get("signatures", ()):
            whose = f"{signature['by']} {signature['at']}"
            told.rows["signature", f"{turn_id} {signature['side']}"] = whose
    told.rows["turn", turn_id] = f"{turn['place']} {batch} {household} {state}"


def _say_recording(line: Body, event_id: UUID) -> str:
    return " ".join(str(line[name]) for name in _OF_RECORDING) + f" {event_id}"


def _tell_swaps(told: _Told) -> None:
    """Follow the exchanges that were met and not followed yet, in their order."""
    for swap in sorted(told.swaps, key=lambda entry: entry.at):
        _tell_swap(swap, told)
    told.swaps.clear()


def _tell_swap(entry: EntryRow, told: _Told) -> None:
    """Follow an exchange: each of the two holds what the other held."""
    body = _open(entry, told)
    if body is None:
        return
    for side in ({**body, "turn": entry.target}, body["other"]):
        whose = f"{side['turn']} {side['household']} {entry.event_id} chosen"
        for unit in side["units"]:
            told.rows["choice", str(unit["id"])] = whose


def _tell_rematch(entry: EntryRow, body: Body, told: _Told) -> None:
    """Move homes from hand to hand, after every turn has ended: all are given back first."""
    for move in body["moves"]:
        for unit in move["released"]:
            told.rows.pop(("choice", str(unit["id"])), None)
    for move in body["moves"]:
        for unit in move["given"]:
            said = f"{move['turn']} {move['household']} {entry.event_id} chosen"
            told.rows["choice", str(unit["id"])] = said


def _standing_naming(
    turn_id: str, called: EntryRow, told: _Told
) -> tuple[EntryRow | None, Body | None]:
    """Give the naming that a called turn ends in, with all that was signed under it."""
    opened = [
        (entry, body)
        for entry in namings_of_turn(turn_id)
        if entry.at >= called.at and (body := _open(entry, told)) is not None
    ]
    changes = [one for one in opened if one[0].action != SIGNED]
    if not changes:
        return None, None
    entry, body = max(changes, key=lambda one: int(one[1]["step"]))
    if entry.action == DROPPED:
        return None, None
    signed = [
        one["signatures"]
        for _, one in sorted(
            (found for found in opened if found[0].action == SIGNED), key=_signatures_told
        )
        if one["step"] == body["step"]
    ]
    return entry, {**body, "signatures": signed[-1] if signed else body["signatures"]}


def _signatures_told(one: tuple[EntryRow, Body]) -> int:
    """A partial signing tells all that have signed by then: the longest is the last."""
    return len(one[1]["signatures"])


def _done(entries: Iterable[EntryRow]) -> Iterator[EntryRow]:
    return (entry for entry in entries if entry.outcome == "done")


def _open(entry: EntryRow, told: _Told) -> Body | None:
    try:
        return read_body(event_id=entry.event_id)
    except Refusal as refusal:
        household = told.households.get(entry.target, "")
        if refusal.code == "ledger.body-erased" and is_household_erased(household):
            told.erased[str(entry.event_id)] = entry.target
            return None
        told.faults.append(
            Difference(
                kind="entry", target=str(entry.event_id), ledger=refusal.code, table=entry.action
            )
        )
        return None


def _told_by_erased(
    told: _Told, found: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], str]:
    """Give what only erased entries told, as the tables have it: which home, and who signed."""
    turns = set(told.erased.values())
    return {
        (kind, target): said
        for (kind, target), said in found.items()
        if (kind == "choice" and said.split()[2] in told.erased)
        or (kind == "signature" and target.split()[0] in turns)
    }


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
        held = "named" if choice.is_named else "chosen"
        said = f"{choice.turn_id} {choice.household_id} {choice.event_id} {held}"
        yield ("choice", str(choice.unit_id)), said
    for one in SignatureRecord.objects.filter(project_id=project_id, voided_at__isnull=True):
        whose = f"{one.account_id} {one.signed_at.isoformat()}"
        yield ("signature", f"{one.turn_id} {one.side}"), whose
    for line in RecordingRecord.objects.filter(project_id=project_id):
        kept = {name: getattr(line, name) for name in _OF_RECORDING if name != "corrects"}
        said = _say_recording({**kept, "corrects": line.corrects_id}, line.event_id)
        yield ("recording", str(line.id)), said


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
