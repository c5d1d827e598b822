"""Totals of many households at once: the same rule as the sheets, column by column.

Two observations make a million households a matter of a second, in exact arithmetic:

* a fact that is only compared matters only by where it lies between the bounds that the plan
  names, so 57.32 m² and 58 m² are one case;
* what is left are few distinct cases, and each is scored once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Context, Decimal, Inexact
from itertools import islice
from operator import itemgetter
from typing import NoReturn, cast

from anju_rules.policy.types import DERIVED_FACTS, Condition, FactType, RuleSet, ScoringLine
from anju_rules.values import Fact, Refusal, Tenths

# Few enough for the columns to stay in the processor's cache.
_ROWS_AT_ONCE = 2_048
_MOST_CASES_KEPT = 1 << 18
_PYTHON_TYPES: Mapping[FactType, frozenset[type]] = {
    "integer": frozenset({int}),
    "area": frozenset({Decimal, int}),
    "flag": frozenset({bool}),
}
_EXACT = Context(prec=400, traps=[Inexact])

Case = tuple[Hashable, ...]
"""What decides a total: the facts counted, and for compared ones their place between the bounds."""


def facts_fault(value: Fact, *, fact_type: FactType, divides: bool) -> str | None:
    """Give the code of what is wrong with a fact's value, or None."""
    if type(value) not in _PYTHON_TYPES[fact_type]:
        return "scoring.wrong-fact-type"
    if fact_type == "flag":
        return None
    if isinstance(value, Decimal) and not value.is_finite():
        return "scoring.fact-out-of-range"
    if value < 0:
        return "scoring.fact-out-of-range"
    # Nobody's area a person has no meaning: neither "below 15 m²" nor its contrary.
    return "scoring.no-persons" if divides and value == 0 else None


def _parts_of(fact: str) -> tuple[str, str | None]:
    """Give the fact that is compared, and the one its bounds are multiplied by, if there is one."""
    return DERIVED_FACTS.get(fact) or (fact, None)


class _Scale:
    """The bounds on one compared fact, and where a value lies between them.

    The place of a value is ``2 i`` between the bounds i - 1 and i, and ``2 i + 1`` on bound i
    itself.
    """

    __slots__ = ("_by_divisor", "bounds", "dividend", "divisor")

    def __init__(self, fact: str, bounds: Iterable[Decimal]) -> None:
        self.bounds = sorted(set(bounds))
        self.dividend, self.divisor = _parts_of(fact)
        self._by_divisor: dict[Fact, list[Decimal]] = {}

    def place_column(self, values: list[Fact], divisors: list[Fact] | None) -> list[int]:
        """Place each value of a column between the bounds (times the divisor, if there is one)."""
        bounds = self.bounds
        if divisors is None:
            distinct = set(values)
            placed = {
                value: bisect_left(bounds, value) + bisect_right(bounds, value)
                for value in distinct
            }
            return list(map(placed.__getitem__, values))
        scaled = self._by_divisor
        for divisor in set(divisors):
            if divisor not in scaled:
                scaled[divisor] = [
                    _EXACT.multiply(bound, Decimal(divisor)) for bound in self.bounds
                ]
        if len(self.bounds) == 1:
            # The commonest plan has one bound a person: two comparisons, no search.
            single = {divisor: bounds[0] for divisor, bounds in scaled.items()}
            return [
                0 if value < (bound := single[divisor]) else 1 if value == bound else 2
                for value, divisor in zip(values, divisors, strict=True)
            ]
        return [
            bisect_left(bounds := scaled[divisor], value) + bisect_right(bounds, value)
            for value, divisor in zip(values, divisors, strict=True)
        ]

    def place_test(self, condition: Condition) -> Callable[[int], bool]:
        """Turn a condition on the fact into one on its place."""
        lowest, highest = 0, 2 * len(self.bounds)
        for name, bound in condition.bounds:
            on = 2 * self.bounds.index(bound) + 1
            if name == "below":
                highest = min(highest, on - 1)
            elif name == "at_most":
                highest = min(highest, on)
            elif name == "at_least":
                lowest = max(lowest, on)
            else:
                lowest = max(lowest, on + 1)
        return lambda place: lowest <= place <= highest


