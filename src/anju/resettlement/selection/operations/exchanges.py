"""Exchanges (弹性选房): two households that have chosen swap, until their batch closes (MAT-1).

Each household agrees in its own session; an officer carries it out. Each side is judged by the
same rules as a choice, the plan's stated bounds among them. That no home goes twice is kept by the
same constraint: the old rows are released and the new ones written in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.selection import attendance, mapping
from anju.resettlement.selection.attendance_models import ExchangeRecord
from anju.resettlement.selection.attendance_types import ExchangeRow
from anju.resettlement.selection.lawful import require_lawful
from anju.resettlement.selection.models import ChoiceRecord, PlaceRecord, TurnRecord
from anju.resettlement.selection.operations.acting import require_own_hand
from anju.resettlement.selection.operations.locking import lock_open_batch
from anju.resettlement.selection.operations.pausing import check_running
from anju_rules.values import Refusal

CLAUSES = ("plan/selection", "plan/entitlement")
RUNNING = ("proposed", "accepted")


@operation(
    permits="selection.choose",
    action="selection.exchange.proposed",
    clauses=CLAUSES,
    level=Secrecy.INTERNAL,
)
def propose_exchange(*, project_id: UUID, ticket: str, by: Actor, at: datetime) -> ExchangeRow:
    """Ask the household with ``ticket`` to swap: all that one has for all that the other has.

    By the household itself. Refuses with ``selection.only-the-household``,
    ``selection.exchange-running`` while it has asked somebody, ``selection.exchange-not-chosen``
    where one of the two has not chosen in the open batch, ``selection.no-open-batch``, and with the
    codes of :func:`anju_rules.entitlement.judge_homes` where it may not have the other's homes.
    """
    household_id = require_own_hand(by)
    batch = lock_open_batch(project_id).batch
    place = PlaceRecord.objects.filter(project_id=project_id, ticket=ticket).first()
    if place is None or place.household_id == household_id:
        raise Refusal("selection.exchange-not-chosen", ticket=ticket)
    own = _holding(project_id, batch, household_id)
    other = _holding(project_id, batch, place.household_id)
    _judge(own, gets=other.units)
    asked = ExchangeRecord.objects.filter(
        project_id=project_id, proposer_id=household_id, state__in=RUNNING
    )
    if asked.exists():
        raise Refusal("selection.exchange-running")
    exchange_id = new_id()
    receipt = record(
        target=exchange_id, household_id=household_id, body=_told(project_id, own, other)
    )
    ExchangeRecord.objects.create(
        project_id=project_id,
        id=exchange_id,
        batch=batch,
        proposer_id=household_id,
        other_id=place.household_id,
        proposer_units=own.unit_ids,
        other_units=other.unit_ids,
        proposed_at=at,
        event_id=receipt.event_id,
    )
    return _row(project_id, exchange_id)


@operation(
    permits="selection.choose",
    action="selection.exchange.accepted",
    clauses=CLAUSES,
    level=Secrecy.INTERNAL,
)
def accept_exchange(*, project_id: UUID, exchange_id: UUID, by: Actor, at: datetime) -> ExchangeRow:
    """Agree to an exchange that another household asked for; an officer then carries it out.

    Refuses with ``selection.only-the-household``, ``selection.exchange-unknown``,
    ``selection.exchange-state``, ``selection.exchange-changed`` where either has other homes by
    now, ``selection.no-open-batch``, and like :func:`propose_exchange` what it may not have.
    """
    household_id = require_own_hand(by)
    kept = _locked(project_id, exchange_id, states=("proposed",))
    if kept.other_id != household_id:
        raise Refusal("selection.exchange-unknown")
    own, other = _sides(kept)
    _judge(other, gets=own.units)
    receipt = record(
        target=exchange_id, household_id=household_id, body=_told(project_id, own, other)
    )
    _move(kept, state="accepted", event_id=receipt.event_id, accepted_at=at)
    return _row(project_id, exchange_id)


@operation(
    permits="selection.choose",
    action="selection.exchange.ended",
    clauses=CLAUSES,
    level=Secrecy.INTERNAL,
)
def end_exchange(*, project_id: UUID, exchange_id: UUID, by: Actor, at: datetime) -> ExchangeRow:
    """Withdraw or decline an exchange, by either household, until it is carried out.

    Refuses with ``selection.only-the-household``, ``selection.exchange-unknown`` and
    ``selection.exchange-state``.
    """
    household_id = require_own_hand(by)
    kept = _locked(project_id, exchange_id, states=RUNNING, is_batch_asked=False)
    if household_id not in (kept.proposer_id, kept.other_id):
        raise Refusal("selection.exchange-unknown")
    receipt = record(
        target=exchange_id, household_id=household_id, body={"project": str(project_id)}
    )
    _move(kept, state="ended", event_id=receipt.event_id, ended_at=at)
    return _row(project_id, exchange_id)


@operation(
    permits="selection.run",
    action="selection.homes.exchanged",
    clauses=CLAUSES,
    level=Secrecy.PUBLIC,
)
def carry_out_exchange(
    *, project_id: UUID, exchange_id: UUID, by: Actor, at: datetime
) -> ExchangeRow:
    """Swap the homes of two households that both agreed; the officer's signature is the third.

    Refuses like :func:`accept_exchange`, with ``selection.paused``, and with the codes of
    :func:`anju_rules.entitlement.judge_homes` where either may not have the other's homes.
    """
    check_running(project_id)
    kept = _locked(project_id, exchange_id, states=("accepted",))
    own, other = _sides(kept)
    _judge(own, gets=other.units)
    _judge(other, gets=own.units)
    receipt = record(
        target=own.turn.id,
        household_id=kept.proposer_id,
        body={**_told(project_id, own, other), "exchange": str(exchange_id)},
    )
    given = ChoiceRecord.objects.filter(
        project_id=project_id,
        turn_id__in=(own.turn.id, other.turn.id),
        released_at__isnull=True,
    )
    given.update(released_at=at)
    ChoiceRecord.objects.bulk_create(
        ChoiceRecord(
            project_id=project_id,
            id=new_id(),
            turn_id=to.turn.id,
            household_id=to.turn.household_id,
            place=to.turn.place,
            unit_id=unit.id,
            chosen_at=at,
            chosen_by=by.id,
            event_id=receipt.event_id,
        )
        for to, side in ((own, other), (other, own))
        for unit in side.units
    )
    _move(kept, state="done", event_id=receipt.event_id, ended_at=at)
    return _row(project_id, exchange_id)


@dataclass(frozen=True, slots=True)
class _Holding:
    """What a household of the batch has chosen."""

    turn: TurnRecord
    units: list[UnitRow]

    @property
    def unit_ids(self) -> list[str]:
        return sorted(str(unit.id) for unit in self.units)


def _holding(project_id: UUID, batch: int, household_id: UUID) -> _Holding:
    turn = (
        TurnRecord.objects.select_for_update()
        .filter(project_id=project_id, batch=batch, household_id=household_id, state="chosen")
        .first()
    )
    if turn is None:
        place = PlaceRecord.objects.filter(project_id=project_id, household_id=household_id).first()
        raise Refusal(
            "selection.exchange-not-chosen", ticket="-" if place is None else place.ticket
        )
    held = ChoiceRecord.objects.filter(
        project_id=project_id, turn_id=turn.id, released_at__isnull=True
    ).values_list("unit_id", flat=True)
    return _Holding(turn, units_by_ids(project_id=project_id, unit_ids=list(held)))


def _sides(kept: ExchangeRecord) -> tuple[_Holding, _Holding]:
    """Give what both hold now, locked in one order everywhere; refuse where it is not as agreed."""
    held = {
        household_id: _holding(kept.project_id, kept.batch, household_id)
        for household_id in sorted((kept.proposer_id, kept.other_id))
    }
    own, other = held[kept.proposer_id], held[kept.other_id]
    if (own.unit_ids, other.unit_ids) != (kept.proposer_units, kept.other_units):
        raise Refusal("selection.exchange-changed")
    return own, other


def _judge(side: _Holding, *, gets: Sequence[UnitRow]) -> None:
    turn = side.turn
    require_lawful(
        project_id=turn.project_id,
        household_id=turn.household_id,
        batch=turn.batch,
        units=gets,
        rules=mapping.rules_of(turn.project_id),
    )


def _locked(
    project_id: UUID,
    exchange_id: UUID,
    *,
    states: Sequence[str],
    is_batch_asked: bool = True,
) -> ExchangeRecord:
    """Lock an exchange in one of ``states``, and the batch it belongs to, which must be open."""
    batch = lock_open_batch(project_id) if is_batch_asked else None
    kept = (
        ExchangeRecord.objects.select_for_update()
        .filter(project_id=project_id, id=exchange_id)
        .first()
    )
    if kept is None:
        raise Refusal("selection.exchange-unknown")
    if kept.state not in states:
        raise Refusal("selection.exchange-state", state=kept.state)
    if batch is not None and batch.batch != kept.batch:
        raise Refusal("selection.exchange-batch-closed", batch=kept.batch)
    return kept


def _told(project_id: UUID, own: _Holding, other: _Holding) -> dict[str, object]:
    """Say what the proposer gets, and what the other gets, as an entry's body."""
    return {
        "project": str(project_id),
        "place": own.turn.place,
        "household": str(own.turn.household_id),
        "units": [unit.told for unit in other.units],
        "other": {
            "place": other.turn.place,
            "household": str(other.turn.household_id),
            "turn": str(other.turn.id),
            "units": [unit.told for unit in own.units],
        },
    }


def _move(
    kept: ExchangeRecord,
    *,
    state: str,
    event_id: UUID,
    accepted_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    kept.state, kept.event_id = state, event_id
    kept.accepted_at = accepted_at or kept.accepted_at
    kept.ended_at = ended_at
    kept.save(update_fields=["state", "event_id", "accepted_at", "ended_at"])


def _row(project_id: UUID, exchange_id: UUID) -> ExchangeRow:
    found = attendance.exchange_by_id(project_id=project_id, exchange_id=exchange_id)
    if found is None:
        raise Refusal("selection.exchange-unknown")
    return found
