"""The facts of property managers, counted; the operation and the page count them alike."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q

from anju.titles.partners.models import FactRecord
from anju_rules.partners.stars import FactKind
from anju_rules.shares import Share

YEAR = timedelta(days=365)
"""What is older than a year counts no more, for good or ill."""


def count_facts(*, until: date) -> dict[UUID, dict[FactKind, Share]]:
    """Count the year's facts up to a day, by manager and kind."""
    found = (
        FactRecord.objects.filter(on__gt=until - YEAR, on__lte=until)
        .values_list("party_id", "kind")
        .annotate(met=Count("id", filter=Q(is_met=True)), every=Count("id"))
    )
    counted: dict[UUID, dict[FactKind, Share]] = {}
    for party_id, kind, met, every in found:
        counted.setdefault(party_id, {})[FactKind(kind)] = Share(met, every)
    return counted
