"""Rows of communities into what others see."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from anju.foundation.core.sealing import blind_index
from anju.titles.communities.models import CommunityRecord, HomeRecord
from anju.titles.communities.types import (
    CommunityRow,
    CommunityTerms,
    HomeRow,
    Origin,
    Person,
    TitleState,
    Use,
)
from anju_rules.values import AreaSqm, Fen

OWNERS = "communities_owner"
PEOPLE = "people_sealed"


def community_from(record: CommunityRecord) -> CommunityRow:
    """Give a community's frozen row."""
    return CommunityRow(
        id=record.id,
        terms=CommunityTerms(
            code=record.code,
            name=record.name,
            division=record.division,
            address=record.address,
            parcel=record.parcel,
            built_year=record.built_year,
            accepted_on=record.accepted_on,
            handed_over_on=record.handed_over_on,
            developer_name=record.developer_name,
            developer_credit=record.developer_credit,
            manager_name=record.manager_name,
            manager_credit=record.manager_credit,
        ),
        origin=cast("Origin", record.origin),
        specialist_id=record.specialist_id,
        opened_at=record.opened_at,
    )


def home_from(record: HomeRecord, *, building: str) -> HomeRow:
    """Give a home's frozen row."""
    contracted, registered = record.contracted_sqm, record.registered_sqm
    price = record.price_fen_per_sqm
    return HomeRow(
        project_id=record.project_id,
        id=record.id,
        building=building,
        number=record.number,
        use=cast("Use", record.use),
        floor=record.floor,
        unit_code=record.unit_code,
        contracted_sqm=None if contracted is None else AreaSqm(contracted),
        registered_sqm=None if registered is None else AreaSqm(registered),
        price_fen_per_sqm=None if price is None else Fen(price),
        title_state=cast("TitleState", record.title_state),
        household_id=record.household_id,
    )


def told_people(people: Sequence[Person]) -> str:
    """Write the owners of a home as the text that is sealed."""
    told = [[one.name, one.identity_number, one.phone, one.share] for one in people]
    return json.dumps(told, ensure_ascii=False)


def people_from(text: str) -> tuple[Person, ...]:
    """Read the owners of a home back; the empty text of an erased one names nobody."""
    return tuple(
        Person(name=name, identity_number=identity, phone=phone, share=share)
        for name, identity, phone, share in json.loads(text or "[]")
    )


def identity_index_of(project_id: UUID, people: Sequence[Person]) -> bytes | None:
    """Give the blind index by which the same owners are found; None where a number is missing."""
    if not people or not all(one.identity_number for one in people):
        return None
    told = sorted([one.identity_number, one.share] for one in people)
    return blind_index(kind="owner-identities", text=f"{project_id}:{json.dumps(told)}")


def content_index_of(household_id: UUID, people: Sequence[Person]) -> bytes:
    """Give the blind index of what is told of the owners of a home, in whatever order."""
    text = told_people(in_order(people))
    return blind_index(kind="owner-content", text=f"{household_id}:{text}")


def in_order(people: Sequence[Person]) -> list[Person]:
    """Give owners in an order that does not depend on who told them."""
    return sorted(people, key=lambda one: (one.identity_number, one.name, one.phone, one.share))
