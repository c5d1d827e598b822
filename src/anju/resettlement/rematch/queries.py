"""Reads of re-matches: rounds are public, wishes a household's own until they are frozen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.inventory.queries import unit_briefs
from anju.resettlement.rematch import mapping
from anju.resettlement.rematch.models import RoundRecord, WishesRecord
from anju.resettlement.rematch.types import HomeToWish, OwnStanding, OwnWishes, RoundRow
from anju.resettlement.selection.lawful import OFFERED
from anju.resettlement.selection.leftovers import (
    EndedTurn,
    ended_turns,
    has_ended,
    rules_after_selection,
    vacant_homes,
)
from anju_rules.hashing import canonical
from anju_rules.rematch_records import derive_result, show_record
from anju_rules.values import Refusal

__all__ = [
    "count_wishes",
    "find_own_wishes",
    "find_round",
    "find_standing",
    "has_ended",
    "homes_to_wish",
    "public_record",
    "rounds_of",
    "running_round",
    "vacant_homes",
]


def rounds_of(*, project_id: UUID) -> tuple[RoundRow, ...]:
    """Give a project's re-matches, the latest first."""
    records = RoundRecord.objects.filter(project_id=project_id).order_by("-opened_at")
    return tuple(mapping.round_row(record) for record in records)


def running_round(*, project_id: UUID) -> RoundRow | None:
    """Give the round that is open or frozen."""
    record = RoundRecord.objects.filter(project_id=project_id, state__in=("open", "frozen")).first()
    return None if record is None else mapping.round_row(record)


def find_round(*, project_id: UUID, quarter: str) -> RoundRow | None:
    """Give a quarter's round, unless it was cancelled."""
    record = (
        RoundRecord.objects.filter(project_id=project_id, quarter=quarter)
        .exclude(state="cancelled")
        .first()
    )
    return None if record is None else mapping.round_row(record)


def public_record(*, round_row: RoundRow) -> bytes:
    """Give the file of a round that is carried out, as ``anju verify-rematch`` reads it.

    Refuses with ``rematch.not-carried-out``.
    """
    if round_row.listed is None or round_row.state != "carried-out":
        raise Refusal("rematch.not-carried-out", quarter=round_row.quarter)
    listed: dict[str, Any] = dict(round_row.listed)
    return canonical(show_record(listed, derive_result(listed)))


def count_wishes(*, project_id: UUID, round_id: UUID, by: Actor) -> tuple[int, int]:
    """Count the households that handed in wishes, and those of them that put a home in."""
    with reading(by=by):
        told = WishesRecord.objects.filter(project_id=project_id, round_id=round_id)
        return told.count(), told.filter(offered_id__isnull=False).count()


def find_standing(*, project_id: UUID, household_id: UUID) -> OwnStanding | None:
    """Give where a household stands; None where it had no turn, or turns are not over."""
    turn = _turn_of(project_id, household_id)
    if turn is None:
        return None
    units = {unit.id: unit for unit in unit_briefs(project_id=project_id)}
    return OwnStanding(
        ticket=turn.ticket,
        place=turn.place,
        homes=tuple((unit_id, units[unit_id].home) for unit_id in turn.unit_ids),
        has_waived=turn.state == "waived",
    )


def find_own_wishes(
    *, project_id: UUID, round_id: UUID, household_id: UUID, by: Actor
) -> OwnWishes | None:
    """Give what a household handed in; None: nothing."""
    with reading(by=by):
        record = WishesRecord.objects.filter(
            project_id=project_id, round_id=round_id, household_id=household_id
        ).first()
        if record is None:
            return None
        return OwnWishes(
            unit_ids=tuple(record.unit_ids),
            offered_id=record.offered_id,
            handed_in_at=record.handed_in_at,
        )


def homes_to_wish(
    *, project_id: UUID, household_id: UUID, offered_id: UUID | None, by: Actor
) -> list[HomeToWish]:
    """Give the homes that a household may lawfully wish for, vacant ones first, in table order.

    They are judged beside the homes it would keep when it puts ``offered_id`` in. Empty where it
    had no turn.
    """
    turn = _turn_of(project_id, household_id)
    if turn is None:
        return []
    with reading(by=by):
        household = household_by_id(project_id=project_id, household_id=household_id).household
    rules, opened = rules_after_selection(project_id=project_id)
    units = {unit.id: unit for unit in unit_briefs(project_id=project_id)}
    vacant = {unit.id for unit in vacant_homes(project_id=project_id)}
    lawful = [
        unit
        for unit in units.values()
        if unit.id not in turn.unit_ids
        and unit.state in (*OFFERED, "taken")
        and mapping.judge_wish(
            household=household,
            turn=turn,
            wished=unit,
            offered_id=offered_id,
            units=units,
            rules=rules,
            opened=opened,
        ).met
    ]
    return [
        HomeToWish(unit_id=unit.id, home=unit.home, is_vacant=unit.id in vacant)
        for unit in sorted(lawful, key=lambda unit: unit.id not in vacant)
    ]


def _turn_of(project_id: UUID, household_id: UUID) -> EndedTurn | None:
    if not has_ended(project_id=project_id):
        return None
    return next(iter(ended_turns(project_id=project_id, household_id=household_id)), None)
