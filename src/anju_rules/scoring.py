"""Scores: exact tenths, each line explained (SCO-1 to SCO-4).

:func:`score_household` writes the sheet that a household is shown; :func:`compile_totals` gives the
same totals for a million households at once, and a property test holds the two together.

No binary float takes part: 0.3 x 12 must tie with another 3.6, or a draw that the law promises is
lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact

from anju_rules.policy.lines import FOLDED_CODE
from anju_rules.policy.types import DERIVED_FACTS, Condition, FactType, RuleSet, ScoringLine
from anju_rules.scoring_columns import ColumnScorer, facts_fault
from anju_rules.values import Fact, Household, HouseholdNumber, Refusal, Tenths

FOLDED_LABEL = "照顾类加分小计"
"""What the public sheet calls the subtotal of its sensitive lines."""
_EXACT = Context(prec=400, traps=[Inexact])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLine:
    """What one line of the rule set gave one household."""

    code: str
    label: str
    quantity: int
    """How many times the line applies: the fact, capped; or 1 or 0 for a condition."""
    tenths: Tenths
    """What counts: 0 for a line that applies but yields to a higher one of its group."""
    clause: str
    sensitive: bool = False
    yields_to: str | None = None
    """The code of the line of the same group that counts instead."""
    facts: tuple[tuple[str, Fact], ...] = ()
    """The facts the line was decided on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSheet:
    """A household's score, line by line, in the plan's order; the lines add up to the total."""

    household: HouseholdNumber
    version: str
    clause: str
    lines: tuple[ScoreLine, ...]
    total: Tenths


@dataclass(frozen=True, slots=True)
class TieGroup:
    """Households with one total; a verifiable draw decides their order (SCO-2)."""

    total: Tenths
    members: tuple[HouseholdNumber, ...]


def score_household(*, household: Household, rules: RuleSet) -> ScoreSheet:
    """Score one household and say why, line by line (SCO-3).

    Refuses with ``scoring.fact-missing``, ``scoring.wrong-fact-type``,
    ``scoring.fact-out-of-range`` or, where a fact a person is asked for, ``scoring.no-persons``:
    a missing fact is never taken for zero.
    """
    _refuse_faulty_facts(household.facts, rules=rules, household=household.number)
    measured = [(line, *_measure_line(line, facts=household.facts)) for line in rules.scoring]
    winners = _winning_lines((line, quantity) for line, quantity, _ in measured)
    lines: list[ScoreLine] = []
    for line, quantity, facts in measured:
        winner = winners.get(line.group) if line.group is not None and quantity else None
        yields_to = winner if winner != line.code else None
        lines.append(
            ScoreLine(
                code=line.code,
                label=line.label,
                quantity=quantity,
                tenths=Tenths(0 if yields_to else quantity * line.tenths),
                clause=line.clause,
                sensitive=line.sensitive,
                yields_to=yields_to,
                facts=facts,
            )
        )
    return ScoreSheet(
        household=household.number,
        version=rules.version,
        clause=rules.scoring_clause,
        lines=tuple(lines),
        total=Tenths(sum(line.tenths for line in lines)),
    )


def compile_totals(
    rules: RuleSet,
) -> Callable[[Iterable[Mapping[str, Fact]]], list[Tenths]]:
    """Turn a rule set into a function from households' facts to totals, in the same order.

    For a million households in a second or two: each distinct set of decisive facts is scored once.
    Equal to the sheets' totals, and refuses what they refuse, naming the ``row`` (counted from one)
    in place of the household.
    """
    return ColumnScorer(rules).total_rows


def score_totals(*, households: Iterable[Household], rules: RuleSet) -> list[Tenths]:
    """Give the totals of many households, in their order, equal to their sheets' totals."""
    listed = households if isinstance(households, Sequence) else list(households)
    try:
        return compile_totals(rules)(household.facts for household in listed)
    except Refusal as refusal:
        row = refusal.facts.pop("row", None)
        if isinstance(row, int):
            refusal.facts["household"] = listed[row - 1].number
        raise


