"""A procedure in print: a table for a person, a diagram, and the page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from anju_rules.clocks import Budget
from anju_rules.procedures.types import Effect, Join, Limit, Outcome, Procedure, Step, Words

Language = Literal["zh", "en"]
_UNITS = {
    "zh": {"working-days": "个工作日", "calendar-days": "日", "hours": "小时"},
    "en": {"working-days": " working days", "calendar-days": " calendar days", "hours": " hours"},
}
_HEADS = {
    "zh": ("步骤", "谁", "在何之后", "时限", "需要", "结果", "依据"),
    "en": ("step", "who", "after", "time", "needs", "outcomes", "clause"),
}
_ENDS = {
    "zh": {"done": "办结", "refused": "不予"},
    "en": {"done": "done", "refused": "refused"},
}


def say_words(words: Words, language: Language) -> str:
    """Give a name in one language."""
    return words.zh if language == "zh" else words.en


def say_budget(budget: Budget | None, language: Language) -> str:
    """Write a length: ``5 working days``; nothing where there is none."""
    return "" if budget is None else f"{budget.length}{_UNITS[language][budget.unit.value]}"


def table_rows(procedure: Procedure, *, language: Language = "zh") -> list[tuple[str, ...]]:
    """Give the procedure as rows, heads first: one line a step."""
    return [_HEADS[language], *(_row(step, language) for step in procedure.steps.values())]


def _row(step: Step, language: Language) -> tuple[str, ...]:
    return (
        f"{step.code} {say_words(step.title, language)}",
        f"{step.role}{' ×2' if step.signs > 1 else ''}",
        _say_after(step, language),
        _say_time(step, language),
        ", ".join(step.needs) or "–",
        "; ".join(_say_outcome(outcome, language) for outcome in step.outcomes),
        step.basis.clause + (" (?)" if step.basis.is_unconfirmed else ""),
    )


def _say_after(step: Step, language: Language) -> str:
    if step.is_on_call:
        return "被要求时" if language == "zh" else "on call"
    if not step.after:
        return "–"
    joined = " + ".join(step.after)
    return joined if step.join is Join.ALL else f"{joined} ({step.join.value})"


def _say_time(step: Step, language: Language) -> str:
    told = [say_budget(step.limit.binding, language)]
    if step.lasts_at_least is not None:
        least = "不少于" if language == "zh" else "at least "
        told.append(least + say_budget(step.lasts_at_least, language))
    return ", ".join(part for part in told if part) or "–"


def _say_outcome(outcome: Outcome, language: Language) -> str:
    told = outcome.code
    if outcome.threshold is not None:
        told += f" ≥ {outcome.threshold.numerator}/{outcome.threshold.denominator}"
    if outcome.role:
        told += f" [{outcome.role}]"
    if outcome.effect is Effect.SEND:
        return f"{told} → {outcome.to}"
    if outcome.ends_as is not None:
        return f"{told} ■ {_ENDS[language][outcome.ends_as.value]}"
    return told


def diagram_lines(procedure: Procedure, *, language: Language = "zh") -> Iterator[str]:
    """Give the procedure as a Mermaid flow chart, one line at a time.

    Solid arrows lead on, dotted ones send the case elsewhere, heavy ones end it.
    """
    yield "flowchart TD"
    yield '    start(("●"))'
    for step in procedure.steps.values():
        title = f"{say_words(step.title, language)}<br/>{step.role}"
        shape = f'{{{{"{title}"}}}}' if step.is_on_call else f'["{title}"]'
        yield f"    {_node(step.code)}{shape}"
        if not step.after and not step.is_on_call:
            yield f"    start --> {_node(step.code)}"
    for step in procedure.steps.values():
        for outcome in step.outcomes:
            label = say_words(outcome.title, language)
            if outcome.effect is Effect.SEND:
                yield f'    {_node(step.code)} -. "{label}" .-> {_node(outcome.to)}'
            elif outcome.ends_as is not None:
                end = f'end_{outcome.ends_as.value}(["{_ENDS[language][outcome.ends_as.value]}"])'
                yield f'    {_node(step.code)} == "{label}" ==> {end}'
            else:
                for after in procedure.dependents(step.code):
                    yield f'    {_node(step.code)} -- "{label}" --> {_node(after.code)}'


def _node(code: str) -> str:
    return code.replace("-", "_")


def document_lines(procedures: Iterable[Procedure]) -> Iterator[str]:
    """Give the page of the documentation: every procedure as a table and as a diagram."""
    yield "# Procedures"
    yield ""
    yield "<!-- Printed by `anju procedures document`; a test holds it to the definitions. -->"
    yield ""
    yield "Everything people decide step by step under a time limit is a procedure: a file"
    yield "under `src/anju/procedures/`, versioned, each line with its clause. A case keeps the"
    yield "version it was opened under. `(?)` marks a line still to be confirmed, `×2` two"
    yield "signatures, `→` a step that the case is sent to, `■` an end. `anju procedures check`"
    yield "judges every definition; `anju procedures show NAME --bpmn` gives it as BPMN 2.0."
    for procedure in procedures:
        yield ""
        yield f"## {procedure.title.zh} · {procedure.title.en}"
        yield ""
        yield (
            f"`{procedure.code}`, version {procedure.version}, in force from "
            f"{procedure.effective_on.isoformat()}, clause `{procedure.basis.clause}`."
            + _say_whole(procedure.limit)
        )
        grounds = ", ".join(
            f"{ground.reason.value} (`{ground.basis.clause}`)" for ground in procedure.grounds
        )
        yield f"The clock may stop for: {grounds}." if grounds else "The clock never stops."
        yield ""
        heads, *rows = table_rows(procedure, language="en")
        yield f"| {' | '.join(heads)} |"
        yield f"|{'---|' * len(heads)}"
        for row in rows:
            yield f"| {' | '.join(row)} |"
        if procedure.materials:
            yield ""
            yield "| material | weight | from | clause |"
            yield "|---|---|---|---|"
            for material in procedure.materials.values():
                weight = (
                    f"tolerable, {say_budget(material.owed_within, 'en')},"
                    f" then {material.owed_else.value}"
                    if material.is_tolerable
                    else "core"
                )
                source = material.source.value + (
                    f": {material.supplied_by}" if material.supplied_by else ""
                )
                published = ", published" if material.is_published else ""
                yield (
                    f"| {material.code} {material.title.en} | {weight} | {source}{published} "
                    f"| {material.basis.clause} |"
                )
        yield ""
        yield "```text"
        yield from diagram_lines(procedure, language="en")
        yield "```"


def _say_whole(limit: Limit) -> str:
    budget = limit.binding
    return f" In all: {say_budget(budget, 'en')}." if budget else ""
