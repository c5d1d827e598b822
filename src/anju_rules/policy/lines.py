"""Reading facts, scoring lines and prohibitions; no line may use what is prohibited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import cast

from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import (
    BUILT_IN_FACTS,
    DERIVED_FACTS,
    Basis,
    Certainty,
    Condition,
    FactType,
    Prohibition,
    RuleSet,
    ScoringLine,
)

FOLDED_CODE = "care"
"""The code of the public subtotal of sensitive lines; no line of a plan may take it."""
_FACT_TYPES = ("integer", "area", "flag")
_CERTAINTIES = ("C", "M", "P", "U")


def read_basis(table: PolicyTable) -> Basis:
    """Read the clause, which no line goes without, and source and certainty where stated."""
    clause = table.take_basis("clause", "policy.missing-clause")
    source = table.take_text("source") if table.has("source") else ""
    certainty = _read_certainty(table) if table.has("certainty") else None
    return Basis(clause=clause, source=source, certainty=certainty)


def read_full_basis(table: PolicyTable) -> Basis:
    """Read clause, source and certainty, of which no line of points or money goes without any."""
    clause = table.take_basis("clause", "policy.missing-clause")
    source = table.take_basis("source", "policy.missing-source")
    return Basis(clause=clause, source=source, certainty=_read_certainty(table))


def _read_certainty(table: PolicyTable) -> Certainty:
    certainty = table.take_basis("certainty", "policy.missing-certainty")
    if certainty not in _CERTAINTIES:
        refuse_at(table.path_of("certainty"), "policy.bad-certainty", value=certainty)
    return cast("Certainty", certainty)


def read_facts(table: PolicyTable) -> dict[str, FactType]:
    """Read the declared facts; built-in ones are added, and may be declared only as they are."""
    facts = dict(BUILT_IN_FACTS)
    for name in table.keys_left():
        fact_type = cast("FactType", table.take_one_of(name, _FACT_TYPES))
        if name in DERIVED_FACTS:
            refuse_at(table.path_of(name), "policy.derived-fact-declared", fact=name)
        if facts.get(name, fact_type) != fact_type:
            refuse_at(
                table.path_of(name),
                "policy.wrong-fact-type",
                fact=name,
                expected=facts[name],
                found=fact_type,
            )
        facts[name] = fact_type
    return facts


def type_of_fact(
    path: str, fact: str, facts: Mapping[str, FactType], *, may_be_derived: bool = False
) -> FactType:
    """Give the type of ``fact``, refusing one that the plan does not declare."""
    if may_be_derived and fact in DERIVED_FACTS:
        dividend, divisor = DERIVED_FACTS[fact]
        for source in (dividend, divisor):
            type_of_fact(path, source, facts)
        if facts[dividend] != "area" or facts[divisor] != "integer":
            refuse_at(path, "policy.wrong-fact-type", fact=fact, expected="area", found="other")
        return "area"
    if fact not in facts:
        refuse_at(path, "policy.unknown-fact", fact=fact)
    return facts[fact]


def read_scoring_line(table: PolicyTable, *, facts: Mapping[str, FactType]) -> ScoringLine:
    """Read one ``[[rules.scoring]]`` table: exactly one of ``per`` and ``when``."""
    code = table.take_word("code")
    if code == FOLDED_CODE:
        refuse_at(table.path_of("code"), "policy.reserved-code", value=code)
    label = table.take_text("label")
    tenths = table.take_points("points")
    if table.has("per") == table.has("when"):
        refuse_at(table.path, "policy.measure-unclear", line=code)
    per: str | None = None
    at_most_times: int | None = None
    when: Condition | None = None
    if table.has("per"):
        path = table.path_of("per")
        per = table.take_text("per")
        found = type_of_fact(path, per, facts)
        if found != "integer":
            refuse_at(path, "policy.wrong-fact-type", fact=per, expected="integer", found=found)
        if table.has("at_most_times"):
            at_most_times = table.take_whole("at_most_times", at_least=1)
    else:
        when = read_condition(table.take_table("when"), facts=facts)
    line = ScoringLine(
        code=code,
        label=label,
        tenths=tenths,
        per=per,
        at_most_times=at_most_times,
        when=when,
        group=table.take_word("group") if table.has("group") else None,
        basis=read_full_basis(table),
        sensitive=table.take_flag("sensitive") if table.has("sensitive") else False,
    )
    table.close()
    return line


def read_condition(table: PolicyTable, *, facts: Mapping[str, FactType]) -> Condition:
    """Read a condition on one declared fact: ``is`` for a flag, one bound or more for a number."""
    path = table.path_of("fact")
    fact = table.take_text("fact")
    fact_type = type_of_fact(path, fact, facts, may_be_derived=True)
    if fact_type == "flag":
        condition = Condition(fact=fact, is_true=table.take_flag("is"))
    else:
        condition = Condition(
            fact=fact,
            below=_take_bound(table, "below"),
            at_most=_take_bound(table, "at_most"),
            at_least=_take_bound(table, "at_least"),
            above=_take_bound(table, "above"),
        )
        if not condition.bounds:
            refuse_at(table.path, "policy.measure-unclear", fact=fact)
    table.close()
    return condition


def _take_bound(table: PolicyTable, key: str) -> Decimal | None:
    return table.take_decimal(key) if table.has(key) else None


def read_prohibition(table: PolicyTable) -> Prohibition:
    """Read one ``[[rules.prohibitions]]`` table; the fact must not be declared either."""
    prohibition = Prohibition(fact=table.take_text("fact"), basis=read_basis(table))
    table.close()
    return prohibition


def refuse_prohibited_facts(rules: RuleSet) -> None:
    """Refuse a rule set in which a prohibited fact is used, or only collected.

    A derived fact uses both facts it is made of, so it does not hide one.
    """
    prohibited = {line.fact: line for line in rules.prohibitions}
    for path, fact in _facts_in_use(rules):
        if fact in prohibited:
            refuse_at(
                path, "policy.prohibited-fact", fact=fact, clause=prohibited[fact].basis.clause
            )


def _facts_in_use(rules: RuleSet) -> Iterator[tuple[str, str]]:
    for place, line in enumerate(rules.scoring, start=1):
        path = f"rules.scoring[{place}]"
        if line.per is not None:
            yield f"{path}.per", line.per
        if line.when is not None:
            yield f"{path}.when.fact", line.when.fact
            for fact in line.facts:
                yield f"{path}.when.fact", fact
    for fact in rules.entitlement.facts:
        yield "rules.entitlement", fact
    for place, need in enumerate(rules.needs, start=1):
        yield f"rules.needs[{place}].need", need.need
        if need.reserved_opens_after_stratum is not None:
            yield (
                f"rules.needs[{place}].reserved_opens_after_stratum",
                need.reserved_opens_after_stratum,
            )
    for fact in rules.facts:
        if fact not in BUILT_IN_FACTS:
            yield f"facts.{fact}", fact
