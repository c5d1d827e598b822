"""Reads of communities: inside a context (``reading`` or an operation), else no row is seen.

What names a person stays sealed but in :func:`people_of`; other answers are masked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Q

from anju.foundation.access.permissions import permissions_by_role
from anju.foundation.access.queries import list_accounts
from anju.foundation.access.types import AccountRow, Actor
from anju.foundation.core.sealing import FieldPlace, SealedField, open_unless_erased
from anju.titles.communities.mapping import OWNERS, PEOPLE, community_from, home_from, people_from
from anju.titles.communities.models import (
    BuildingRecord,
    CommunityRecord,
    HomeRecord,
    OwnerRecord,
    RevisionRecord,
    SurveyRecord,
    VisitRecord,
)
from anju.titles.communities.types import (
    CommunityRow,
    HomeRow,
    Person,
    RevisionRow,
    SurveyRow,
    TitleCounts,
    VisitRow,
)
from anju_rules.masking import mask_name
from anju_rules.values import Refusal

VISITS = "communities.visit"
"""The permission of whoever may be a community's specialist."""
_COUNTED = {
    "homes": Count("id"),
    "first": Count("id", filter=Q(title_state="first")),
    "titled": Count("id", filter=Q(title_state="titled")),
}


def list_communities(*, division: str = "") -> list[CommunityRow]:
    """Give the communities under a division, by code; everybody may see them."""
    found = CommunityRecord.objects.filter(division__startswith=division).order_by("code")
    return [community_from(record) for record in found]


def officers_for(community: CommunityRow, *, by: Actor) -> list[AccountRow]:
    """Give the officers who may answer for a community: over its division, and no company's."""
    permitted = permissions_by_role()
    return [
        one
        for one in list_accounts(by=by)
        if one.is_active
        and VISITS in permitted.get(one.role, frozenset())
        and community.division.startswith(one.division)
        and one.project_id in {None, community.id}
    ]


def find_community(*, community_id: UUID) -> CommunityRow | None:
    """Give a community's file; None where the scope is not a community's."""
    record = CommunityRecord.objects.filter(id=community_id).first()
    return None if record is None else community_from(record)


def community_by_id(*, community_id: UUID) -> CommunityRow:
    """Give a community's file; refuses with ``communities.unknown-community``."""
    found = find_community(community_id=community_id)
    if found is None:
        raise Refusal("communities.unknown-community", community=community_id)
    return found


def communities_by_id(*, community_ids: Collection[UUID]) -> dict[UUID, CommunityRow]:
    """Give the files of these communities; a scope that is none is left out."""
    found = CommunityRecord.objects.filter(id__in=list(community_ids))
    return {record.id: community_from(record) for record in found}


def find_community_by_code(*, code: str) -> CommunityRow | None:
    """Give the community with this code, if there is one."""
    record = CommunityRecord.objects.filter(code=code).first()
    return None if record is None else community_from(record)


def community_by_code(*, code: str) -> CommunityRow:
    """Give the community with this code; refuses with ``communities.unknown-community``."""
    found = find_community_by_code(code=code)
    if found is None:
        raise Refusal("communities.unknown-community", community=code)
    return found


def count_titles(*, community_ids: Collection[UUID]) -> dict[UUID, TitleCounts]:
    """Count the homes of each of these communities by how their title stands."""
    found = (
        HomeRecord.objects.filter(project_id__in=list(community_ids), use="home")
        .values_list("project_id")
        .annotate(**_COUNTED)
    )
    counted = {row[0]: TitleCounts(homes=row[1], first=row[2], titled=row[3]) for row in found}
    none = TitleCounts(homes=0, first=0, titled=0)
    return {community_id: counted.get(community_id, none) for community_id in community_ids}


def homes_of(*, project_id: UUID) -> list[HomeRow]:
    """Give a community's homes in the order of their numbers."""
    return _rows(project_id, HomeRecord.objects.filter(project_id=project_id).order_by("number"))


def homes_by_ids(*, project_id: UUID, home_ids: Collection[UUID]) -> dict[UUID, HomeRow]:
    """Give some homes of a community by id; unknown ones are left out."""
    found = HomeRecord.objects.filter(project_id=project_id, id__in=list(home_ids))
    return {row.id: row for row in _rows(project_id, found)}


def homes_of_household(*, project_id: UUID, household_id: UUID) -> list[HomeRow]:
    """Give the homes that these owners own in a community."""
    found = HomeRecord.objects.filter(project_id=project_id, household_id=household_id)
    return _rows(project_id, found.order_by("number"))


def home_by_id(*, project_id: UUID, home_id: UUID) -> HomeRow:
    """Give one home; refuses with ``communities.unknown-home``."""
    found = homes_by_ids(project_id=project_id, home_ids=[home_id])
    if home_id not in found:
        raise Refusal("communities.unknown-home", home=home_id)
    return found[home_id]


