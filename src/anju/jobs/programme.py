"""The sixty-month plan's figures of each month, kept once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from anju.foundation.access.types import system_actor
from anju.foundation.core.clock import city_time
from anju.titles.partners.operations.programme import note_programme_counts
from anju.titles.partners.policy import title_programme
from anju.titles.partners.queries import is_month_counted
from anju.web.title_counts import title_counts


def keep_programme_counts(*, at: datetime) -> tuple[str, ...]:
    """Count and keep what the plan is judged by, the first time in a month; gives what was kept.

    Run every day: a month whose first day found the platform standing still is counted on the next.
    """
    on = city_time(at).date()
    month = title_programme().month_of(on)
    with transaction.atomic():
        if not month or is_month_counted(month=month):
            return ()
        counts = title_counts(on=on)
    by = system_actor(request_id="programme.count")
    return note_programme_counts(counts=counts, by=by, at=at)
