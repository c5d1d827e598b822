"""Which homes one household may choose now, and why not the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.inventory.queries import unit_briefs, units_by_ids
from anju.resettlement.inventory.types import UnitBrief, UnitRow, UnitState
from anju.resettlement.preferences.queries import wishes_of_household
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import ChoiceRecord, PlaceRecord
from anju.resettlement.selection.tiles import tile_of
from anju.resettlement.selection.types import HomeOption
from anju_rules.entitlement import area_band_of, area_budget_of, judge_homes
from anju_rules.policy import RuleSet
from anju_rules.policy.types import AreaBudget, plain
from anju_rules.selection import opened_needs
from anju_rules.values import Household, Refusal

OFFERED: frozenset[UnitState] = frozenset({"free", "reserved"})
"""States of the register in which a home may be chosen; a reserved one by those it is kept for."""


def budget_shown(*, household: Household, rules: RuleSet) -> str:
    """Give what a household may choose, in square metres: its budget ``90``, or a band ``70–90``.

    Empty where the plan has no band for its size. Refuses with ``entitlement.fact-missing``.
    """
    entitlement = rules.entitlement
    if isinstance(entitlement, AreaBudget):
        return plain(area_budget_of(household=household, entitlement=entitlement))
    band = area_band_of(household=household, entitlement=entitlement)
    return "" if band is None else f"{plain(band.least_sqm)}–{plain(band.most_sqm)}"


def opened_needs_of(*, project_id: UUID, batch: int, rules: RuleSet) -> frozenset[str]:
    """Give the needs whose reserved homes are open to all while ``batch`` chooses."""
    if all(rule.reserved_opens_after_stratum is None for rule in rules.needs):
        return frozenset()
    last_batches = mapping.last_batches_of(project_id)
    return opened_needs(batch=batch, last_batches=last_batches, rules=rules)


def require_lawful(
    *,
    project_id: UUID,
    household_id: UUID,
    batch: int,
    units: Sequence[UnitRow],
    rules: RuleSet,
) -> None:
    """Refuse homes that a household of the batch may not have together.

    With the codes of :func:`anju_rules.entitlement.judge_homes`.
    """
    judge_homes(
        household=household_by_id(project_id=project_id, household_id=household_id).household,
        homes=[unit.home for unit in units],
        opened_needs=opened_needs_of(project_id=project_id, batch=batch, rules=rules),
        rules=rules,
    ).raise_if_unmet()


def options_of(*, project_id: UUID, household_id: UUID, by: Actor) -> list[HomeOption]:
    """Give every home that is not taken, in table order, each judged alone for one household.

    A home that the household has named itself is among them, and one that another has is not.
    ``by`` is an officer, or the household itself. Refuses with ``selection.no-place`` a household
    that has none in the order.
    """
    with reading(by=by):
        standing = _standing_of(project_id, household_id)
        taken = set(
            ChoiceRecord.objects.filter(project_id=project_id, released_at__isnull=True)
            .exclude(household_id=household_id, is_named=True)
            .values_list("unit_id", flat=True)
        )
        units = [unit for unit in unit_briefs(project_id=project_id) if unit.id not in taken]
    return [_option(unit, standing) for unit in units]


def lawful_wishes(*, project_id: UUID, household_id: UUID, by: Actor) -> list[tuple[UUID, ...]]:
    """Give a household's wishes that it may have now, the first wish first.

    A wish for several homes is judged as a whole. Refuses with ``selection.no-place``.
    """
    with reading(by=by):
        standing = _standing_of(project_id, household_id)
        wishes = wishes_of_household(project_id=project_id, household_id=household_id)
        named = {unit_id for wish in wishes for unit_id in wish}
        units = {unit.id: unit for unit in units_by_ids(project_id=project_id, unit_ids=named)}
    return [
        wish
        for wish in wishes
        if all(units[unit_id].state in OFFERED for unit_id in wish)
        and judge_homes(
            household=standing.household,
            homes=[units[unit_id].home for unit_id in wish],
            opened_needs=standing.opened,
            rules=standing.rules,
        ).met
    ]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a household's choice is judged by."""

    household: Household
    opened: frozenset[str]
    rules: RuleSet


def _standing_of(project_id: UUID, household_id: UUID) -> _Standing:
    place = PlaceRecord.objects.filter(project_id=project_id, household_id=household_id).first()
    if place is None:
        raise Refusal("selection.no-place")
    rules = mapping.rules_of(project_id)
    row = household_by_id(project_id=project_id, household_id=household_id)
    opened = opened_needs_of(project_id=project_id, batch=place.batch, rules=rules)
    return _Standing(row.household, opened, rules)


def _option(unit: UnitBrief, standing: _Standing) -> HomeOption:
    tile = tile_of(unit, taken_by=None, opened_needs=standing.opened)
    if unit.state not in OFFERED:
        return HomeOption(
            tile=tile,
            is_lawful=False,
            code="selection.unit-not-open",
            facts={"unit": unit.number},
        )
    verdict = judge_homes(
        household=standing.household,
        homes=[unit.home],
        opened_needs=standing.opened,
        rules=standing.rules,
    )
    first = next(iter(verdict.unmet), None)
    if first is None:
        return HomeOption(tile=tile, is_lawful=True)
    return HomeOption(
        tile=tile,
        is_lawful=False,
        code=first.code,
        facts=dict(first.facts),
        clause=first.clause,
    )
