"""Giving homes in order, by wishes: one household after the other takes its first lawful wish.

The order is the whole chance and merit there is: nobody is helped by guessing what others want,
so to state one's true wishes in their true order is best for every household (serial
dictatorship).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from anju_rules.entitlement import judge_homes, single_home_reach
from anju_rules.policy.types import RuleSet
from anju_rules.values import Home, Household, HouseholdNumber, UnitNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What one household got, and why not what it wished more."""

    household: HouseholdNumber
    homes: tuple[UnitNumber, ...] = ()
    """Empty: not placed, it waits."""
    wish: int | None = None
    """Which wish was fulfilled, from one; None with homes: the first lawful one in the table."""
    reason_codes: tuple[tuple[str, ...], ...] = ()
    """For each earlier wish, in order, the codes that refused it."""


def assign_in_order(
    *,
    order: Sequence[Household],
    wishes: Mapping[HouseholdNumber, Sequence[tuple[UnitNumber, ...]]],
    homes: Mapping[UnitNumber, Home],
    rules: RuleSet,
) -> list[Placement]:
    """Give homes along ``order``, the whole order of a project, stratum after stratum.

    A wish may name several homes, which are given together or not at all. A wish is refused with
    ``selection.unit-unknown``, ``selection.unit-already-held`` or the codes of the entitlement.
    Homes reserved for a need open once the last household of the stratum that the plan names has
    chosen. ``homes`` stand in the order of the unit table, which is the order in which
    ``rules.unplaced = "first-lawful"`` offers them.
    """
    openings = _openings(order, rules)
    free = _FreeHomes(homes, rules)
    held: set[UnitNumber] = set()
    placements: list[Placement] = []
    for place, household in enumerate(order):
        opened = frozenset(need for need, opens_at in openings.items() if place >= opens_at)
        placement = _fulfil_wishes(
            household=household,
            wishes=wishes.get(household.number, ()),
            homes=homes,
            held=held,
            opened_needs=opened,
            rules=rules,
        )
        if not placement.homes and rules.unplaced == "first-lawful":
            found = free.first_lawful(household=household, opened_needs=opened, held=held)
            if found is not None:
                placement = Placement(
                    household=household.number,
                    homes=(found,),
                    reason_codes=placement.reason_codes,
                )
        held.update(placement.homes)
        placements.append(placement)
    return placements


def _fulfil_wishes(
    *,
    household: Household,
    wishes: Sequence[tuple[UnitNumber, ...]],
    homes: Mapping[UnitNumber, Home],
    held: set[UnitNumber],
    opened_needs: frozenset[str],
    rules: RuleSet,
) -> Placement:
    refused: list[tuple[str, ...]] = []
    for rank, wish in enumerate(wishes, start=1):
        codes = _refuse_wish(
            household=household,
            wish=wish,
            homes=homes,
            held=held,
            opened_needs=opened_needs,
            rules=rules,
        )
        if not codes:
            return Placement(
                household=household.number, homes=wish, wish=rank, reason_codes=tuple(refused)
            )
        refused.append(codes)
    return Placement(household=household.number, reason_codes=tuple(refused))


def _refuse_wish(
    *,
    household: Household,
    wish: tuple[UnitNumber, ...],
    homes: Mapping[UnitNumber, Home],
    held: set[UnitNumber],
    opened_needs: frozenset[str],
    rules: RuleSet,
) -> tuple[str, ...]:
    """Give every code that refuses a wish, in the published order; none: it is lawful and free."""
    known = [homes[number] for number in wish if number in homes]
    verdict = judge_homes(household=household, homes=known, opened_needs=opened_needs, rules=rules)
    codes = {finding.code for finding in verdict.unmet}
    if not wish or len(known) < len(wish):
        codes.add("selection.unit-unknown")
    if any(number in held for number in wish):
        codes.add("selection.unit-already-held")
    return tuple(code for code in _CODES_IN_ORDER if code in codes)


