"""Reads of partners. Companies, duties and stars are public; securities are seen where in sight."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.titles.partners.mapping import (
    basis_from,
    demand_from,
    duty_from,
    party_from,
    restriction_from,
    star_from,
)
from anju.titles.partners.models import (
    BasisRecord,
    DemandRecord,
    DutyRecord,
    GuaranteeRecord,
    PartyRecord,
    ProgrammeCountRecord,
    RestrictionRecord,
    StarRecord,
)
from anju.titles.partners.policy import partner_policy
from anju.titles.partners.stars import count_facts
from anju.titles.partners.types import (
    BasisRow,
    DemandRow,
    DutyRow,
    PartyKind,
    PartyRow,
    ProgrammeCount,
    RestrictionRow,
    StarRow,
)
from anju_rules.partners.duties import count_in_time
from anju_rules.partners.stars import Star, give_star
from anju_rules.shares import Share
from anju_rules.values import Refusal

_SEES = "partners.see"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLine:
    """A company as the list shows it."""

    party: PartyRow
    in_time: Share
    """A developer's duties kept in time; nothing of nothing for a manager."""
    overdue: int
    restriction: RestrictionRow | None
    """What is in force."""
    star: StarRow | None
    """A manager's stars as last published."""


def list_parties(*, kind: PartyKind, on: date) -> list[PartyLine]:
    """Give every developer or manager with how it stands on a day, by name; public."""
    parties = [party_from(one) for one in PartyRecord.objects.filter(kind=kind).order_by("name")]
    ids = [one.id for one in parties]
    duties = _by_party(duties_of(party_ids=ids, on=on))
    held = {one.party_id: one for one in restrictions_of(party_ids=ids, on=on) if one.is_in_force}
    stars = _latest_stars(ids)
    return [
        PartyLine(
            party=party,
            in_time=count_in_time(row.standing for row in duties.get(party.id, ())),
            overdue=sum(row.standing.state == "overdue" for row in duties.get(party.id, ())),
            restriction=held.get(party.id),
            star=stars.get(party.id),
        )
        for party in parties
    ]


def party_by_id(*, party_id: UUID) -> PartyRow:
    """Give a company; refuses with ``partners.unknown-party``."""
    kept = PartyRecord.objects.filter(id=party_id).first()
    if kept is None:
        raise Refusal("partners.unknown-party")
    return party_from(kept)


def duties_of(*, party_ids: Collection[UUID] | None = None, on: date) -> list[DutyRow]:
    """Give duties as they stand on a day, of some companies or of all; public."""
    found = DutyRecord.objects.order_by("building")
    if party_ids is not None:
        found = found.filter(party_id__in=list(party_ids))
    lines = partner_policy().duties
    return [duty_from(kept, lines=lines, on=on) for kept in found]


def count_duties(*, on: date) -> Share:
    """Count the whole city's first registrations kept in time (``new-communities``)."""
    return count_in_time(row.standing for row in duties_of(on=on))


def list_bases() -> list[BasisRow]:
    """Give every basis on record, the newest first; public."""
    return [basis_from(kept) for kept in BasisRecord.objects.order_by("-recorded_at")]


def demands_of(*, party_id: UUID, on: date, by: Actor) -> list[DemandRow]:
    """Give the securities asked of a company, where they lie in sight; needs ``partners.see``."""
    require_permission(by, _SEES)
    with reading(by=by):
        demands = list(DemandRecord.objects.filter(party_id=party_id).order_by("-demanded_at"))
        given = list(GuaranteeRecord.objects.filter(demand_id__in=[one.id for one in demands]))
    bases = _bases(one.basis_id for one in demands)
    return [
        demand_from(
            one,
            basis=bases[one.basis_id],
            given=[security for security in given if security.demand_id == one.id],
            on=on,
        )
        for one in demands
    ]


def restrictions_of(*, party_ids: Collection[UUID], on: date) -> list[RestrictionRow]:
    """Give the restrictions of companies, the newest first; public, with their reasons."""
    kept = list(
        RestrictionRecord.objects.filter(party_id__in=list(party_ids)).order_by("-restricted_at")
    )
    bases = _bases(one.basis_id for one in kept)
    return [restriction_from(one, basis=bases[one.basis_id], on=on) for one in kept]


def stars_of(*, party_id: UUID) -> list[StarRow]:
    """Give a manager's published stars, the latest quarter first; public."""
    return [
        star_from(kept)
        for kept in StarRecord.objects.filter(party_id=party_id).order_by("-quarter")
    ]


def star_so_far(*, party_id: UUID, on: date) -> Star:
    """Reckon a manager's stars as they stand today; only the published ones count."""
    formula = partner_policy().formula_on(on)
    return give_star(formula=formula, facts=count_facts(until=on).get(party_id, {}))


def _latest_stars(party_ids: Collection[UUID]) -> dict[UUID, StarRow]:
    found = StarRecord.objects.filter(party_id__in=list(party_ids)).order_by("quarter")
    return {kept.party_id: star_from(kept) for kept in found}


def _by_party(rows: Iterable[DutyRow]) -> dict[UUID, list[DutyRow]]:
    found: dict[UUID, list[DutyRow]] = {}
    for row in rows:
        found.setdefault(row.party_id, []).append(row)
    return found


def _bases(ids: Iterable[UUID]) -> dict[UUID, BasisRow]:
    return {kept.id: basis_from(kept) for kept in BasisRecord.objects.filter(id__in=set(ids))}


def programme_history() -> dict[str, tuple[ProgrammeCount, ...]]:
    """Give what was kept of the sixty-month plan's figures, by indicator, month by month."""
    found: dict[str, list[ProgrammeCount]] = {}
    for kept in ProgrammeCountRecord.objects.order_by("indicator", "month"):
        told = ProgrammeCount(
            month=kept.month,
            indicator=kept.indicator,
            counted_on=kept.counted_on,
            share=Share(kept.numerator, kept.denominator),
        )
        found.setdefault(kept.indicator, []).append(told)
    return {code: tuple(rows) for code, rows in found.items()}


def is_month_counted(*, month: int) -> bool:
    """Whether the figures of a month of the programme are kept already."""
    return ProgrammeCountRecord.objects.filter(month=month).exists()
