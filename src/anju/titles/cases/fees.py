"""Taxes, fees and funds of a title case: what is due, what was paid, and the gate they form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from anju.foundation.core.rates import title_fees
from anju.titles.cases.mapping import facts_from
from anju.titles.cases.models import ReceiptRecord, TitleCaseRecord
from anju.titles.cases.types import FeeRow, FeesRow, Receipt
from anju.titles.communities.queries import home_by_id
from anju_rules.fees.gates import Proof, ProofKind, judge_proofs
from anju_rules.fees.reckoning import FeeSheet, reckon_fee
from anju_rules.fees.types import FeeKind
from anju_rules.values import Fen, Refusal


def fees_of(kept: TitleCaseRecord, *, on: date) -> FeesRow:
    """Give what a case owes as the policy has it on a day, beside what was paid.

    A fee that cannot be reckoned says why (``fees.fact-missing``, ``fees.no-line``); a first
    registration owes what the developer pays, which is not reckoned by home.
    """
    receipts = receipts_of(project_id=kept.project_id, case_ids=[kept.id]).get(kept.id, ())
    kinds = FeeKind if kept.kind == "transfer" else ()
    return FeesRow(
        on=on,
        fees=tuple(_fee(kept, kind, receipts, on=on) for kind in kinds),
        receipts=receipts,
    )


def receipts_of(*, project_id: UUID, case_ids: Iterable[UUID]) -> dict[UUID, tuple[Receipt, ...]]:
    """Give the receipts of cases, the first first; what is out of sight is left out."""
    found: dict[UUID, list[Receipt]] = {}
    records = ReceiptRecord.objects.filter(project_id=project_id, case_id__in=list(case_ids))
    for one in records.order_by("paid_on", "at"):
        found.setdefault(one.case_id, []).append(receipt_from(one))
    return {case_id: tuple(rows) for case_id, rows in found.items()}


def is_number_used(*, project_id: UUID, kind: FeeKind, number: str) -> bool:
    """Say whether a receipt of this number stands in any case already: each counts once."""
    return ReceiptRecord.objects.filter(
        project_id=project_id, kind=kind.value, number=number
    ).exists()


def receipt_from(kept: ReceiptRecord) -> Receipt:
    """Give a receipt's frozen row."""
    return Receipt(
        id=kept.id,
        case_id=kept.case_id,
        kind=FeeKind(kept.kind),
        says=ProofKind(kept.says),
        number=kept.number,
        unit_code=kept.unit_code,
        amount_fen=Fen(kept.amount_fen),
        paid_on=kept.paid_on,
        question_id=kept.question_id,
        document_id=kept.document_id,
        at=kept.at,
    )


def require_proofs(kept: TitleCaseRecord, *, on: date) -> None:
    """Refuse a registration whose taxes are neither paid nor forgiven (Deed Tax Law 11).

    Refuses as :func:`~anju_rules.fees.gates.judge_proofs` judges. A first registration's proof is
    a material of its own procedure.
    """
    if kept.home_id is None:
        return
    home = home_by_id(project_id=kept.project_id, home_id=kept.home_id)
    receipts = receipts_of(project_id=kept.project_id, case_ids=[kept.id]).get(kept.id, ())
    judge_proofs(
        policy=title_fees(),
        facts=facts_from(kept.facts),
        unit_code=home.unit_code,
        proofs=[
            Proof(
                kind=one.kind,
                says=one.says,
                number=one.number,
                unit_code=one.unit_code,
                on=one.paid_on,
            )
            for one in receipts
        ],
        on=on,
    ).raise_if_unmet()


def _fee(
    kept: TitleCaseRecord, kind: FeeKind, receipts: tuple[Receipt, ...], *, on: date
) -> FeeRow:
    sheet: FeeSheet | None = None
    refusal: Refusal | None = None
    try:
        sheet = reckon_fee(kind=kind, policy=title_fees(), facts=facts_from(kept.facts), on=on)
    except Refusal as caught:
        refusal = caught
    mine = [one for one in receipts if one.kind is kind]
    return FeeRow(
        kind=kind,
        sheet=sheet,
        code=refusal.code if refusal else "",
        facts=refusal.facts if refusal else {},
        paid_fen=Fen(sum(one.amount_fen for one in mine)),
        is_settled=bool(mine) or (sheet is not None and sheet.due_fen == 0),
    )