def _openings(order: Sequence[Household], rules: RuleSet) -> dict[str, int]:
    """Give for each need the place in the order from which its reserved homes are open to all.

    A stratum without a household is done before the first turn: nobody is left for whom to keep
    them.
    """
    done_after: dict[str, int] = {}
    for place, household in enumerate(order, start=1):
        done_after[household.stratum] = place
    return {
        rule.need: done_after.get(rule.reserved_opens_after_stratum, 0)
        for rule in rules.needs
        if rule.reserved_opens_after_stratum is not None
    }


_CODES_IN_ORDER = (
    "selection.unit-unknown",
    "selection.unit-already-held",
    "selection.home-reserved",
    "selection.need-unmet",
    "selection.over-area-budget",
    "selection.outside-area-band",
    "selection.too-many-homes",
    "selection.community-limit",
    "selection.community-excluded",
    "selection.home-named-twice",
)
"""The order in which a bundle publishes why a wish was refused, so that two programs agree."""
_AREA_CODES = frozenset({"selection.over-area-budget", "selection.outside-area-band"})
"""The codes that hang on a home's area: `single_home_reach` says so before one is asked for."""


class _FreeHomes:
    """The homes still free, in table order: the first lawful one is found without asking all.

    For a household that holds none, whether one home is lawful hangs on its area and, apart from
    that, only on the needs in play. So for each set of needs the homes stand in queues by area,
    and a home that is taken never returns.
    """

    def __init__(self, homes: Mapping[UnitNumber, Home], rules: RuleSet) -> None:
        self._homes = homes
        self._rules = rules
        self._table = tuple(homes)
        self._queues: dict[tuple[frozenset[str], frozenset[str]], _AreaQueues] = {}

    def first_lawful(
        self, *, household: Household, opened_needs: frozenset[str], held: set[UnitNumber]
    ) -> UnitNumber | None:
        """Give the first free home in table order that the household may have, if there is one."""
        reach = single_home_reach(household=household, rules=self._rules)
        if reach is None:
            return None
        key = (household.needs, opened_needs)
        if key not in self._queues:
            self._queues[key] = self._queue_for(household, opened_needs)
        place = self._queues[key].first_free(*reach, is_held=lambda at: self._table[at] in held)
        return None if place is None else self._table[place]

    def _queue_for(self, household: Household, opened_needs: frozenset[str]) -> _AreaQueues:
        places: dict[Decimal, deque[int]] = {}
        for place, home in enumerate(self._homes.values()):
            verdict = judge_homes(
                household=household, homes=(home,), opened_needs=opened_needs, rules=self._rules
            )
            if all(finding.code in _AREA_CODES for finding in verdict.unmet):
                places.setdefault(home.area_sqm, deque()).append(place)
        return _AreaQueues(places, end=len(self._table))


class _AreaQueues:
    """Places in the table by area, the areas ascending, each with its first place not yet held."""

    def __init__(self, places: Mapping[Decimal, deque[int]], *, end: int) -> None:
        self._areas = sorted(places)
        self._queues = [places[area] for area in self._areas]
        self._heads = [queue[0] for queue in self._queues]
        self._end = end

    def first_free(
        self,
        least: Decimal,
        most: Decimal,
        most_is_allowed: bool,  # noqa: FBT001 - as `single_home_reach` gives it
        *,
        is_held: Callable[[int], bool],
    ) -> int | None:
        """Give the first place of an area within reach that is not held."""
        start = bisect_left(self._areas, least)
        stop = (bisect_right if most_is_allowed else bisect_left)(self._areas, most)
        while start < stop:
            heads = self._heads[start:stop]
            best = min(heads)
            if best == self._end:
                return None
            if not is_held(best):
                return best
            area = start + heads.index(best)
            queue = self._queues[area]
            queue.popleft()
            self._heads[area] = queue[0] if queue else self._end
        return None
