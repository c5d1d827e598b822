"""Rule sets: a plan's tables read into frozen rules, or refused with the path of the fault.

Every line names its clause; scoring lines also their source and how certain it is. What a clause
prohibits is checked here, by the machine: a prohibited fact used in any line refuses the whole rule
set (PLN-4).
Paths count list entries from one: ``rules.scoring[3].points``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from anju_rules.policy.entitlements import (
    read_communities,
    read_entitlement,
    read_need,
)
from anju_rules.policy.lines import (
    read_basis,
    read_facts,
    read_prohibition,
    read_scoring_line,
    refuse_prohibited_facts,
)
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import (
    TURN_TERMS,
    Turns,
)
from anju_rules.policy.types import (
    AreaBands as AreaBands,
)
from anju_rules.policy.types import (
    AreaBudget as AreaBudget,
)
from anju_rules.policy.types import (
    FactType as FactType,
)
from anju_rules.policy.types import (
    RuleSet as RuleSet,
)
from anju_rules.policy.types import (
    ScoringLine as ScoringLine,
)


def read_rule_set(table: Mapping[str, object]) -> RuleSet:
    """Read ``{"facts": …, "rules": …}``, a plan's tables as ``tomllib`` gives them.

    Raises :class:`~anju_rules.values.Refusal` with a ``policy.*`` code and the ``path`` of the
    fault: an unknown key or fact, a missing clause, points finer than a tenth, a binary float, a
    prohibited fact in use.
    """
    top = PolicyTable(table, path="")
    facts = read_facts(
        top.take_table("facts") if top.has("facts") else PolicyTable({}, path="facts")
    )
    rules = top.take_table("rules")
    top.close()

    version = rules.take_text("version")
    effective_on = rules.take_date("effective_on")
    prohibitions = tuple(
        read_prohibition(line)
        for line in (rules.take_tables("prohibitions") if rules.has("prohibitions") else ())
    )
    scoring = tuple(
        read_scoring_line(line, facts=facts)
        for line in (rules.take_tables("scoring") if rules.has("scoring") else ())
    )
    scoring_clause = ""
    if scoring or rules.has("scoring_clause"):
        scoring_clause = rules.take_basis("scoring_clause", "policy.missing-clause")
    entitlement_table = rules.take_table("entitlement")
    communities = (
        read_communities(entitlement_table.take_table("communities"))
        if entitlement_table.has("communities")
        else None
    )
    entitlement = read_entitlement(entitlement_table, facts=facts)
    turns = _read_turns(rules.take_table("turns")) if rules.has("turns") else None
    needs = tuple(
        read_need(line) for line in (rules.take_tables("needs") if rules.has("needs") else ())
    )
    unplaced: Literal["wait", "first-lawful"] = "wait"
    if rules.has("matching"):
        matching = rules.take_table("matching")
        if matching.has("unplaced"):
            unplaced = cast(
                "Literal['wait', 'first-lawful']",
                matching.take_one_of("unplaced", ("wait", "first-lawful")),
            )
        matching.close()
    rules.close()

    _refuse_unclear_lines(scoring)
    _refuse_duplicates("rules.needs", "need", tuple(rule.need for rule in needs))
    _refuse_duplicates("rules.prohibitions", "fact", tuple(line.fact for line in prohibitions))
    rule_set = RuleSet(
        version=version,
        effective_on=effective_on,
        facts=facts,
        scoring=scoring,
        scoring_clause=scoring_clause,
        prohibitions=prohibitions,
        entitlement=entitlement,
        communities=communities,
        turns=turns,
        needs=needs,
        unplaced=unplaced,
    )
    refuse_prohibited_facts(rule_set)
    return rule_set


def _read_turns(table: PolicyTable) -> Turns:
    late = table.take_one_of("late", ("allowed", "refused"))
    terms = {
        name: table.take_whole(name, at_least=least, at_most=most)
        for name, (_, least, most) in TURN_TERMS.items()
        if table.has(name)
    }
    turns = Turns(
        late=cast("Literal['allowed', 'refused']", late), basis=read_basis(table), **terms
    )
    table.close()
    return turns


def _refuse_duplicates(path: str, key: str, words: tuple[str, ...]) -> None:
    for place, word in enumerate(words, start=1):
        if word in words[: place - 1]:
            refuse_at(f"{path}[{place}].{key}", "policy.duplicate", value=word)


def _refuse_unclear_lines(scoring: tuple[ScoringLine, ...]) -> None:
    """Refuse what would make two readers of a line disagree, or tell what is folded away."""
    _refuse_duplicates("rules.scoring", "code", tuple(line.code for line in scoring))
    sensitive_by_group: dict[str, bool] = {}
    for place, line in enumerate(scoring, start=1):
        path = f"rules.scoring[{place}]"
        if line.group is None:
            continue
        if line.tenths < 0:
            # "only the highest counts" could mean the penalty or nothing at all.
            refuse_at(f"{path}.points", "policy.penalty-in-group", group=line.group)
        if sensitive_by_group.setdefault(line.group, line.sensitive) != line.sensitive:
            # A public line outvoted by a hidden one would tell of the hidden one.
            refuse_at(f"{path}.sensitive", "policy.group-mixes-sensitive", group=line.group)
