"""Who owns homes, written: the same owners of several homes are one household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from anju.foundation.access.operations import on_erasure
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import FieldPlace, PlainField, seal_fields
from anju.titles.communities.mapping import (
    OWNERS,
    PEOPLE,
    content_index_of,
    identity_index_of,
    in_order,
    told_people,
)
from anju.titles.communities.models import OwnerRecord
from anju.titles.communities.types import Person
from anju_rules.values import Refusal

ERASED = b""
"""The content index of erased owners: no content has it."""
_A_TIME = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOwners:
    """The owners of one home as they were told."""

    number: str
    """The home's number, to name it in a refusal."""
    people: tuple[Person, ...]
    household_id: UUID | None = None
    """Who they are, where that is known; else they are found by their papers, or are new."""


def settle_owners(*, project_id: UUID, told: Sequence[ToldOwners]) -> list[UUID]:
    """Give the household of each of these owners, written where it is new or told anew.

    The same identity numbers with the same shares are the same household, so that one account
    shows a family its home and its parking space. Inside the caller's operation. Refuses with
    ``communities.owners-differ`` where one household is told in two ways.
    """
    indexes = [identity_index_of(project_id, one.people) for one in told]
    by_papers = _households_by_papers(project_id, [one for one in indexes if one is not None])
    households: list[UUID] = []
    written: dict[UUID, ToldOwners] = {}
    for one, index in zip(told, indexes, strict=True):
        found = one.household_id or (by_papers.get(index) if index is not None else None)
        household_id = found or new_id()
        if index is not None:
            by_papers.setdefault(index, household_id)
        before = written.setdefault(household_id, one)
        if in_order(before.people) != in_order(one.people):
            raise Refusal("communities.owners-differ", home=one.number, other=before.number)
        households.append(household_id)
    _write(project_id, written)
    return households


@on_erasure
def forget_owners(household_id: UUID) -> None:
    """Take away of erased owners what a destroyed key does not close."""
    OwnerRecord.objects.filter(id=household_id).update(
        people_sealed=None, content_index=ERASED, identity_index=None
    )


def _households_by_papers(project_id: UUID, indexes: Sequence[bytes]) -> dict[bytes, UUID]:
    found = OwnerRecord.objects.filter(project_id=project_id, identity_index__in=list(indexes))
    return {
        bytes(index or b""): household_id
        for household_id, index in found.order_by("-id").values_list("id", "identity_index")
    }


def _write(project_id: UUID, told: Mapping[UUID, ToldOwners]) -> None:
    """Write owners that are new, or of whom something else is told than stands there."""
    known = dict(
        OwnerRecord.objects.filter(project_id=project_id, id__in=list(told)).values_list(
            "id", "content_index"
        )
    )
    contents = {one: content_index_of(one, owners.people) for one, owners in told.items()}
    changed = [one for one in told if one not in known or bytes(known[one]) != contents[one]]
    sealed = seal_fields(
        fields=[
            PlainField(
                place=FieldPlace(one, OWNERS, one, PEOPLE), text=told_people(told[one].people)
            )
            for one in changed
        ]
    )
    records = [
        OwnerRecord(
            project_id=project_id,
            id=one,
            people_sealed=closed,
            people_count=len(told[one].people),
            content_index=contents[one],
            identity_index=identity_index_of(project_id, told[one].people),
        )
        for one, closed in zip(changed, sealed, strict=True)
    ]
    OwnerRecord.objects.bulk_create(
        [record for record in records if record.id not in known], batch_size=_A_TIME
    )
    for record in records:
        if record.id in known:
            OwnerRecord.objects.filter(project_id=project_id, id=record.id).update(
                people_sealed=record.people_sealed,
                people_count=record.people_count,
                content_index=record.content_index,
                identity_index=record.identity_index,
            )
