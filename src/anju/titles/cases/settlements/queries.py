"""Reads of settlements: inside a context (``reading`` or an operation), else no row is seen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from anju.foundation.casework.queries import cases_under
from anju.foundation.core.clock import city_time
from anju.titles.cases.settlements.mapping import settlement_from, terms_from
from anju.titles.cases.settlements.models import AreaTermsRecord, SettlementRecord
from anju.titles.cases.settlements.types import (
    DISPUTE,
    DisputeFigures,
    SettlementRow,
    SettlementTotals,
    TermsRow,
)
from anju_rules.procedures.states import Status
from anju_rules.values import Fen, Refusal

RESOLVED_WITHIN = 30
"""Calendar days within which a dispute is to be over (LEG-3)."""


def settlements_of(*, project_id: UUID) -> list[SettlementRow]:
    """Give the settlements that stand in a community, the largest amounts first."""
    found = SettlementRecord.objects.filter(project_id=project_id, is_standing=True)
    rows = [settlement_from(one) for one in found]
    return sorted(rows, key=lambda row: (-row.owed_fen, row.id))


def settlement_by_id(*, project_id: UUID, settlement_id: UUID) -> SettlementRow:
    """Give one settlement; refuses with ``settlements.unknown``."""
    found = SettlementRecord.objects.filter(project_id=project_id, id=settlement_id).first()
    if found is None:
        raise Refusal("settlements.unknown")
    return settlement_from(found)


def settlements_of_household(*, project_id: UUID, household_id: UUID) -> list[SettlementRow]:
    """Give the settlements that stand for the homes of these owners."""
    found = SettlementRecord.objects.filter(
        project_id=project_id, household_id=household_id, is_standing=True
    )
    return [settlement_from(one) for one in found.order_by("settled_at", "id")]


def count_disputes(*, project_id: UUID, at: datetime) -> DisputeFigures:
    """Count how a community's disputes over its settlements go, thirty calendar days the aim."""
    cases = cases_under(project_id=project_id, procedure=DISPUTE)
    on = city_time(at).date()
    days = [((case.ended_on or on) - case.came_on).days for case in cases]
    resolved = [case.status is Status.DONE for case in cases]
    return DisputeFigures(
        opened=len(cases),
        ended=sum(not case.status.is_open for case in cases),
        resolved=sum(resolved),
        in_time=sum(
            took <= RESOLVED_WITHIN for took, done in zip(days, resolved, strict=True) if done
        ),
        late=sum(
            case.status.is_open and took > RESOLVED_WITHIN
            for case, took in zip(cases, days, strict=True)
        ),
    )


def totals_of(*, project_id: UUID) -> SettlementTotals:
    """Sum what all standing settlements come to; one that the buyer withdrew from owes nothing."""
    owed = ~Q(choice="withdraws")
    pays, gets = owed & Q(buyer_pays_fen__gt=0), owed & Q(buyer_pays_fen__lt=0)
    cleared = Q(cleared_on__isnull=False)
    found = SettlementRecord.objects.filter(project_id=project_id, is_standing=True).aggregate(
        homes=Count("id"),
        to_pay=Count("id", filter=pays),
        to_get=Count("id", filter=gets),
        even=Count("id", filter=owed & Q(buyer_pays_fen=0)),
        may_withdraw=Count("id", filter=Q(may_withdraw=True, choice="")),
        withdrawn=Count("id", filter=Q(choice="withdraws")),
        due_in=Coalesce(Sum("buyer_pays_fen", filter=pays), 0),
        paid_in=Coalesce(Sum("buyer_pays_fen", filter=pays & cleared), 0),
        due_out=Coalesce(Sum(-F("buyer_pays_fen"), filter=gets), 0),
        paid_out=Coalesce(Sum(-F("buyer_pays_fen"), filter=gets & cleared), 0),
    )
    return SettlementTotals(
        homes=found["homes"],
        to_pay=found["to_pay"],
        to_get=found["to_get"],
        even=found["even"],
        may_withdraw=found["may_withdraw"],
        withdrawn=found["withdrawn"],
        due_in_fen=Fen(int(found["due_in"])),
        paid_in_fen=Fen(int(found["paid_in"])),
        due_out_fen=Fen(int(found["due_out"])),
        paid_out_fen=Fen(int(found["paid_out"])),
    )


def terms_of_community(*, project_id: UUID) -> TermsRow | None:
    """Give what holds for every home that has no terms of its own; the newest statement."""
    return _newest(project_id, None)


def terms_of_home(*, project_id: UUID, home_id: UUID) -> TermsRow | None:
    """Give what holds for one home: its own statement, else the community's, else none."""
    return _newest(project_id, home_id) or _newest(project_id, None)


def _newest(project_id: UUID, home_id: UUID | None) -> TermsRow | None:
    found = AreaTermsRecord.objects.filter(project_id=project_id, home_id=home_id)
    newest = found.order_by("-stated_at", "-id").first()
    return None if newest is None else terms_from(newest)