def home_by_number(*, project_id: UUID, number: str) -> HomeRow:
    """Give the home with this number; refuses with ``communities.unknown-home``."""
    rows = _rows(project_id, HomeRecord.objects.filter(project_id=project_id, number=number))
    if not rows:
        raise Refusal("communities.unknown-home", home=number)
    return rows[0]


def people_of(
    *, project_id: UUID, household_ids: Collection[UUID]
) -> dict[UUID, tuple[Person, ...]]:
    """Give the owners behind these households; whoever asks has entered a sensitive reading.

    An erased household has nobody any more; one out of sight is left out.
    """
    return _people_of([project_id], household_ids)


def _people_of(
    project_ids: Collection[UUID], household_ids: Collection[UUID]
) -> dict[UUID, tuple[Person, ...]]:
    found = OwnerRecord.objects.filter(project_id__in=list(project_ids), id__in=list(household_ids))
    records = list(found)
    sealed = [record for record in records if record.people_sealed is not None]
    fields = [
        SealedField(
            place=FieldPlace(record.id, OWNERS, record.id, PEOPLE),
            sealed=bytes(record.people_sealed or b""),
        )
        for record in sealed
    ]
    texts = open_unless_erased(fields=fields)
    opened = {record.id: text for record, text in zip(sealed, texts, strict=True)}
    return {record.id: people_from(opened.get(record.id, "")) for record in records}


def owner_phones(*, project_id: UUID, household_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give a telephone number of each of these owners who has one: the first owner's first.

    Whoever asks has entered a sensitive reading.
    """
    found = people_of(project_id=project_id, household_ids=household_ids)
    return {
        household_id: phone
        for household_id, people in found.items()
        if (phone := next((one.phone for one in people if one.phone), ""))
    }


def masked_owners(*, project_id: UUID, household_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the masked names of the owners behind these households, joined by ``、``."""
    return masked_owners_across(project_ids=[project_id], household_ids=household_ids)


def masked_owners_across(
    *, project_ids: Collection[UUID], household_ids: Collection[UUID]
) -> dict[UUID, str]:
    """Give the masked names of owners in several communities, as :func:`masked_owners` does."""
    return {
        household_id: "、".join(mask_name(one.name) for one in people)
        for household_id, people in _people_of(project_ids, household_ids).items()
    }


def _rows(project_id: UUID, records: Iterable[HomeRecord]) -> list[HomeRow]:
    buildings = dict(
        BuildingRecord.objects.filter(project_id=project_id).values_list("id", "number")
    )
    return [home_from(record, building=buildings[record.building_id]) for record in records]


def visits_of(*, project_id: UUID) -> list[VisitRow]:
    """Give the visits to a community, the newest first."""
    found = VisitRecord.objects.filter(project_id=project_id).order_by("-visited_on", "-at")
    return [
        VisitRow(id=one.id, visited_on=one.visited_on, by=one.by, findings=one.findings, at=one.at)
        for one in found
    ]


def last_visits(*, community_ids: Collection[UUID]) -> dict[UUID, date]:
    """Give the day of the last visit to each of these communities that was visited."""
    found = VisitRecord.objects.filter(project_id__in=list(community_ids)).values_list("project_id")
    return dict(found.annotate(last=Max("visited_on")))


def surveys_of(*, project_id: UUID) -> list[SurveyRow]:
    """Give the surveys taken over into a file, the newest first."""
    found = SurveyRecord.objects.filter(project_id=project_id).order_by("-surveyed_on", "-at")
    return [
        SurveyRow(surveyed_on=one.surveyed_on, surveyor=one.surveyor, homes=one.homes, at=one.at)
        for one in found
    ]


def revisions_of(*, project_id: UUID) -> list[RevisionRow]:
    """Give the changes of what a file says, the newest first."""
    found = RevisionRecord.objects.filter(project_id=project_id).order_by("-at", "-id")
    return [
        RevisionRow(
            changes={name: (was, now) for name, (was, now) in one.changes.items()},
            reason=one.reason,
            by=one.by,
            at=one.at,
        )
        for one in found
    ]


def count_titles_by_building(*, project_id: UUID) -> dict[str, TitleCounts]:
    """Count the homes of each building of a community by how their title stands."""
    buildings = dict(
        BuildingRecord.objects.filter(project_id=project_id).values_list("id", "number")
    )
    found = (
        HomeRecord.objects.filter(project_id=project_id, use="home")
        .values_list("building_id")
        .annotate(**_COUNTED)
    )
    return {
        buildings[building_id]: TitleCounts(homes=homes, first=first, titled=titled)
        for building_id, homes, first, titled in found
    }
