"""Allocating: scores, order, batches and homes of a whole plan, from values to values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from anju.resettlement.offline.entries import Entry
from anju.resettlement.offline.plan import Plan
from anju_rules.draws import DrawResult
from anju_rules.matching import Placement, assign_in_order
from anju_rules.queue import Place, order_places
from anju_rules.scoring import ScoreSheet, score_household
from anju_rules.values import HouseholdNumber, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """The whole result of a plan, household by household."""

    entries: Mapping[Ticket, Entry]
    sheets: Mapping[HouseholdNumber, ScoreSheet]
    places: Sequence[Place]
    placements: Sequence[Placement]
    """In the order of ``places``."""


def allocate_plan(
    plan: Plan,
    *,
    entries: Sequence[Entry],
    results: Sequence[DrawResult],
    orders: Sequence[Sequence[Ticket]] | None = None,
    struck: Collection[Ticket] = frozenset(),
) -> Allocation:
    """Score every household, order them by score or lot, and give homes by wishes in that order.

    ``orders`` and ``struck``: the draws' orders as amendments leave them, and the lines taken out
    (:func:`anju_rules.amendments.amend_draws`); without them the orders are the results' own.
    """
    sheets = {
        number: score_household(household=registered.household, rules=plan.rules)
        for number, registered in plan.households.items()
    }
    by_ticket = {entry.ticket: entry for entry in entries}
    places = order_places(
        mode=plan.project.mode,
        strata=plan.project.strata,
        draws=[result.order for result in results] if orders is None else orders,
        totals={entry.ticket: sheets[entry.number].total for entry in entries},
        batch_size=plan.project.batch_size,
        struck=struck,
    )
    order = [plan.households[by_ticket[place.ticket].number].household for place in places]
    placements = assign_in_order(
        order=order, wishes=plan.wishes, homes=plan.homes, rules=plan.rules
    )
    return Allocation(entries=by_ticket, sheets=sheets, places=places, placements=placements)
