"""Homes, written: entered into a file, and how their title stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.titles.communities.mapping import home_from
from anju.titles.communities.models import BuildingRecord, CommunityRecord, HomeRecord
from anju.titles.communities.operations.owners import ToldOwners, settle_owners
from anju.titles.communities.types import HomeRow, NewHome, TitleState
from anju_rules.identifiers import check_unit_code
from anju_rules.values import Refusal

_PERSONLESS = frozenset({"none", "first"})
_ONCE = ("communities_home_number_once", "communities_home_code_once")


@operation(
    permits="communities.keep",
    action="communities.homes.entered",
    clauses=("registration-rules/8",),
)
def enter_homes(
    *, project_id: UUID, homes: Sequence[NewHome], by: Actor, at: datetime
) -> list[HomeRow]:
    """Enter homes into a community's file, with their owners where these are known.

    Refuses as :func:`lay_homes` does.
    """
    del by, at
    entered = lay_homes(project_id=project_id, homes=homes)
    record(
        target=project_id,
        project_id=project_id,
        body={"homes": [[str(home.id), home.number, home.unit_code] for home in entered]},
    )
    return entered


def lay_homes(*, project_id: UUID, homes: Sequence[NewHome]) -> list[HomeRow]:
    """Enter homes inside the caller's operation; all of them or none.

    The same owners of several homes become one household. Refuses with
    ``communities.unknown-community``, ``communities.home-taken`` (a number or a unit code stands
    there already), ``communities.titled-without-owner``, ``communities.owners-differ`` and
    ``identifier.*`` for a malformed unit code.
    """
    if not CommunityRecord.objects.filter(id=project_id).exists():
        raise Refusal("communities.unknown-community", community=project_id)
    buildings = lay_buildings(project_id=project_id, numbers={home.building for home in homes})
    owned = [home for home in homes if home.people]
    settled = settle_owners(
        project_id=project_id,
        told=[
            ToldOwners(number=home.number, people=home.people, household_id=home.household_id)
            for home in owned
        ],
    )
    households = iter(settled)
    records = [
        _home_record(
            project_id, home, buildings, next(households) if home.people else home.household_id
        )
        for home in homes
    ]
    try:
        HomeRecord.objects.bulk_create(records, batch_size=1_000)
    except IntegrityError as error:
        if any(name in str(error) for name in _ONCE):
            raise Refusal("communities.home-taken") from None
        raise
    return [
        home_from(kept, building=home.building) for kept, home in zip(records, homes, strict=True)
    ]


def lay_buildings(*, project_id: UUID, numbers: set[str]) -> Mapping[str, UUID]:
    """Give the buildings of a community by number, those of ``numbers`` made where they lack."""
    known = dict(BuildingRecord.objects.filter(project_id=project_id).values_list("number", "id"))
    fresh = {number: new_id() for number in sorted(numbers - known.keys())}
    BuildingRecord.objects.bulk_create(
        BuildingRecord(project_id=project_id, id=building_id, number=number)
        for number, building_id in fresh.items()
    )
    return {**known, **fresh}


def note_titles(*, project_id: UUID, home_ids: Sequence[UUID], title_state: TitleState) -> None:
    """Note how the title of homes stands, inside the operation that registers it."""
    HomeRecord.objects.filter(project_id=project_id, id__in=list(home_ids)).update(
        title_state=title_state
    )


def _home_record(
    project_id: UUID, home: NewHome, buildings: Mapping[str, UUID], household_id: UUID | None
) -> HomeRecord:
    if household_id is None and home.title_state not in _PERSONLESS:
        raise Refusal("communities.titled-without-owner", home=home.number)
    return HomeRecord(
        project_id=project_id,
        id=new_id(),
        building_id=buildings[home.building],
        number=home.number,
        use=home.use,
        floor=home.floor,
        unit_code=check_unit_code(home.unit_code).text if home.unit_code else "",
        contracted_sqm=home.contracted_sqm,
        registered_sqm=home.registered_sqm,
        price_fen_per_sqm=home.price_fen_per_sqm,
        title_state=home.title_state,
        household_id=household_id,
    )
