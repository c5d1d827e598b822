"""Reads of homes given by agreement: they are public from their proposal on."""

from __future__ import annotations

from collections import defaultdict
from typing import cast
from uuid import UUID

from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.negotiation.models import GiftHomeRecord, GiftRecord
from anju.resettlement.negotiation.types import GiftRow, GiftState


def gifts_of(*, project_id: UUID, household_id: UUID | None = None) -> tuple[GiftRow, ...]:
    """Give a project's agreements, the newest first, or those with one household alone."""
    only = {} if household_id is None else {"household_id": household_id}
    gifts = list(GiftRecord.objects.filter(project_id=project_id, **only).order_by("-proposed_at"))
    homes: defaultdict[UUID, list[UUID]] = defaultdict(list)
    told = GiftHomeRecord.objects.filter(
        project_id=project_id, gift_id__in=[gift.id for gift in gifts]
    )
    for gift_id, unit_id in told.values_list("gift_id", "unit_id"):
        homes[gift_id].append(unit_id)
    named = {unit_id for units in homes.values() for unit_id in units}
    units = {unit.id: unit for unit in units_by_ids(project_id=project_id, unit_ids=named)}
    return tuple(
        GiftRow(
            id=gift.id,
            project_id=gift.project_id,
            household_id=gift.household_id,
            masked_name=gift.masked_name,
            homes=tuple(units[unit_id] for unit_id in homes[gift.id]),
            reason=gift.reason,
            state=cast("GiftState", gift.state),
            proposed_at=gift.proposed_at,
            signed_at=gift.signed_at,
            ended_at=gift.ended_at,
            event_id=gift.event_id,
        )
        for gift in gifts
    )


def find_gift(*, project_id: UUID, household_id: UUID) -> GiftRow | None:
    """Give the newest agreement with a household; None: there is none."""
    return next(iter(gifts_of(project_id=project_id, household_id=household_id)), None)
