"""What a title costs, in words: fee by fee, with how each was reckoned and what was paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju.foundation.core.words import say
from anju.titles.cases.types import FeeRow, FeesRow, Receipt
from anju.web.fields import FACTS
from anju.web.public.saying import say_yuan
from anju_rules.fees.gates import ProofKind
from anju_rules.fees.types import FeeKind

FEES: Mapping[FeeKind, str] = {
    FeeKind.DEED_TAX: "契税",
    FeeKind.REGISTRATION: "登记费",
    FeeKind.COPIES: "增发证书工本费",
    FeeKind.FUND: "维修资金",
    FeeKind.PREMIUM: "土地出让金",
}
SAYS: Mapping[ProofKind, str] = {ProofKind.PAID: "已缴", ProofKind.EXEMPT: "减免"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """One fee of a case."""

    name: str
    due: str
    """Empty where it cannot be reckoned yet."""
    refund: str
    lines: tuple[str, ...]
    """How it was reckoned, or what is missing."""
    is_unconfirmed: bool
    is_settled: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One receipt."""

    receipt: Receipt
    name: str
    says: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """What a case owes and what was paid."""

    lines: tuple[FeeLine, ...]
    due: str
    receipts: tuple[ReceiptLine, ...]


def lay_out_fees(told: FeesRow) -> Fees:
    """Lay out what a case owes."""
    return Fees(
        lines=tuple(_line(row) for row in told.fees),
        due=say_yuan(told.due_fen),
        receipts=tuple(
            ReceiptLine(
                receipt=one,
                name=FEES[one.kind],
                says=SAYS[one.says],
                amount=say_yuan(one.amount_fen),
            )
            for one in told.receipts
        ),
    )


def _line(row: FeeRow) -> FeeLine:
    sheet = row.sheet
    if sheet is None:
        fact = str(row.facts.get("fact", ""))
        missing = f"还差：{FACTS[fact]}" if fact in FACTS else say(row.code, row.facts)
        lines: tuple[str, ...] = (missing,)
    else:
        lines = tuple(say(line.code, line.facts) for line in sheet.lines)
    is_free = sheet is not None and sheet.due_fen == 0
    return FeeLine(
        name=FEES[row.kind],
        due=say_yuan(sheet.due_fen) if sheet else "",
        refund=say_yuan(sheet.refund_fen) if sheet and sheet.refund_fen else "",
        lines=lines,
        is_unconfirmed=sheet is not None and sheet.is_unconfirmed,
        is_settled=row.is_settled,
        words="不用交" if is_free else ("已缴清" if row.is_settled else "待缴"),
    )
