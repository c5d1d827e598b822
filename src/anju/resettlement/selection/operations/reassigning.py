"""Giving homes back and giving them again, outside of turns: steps of others' operations.

What a re-match moves is moved here, inside the caller's transaction, and a home is given by the
same unique constraint as in a turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.resettlement.inventory.operations import move_units
from anju.resettlement.inventory.types import UnitState
from anju.resettlement.selection.lawful import OFFERED
from anju.resettlement.selection.models import BatchRecord, ChoiceRecord
from anju_rules.values import Refusal

TAKEN: frozenset[UnitState] = frozenset({"taken"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """A home that a household is to have, by the turn it had in the order."""

    turn_id: UUID
    household_id: UUID
    place: int
    unit_id: UUID


def lock_ended_selection(*, project_id: UUID) -> None:
    """Hold a project's batches as they are: none opens while homes move outside of turns.

    Refuses with ``selection.not-ended`` unless there are batches and all of them are closed.
    """
    states = [
        batch.state
        for batch in BatchRecord.objects.select_for_update()
        .filter(project_id=project_id)
        .order_by("batch")
    ]
    if not states or any(state != "closed" for state in states):
        raise Refusal("selection.not-ended", open=sum(state != "closed" for state in states))


def reassign_homes(
    *,
    project_id: UUID,
    released: Collection[Reassigned],
    given: Sequence[Reassigned],
    event_id: UUID,
    by: Actor,
    at: datetime,
) -> None:
    """Take homes back from those who hold them and give homes, all of it or nothing.

    Refuses with ``selection.holding-changed`` where a home is not held by whom ``released`` says,
    or one to be given is held by another, and with ``inventory.unit-not-free`` where the office
    keeps it back.
    """
    for one in sorted(released, key=lambda one: one.unit_id):
        ended = ChoiceRecord.objects.filter(
            project_id=project_id,
            unit_id=one.unit_id,
            household_id=one.household_id,
            released_at__isnull=True,
        ).update(released_at=at)
        if ended != 1:
            raise Refusal("selection.holding-changed")
    try:
        # In one order everywhere, so that two who give several homes never wait in a circle.
        ChoiceRecord.objects.bulk_create(
            ChoiceRecord(
                project_id=project_id,
                id=new_id(),
                turn_id=one.turn_id,
                household_id=one.household_id,
                place=one.place,
                unit_id=one.unit_id,
                chosen_at=at,
                chosen_by=by.id,
                event_id=event_id,
            )
            for one in sorted(given, key=lambda one: one.unit_id)
        )
    except IntegrityError as error:
        # Nothing but the constraint decides; the caller's operation is undone with the refusal.
        if "selection_choice_unit_once" not in str(error):
            raise
        raise Refusal("selection.holding-changed") from error
    back, out = {one.unit_id for one in released}, {one.unit_id for one in given}
    if out - back:
        move_units(
            project_id=project_id, unit_ids=out - back, from_states=OFFERED, to_state="taken"
        )
    if back - out:
        move_units(project_id=project_id, unit_ids=back - out, from_states=TAKEN, to_state="free")
