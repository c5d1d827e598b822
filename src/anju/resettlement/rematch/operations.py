"""Writes of re-matches: open, hand in wishes, freeze, and carry out or cancel by two people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.households.queries import household_by_id, households_by_id
from anju.resettlement.inventory.queries import unit_briefs
from anju.resettlement.inventory.types import UnitBrief
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.rematch import mapping
from anju.resettlement.rematch.models import RoundRecord, WishesRecord
from anju.resettlement.rematch.types import MOST_WISHES, RoundRow
from anju.resettlement.selection.leftovers import (
    EndedTurn,
    ended_turns,
    has_ended,
    rules_after_selection,
    vacant_homes,
)
from anju.resettlement.selection.operations.reassigning import (
    Reassigned,
    lock_ended_selection,
    reassign_homes,
)
from anju_rules.rematch import Rematched
from anju_rules.rematch_records import (
    Standing,
    derive_result,
    digest_list,
    show_list,
    show_result,
)
from anju_rules.values import Refusal

_QUARTER = re.compile(r"20[0-9]{2}-Q[1-4]", re.ASCII)
_CLAUSES = ("plan/selection",)


@operation(
    permits="selection.run",
    action="rematch.round.opened",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def open_rematch(
    *, project_id: UUID, quarter: str, closes_at: datetime, by: Actor, at: datetime
) -> RoundRow:
    """Open a quarter's re-match of what is left, with wishes until ``closes_at``.

    ``quarter`` as ``2026-Q3``. Refuses with ``rematch.wrong-quarter``,
    ``rematch.closes-too-early``, ``selection.not-ended`` and, where one is running or the quarter
    had its own, ``rematch.already-open``.
    """
    del by
    if _QUARTER.fullmatch(quarter) is None:
        raise Refusal("rematch.wrong-quarter", quarter=quarter[:20])
    if closes_at <= at:
        raise Refusal("rematch.closes-too-early")
    lock_ended_selection(project_id=project_id)
    others = RoundRecord.objects.filter(project_id=project_id).exclude(state="cancelled")
    for other in others:
        if other.quarter == quarter or other.state != "carried-out":
            raise Refusal("rematch.already-open", quarter=other.quarter)
    round_id = new_id()
    record(
        target=round_id,
        project_id=project_id,
        body={"quarter": quarter, "closes_at": closes_at.isoformat()},
    )
    return mapping.round_row(
        RoundRecord.objects.create(
            project_id=project_id,
            id=round_id,
            quarter=quarter,
            opened_at=at,
            closes_at=closes_at,
        )
    )


@operation(
    permits="selection.choose",
    action="rematch.wishes.handed-in",
    clauses=_CLAUSES,
)
def hand_in_rematch_wishes(
    *,
    project_id: UUID,
    household_id: UUID,
    unit_ids: Sequence[UUID],
    offered_id: UUID | None,
    by: Actor,
    at: datetime,
) -> None:
    """Take a household's wishes for the open round, the first wish first, in place of earlier ones.

    A household that holds a home takes part by putting one in (``offered_id``); no home named takes
    everything back. One function serves desk and phone. Refuses with ``rematch.none-open``,
    ``rematch.closed``, ``rematch.no-turn``, ``rematch.nothing-put-in`` (a holder that puts nothing
    in), ``rematch.not-its-home``, ``rematch.too-many-wishes``, ``rematch.wish-twice``,
    ``inventory.unknown-unit``, and with the codes of :func:`anju_rules.entitlement.judge_choice`.
    """
    del by
    round_record = _running(project_id)
    if round_record.state != "open" or at >= round_record.closes_at:
        raise Refusal("rematch.closed")
    units = {unit.id: unit for unit in unit_briefs(project_id=project_id)}
    if unit_ids:
        _judge_wishes(project_id, household_id, unit_ids, offered_id, units)
    record(
        target=round_record.id,
        household_id=household_id,
        body={
            "household": str(household_id),
            "homes": [str(units[unit_id].number) for unit_id in unit_ids],
            "offers": str(units[offered_id].number) if unit_ids and offered_id else "",
        },
    )
    kept = WishesRecord.objects.filter(
        project_id=project_id, round_id=round_record.id, household_id=household_id
    )
    if not unit_ids:
        kept.delete()
        return
    told = {"unit_ids": list(unit_ids), "offered_id": offered_id, "handed_in_at": at}
    if not kept.update(**told):
        WishesRecord.objects.create(
            project_id=project_id,
            id=new_id(),
            round_id=round_record.id,
            household_id=household_id,
            **told,
        )


@operation(
    permits="selection.run",
    action="rematch.list.frozen",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def freeze_rematch(*, project_id: UUID, by: Actor, at: datetime) -> RoundRow:
    """Freeze the wishes into the list that everybody may see, once the time for them is over.

    Its digest stands in the entry before anything is given. Refuses with ``rematch.none-open``,
    ``rematch.closed`` (frozen already) and ``rematch.still-open``.
    """
    del by
    round_record = _running(project_id, lock=True)
    if round_record.state != "open":
        raise Refusal("rematch.closed")
    if at < round_record.closes_at:
        raise Refusal("rematch.still-open")
    shown = _list_of(round_record)
    told = digest_list(shown)
    receipt = record(
        target=round_record.id,
        project_id=project_id,
        body={"quarter": round_record.quarter, "list_digest": told},
    )
    round_record.state, round_record.listed, round_record.list_digest = "frozen", shown, told
    round_record.frozen_at, round_record.frozen_event_id = at, receipt.event_id
    round_record.save()
    return mapping.round_row(round_record)


@operation(
    permits="selection.publish",
    action="rematch.round.carried-out",
    clauses=_CLAUSES,
    signs=2,
    level=Secrecy.PUBLIC,
)
def carry_out_rematch(*, project_id: UUID, by: Actor, second: Actor, at: datetime) -> RoundRow:
    """Give the homes as the frozen list comes to, all of them or none, and publish the result.

    Refuses with ``rematch.not-frozen``; with ``rematch.list-differs`` where the stored list is not
    the frozen one; with ``selection.not-ended`` where a batch was opened meanwhile; and as
    :func:`~.reassign_homes` does where a home has changed hands since.
    """
    del second
    round_record = _running(project_id, lock=True)
    if round_record.state != "frozen" or round_record.listed is None:
        raise Refusal("rematch.not-frozen")
    if digest_list(round_record.listed) != round_record.list_digest:
        raise Refusal("rematch.list-differs")
    lock_ended_selection(project_id=project_id)
    result = derive_result(round_record.listed)
    moves = _moves_of(project_id, round_record.listed, result)
    numbers = {unit.id: str(unit.number) for unit in unit_briefs(project_id=project_id)}
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={
            "round": str(round_record.id),
            "quarter": round_record.quarter,
            "list_digest": round_record.list_digest,
            "moves": [
                {
                    "turn": str(taken.turn_id),
                    "household": str(taken.household_id),
                    "released": _tell_unit(given_back, numbers),
                    "given": _tell_unit(taken, numbers),
                }
                for given_back, taken in moves
            ],
        },
    )
    reassign_homes(
        project_id=project_id,
        released=[given_back for given_back, _ in moves if given_back is not None],
        given=[taken for _, taken in moves],
        event_id=receipt.event_id,
        by=by,
        at=at,
    )
    round_record.state, round_record.result = "carried-out", show_result(result)
    round_record.ended_at, round_record.ended_event_id = at, receipt.event_id
    round_record.save()
    return mapping.round_row(round_record)


@operation(
    permits="selection.publish",
    action="rematch.round.cancelled",
    clauses=_CLAUSES,
    signs=2,
    level=Secrecy.PUBLIC,
)
def cancel_rematch(
    *, project_id: UUID, reason: str, by: Actor, second: Actor, at: datetime
) -> RoundRow:
    """Cancel the running round before anything is given; it stays on show with its reason.

    Refuses with ``rematch.none-open`` and ``rematch.reason-missing``.
    """
    del by, second
    if not reason.strip():
        raise Refusal("rematch.reason-missing")
    round_record = _running(project_id, lock=True)
    receipt = record(
        target=round_record.id,
        project_id=project_id,
        body={"quarter": round_record.quarter, "reason": reason},
    )
    round_record.state, round_record.reason = "cancelled", reason
    round_record.ended_at, round_record.ended_event_id = at, receipt.event_id
    round_record.save()
    return mapping.round_row(round_record)


_Move = tuple[Reassigned | None, Reassigned]


def _running(project_id: UUID, *, lock: bool = False) -> RoundRecord:
    rounds = RoundRecord.objects.select_for_update() if lock else RoundRecord.objects.all()
    found = rounds.filter(project_id=project_id, state__in=("open", "frozen")).first()
    if found is None:
        raise Refusal("rematch.none-open")
    return found


def _judge_wishes(
    project_id: UUID,
    household_id: UUID,
    unit_ids: Sequence[UUID],
    offered_id: UUID | None,
    units: Mapping[UUID, UnitBrief],
) -> None:
    if len(unit_ids) > MOST_WISHES:
        raise Refusal("rematch.too-many-wishes", wishes=len(unit_ids), most=MOST_WISHES)
    turns = ended_turns(project_id=project_id, household_id=household_id)
    if not turns or not has_ended(project_id=project_id):
        raise Refusal("rematch.no-turn")
    turn = turns[0]
    if offered_id is None and turn.unit_ids:
        raise Refusal("rematch.nothing-put-in")
    if offered_id is not None and offered_id not in turn.unit_ids:
        raise Refusal("rematch.not-its-home")
    if len(set(unit_ids)) < len(unit_ids) or set(unit_ids) & set(turn.unit_ids):
        raise Refusal("rematch.wish-twice")
    strange = [unit_id for unit_id in unit_ids if unit_id not in units]
    if strange:
        raise Refusal("inventory.unknown-unit", unit=strange[0])
    rules, opened = rules_after_selection(project_id=project_id)
    household = household_by_id(project_id=project_id, household_id=household_id).household
    for unit_id in unit_ids:
        mapping.judge_wish(
            household=household,
            turn=turn,
            wished=units[unit_id],
            offered_id=offered_id,
            units=units,
            rules=rules,
            opened=opened,
        ).raise_if_unmet()


def _list_of(round_record: RoundRecord) -> dict[str, object]:
    project_id = round_record.project_id
    units = {unit.id: unit for unit in unit_briefs(project_id=project_id)}
    rules, opened = rules_after_selection(project_id=project_id)
    told = {
        record.household_id: record
        for record in WishesRecord.objects.filter(project_id=project_id, round_id=round_record.id)
    }
    households = households_by_id(project_id=project_id, household_ids=list(told))
    return show_list(
        project=project_by_id(project_id=project_id).code,
        quarter=round_record.quarter,
        rules_version=rules.version,
        vacant=[unit.number for unit in vacant_homes(project_id=project_id)],
        entries=[
            mapping.entry_of(
                household=households[turn.household_id].household,
                turn=turn,
                record=told[turn.household_id],
                units=units,
                rules=rules,
                opened=opened,
            )
            for turn in ended_turns(project_id=project_id)
            if turn.household_id in told
        ],
    )


def _moves_of(project_id: UUID, listed: Mapping[str, object], result: Rematched) -> list[_Move]:
    """Give what changes hands: who keeps its own home is not in it."""
    turns: dict[str, EndedTurn] = {turn.ticket: turn for turn in ended_turns(project_id=project_id)}
    ids = {str(unit.number): unit.id for unit in unit_briefs(project_id=project_id)}
    entries = {entry["ticket"]: entry for entry in listed["entries"]}  # type: ignore[attr-defined]
    moves: list[_Move] = []
    for ticket, home in result.homes.items():
        offers, turn = entries[ticket]["offers"], turns[ticket]
        if home == offers:
            continue
        if entries[ticket]["standing"] != Standing.HOLDER and turn.unit_ids:
            # It has had a home from elsewhere since the list was frozen.
            raise Refusal("selection.holding-changed")
        moves.append((None if offers is None else _told(turn, ids[offers]), _told(turn, ids[home])))
    return moves


def _told(turn: EndedTurn, unit_id: UUID) -> Reassigned:
    return Reassigned(
        turn_id=turn.turn_id, household_id=turn.household_id, place=turn.place, unit_id=unit_id
    )


def _tell_unit(moved: Reassigned | None, numbers: Mapping[UUID, str]) -> list[dict[str, str]]:
    if moved is None:
        return []
    return [{"id": str(moved.unit_id), "number": numbers[moved.unit_id]}]
