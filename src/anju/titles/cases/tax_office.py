"""The tax office asked about a home, and its signed answer taken in as the receipt.

That it is signed by the office's own key and about this very question was judged before it was
stored (``foundation.exchange``). Here is judged what it proves; what proves nothing becomes no
receipt, stays with the question, and the window enters the voucher by hand.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.departments import events as departments
from anju.foundation.exchange.departments.queries import answers_of
from anju.foundation.exchange.departments.types import Answer, QuestionState
from anju.titles.cases.fees import is_number_used
from anju.titles.cases.models import ReceiptRecord, TitleCaseRecord
from anju.titles.cases.types import TaxAnswer
from anju.titles.communities.queries import home_by_id, people_of
from anju_rules.departments.kinds import QuestionKind
from anju_rules.fees.gates import Proof
from anju_rules.fees.tax_answers import read_tax_answer
from anju_rules.fees.types import FeeKind
from anju_rules.values import Fen, Refusal

TITLE_CASE = "title-case"
"""What a question is about: one case, so one home."""


def tax_question(kept: TitleCaseRecord) -> dict[str, str]:
    """Give what the office is told: one taxpayer and the home, and nothing else (PIPL 6).

    Refuses with ``titlecases.not-a-transfer``, ``titlecases.proven-already``,
    ``titlecases.no-unit-code`` and ``titlecases.no-taxpayer``.
    """
    if kept.home_id is None or kept.household_id is None:
        raise Refusal("titlecases.not-a-transfer")
    if _receipts(kept).exists():
        raise Refusal("titlecases.proven-already")
    home = home_by_id(project_id=kept.project_id, home_id=kept.home_id)
    if not home.unit_code:
        raise Refusal("titlecases.no-unit-code", home=home.number)
    people = people_of(project_id=kept.project_id, household_ids=[kept.household_id])
    numbered = [one for one in people.get(kept.household_id, ()) if one.identity_number]
    if not numbered:
        raise Refusal("titlecases.no-taxpayer", home=home.number)
    first = numbered[0]
    return {
        "identity_number": first.identity_number,
        "name": first.name,
        "unit_code": home.unit_code,
    }


@departments.listen
def receive_tax_answer(event: departments.DepartmentEvent) -> None:
    """Enter what the office's signed answer proves as a receipt of the open case."""
    question = event.question
    is_ours = question.kind is QuestionKind.TAX_PROOF and question.subject_kind == TITLE_CASE
    if not is_ours or question.state is not QuestionState.ANSWERED:
        return
    kept = TitleCaseRecord.objects.filter(
        project_id=question.project_id, id=question.subject_id, standing="open"
    ).first()
    if kept is None:
        return
    try:
        proof, amount_fen = _judge(kept, event.answers[0], on=city_time(event.at).date())
    except Refusal:
        return  # the answer is kept with its question, and the page says what is wrong with it
    ReceiptRecord(
        project_id=kept.project_id,
        id=new_id(),
        case_id=kept.id,
        household_id=kept.household_id,
        kind=proof.kind.value,
        says=proof.says.value,
        number=proof.number,
        unit_code=proof.unit_code,
        amount_fen=amount_fen,
        paid_on=proof.on,
        question_id=question.id,
        by=event.by.id,
        at=event.at,
    ).save(force_insert=True)


def tax_answer_of(*, project_id: UUID, case_id: UUID, at: datetime) -> TaxAnswer | None:
    """Give what the tax office was asked about a case and what came; ``None``: never asked."""
    kept = TitleCaseRecord.objects.filter(project_id=project_id, id=case_id).first()
    told = answers_of(project_id=project_id, subject_kind=TITLE_CASE, subject_id=case_id)
    if kept is None or not told:
        return None
    first = told[0]
    is_taken = _receipts(kept).filter(question_id=first.question_id).exists()
    refusal: Refusal | None = None
    if first.state is QuestionState.CONTRADICTORY:
        refusal = Refusal("fees.tax-answers-differ")
    elif first.state is QuestionState.ANSWERED and not is_taken:
        try:
            _judge(kept, first, on=city_time(at).date())
        except Refusal as caught:
            refusal = caught
    return TaxAnswer(
        state=first.state,
        asked_at=first.asked_at,
        answer_by=first.answer_by,
        is_taken=is_taken,
        code=refusal.code if refusal else "",
        facts=refusal.facts if refusal else {},
    )


def _judge(kept: TitleCaseRecord, answer: Answer, *, on: date) -> tuple[Proof, Fen]:
    if kept.home_id is None:
        raise Refusal("titlecases.not-a-transfer")
    home = home_by_id(project_id=kept.project_id, home_id=kept.home_id)
    proof, amount_fen = read_tax_answer(answer.facts, unit_code=home.unit_code, on=on)
    if is_number_used(project_id=kept.project_id, kind=proof.kind, number=proof.number):
        raise Refusal("titlecases.receipt-used", number=proof.number)
    return proof, amount_fen


def _receipts(kept: TitleCaseRecord) -> QuerySet[ReceiptRecord]:
    return ReceiptRecord.objects.filter(
        project_id=kept.project_id, case_id=kept.id, kind=FeeKind.DEED_TAX.value
    )
