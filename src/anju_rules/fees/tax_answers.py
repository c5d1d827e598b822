"""What a tax office's answer about one home is worth as a proof (Deed Tax Law 11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from anju_rules.departments.kinds import FOUND, YES
from anju_rules.fees.gates import Proof, ProofKind
from anju_rules.fees.types import FeeKind
from anju_rules.values import Fen, Refusal

CLAUSE = "deed-tax-law/11"
_MOST_FEN = 10**13


def read_tax_answer(facts: Mapping[str, str], *, unit_code: str, on: date) -> tuple[Proof, Fen]:
    """Give the proof that an answer's facts amount to, and what was paid.

    Refuses with ``fees.tax-not-on-record``, ``fees.tax-answer-malformed``,
    ``fees.proof-of-another-home`` and ``fees.proof-from-later``: none of them proves anything.

    >>> told = {
    ...     "found": "yes",
    ...     "voucher_number": "SP1",
    ...     "unit_code": "A",
    ...     "says": "paid",
    ...     "amount_fen": "708000",
    ...     "paid_on": "2026-09-17",
    ... }
    >>> proof, paid = read_tax_answer(told, unit_code="A", on=date(2026, 9, 18))
    >>> proof.number, paid
    ('SP1', 708000)
    """
    if facts.get(FOUND) != YES:
        raise Refusal("fees.tax-not-on-record", clause=CLAUSE)
    number, amount = facts["voucher_number"].strip(), facts["amount_fen"]
    told = {"title": "契税凭证", "title_en": "proof of deed tax", "number": number}
    try:
        says, paid_on = ProofKind(facts["says"]), date.fromisoformat(facts["paid_on"])
    except ValueError:
        raise Refusal("fees.tax-answer-malformed", clause=CLAUSE) from None
    is_figure = amount.isascii() and amount.isdigit() and int(amount) < _MOST_FEN
    is_forgiven = says is ProofKind.EXEMPT
    if not number or not is_figure or (is_forgiven and int(amount)):
        raise Refusal("fees.tax-answer-malformed", clause=CLAUSE)
    if facts["unit_code"] != unit_code:
        raise Refusal("fees.proof-of-another-home", clause=CLAUSE, **told)
    if paid_on > on:
        raise Refusal("fees.proof-from-later", clause=CLAUSE, **told, on=paid_on.isoformat())
    proof = Proof(kind=FeeKind.DEED_TAX, says=says, number=number, unit_code=unit_code, on=paid_on)
    return proof, Fen(int(amount))