def tie_groups(totals: Iterable[tuple[HouseholdNumber, Tenths]]) -> list[TieGroup]:
    """Put households with equal totals together, the highest total first.

    Members stand by number, so that nothing hangs on the order in which they were entered.

    >>> tie_groups([(HouseholdNumber("b"), Tenths(36)), (HouseholdNumber("a"), Tenths(36))])
    [TieGroup(total=36, members=('a', 'b'))]
    """
    by_total: defaultdict[Tenths, list[HouseholdNumber]] = defaultdict(list)
    for number, total in totals:
        by_total[total].append(number)
    return [
        TieGroup(total, tuple(sorted(by_total[total]))) for total in sorted(by_total, reverse=True)
    ]


def published_lines(sheet: ScoreSheet) -> tuple[ScoreLine, ...]:
    """Give the lines that may be public: sensitive ones become one subtotal, ``care``."""
    folded = [line for line in sheet.lines if line.sensitive]
    public = [line for line in sheet.lines if not line.sensitive]
    if not folded:
        return tuple(public)
    return (*public, fold_lines(folded, tenths=Tenths(sum(line.tenths for line in folded))))


def show_line(line: ScoreLine) -> dict[str, object]:
    """Give a line as it stands in a published score sheet."""
    return {
        "code": line.code,
        "label": line.label,
        "quantity": line.quantity,
        "tenths": line.tenths,
        "clause": line.clause,
    }


def fold_lines(lines: Iterable[ScoringLine | ScoreLine], *, tenths: Tenths) -> ScoreLine:
    """Give the subtotal that stands for sensitive ``lines``.

    It stands there for every household once the plan has such a line, with quantity 1 and the
    clauses of all of them, so that neither its presence nor its clause tells which line applies.
    """
    return ScoreLine(
        code=FOLDED_CODE,
        label=FOLDED_LABEL,
        quantity=1,
        tenths=tenths,
        clause="; ".join(dict.fromkeys(line.clause for line in lines)),
    )


def condition_holds(condition: Condition, *, facts: Mapping[str, Fact]) -> bool:
    """Say whether a condition holds, exactly.

    A fact per person is never divided: its bound is multiplied by the persons.
    """
    if condition.is_true is not None:
        return facts[condition.fact] is condition.is_true
    dividend, divisor = DERIVED_FACTS.get(condition.fact, (condition.fact, None))
    value = Decimal(facts[dividend])
    times = Decimal(1) if divisor is None else Decimal(facts[divisor])
    for name, bound in condition.bounds:
        limit = _EXACT.multiply(bound, times)
        holds = {
            "below": value < limit,
            "at_most": value <= limit,
            "at_least": value >= limit,
            "above": value > limit,
        }[name]
        if not holds:
            return False
    return True


def _measure_line(
    line: ScoringLine, *, facts: Mapping[str, Fact]
) -> tuple[int, tuple[tuple[str, Fact], ...]]:
    """Give the quantity of a line, and the facts it was decided on."""
    reasons = tuple((fact, facts[fact]) for fact in line.facts)
    if line.when is not None:
        return int(condition_holds(line.when, facts=facts)), reasons
    quantity = int(facts[line.per or ""])
    return (quantity if line.at_most_times is None else min(quantity, line.at_most_times)), reasons


def _winning_lines(measured: Iterable[tuple[ScoringLine, int]]) -> dict[str, str]:
    """Give for each group the line that counts: the highest that applies, the first of equals."""
    best: dict[str, tuple[int, str]] = {}
    for line, quantity in measured:
        if line.group is None or not quantity:
            continue
        tenths = quantity * line.tenths
        if line.group not in best or tenths > best[line.group][0]:
            best[line.group] = (tenths, line.code)
    return {group: code for group, (_, code) in best.items()}


def _refuse_faulty_facts(
    facts: Mapping[str, Fact], *, rules: RuleSet, household: HouseholdNumber
) -> None:
    fact_types: Mapping[str, FactType] = rules.facts
    divisors = {DERIVED_FACTS[name][1] for name in _derived_in_use(rules)}
    for fact in rules.scoring_facts:
        if fact not in facts:
            raise Refusal(
                "scoring.fact-missing",
                clause=rules.scoring_clause,
                household=household,
                fact=fact,
            )
        code = facts_fault(facts[fact], fact_type=fact_types[fact], divides=fact in divisors)
        if code:
            raise Refusal(
                code,
                clause=rules.scoring_clause,
                household=household,
                fact=fact,
                value=facts[fact],
                expected=fact_types[fact],
            )


def _derived_in_use(rules: RuleSet) -> set[str]:
    named = {line.when.fact for line in rules.scoring if line.when is not None}
    return named & DERIVED_FACTS.keys()
