"""Securities of developers: asked for on a basis, given in the form the developer chooses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.partners.mapping import demand_of
from anju.titles.partners.models import DemandRecord, GuaranteeRecord
from anju.titles.partners.operations.bases import find_basis
from anju.titles.partners.operations.parties import party_of
from anju_rules.partners.bases import DEPOSITS
from anju_rules.partners.securities import (
    Demand,
    Form,
    Security,
    judge_demand,
    judge_security,
)
from anju_rules.values import Fen, Refusal

_CLAUSES = (DEPOSITS,)


@operation(permits="partners.keep", action="partners.security.demanded", clauses=_CLAUSES)
def demand_security(
    *,
    project_id: UUID,
    party_id: UUID,
    basis_id: UUID | None,
    amount_fen: Fen,
    covers_until: date,
    by: Actor,
    at: datetime,
) -> UUID:
    """Ask a developer for a security, in money or as a bank guarantee as it likes.

    Refuses with ``partners.not-a-developer``, ``partners.demand-open`` and with every code of
    :func:`~anju_rules.partners.securities.judge_demand`: without a basis in force this act is
    disabled.
    """
    del by
    if party_of(party_id).kind != "developer":
        raise Refusal("partners.not-a-developer")
    basis = find_basis(basis_id)
    demand = Demand(amount_fen=amount_fen, forms=frozenset(Form), covers_until=covers_until)
    held = basis.basis if basis else None
    judge_demand(demand=demand, basis=held, on=city_time(at).date()).raise_if_unmet()
    if basis is None:
        raise Refusal("partners.basis-missing", clause=DEPOSITS)
    open_ones = DemandRecord.objects.filter(project_id=project_id, party_id=party_id)
    if open_ones.filter(released_at__isnull=True).exists():
        raise Refusal("partners.demand-open")
    kept = DemandRecord(
        project_id=project_id,
        id=new_id(),
        party_id=party_id,
        basis_id=basis.id,
        amount_fen=amount_fen,
        covers_until=covers_until,
        demanded_at=at,
    )
    kept.save(force_insert=True)
    record(
        target=kept.id,
        project_id=project_id,
        body={
            "party": str(party_id),
            "basis": str(basis_id),
            "amount_fen": amount_fen,
            "covers_until": covers_until.isoformat(),
            "forms": sorted(form.value for form in Form),
        },
    )
    return kept.id


@operation(permits="partners.keep", action="partners.security.given", clauses=_CLAUSES)
def take_security(
    *, project_id: UUID, demand_id: UUID, security: Security, by: Actor, at: datetime
) -> UUID:
    """Take what a developer gives, whatever its form; a part is taken too.

    Nothing is taken on a basis that no longer holds. Refuses with ``partners.unknown-demand``,
    ``partners.demand-released``, ``partners.guarantee-undated``, ``partners.amount-missing``,
    ``partners.guarantee-ends-early``, ``partners.security-unnamed``, ``partners.day-ahead`` and
    as :func:`~anju_rules.partners.bases.judge_basis` does.
    """
    del by
    kept = _open_demand(project_id, demand_id)
    basis = find_basis(kept.basis_id)
    today = city_time(at).date()
    asked = demand_of(kept)
    # Past its day a demand still stands, and what is over by today secures nothing.
    demand = replace(asked, covers_until=max(asked.covers_until, today))
    held = basis.basis if basis else None
    judge_demand(demand=demand, basis=held, on=today).raise_if_unmet()
    if security.amount_fen <= 0:
        raise Refusal("partners.amount-missing", clause=DEPOSITS)
    if (security.form is Form.GUARANTEE) is (security.valid_until is None):
        raise Refusal("partners.guarantee-undated", clause=DEPOSITS)
    if security.given_on > today:
        raise Refusal("partners.day-ahead", on=security.given_on.isoformat())
    for finding in judge_security(demand=demand, given=[security]).unmet:
        if finding.code != "partners.security-short":  # several may add up
            raise Refusal(finding.code, clause=finding.clause, **finding.facts)
    given = GuaranteeRecord(
        project_id=project_id,
        id=new_id(),
        demand_id=demand_id,
        basis_id=kept.basis_id,
        form=security.form.value,
        amount_fen=security.amount_fen,
        given_on=security.given_on,
        valid_until=security.valid_until,
        issuer=security.issuer.strip(),
        number=security.number.strip(),
    )
    given.save(force_insert=True)
    record(
        target=given.id,
        project_id=project_id,
        body={
            "demand": str(demand_id),
            "form": given.form,
            "amount_fen": given.amount_fen,
            "issuer": given.issuer,
            "number": given.number,
            "valid_until": given.valid_until.isoformat() if given.valid_until else "",
        },
    )
    return given.id


@operation(permits="partners.keep", action="partners.security.released", clauses=_CLAUSES)
def release_security(*, project_id: UUID, demand_id: UUID, by: Actor, at: datetime) -> None:
    """Give everything back, and ask for nothing more; this needs no basis.

    Refuses with ``partners.unknown-demand`` and ``partners.demand-released``.
    """
    del by
    kept = _open_demand(project_id, demand_id)
    kept.released_at = at
    kept.save(force_update=True)
    record(target=demand_id, project_id=project_id, body={"party": str(kept.party_id)})


def _open_demand(project_id: UUID, demand_id: UUID) -> DemandRecord:
    kept = (
        DemandRecord.objects.select_for_update().filter(project_id=project_id, id=demand_id).first()
    )
    if kept is None:
        raise Refusal("partners.unknown-demand")
    if kept.released_at is not None:
        raise Refusal("partners.demand-released")
    return kept
