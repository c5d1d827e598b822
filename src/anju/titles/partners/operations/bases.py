"""The legal bases on record: without one in force, no security and no restriction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.partners.mapping import basis_from
from anju.titles.partners.models import BasisRecord
from anju.titles.partners.types import BasisRow
from anju_rules.partners.bases import DEPOSITS, MARKET_ACCESS, LegalBasis
from anju_rules.values import Refusal

LONGEST = 300
_CLAUSES = (MARKET_ACCESS, DEPOSITS)


@operation(
    permits="partners.keep",
    action="partners.basis.recorded",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def record_basis(*, basis: LegalBasis, by: Actor, at: datetime) -> BasisRow:
    """Put a legal basis on record, as it reads; whether it is enough is judged at each act.

    Refuses with ``partners.basis-unclear`` one without clause or source, or one that ends before
    it begins.
    """
    del by
    texts = (basis.clause, basis.source)
    ends = basis.until_on is None or basis.until_on >= basis.from_on
    if not ends or any(not text.strip() or len(text) > LONGEST for text in texts):
        raise Refusal("partners.basis-unclear", most=LONGEST)
    kept = BasisRecord(
        id=new_id(),
        act=basis.act.value,
        rank=basis.rank.value,
        clause=basis.clause.strip(),
        source=basis.source.strip(),
        certainty=basis.certainty,
        from_on=basis.from_on,
        until_on=basis.until_on,
        recorded_at=at,
    )
    kept.save(force_insert=True)
    record(
        target=kept.id,
        body={
            "act": kept.act,
            "rank": kept.rank,
            "clause": kept.clause,
            "source": kept.source,
            "certainty": kept.certainty,
            "from_on": kept.from_on.isoformat(),
            "until_on": kept.until_on.isoformat() if kept.until_on else "",
        },
    )
    return basis_from(kept)


@operation(
    permits="partners.keep",
    action="partners.basis.withdrawn",
    clauses=_CLAUSES,
    level=Secrecy.PUBLIC,
)
def withdraw_basis(*, basis_id: UUID, why: str, by: Actor, at: datetime) -> BasisRow:
    """Take a basis off the record: from today it allows nothing, and what rests on it ends.

    Refuses with ``partners.basis-missing``, ``partners.basis-withdrawn`` and
    ``partners.reason-missing``.
    """
    del by
    kept = BasisRecord.objects.select_for_update().filter(id=basis_id).first()
    if kept is None:
        raise Refusal("partners.basis-missing", clause=DEPOSITS)
    if kept.withdrawn_on is not None:
        raise Refusal(
            "partners.basis-withdrawn",
            clause=DEPOSITS,
            source=kept.source,
            on=kept.withdrawn_on.isoformat(),
        )
    kept.why_withdrawn = read_reason(why)
    kept.withdrawn_on = city_time(at).date()
    kept.save(force_update=True)
    record(target=kept.id, body={"why": kept.why_withdrawn, "on": kept.withdrawn_on.isoformat()})
    return basis_from(kept)


def find_basis(basis_id: UUID | None) -> BasisRow | None:
    """Give a basis on record; None where there is none."""
    if basis_id is None:
        return None
    kept = BasisRecord.objects.filter(id=basis_id).first()
    return None if kept is None else basis_from(kept)


def read_reason(why: str) -> str:
    """Give a reason; refuses with ``partners.reason-missing``."""
    if not why.strip() or len(why) > LONGEST:
        raise Refusal("partners.reason-missing", most=LONGEST)
    return why.strip()
