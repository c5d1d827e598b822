"""Reads of wishes: inside a context, else no row is seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from anju.resettlement.preferences.models import WishRecord
from anju.resettlement.preferences.types import WishChanges, Wishes


def wishes_of(*, project_id: UUID) -> dict[UUID, Wishes]:
    """Give each household's wishes; households without a wish are left out."""
    return _wishes(project_id)


def wishes_of_household(*, project_id: UUID, household_id: UUID) -> Wishes:
    """Give one household's wishes, the first wish first."""
    return _wishes(project_id, household_id=household_id).get(household_id, ())


def count_wishing(*, project_id: UUID, unit_ids: Collection[UUID]) -> dict[UUID, int]:
    """Give for each of some homes how many households have it among their wishes."""
    wishing: dict[UUID, set[UUID]] = {unit_id: set() for unit_id in unit_ids}
    records = WishRecord.objects.filter(project_id=project_id, unit_ids__overlap=list(unit_ids))
    for household_id, wished in records.values_list("household_id", "unit_ids"):
        for unit_id in wishing.keys() & set(wished):
            wishing[unit_id].add(household_id)
    return {unit_id: len(households) for unit_id, households in wishing.items()}


def compare_wishes(*, project_id: UUID, wishes: Mapping[UUID, Wishes]) -> WishChanges:
    """Say what a table of wishes would change; nothing is written."""
    kept = _wishes(project_id)
    added = {household: told for household, told in wishes.items() if household not in kept}
    changed = {
        household: told
        for household, told in wishes.items()
        if household in kept and kept[household] != told
    }
    return WishChanges(
        added=added,
        changed=changed,
        unchanged=len(wishes) - len(added) - len(changed),
        staying=len(kept.keys() - wishes.keys()),
    )


def _wishes(project_id: UUID, **only: UUID) -> dict[UUID, Wishes]:
    found: defaultdict[UUID, list[tuple[UUID, ...]]] = defaultdict(list)
    records = WishRecord.objects.filter(project_id=project_id, **only)
    for household_id, unit_ids in records.order_by("household_id", "rank").values_list(
        "household_id", "unit_ids"
    ):
        found[household_id].append(tuple(unit_ids))
    return {household: tuple(wishes) for household, wishes in found.items()}
