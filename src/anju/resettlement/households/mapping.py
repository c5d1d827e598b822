"""Rows of households into what others see, and the register's households into rows."""

from __future__ import annotations

import json
from uuid import UUID

from anju.foundation.core.sealing import blind_index
from anju.resettlement.households.facts import facts_from, told_facts
from anju.resettlement.households.models import HouseholdRecord
from anju.resettlement.households.tables import RegisteredHousehold
from anju.resettlement.households.types import HouseholdDraft, HouseholdRow
from anju_rules.values import Household, HouseholdNumber

TABLE = "households_household"
_written = json.JSONEncoder(ensure_ascii=False).encode
SEALED_COLUMNS = ("name_sealed", "identity_sealed", "phone_sealed")


def household_from(record: HouseholdRecord) -> Household:
    """Give a household as the rules see it."""
    return Household(
        number=HouseholdNumber(record.number),
        stratum=record.stratum,
        facts=facts_from(record.facts),
        needs=frozenset(record.needs),
    )


def row_from(record: HouseholdRecord) -> HouseholdRow:
    """Give a household's frozen row, without what names a person."""
    return HouseholdRow(
        project_id=record.project_id,
        id=record.id,
        household=household_from(record),
        place=record.place,
        street=record.street,
        lottery_number=record.lottery_number,
    )


def identity_index_of(identity_number: str) -> bytes | None:
    """Give the blind index under which an identity number is found; None without a number."""
    if not identity_number:
        return None
    return blind_index(kind="identity-number", text=identity_number)


def draft_from(
    registered: RegisteredHousehold,
    *,
    project_id: UUID,
    household_id: UUID,
    lottery_number: int | None,
) -> HouseholdDraft:
    """Give a household of a register as it would be written; nothing is sealed yet."""
    household = registered.household
    facts, needs = told_facts(household.facts), tuple(sorted(household.needs))
    said = [
        str(project_id),
        household.number,
        *(household.stratum, registered.street, facts, needs, lottery_number),
        *(registered.name, registered.identity_number, registered.phone),
    ]
    return HouseholdDraft(
        id=household_id,
        number=household.number,
        stratum=household.stratum,
        street=registered.street,
        name=registered.name,
        identity_number=registered.identity_number,
        phone=registered.phone,
        facts=facts,
        needs=needs,
        lottery_number=lottery_number,
        identity_index=identity_index_of(registered.identity_number),
        content_index=blind_index(kind="household-content", text=_written(said)),
    )
