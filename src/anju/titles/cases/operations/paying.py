"""Taxes, fees and funds: the facts they are reckoned on, and the receipts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.queries import documents_of
from anju.foundation.exchange.departments.laying import lay_question, tell_question
from anju.foundation.exchange.departments.types import QuestionRow
from anju.titles.cases.fees import fees_of, is_number_used, receipt_from
from anju.titles.cases.laying import lock_title_case
from anju.titles.cases.mapping import written_facts
from anju.titles.cases.models import ReceiptRecord, TitleCaseRecord
from anju.titles.cases.tax_office import TITLE_CASE, tax_question
from anju.titles.cases.types import FeesRow, Receipt
from anju.titles.communities.queries import home_by_id
from anju_rules.departments.kinds import SHARE_CLAUSE, QuestionKind
from anju_rules.fees.gates import ProofKind
from anju_rules.fees.types import FeeKind
from anju_rules.values import Fact, Fen, Refusal


@operation(
    permits="titles.decide",
    action="titlecases.receipt.entered",
    clauses=("deed-tax-law/11",),
    level=Secrecy.INTERNAL,
)
def record_receipt(
    *,
    project_id: UUID,
    case_id: UUID,
    kind: FeeKind,
    number: str,
    amount_fen: Fen,
    paid_on: date,
    by: Actor,
    at: datetime,
    says: ProofKind = ProofKind.PAID,
    unit_code: str = "",
    document_id: UUID | None = None,
) -> Receipt:
    """Enter what an office says was paid or forgiven, with the number of its receipt.

    ``unit_code`` is the home that the receipt names, by default the case's; ``document_id`` the
    paper itself, where it lies with the case. Refuses with ``documents.unknown``,
    ``titlecases.receipt-without-number``, ``titlecases.receipt-used`` (it stands in a case
    already), ``titlecases.receipt-from-later``, ``titlecases.amount-wrong``,
    ``titlecases.unknown-case`` and ``titlecases.over``.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    if not number.strip():
        raise Refusal("titlecases.receipt-without-number")
    if amount_fen < 0 or (says is ProofKind.PAID) != bool(amount_fen):
        raise Refusal("titlecases.amount-wrong")
    if paid_on > city_time(at).date():
        raise Refusal("titlecases.receipt-from-later", on=paid_on.isoformat())
    if document_id is not None and not _lies_with(kept, document_id):
        raise Refusal("documents.unknown")
    if is_number_used(project_id=project_id, kind=kind, number=number.strip()):
        raise Refusal("titlecases.receipt-used", number=number.strip())
    if not unit_code and kept.home_id is not None:
        unit_code = home_by_id(project_id=project_id, home_id=kept.home_id).unit_code
    receipt = ReceiptRecord(
        project_id=project_id,
        id=new_id(),
        case_id=case_id,
        household_id=kept.household_id,
        kind=kind.value,
        says=says.value,
        number=number.strip(),
        unit_code=unit_code,
        amount_fen=amount_fen,
        paid_on=paid_on,
        document_id=document_id,
        by=by.id,
        at=at,
    )
    receipt.save(force_insert=True)
    record(
        target=case_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={
            "kind": kind.value,
            "says": says.value,
            "number": receipt.number,
            "unit_code": unit_code,
            "amount_fen": amount_fen,
            "paid_on": paid_on.isoformat(),
            "document": str(document_id) if document_id else None,
        },
    )
    return receipt_from(receipt)


@operation(
    permits="departments.ask",
    action="titlecases.tax-office.asked",
    clauses=("deed-tax-law/11", SHARE_CLAUSE, "pipl#13"),
    level=Secrecy.INTERNAL,
)
def ask_tax_office(*, project_id: UUID, case_id: UUID, by: Actor, at: datetime) -> QuestionRow:
    """Ask the tax office whether the deed tax of a transfer is paid or forgiven.

    It is told the first owner with an identity number, and the home's code; its signed answer
    comes by itself and counts as the receipt. Asked twice it is the same question. Refuses with
    ``titlecases.unknown-case``, ``titlecases.over``, ``titlecases.not-a-transfer``,
    ``titlecases.proven-already``, ``titlecases.no-unit-code`` and ``titlecases.no-taxpayer``:
    then the voucher is entered by hand.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    question = lay_question(
        project_id=project_id,
        kind=QuestionKind.TAX_PROOF,
        subject_kind=TITLE_CASE,
        subject_id=case_id,
        household_id=kept.household_id,
        fields=tax_question(kept),
        by=by,
        at=at,
    )
    record(
        target=case_id,
        project_id=project_id,
        household_id=kept.household_id,
        body=tell_question(question),
    )
    return question


def _lies_with(kept: TitleCaseRecord, document_id: UUID) -> bool:
    found = documents_of(project_id=kept.project_id, owner_kind="case", owner_id=kept.id)
    return any(one.id == document_id for one in found)


@operation(permits="titles.decide", action="titlecases.facts.stated", level=Secrecy.INTERNAL)
def state_fee_facts(
    *, project_id: UUID, case_id: UUID, facts: Mapping[str, Fact], by: Actor, at: datetime
) -> FeesRow:
    """State what a case's fees are reckoned on, e.g. how many homes the family owns.

    What is not named stays as it was. Refuses with ``fees.fact-wrong``, ``titlecases.over``.
    """
    del by
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    kept.facts = {**kept.facts, **written_facts(facts)}
    kept.save(force_update=True)
    record(
        target=case_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"facts": written_facts(facts)},
    )
    return fees_of(kept, on=city_time(at).date())
