"""The counts of the sixty-month plan, kept month by month: numbers alone, and nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.partners.models import ProgrammeCountRecord
from anju.titles.partners.policy import title_programme
from anju_rules.shares import Share
from anju_rules.values import Refusal


@operation(
    permits="casework.watch",
    action="partners.programme.counted",
    clauses=("plan/titles-programme#1",),
    level=Secrecy.PUBLIC,
)
def note_programme_counts(
    *, counts: Mapping[str, Share | None], by: Actor, at: datetime
) -> tuple[str, ...]:
    """Keep what is counted today as this month's figures; gives the indicators that were kept.

    Once a month, and never changed afterwards: who counts again later counts the next month. What
    nobody counts is not kept, and never nought. Refuses with ``programme.not-begun``,
    ``programme.unknown-indicator`` and ``programme.counted-already``.
    """
    del by
    programme, on = title_programme(), city_time(at).date()
    month = programme.month_of(on)
    if not month:
        raise Refusal("programme.not-begun", starts_on=programme.starts_on.isoformat())
    strange = sorted(set(counts) - set(programme.indicators))
    if strange:
        raise Refusal("programme.unknown-indicator", value=strange[0])
    if ProgrammeCountRecord.objects.filter(month=month).exists():
        raise Refusal("programme.counted-already", month=month)
    told = {
        code: share
        for code, share in sorted(counts.items())
        if share is not None and share.fraction is not None
    }
    receipt = record(
        target=programme.code,
        body={
            "month": month,
            "on": on.isoformat(),
            "counts": {code: [one.numerator, one.denominator] for code, one in told.items()},
        },
    )
    _keep(told, month=month, at=at, event_id=receipt.event_id)
    return tuple(told)


def _keep(told: Mapping[str, Share], *, month: int, at: datetime, event_id: UUID) -> None:
    ProgrammeCountRecord.objects.bulk_create(
        ProgrammeCountRecord(
            id=new_id(),
            month=month,
            indicator=code,
            counted_on=city_time(at).date(),
            numerator=share.numerator,
            denominator=share.denominator,
            event_id=event_id,
        )
        for code, share in told.items()
    )
