"""Barring a company from the market: two people, a basis in force, something overdue."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.partners.mapping import duty_from
from anju.titles.partners.models import DutyRecord, RestrictionRecord
from anju.titles.partners.operations.bases import find_basis, read_reason
from anju.titles.partners.operations.parties import party_of
from anju.titles.partners.policy import partner_policy
from anju_rules.notices import refuse_personal_text
from anju_rules.partners.bases import MARKET_ACCESS, Act, judge_basis
from anju_rules.partners.duties import DutyState
from anju_rules.values import Refusal

_CLAUSES = (MARKET_ACCESS,)


@operation(
    permits="partners.restrict",
    action="partners.party.restricted",
    clauses=_CLAUSES,
    signs=2,
    level=Secrecy.PUBLIC,
)
def restrict_party(
    *,
    party_id: UUID,
    basis_id: UUID | None,
    reason: str,
    until_on: date,
    by: Actor,
    second: Actor,
    at: datetime,
) -> UUID:
    """Bar a developer that refuses its duty from the market, until a day, by two people.

    Refuses with every code of :func:`~anju_rules.partners.bases.judge_basis` (without a national
    basis in force this act is disabled), ``partners.nothing-overdue``, ``partners.ends-in-past``,
    ``partners.beyond-basis`` (longer than the basis), ``partners.restricted-already``,
    ``partners.reason-missing`` and ``notices.personal-text``: the reason is public.
    """
    del by, second
    party_of(party_id)
    today = city_time(at).date()
    basis = find_basis(basis_id)
    held = basis.basis if basis else None
    judge_basis(act=Act.RESTRICTION, basis=held, on=today).raise_if_unmet()
    if basis is None or held is None:
        raise Refusal("partners.basis-missing", clause=MARKET_ACCESS)
    reason = read_reason(reason)
    refuse_personal_text(reason, where="reason")
    if until_on < today:
        raise Refusal("partners.ends-in-past", on=until_on.isoformat())
    if held.until_on is not None and until_on > held.until_on:
        raise Refusal("partners.beyond-basis", clause=MARKET_ACCESS, on=held.until_on.isoformat())
    if not _overdue(party_id, on=today):
        raise Refusal("partners.nothing-overdue")
    if RestrictionRecord.objects.filter(party_id=party_id, lifted_on__isnull=True).exists():
        raise Refusal("partners.restricted-already")
    restriction_id = new_id()
    receipt = record(
        target=restriction_id,
        body={
            "party": str(party_id),
            "basis": str(basis_id),
            "reason": reason,
            "until_on": until_on.isoformat(),
        },
    )
    RestrictionRecord.objects.create(
        id=restriction_id,
        party_id=party_id,
        basis_id=basis.id,
        reason=reason,
        from_on=today,
        until_on=until_on,
        restricted_at=at,
        event_id=receipt.event_id,
    )
    return restriction_id


@operation(
    permits="partners.restrict",
    action="partners.restriction.lifted",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def lift_restriction(*, restriction_id: UUID, why: str, by: Actor, at: datetime) -> None:
    """Lift a restriction before its day; one person may, and no basis is needed.

    Refuses with ``partners.unknown-restriction``, ``partners.lifted-already`` and
    ``partners.reason-missing``.
    """
    del by
    kept = RestrictionRecord.objects.select_for_update().filter(id=restriction_id).first()
    if kept is None:
        raise Refusal("partners.unknown-restriction")
    if kept.lifted_on is not None:
        raise Refusal("partners.lifted-already", on=kept.lifted_on.isoformat())
    kept.why_lifted = read_reason(why)
    refuse_personal_text(kept.why_lifted, where="reason")
    kept.lifted_on = city_time(at).date()
    kept.save(force_update=True)
    record(target=kept.id, body={"party": str(kept.party_id), "why": kept.why_lifted})


def _overdue(party_id: UUID, *, on: date) -> bool:
    """Whether the company owes a first registration whose last day is over."""
    lines = partner_policy().duties
    return any(
        duty_from(kept, lines=lines, on=on).standing.state is DutyState.OVERDUE
        for kept in DutyRecord.objects.filter(party_id=party_id, registered_on__isnull=True)
    )
