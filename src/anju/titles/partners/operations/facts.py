"""Facts of property managers, and the stars they come to, quarter by quarter."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.partners.models import FactRecord, PartyRecord, StarRecord
from anju.titles.partners.operations.parties import (
    LONGEST_NAME,
    party_of,
    refuse_day_ahead,
)
from anju.titles.partners.policy import partner_policy
from anju.titles.partners.stars import count_facts
from anju_rules.notices import refuse_personal_text
from anju_rules.partners.stars import FactKind, give_star
from anju_rules.values import Refusal

_CLAUSES = ("plan/partners#3",)
_QUARTER = re.compile(r"(20[0-9]{2})-Q([1-4])", re.ASCII)


@operation(permits="partners.keep", action="partners.fact.noted", clauses=_CLAUSES)
def note_fact(
    *,
    project_id: UUID,
    party_id: UUID,
    kind: FactKind,
    is_met: bool,
    on: date,
    about: str,
    source_id: UUID | None = None,
    by: Actor,
    at: datetime,
) -> UUID:
    """Note whether a property manager did one thing as it should be.

    ``source_id``: the step, material or question it was taken from; the same one is noted once.
    Refuses with ``partners.not-a-manager``, ``partners.fact-known``, ``partners.about-missing``,
    ``partners.day-ahead`` and ``notices.personal-text``.
    """
    del by
    if party_of(party_id).kind != "manager":
        raise Refusal("partners.not-a-manager")
    if not about.strip() or len(about) > LONGEST_NAME:
        raise Refusal("partners.about-missing", most=LONGEST_NAME)
    refuse_personal_text(about, where="about")
    refuse_day_ahead(on, at=at)
    known = FactRecord.objects.filter(project_id=project_id, source_id=source_id, kind=kind.value)
    if source_id is not None and known.exists():
        raise Refusal("partners.fact-known")
    kept = FactRecord(
        project_id=project_id,
        id=new_id(),
        party_id=party_id,
        kind=kind.value,
        is_met=is_met,
        on=on,
        about=about.strip(),
        source_id=source_id,
        noted_at=at,
    )
    kept.save(force_insert=True)
    record(
        target=kept.id,
        project_id=project_id,
        body={
            "party": str(party_id),
            "kind": kind.value,
            "is_met": is_met,
            "on": on.isoformat(),
            "about": kept.about,
        },
    )
    return kept.id


@operation(
    permits="partners.keep",
    action="partners.stars.published",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def publish_stars(*, quarter: str, by: Actor, at: datetime) -> int:
    """Publish every property manager's stars of a quarter that is over; gives how many managers.

    Reckoned from the year's facts up to the quarter's last day, by the formula in force on it.
    Refuses with ``partners.wrong-quarter``, ``partners.quarter-not-over``,
    ``partners.stars-published`` and ``partners.no-formula``.
    """
    del by
    last_day = last_day_of(quarter)
    if last_day >= city_time(at).date():
        raise Refusal("partners.quarter-not-over", quarter=quarter)
    if StarRecord.objects.filter(quarter=quarter).exists():
        raise Refusal("partners.stars-published", quarter=quarter)
    formula = partner_policy().formula_on(last_day)
    managers = list(PartyRecord.objects.filter(kind="manager").order_by("credit_code"))
    if not managers:
        raise Refusal("partners.no-manager")
    facts = count_facts(until=last_day)
    stars = {one.id: give_star(formula=formula, facts=facts.get(one.id, {})) for one in managers}
    receipt = record(
        target=new_id(),
        body={
            "quarter": quarter,
            "formula": formula.code,
            "stars": [
                [one.credit_code, stars[one.id].stars, stars[one.id].tenths] for one in managers
            ],
        },
    )
    StarRecord.objects.bulk_create(
        StarRecord(
            id=new_id(),
            party_id=one.id,
            quarter=quarter,
            stars=stars[one.id].stars,
            tenths=stars[one.id].tenths,
            counts={
                kind.value: [share.numerator, share.denominator]
                for kind, share in facts.get(one.id, {}).items()
            },
            formula=formula.code,
            event_id=receipt.event_id,
            published_at=at,
        )
        for one in managers
    )
    return len(managers)


def last_day_of(quarter: str) -> date:
    """Give the last day of a quarter written ``2026-Q3``, or refuse ``partners.wrong-quarter``."""
    found = _QUARTER.fullmatch(quarter)
    if found is None:
        raise Refusal("partners.wrong-quarter", quarter=quarter[:20])
    year, month = int(found[1]), int(found[2]) * 3
    first_after = date(year + month // 12, month % 12 + 1, 1)
    return first_after - timedelta(days=1)
