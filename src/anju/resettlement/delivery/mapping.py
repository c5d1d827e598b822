"""Rows of delivery into what others see."""

from __future__ import annotations

from typing import cast

from anju.resettlement.delivery.models import HandOverRecord
from anju.resettlement.delivery.types import HandOverRow, MeterReadings, State


def hand_over_from(record: HandOverRecord) -> HandOverRow:
    """Give a hand-over's frozen row."""
    return HandOverRow(
        id=record.id,
        project_id=record.project_id,
        unit_id=record.unit_id,
        household_id=record.household_id,
        state=cast("State", record.state),
        accepted_on=record.accepted_on,
        promised_on=record.promised_on,
        keys=record.keys,
        readings=MeterReadings(water=record.water, power=record.power, gas=record.gas),
        prepared_at=record.prepared_at,
        office_signed_at=record.office_signed_at,
        household_signed_at=record.household_signed_at,
        ended_at=record.ended_at,
    )
