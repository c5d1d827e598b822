"""What became of each step and each paper when a procedure was made shorter, checked by machine.

A change says for every old step and material one fate, with its clause. Nothing vanishes unsaid,
and no fate is taken on trust: what is called parallel must run beside what it waited for, what is
called shared must come from the department that is named, and nobody may be asked for anything new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from anju_rules.policy.lines import read_basis
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.policy.types import Basis
from anju_rules.procedures.reading import read_words
from anju_rules.procedures.types import Material, Procedure, Source, Step, Words
from anju_rules.values import Finding, Verdict


class Fate(StrEnum):
    """What became of an old step or material."""

    KEPT = "kept"
    """Still done, or still asked for."""
    MERGED = "merged"
    """One with others."""
    PARALLEL = "parallel"
    """Still done, beside what it waited for or what waited for it."""
    SHARED = "shared"
    """A department's data takes its place: nobody carries it."""
    COMMITTED = "committed"
    """A written commitment takes its place, checked afterwards."""
    MADE = "made"
    """A step of the new procedure makes it, and hands it on itself."""
    DROPPED = "dropped"
    """Nothing takes its place, and it says why."""


_OF_STEPS = (Fate.KEPT, Fate.MERGED, Fate.PARALLEL, Fate.SHARED, Fate.DROPPED)
_OF_MATERIALS = (
    Fate.KEPT,
    Fate.MERGED,
    Fate.SHARED,
    Fate.COMMITTED,
    Fate.MADE,
    Fate.DROPPED,
)
_SOURCES = {
    Fate.SHARED: Source.SHARED,
    Fate.COMMITTED: Source.COMMITTED,
    Fate.MADE: Source.PRODUCED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """The fate of one old step or material."""

    old: str
    fate: Fate
    new: str
    """The new step or material; of a step that is shared, a material. Empty: dropped."""
    beside: tuple[str, ...]
    """New steps that it now runs beside, of a step that is parallel."""
    source: str
    """The department whose data takes its place."""
    why: Words | None
    """Why nothing takes its place."""
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessChange:
    """One procedure made into another."""

    code: str
    old: str
    new: str
    most_materials: int
    """How many materials may at most still be asked of the applicant."""
    basis: Basis
    steps: tuple[Mapped, ...]
    materials: tuple[Mapped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A change in figures, the old and the new: steps, papers asked for, working days promised."""

    steps: tuple[int, int]
    materials: tuple[int, int]
    days: tuple[int, int]


def read_change(table: Mapping[str, object]) -> ProcessChange:
    """Read one change; refuses with a ``policy.*`` code and the path of the fault."""
    top = PolicyTable(table, path="")
    change = ProcessChange(
        code=top.take_word("code"),
        old=top.take_word("old"),
        new=top.take_word("new"),
        most_materials=top.take_whole("most_materials", at_least=0),
        basis=read_basis(top),
        steps=tuple(_read_row(line, _OF_STEPS) for line in top.take_tables("steps")),
        materials=tuple(_read_row(line, _OF_MATERIALS) for line in top.take_tables("materials")),
    )
    top.close()
    return change


def _read_row(table: PolicyTable, fates: tuple[Fate, ...]) -> Mapped:
    fate = Fate(table.take_one_of("fate", tuple(fate.value for fate in fates)))
    row = Mapped(
        old=table.take_word("old"),
        fate=fate,
        new="" if fate is Fate.DROPPED else table.take_word("new"),
        beside=table.take_texts("beside") if fate is Fate.PARALLEL else (),
        source=table.take_text("source") if fate is Fate.SHARED else "",
        why=read_words(table, "why") if fate is Fate.DROPPED else None,
        basis=read_basis(table),
    )
    if fate is Fate.PARALLEL and not row.beside:
        refuse_at(table.path_of("beside"), "policy.missing-key", key="beside")
    table.close()
    return row


def judge_change(change: ProcessChange, *, old: Procedure, new: Procedure) -> Verdict:
    """Hold a change to both procedures; unmet findings say what it claims wrongly.

    ``process.not-mapped``, ``-mapped-twice``, ``-unknown``: the rows are not those of the old
    procedure. ``process.not-there``, ``-not-merged``, ``-not-parallel``, ``-not-as-said``: a fate
    that the new one does not bear out. ``process.new-burden``, ``-from-nowhere``,
    ``-too-many-materials``, ``-slower``: the new one asks for more than the old.
    """
    return Verdict(
        tuple(
            finding
            for finding in (
                *_judge_whole(change.steps, tuple(old.steps), change.basis.clause),
                *_judge_whole(change.materials, tuple(asked_materials(old)), change.basis.clause),
                *_judge_steps(change, old, new),
                *_judge_materials(change, new),
                *_judge_burden(change, old, new),
            )
            if not finding.met
        )
    )


def asked_materials(procedure: Procedure) -> dict[str, Material]:
    """Give what the applicant must bring or sign."""
    return {
        code: material
        for code, material in procedure.materials.items()
        if material.source in (Source.ASKED, Source.COMMITTED)
    }


def count_saved(old: Procedure, new: Procedure) -> Saved:
    """Give what a change saves."""
    return Saved(
        steps=(len(old.steps), len(new.steps)),
        materials=(len(asked_materials(old)), len(asked_materials(new))),
        days=(_days(old), _days(new)),
    )


def _days(procedure: Procedure) -> int:
    budget = procedure.limit.binding
    return 0 if budget is None else budget.length


def _judge_whole(
    rows: tuple[Mapped, ...], codes: tuple[str, ...], clause: str
) -> Iterator[Finding]:
    named = [row.old for row in rows]
    for code in codes:
        yield Finding("process.not-mapped", clause, met=code in named, facts={"old": code})
    for code in dict.fromkeys(named):
        yield Finding("process.unknown", clause, met=code in codes, facts={"old": code})
        yield Finding(
            "process.mapped-twice", clause, met=named.count(code) == 1, facts={"old": code}
        )


def _judge_steps(change: ProcessChange, old: Procedure, new: Procedure) -> Iterator[Finding]:
    became = {row.old: row.new for row in change.steps}
    targets = [row.new for row in change.steps if row.fate is not Fate.SHARED]
    for row in change.steps:
        if row.fate is Fate.SHARED:
            yield _judge_source(row, new)
            continue
        if row.fate is Fate.DROPPED:
            continue
        yield _finding("process.not-there", row, met=row.new in new.steps)
        if row.fate is Fate.MERGED:
            yield _finding("process.not-merged", row, met=targets.count(row.new) > 1)
        elif row.fate is Fate.KEPT:
            yield _finding("process.not-kept", row, met=targets.count(row.new) == 1)
        else:
            for other in row.beside:
                waited = any(
                    became.get(code) == other and _is_ordered(old, row.old, code)
                    for code in old.steps
                )
                runs = other in new.steps and not _is_ordered(new, row.new, other)
                yield _finding("process.not-parallel", row, met=waited and runs, other=other)
    for code in new.steps:
        yield Finding(
            "process.from-nowhere",
            change.basis.clause,
            met=code in targets,
            facts={"new": code},
        )


def _is_ordered(procedure: Procedure, one: str, other: str) -> bool:
    """Whether one of two steps waits for the other, near or far."""
    if one == other or one not in procedure.steps or other not in procedure.steps:
        return True
    return other in procedure.resting_on(one) or one in procedure.resting_on(other)


def _judge_materials(change: ProcessChange, new: Procedure) -> Iterator[Finding]:
    targets = [row.new for row in change.materials]
    for row in change.materials:
        if row.fate is Fate.DROPPED:
            continue
        if row.fate in _SOURCES:
            yield _judge_source(row, new)
            continue
        is_asked = row.new in asked_materials(new)
        yield _finding("process.not-there", row, met=is_asked)
        if row.fate is Fate.MERGED:
            yield _finding("process.not-merged", row, met=targets.count(row.new) > 1)


def _judge_source(row: Mapped, new: Procedure) -> Finding:
    """What takes an old one's place must come from where the row says."""
    material = new.materials.get(row.new)
    return _finding(
        "process.not-as-said",
        row,
        met=material is not None
        and material.source is _SOURCES[row.fate]
        and material.supplied_by == row.source,
    )


def _judge_burden(change: ProcessChange, old: Procedure, new: Procedure) -> Iterator[Finding]:
    clause = change.basis.clause
    asked = asked_materials(new)
    grounds = {
        row.new for row in change.materials if row.fate in (Fate.KEPT, Fate.MERGED, Fate.COMMITTED)
    }
    for code in asked:
        yield Finding("process.new-burden", clause, met=code in grounds, facts={"new": code})
    yield Finding(
        "process.too-many-materials",
        clause,
        met=len(asked) <= change.most_materials,
        facts={"count": len(asked), "most": change.most_materials},
    )
    saved = count_saved(old, new)
    yield Finding(
        "process.slower",
        clause,
        met=saved.days[1] <= saved.days[0] and saved.steps[1] <= saved.steps[0],
        facts={"old": saved.days[0], "new": saved.days[1]},
    )


def _finding(code: str, row: Mapped, *, met: bool, **facts: object) -> Finding:
    return Finding(
        code,
        row.basis.clause,
        met=met,
        facts={"old": row.old, "new": row.new, "fate": row.fate.value, **facts},
    )


def picture_lines(change: ProcessChange, *, old: Procedure, new: Procedure) -> Iterator[str]:
    """Draw a change as a Mermaid chart: old steps left, new steps right, a fate on each arrow."""
    yield "flowchart LR"
    yield from _draw_side("old", old.steps, old.title.zh)
    yield from _draw_side("new", new.steps, new.title.zh)
    for row in change.steps:
        here = f"old_{_node(row.old)}"
        if row.fate is Fate.SHARED:
            yield f'    {here} -. "{row.fate.value}: {row.source}" .-> data_{_node(row.new)}'
            yield f'    data_{_node(row.new)}[("{new.materials[row.new].title.zh}")]'
        elif row.fate is Fate.DROPPED:
            yield f'    {here} -. "{row.fate.value}" .-> gone(("×"))'
        else:
            yield f'    {here} -- "{row.fate.value}" --> new_{_node(row.new)}'


def _draw_side(side: str, steps: Mapping[str, Step], title: str) -> Iterator[str]:
    yield f'    subgraph {side}["{title}"]'
    for step in steps.values():
        yield f'        {side}_{_node(step.code)}["{step.title.zh}"]'
    yield "    end"


def _node(code: str) -> str:
    return code.replace("-", "_")