class ColumnScorer:
    """A rule set made ready to give totals for rows of facts."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._facts = rules.scoring_facts
        self._types = {fact: rules.facts[fact] for fact in self._facts}
        self._scales = self._read_scales(rules.scoring)
        counted = dict.fromkeys(
            fact
            for line in rules.scoring
            if line.when is None or line.when.is_true is not None
            for fact in line.facts
        )
        self._counted = tuple(counted)
        self._case_columns = {name: place for place, name in enumerate((*counted, *self._scales))}
        self._divisors = {scale.divisor for scale in self._scales.values() if scale.divisor}
        self._alone: list[Callable[[Case], int]] = []
        self._groups: list[list[Callable[[Case], int]]] = []
        groups: dict[str, list[Callable[[Case], int]]] = {}
        for line in rules.scoring:
            scored = self._compile_line(line)
            if line.group is None:
                self._alone.append(scored)
            else:
                groups.setdefault(line.group, []).append(scored)
        self._groups = list(groups.values())
        self._cases = _Cases(self._score_case)

    @staticmethod
    def _read_scales(scoring: tuple[ScoringLine, ...]) -> dict[str, _Scale]:
        bounds: dict[str, list[Decimal]] = {}
        for line in scoring:
            if line.when is not None and line.when.is_true is None:
                bounds.setdefault(line.when.fact, []).extend(bound for _, bound in line.when.bounds)
        return {f"{fact} ≷": _Scale(fact, stated) for fact, stated in bounds.items()}

    def _compile_line(self, line: ScoringLine) -> Callable[[Case], int]:
        tenths = int(line.tenths)
        if line.when is None:
            column = self._case_columns[line.per or ""]
            most = line.at_most_times
            if most is None:
                return lambda case: tenths * cast("int", case[column])
            return lambda case: tenths * min(cast("int", case[column]), most)
        if line.when.is_true is not None:
            wanted = line.when.is_true
            column = self._case_columns[line.when.fact]
            return lambda case: tenths if case[column] is wanted else 0
        name = f"{line.when.fact} ≷"
        column = self._case_columns[name]
        holds = self._scales[name].place_test(line.when)
        return lambda case: tenths if holds(cast("int", case[column])) else 0

    def _score_case(self, case: Case) -> Tenths:
        total = sum(line(case) for line in self._alone)
        # Points in a group are never negative (checked on reading), so the highest is a plain max.
        total += sum(max(line(case) for line in group) for group in self._groups)
        return Tenths(total)

    def total_rows(self, rows: Iterable[Mapping[str, Fact]]) -> list[Tenths]:
        """Give the total of each row of facts; refuses as the sheets do, naming the row."""
        totals: list[Tenths] = []
        if not self._facts:
            return [Tenths(0) for _ in rows]
        remaining = iter(rows)
        while chunk := list(islice(remaining, _ROWS_AT_ONCE)):
            columns = self._read_columns(chunk, before=len(totals))
            case_columns: list[Iterable[Hashable]] = [columns[fact] for fact in self._counted]
            case_columns += [
                scale.place_column(
                    columns[scale.dividend],
                    None if scale.divisor is None else columns[scale.divisor],
                )
                for scale in self._scales.values()
            ]
            self._cases.forget_if_many()
            totals += map(self._cases.__getitem__, zip(*case_columns, strict=True))
        return totals

    def _read_columns(
        self, chunk: list[Mapping[str, Fact]], *, before: int
    ) -> dict[str, list[Fact]]:
        """Turn rows into columns, refusing a fact that is missing or not what it should be."""
        try:
            columns = {fact: list(map(itemgetter(fact), chunk)) for fact in self._facts}
        except KeyError:
            self._refuse_rows(chunk, before=before)
        for fact, column in columns.items():
            types = set(map(type, column))
            if not types <= _PYTHON_TYPES[self._types[fact]]:
                self._refuse_rows(chunk, before=before)
            if Decimal in types and not all(
                map(Decimal.is_finite, column if len(types) == 1 else map(Decimal, column))
            ):
                self._refuse_rows(chunk, before=before)
            if bool not in types and min(column) < (fact in self._divisors):
                self._refuse_rows(chunk, before=before)
        return columns

    def _refuse_rows(self, chunk: list[Mapping[str, Fact]], *, before: int) -> NoReturn:
        """Find the first fault, row by row, in the order in which the sheets would meet it."""
        for row, facts in enumerate(chunk, start=before + 1):
            for fact in self._facts:
                clause = self._rules.scoring_clause
                if fact not in facts:
                    raise Refusal("scoring.fact-missing", clause=clause, row=row, fact=fact)
                code = facts_fault(
                    facts[fact], fact_type=self._types[fact], divides=fact in self._divisors
                )
                if code:
                    raise Refusal(
                        code,
                        clause=clause,
                        row=row,
                        fact=fact,
                        value=facts[fact],
                        expected=self._types[fact],
                    )
        raise AssertionError(before)  # the columns found a fault that the rows do not have


class _Cases(dict[Case, Tenths]):
    """Totals by case, each scored when first met."""

    def __init__(self, score_case: Callable[[Case], Tenths]) -> None:
        super().__init__()
        self._score_case = score_case

    def __missing__(self, case: Case) -> Tenths:
        total = self[case] = self._score_case(case)
        return total

    def forget_if_many(self) -> None:
        """Keep the memory bounded where a plan counts a fact with very many values."""
        if len(self) > _MOST_CASES_KEPT:
            self.clear()
