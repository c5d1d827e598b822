"""What the five years' plan is judged by: each figure from the context that counts it.

A figure that nobody counts yet is missing here, and its target says "no data yet". Whoever builds
the count adds a line to :data:`COUNTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from django.utils import timezone

from anju.foundation.access.context import reading
from anju.foundation.access.types import system_actor
from anju.titles.cases.queries import on_time_counts
from anju.titles.communities.queries import count_titles, list_communities
from anju.titles.legacy.queries import count_legacy
from anju.titles.partners.board import satisfaction
from anju.titles.partners.queries import count_duties
from anju_rules.shares import Share


def count_titled(on: date) -> Share:
    """Count the homes with a certificate, among all homes of the communities on file."""
    del on
    ids = [community.id for community in list_communities()]
    counts = count_titles(community_ids=ids).values()
    return Share(sum(one.titled for one in counts), sum(one.homes for one in counts))


def count_in_time(on: date) -> Share:
    """Count the buildings whose first registration was handed in in time."""
    return count_duties(on=on)


def count_satisfied(on: date) -> Share:
    """Count the ratings of the first three levels, of both wings."""
    del on
    return satisfaction()


def count_within_limit(on: date) -> Share:
    """Count the title cases that did not run over the promised limit."""
    with reading(by=system_actor()):
        told = on_time_counts(
            at=datetime.combine(on, time(12), tzinfo=timezone.get_default_timezone())
        )
    return Share(told.cases - told.overdue, told.cases)


def count_planned(on: date) -> Share:
    """Count the communities with a plan of their own, among those with problems on file."""
    del on
    return count_legacy().planned


def count_solved(on: date) -> Share:
    """Count the problems solved, among those found."""
    del on
    return count_legacy().solved


COUNTS: Mapping[str, Callable[[date], Share]] = {
    "five-days": count_within_limit,
    "legacy-planned": count_planned,
    "legacy-solved": count_solved,
    "new-communities": count_in_time,
    "satisfied": count_satisfied,
    "titled": count_titled,
}
"""By the codes of the plan's indicators."""


def title_counts(*, on: date) -> dict[str, Share | None]:
    """Give every figure that is counted, as it stands on a day."""
    return {code: count(on) for code, count in COUNTS.items()}
