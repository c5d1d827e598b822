"""Reading a procedure from a table, as ``tomllib`` gives it; every refusal names the path.

The reader judges single lines (a clause to each, no key unknown, no code twice); whether the graph
holds together is judged by :mod:`anju_rules.procedures.checking`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from anju_rules.clocks import Budget, PauseReason, Unit
from anju_rules.policy.lines import read_basis
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.procedures.types import (
    NO_LIMIT,
    TIERS,
    Effect,
    Ending,
    Ground,
    Join,
    Limit,
    Material,
    Outcome,
    OwedElse,
    Procedure,
    Source,
    Step,
    Threshold,
    Tier,
    Words,
)

_BUDGET = re.compile(r"([0-9]{1,4}) (working-days|calendar-days|hours)")
_SHARE = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")
_Coded = TypeVar("_Coded", Material, Step, Outcome)


def read_procedure(table: Mapping[str, object]) -> Procedure:
    """Read one procedure.

    Raises :class:`~anju_rules.values.Refusal` with a ``policy.*`` or ``procedure.*`` code and the
    ``path`` of the fault: an unknown key, a missing clause, a length that is none, a code twice.
    """
    top = PolicyTable(table, path="")
    intake = top.take_table("intake")
    procedure = Procedure(
        code=top.take_word("code"),
        version=top.take_text("version"),
        effective_on=top.take_date("effective_on"),
        title=read_words(top),
        basis=read_basis(top),
        has_intake=intake.take_flag("is_judged"),
        intake_role=intake.take_word("role"),
        intake_tier=_read_tier(intake),
        applicant_role=intake.take_word("applicant"),
        limit=_read_limit(top),
        grounds=tuple(_read_ground(line) for line in read_lines(top, "pauses")),
        materials=_by_code(
            top, "materials", (_read_material(line) for line in read_lines(top, "materials"))
        ),
        steps=_by_code(top, "steps", (_read_step(line) for line in read_lines(top, "steps"))),
    )
    intake.close()
    top.close()
    if not procedure.steps:
        refuse_at("steps", "policy.missing-key", key="steps")
    return procedure


def read_lines(table: PolicyTable, key: str) -> Iterable[PolicyTable]:
    """Take a list of tables that may be left out."""
    return table.take_tables(key) if table.has(key) else ()


def _by_code(table: PolicyTable, key: str, coded: Iterable[_Coded]) -> dict[str, _Coded]:
    found: dict[str, _Coded] = {}
    for place, one in enumerate(coded, start=1):
        if one.code in found:
            refuse_at(f"{table.path_of(key)}[{place}].code", "policy.duplicate", value=one.code)
        found[one.code] = one
    return found


def read_words(table: PolicyTable, key: str = "title") -> Words:
    """Take what is said in both languages: ``title = { zh, en }``."""
    title = table.take_table(key)
    words = Words(zh=title.take_text("zh"), en=title.take_text("en"))
    title.close()
    return words


def _read_tier(table: PolicyTable) -> Tier:
    return cast("Tier", table.take_one_of("tier", TIERS))


def _read_ground(table: PolicyTable) -> Ground:
    reason = table.take_one_of("reason", tuple(reason.value for reason in PauseReason))
    ground = Ground(reason=PauseReason(reason), basis=read_basis(table))
    table.close()
    return ground


def _read_material(table: PolicyTable) -> Material:
    source = Source(table.take_one_of("source", tuple(source.value for source in Source)))
    is_tolerable = table.take_one_of("weight", ("core", "tolerable")) == "tolerable"
    material = Material(
        code=table.take_word("code"),
        title=read_words(table),
        is_tolerable=is_tolerable,
        source=source,
        supplied_by=table.take_text("from") if source is Source.SHARED else "",
        owed_within=_read_budget(table, "owed_within") if is_tolerable else None,
        owed_else=_read_consequence(table) if is_tolerable else OwedElse.WAIT,
        is_published=table.take_flag("is_published") if table.has("is_published") else False,
        basis=read_basis(table),
    )
    table.close()
    return material


def _read_consequence(table: PolicyTable) -> OwedElse:
    return (
        OwedElse(table.take_one_of("owed_else", tuple(OwedElse)))
        if table.has("owed_else")
        else OwedElse.WAIT
    )


def _read_step(table: PolicyTable) -> Step:
    outcomes = _by_code(
        table, "outcomes", (_read_outcome(line) for line in table.take_tables("outcomes"))
    )
    join = table.take_one_of("join", tuple(Join)) if table.has("join") else Join.ALL
    step = Step(
        code=table.take_word("code"),
        title=read_words(table),
        role=table.take_word("role"),
        tier=_read_tier(table),
        after=_texts(table, "after"),
        join=Join(join),
        is_on_call=table.take_flag("on_call") if table.has("on_call") else False,
        needs=_texts(table, "needs"),
        produces=_texts(table, "produces"),
        limit=_read_limit(table),
        lasts_at_least=_read_budget(table, "lasts_at_least"),
        signs=table.take_whole("signs", at_least=1) if table.has("signs") else 1,
        outcomes=tuple(outcomes.values()),
        basis=read_basis(table),
    )
    table.close()
    return step


def _texts(table: PolicyTable, key: str) -> tuple[str, ...]:
    return table.take_texts(key) if table.has(key) else ()


def _read_outcome(table: PolicyTable) -> Outcome:
    effect = Effect(table.take_one_of("effect", tuple(effect.value for effect in Effect)))
    outcome = Outcome(
        code=table.take_word("code"),
        title=read_words(table),
        effect=effect,
        to=table.take_word("to") if effect is Effect.SEND else "",
        ends_as=(
            Ending(table.take_one_of("as", tuple(ending.value for ending in Ending)))
            if effect is Effect.END
            else None
        ),
        threshold=_read_threshold(table) if table.has("threshold") else None,
        basis=read_basis(table),
        role=table.take_word("role") if table.has("role") else "",
        tier=_read_tier(table) if table.has("tier") else None,
    )
    table.close()
    return outcome


def _read_threshold(table: PolicyTable) -> Threshold:
    line = table.take_table("threshold")
    share = line.take_text("at_least")
    found = _SHARE.fullmatch(share)
    if found is None or not 0 < int(found[1]) <= int(found[2]):
        refuse_at(line.path_of("at_least"), "procedure.not-a-share", value=share)
    threshold = Threshold(
        part=line.take_word("part"),
        whole=line.take_word("whole"),
        numerator=int(found[1]),
        denominator=int(found[2]),
    )
    line.close()
    return threshold


def _read_limit(table: PolicyTable) -> Limit:
    """Read ``statutory`` (with ``statutory_clause``) and ``promised``, either or both."""
    statutory = _read_budget(table, "statutory", clause_key="statutory_clause")
    promised = _read_budget(table, "promised")
    if statutory is None and promised is None:
        return NO_LIMIT
    return Limit(statutory=statutory, promised=promised)


def _read_budget(table: PolicyTable, key: str, *, clause_key: str = "") -> Budget | None:
    """Read a length written as ``5 working-days``; ``None`` where it is not stated."""
    if not table.has(key):
        return None
    text = table.take_text(key)
    found = _BUDGET.fullmatch(text)
    if found is None or int(found[1]) < 1:
        refuse_at(table.path_of(key), "procedure.not-a-length", value=text)
    clause = table.take_basis(clause_key, "policy.missing-clause") if clause_key else ""
    return Budget(int(found[1]), Unit(found[2]), clause)
