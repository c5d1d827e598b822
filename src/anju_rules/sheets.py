"""Sheets of money that explain themselves: lines with a clause, exact amounts, whole fen.

The lines are kept exact; a sheet is rounded once, at its end, half away from nought,
so that who pays and who is paid are treated alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

from anju_rules.values import Fen, Refusal, exact_decimal

EXACT = Context(prec=200, traps=[Inexact])
"""Arithmetic that never rounds; where it would have to, it stops."""
_ROUNDING = Context(prec=200)
_FEN_A_YUAN = 100
MOST_FEN = 100_000_000_000_000
"""A million million yuan: more is a slip of the finger, and soon more than a ledger writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One line of a sheet; the words are made at the edge from ``code`` and ``facts``."""

    code: str
    clause: str
    facts: Mapping[str, object] = field(default_factory=dict)
    fen: Decimal | None = None
    """What the line adds to the sum, exact and not yet rounded; None where it adds nothing."""
    is_unconfirmed: bool = False
    """Whether the line rests on what is second hand or from memory: "to be confirmed"."""


def sum_lines(lines: tuple[SheetLine, ...]) -> Fen:
    """Give the sum of a sheet in whole fen, rounded once, half away from nought."""
    total = Decimal(0)
    for line in lines:
        if line.fen is not None:
            total = EXACT.add(total, line.fen)
    return round_fen(total)


def round_fen(amount: Decimal) -> Fen:
    """Round an exact number of fen to a whole one, half away from nought.

    >>> round_fen(Decimal("2.5")), round_fen(Decimal("-2.5"))
    (3, -3)
    """
    return Fen(int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_ROUNDING)))


def yuan_from_fen(amount: Fen) -> str:
    """Write fen as yuan, always with two places.

    >>> yuan_from_fen(Fen(-5600000)), yuan_from_fen(Fen(5)), yuan_from_fen(Fen(-5))
    ('-56000.00', '0.05', '-0.05')
    """
    yuan, fen = divmod(abs(amount), _FEN_A_YUAN)
    return f"{'-' if amount < 0 else ''}{yuan}.{fen:02d}"


def exact_yuan(fen: Decimal) -> str:
    """Write an exact number of fen as yuan: two places at least, and no nought after them.

    >>> exact_yuan(Decimal("-2400000.00")), exact_yuan(Decimal("2654997.345"))
    ('-24000.00', '26549.97345')
    """
    whole, _, places = format(EXACT.scaleb(fen, -2), "f").partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def fen_from_yuan(text: str) -> Fen:
    """Read yuan as whole fen.

    Refuses with ``value.not-a-number``, or ``value.finer-than-a-fen`` and ``value.too-much`` what
    no account can hold.

    >>> fen_from_yuan("8000"), fen_from_yuan("0.1")
    (800000, 10)
    """
    fen = EXACT.multiply(exact_decimal(text), Decimal(_FEN_A_YUAN))
    if fen != fen.to_integral_value():
        raise Refusal("value.finer-than-a-fen", value=text)
    if abs(fen) > MOST_FEN:
        raise Refusal("value.too-much", most=MOST_FEN // _FEN_A_YUAN)
    return Fen(int(fen))
