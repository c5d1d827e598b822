"""Rows of re-matches into frozen rows, and the register into the list that is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from uuid import UUID

from anju.resettlement.inventory.types import UnitBrief
from anju.resettlement.rematch.models import RoundRecord, WishesRecord
from anju.resettlement.rematch.types import RoundRow, RoundState
from anju.resettlement.selection.leftovers import EndedTurn
from anju_rules import entitlement
from anju_rules.policy import RuleSet
from anju_rules.rematch_records import Entry, Standing
from anju_rules.values import Household, Ticket, Verdict


def round_row(record: RoundRecord) -> RoundRow:
    """Give a round as pages see it."""
    return RoundRow(
        id=record.id,
        project_id=record.project_id,
        quarter=record.quarter,
        state=cast("RoundState", record.state),
        opened_at=record.opened_at,
        closes_at=record.closes_at,
        frozen_at=record.frozen_at,
        frozen_event_id=record.frozen_event_id,
        listed=record.listed,
        list_digest=record.list_digest,
        ended_at=record.ended_at,
        ended_event_id=record.ended_event_id,
        result=record.result,
        reason=record.reason,
    )


def judge_wish(
    *,
    household: Household,
    turn: EndedTurn,
    wished: UnitBrief,
    offered_id: UUID | None,
    units: Mapping[UUID, UnitBrief],
    rules: RuleSet,
    opened: frozenset[str],
) -> Verdict:
    """Judge one home wished for, beside the homes that the household would keep."""
    kept = tuple(units[held].home for held in turn.unit_ids if held != offered_id)
    return entitlement.judge_choice(
        standing=entitlement.Standing(household=household, homes=kept, opened_needs=opened),
        home=wished.home,
        rules=rules,
    )


def standing_of(turn: EndedTurn) -> Standing:
    """Say why a household takes part."""
    if turn.unit_ids:
        return Standing.HOLDER
    return Standing.WAIVED if turn.state == "waived" else Standing.MISSED


def entry_of(
    *,
    household: Household,
    turn: EndedTurn,
    record: WishesRecord,
    units: Mapping[UUID, UnitBrief],
    rules: RuleSet,
    opened: frozenset[str],
) -> Entry:
    """Give a household's line of the list, each of its wishes judged as it is frozen."""
    verdicts = [
        (
            units[unit_id],
            judge_wish(
                household=household,
                turn=turn,
                wished=units[unit_id],
                offered_id=record.offered_id,
                units=units,
                rules=rules,
                opened=opened,
            ),
        )
        for unit_id in record.unit_ids
    ]
    return Entry(
        ticket=Ticket(turn.ticket),
        place=turn.place,
        standing=standing_of(turn),
        offers=None if record.offered_id is None else units[record.offered_id].number,
        wishes=tuple(unit.number for unit, verdict in verdicts if verdict.met),
        refused=tuple(unit.number for unit, verdict in verdicts if not verdict.met),
    )
