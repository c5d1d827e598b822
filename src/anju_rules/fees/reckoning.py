"""What one home owes on one day, fee by fee, each as a sheet that names its line and reliefs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from anju_rules.fees.types import FEE_FACTS, Dated, Effect, FeeKind, FeeLine, FeePolicy, Relief
from anju_rules.policy.types import plain
from anju_rules.scoring import condition_holds
from anju_rules.scoring_columns import facts_fault
from anju_rules.sheets import EXACT, SheetLine, exact_yuan, round_fen
from anju_rules.values import Fact, Fen, Refusal

_One = TypeVar("_One", bound=Dated)
_MOST = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSheet:
    """One fee of one home, line by line."""

    kind: FeeKind
    on: date
    lines: tuple[SheetLine, ...]
    due_fen: Fen
    """What is paid to the office that levies it."""
    refund_fen: Fen
    """What the city pays back of it."""

    @property
    def is_unconfirmed(self) -> bool:
        """Whether some line of it is to be confirmed."""
        return any(line.is_unconfirmed for line in self.lines)


def reckon_fees(*, policy: FeePolicy, facts: Mapping[str, Fact], on: date) -> tuple[FeeSheet, ...]:
    """Reckon every fee of a home, as in :func:`reckon_fee`."""
    return tuple(reckon_fee(kind=kind, policy=policy, facts=facts, on=on) for kind in FeeKind)


def reckon_fee(
    *, kind: FeeKind | str, policy: FeePolicy, facts: Mapping[str, Fact], on: date
) -> FeeSheet:
    """Reckon one fee as the policy has it on a day; rounded once, to a whole fen.

    Refuses with ``fees.unknown-kind``; ``fees.no-line`` where nothing is stated for such a home on
    that day (never a silent nought); ``fees.lines-overlap`` where two lines hold;
    ``fees.fact-missing`` and ``fees.fact-wrong``.
    """
    if kind not in set(FeeKind):
        raise Refusal("fees.unknown-kind", kind=str(kind))
    kind = FeeKind(kind)
    line = _only(policy.lines, kind=kind, facts=facts, on=on)
    if line is None:
        raise Refusal("fees.no-line", kind=kind.value, on=on.isoformat())
    reliefs = {
        effect: _only(
            [one for one in policy.reliefs if one.effect is effect], kind=kind, facts=facts, on=on
        )
        for effect in Effect
    }
    lines = [_levy(line, facts)]
    due = lines[0].fen or Decimal(0)
    deduct = reliefs[Effect.DEDUCT]
    if deduct is not None:
        lines.append(_deduct(line, deduct, facts))
        due = EXACT.add(due, lines[1].fen or Decimal(0))
    waived = reliefs[Effect.WAIVE]
    if waived is not None:
        lines.append(_tell_relief("fees.line-waived", waived, -due))
        due = Decimal(0)
    due_fen = round_fen(due)
    refund_fen = Fen(0)
    refund = reliefs[Effect.REFUND]
    if refund is not None and due_fen:
        refund_fen = round_fen(EXACT.multiply(Decimal(due_fen), refund.share))
        lines.append(_tell_relief("fees.line-refund", refund, Decimal(-refund_fen)))
    return FeeSheet(kind=kind, on=on, lines=tuple(lines), due_fen=due_fen, refund_fen=refund_fen)


def holding(
    lines: Sequence[_One], *, kind: FeeKind, facts: Mapping[str, Fact], on: date
) -> list[_One]:
    """Give the lines of a kind that hold for a home on a day."""
    return [
        line
        for line in lines
        if line.kind is kind and line.is_in_force(on) and _concerns(line, facts)
    ]


def _only(
    lines: Sequence[_One], *, kind: FeeKind, facts: Mapping[str, Fact], on: date
) -> _One | None:
    found = holding(lines, kind=kind, facts=facts, on=on)
    if len(found) > 1:
        raise Refusal(
            "fees.lines-overlap",
            clause=found[0].basis.clause,
            lines="、".join(line.code for line in found),
            on=on.isoformat(),
        )
    return found[0] if found else None


def _concerns(line: Dated, facts: Mapping[str, Fact]) -> bool:
    for condition in line.when:
        fact = condition.fact
        told = fact_of(facts, fact, clause=line.basis.clause)
        if not condition_holds(condition, facts={fact: told}):
            return False
    return True


def fact_of(facts: Mapping[str, Fact], fact: str, *, clause: str) -> Fact:
    """Give a fact of a home; refuses with ``fees.fact-missing`` or ``fees.fact-wrong``."""
    value = facts.get(fact)
    if value is None:
        raise Refusal("fees.fact-missing", clause=clause, fact=fact)
    require_fact(fact, value, clause=clause)
    return value


def require_fact(fact: str, value: Fact, *, clause: str = "") -> None:
    """Refuse with ``fees.fact-wrong`` a fact that no fee asks, or a value that it cannot have."""
    kind = FEE_FACTS.get(fact)
    if kind is None or facts_fault(value, fact_type=kind, divides=False) or value > _MOST:
        raise Refusal("fees.fact-wrong", clause=clause, fact=fact, value=str(value))


def _levy(line: FeeLine, facts: Mapping[str, Fact]) -> SheetLine:
    clause = line.basis.clause
    base = Decimal(1)
    for fact in line.of:
        base = EXACT.multiply(base, Decimal(fact_of(facts, fact, clause=clause)))
    told: dict[str, object] = {
        "title": line.title.zh,
        "title_en": line.title.en,
        "rate": plain(line.rate),
        "base": exact_yuan(base),
        "source": line.basis.source,
    }
    code = "fees.line-share" if line.of else "fees.line-fixed"
    if line.of == ("further_copies",):
        code = "fees.line-each"
        told |= {"times": plain(base), "each": exact_yuan(line.rate)}
    fen = EXACT.multiply(base, line.rate)
    told["amount"] = exact_yuan(fen)
    return SheetLine(
        code=code, clause=clause, facts=told, fen=fen, is_unconfirmed=line.basis.is_unconfirmed
    )


def _deduct(line: FeeLine, relief: Relief, facts: Mapping[str, Fact]) -> SheetLine:
    """Take from what is levied upon, as far as there is anything to take from."""
    clause = relief.basis.clause
    base = Decimal(fact_of(facts, line.of[0], clause=clause))
    less = min(base, Decimal(fact_of(facts, relief.deducts, clause=clause)))
    fen = EXACT.multiply(EXACT.minus(less), line.rate)
    told = _tell_relief("fees.line-deducted", relief, fen)
    more = {"less": exact_yuan(less), "rate": plain(line.rate)}
    return replace(told, facts={**told.facts, **more})


def _tell_relief(code: str, relief: Relief, fen: Decimal) -> SheetLine:
    return SheetLine(
        code=code,
        clause=relief.basis.clause,
        facts={
            "title": relief.title.zh,
            "title_en": relief.title.en,
            "amount": exact_yuan(abs(fen)),
            "source": relief.basis.source,
        },
        fen=fen,
        is_unconfirmed=relief.basis.is_unconfirmed,
    )
