"""A score sheet line by line, with its clause and the facts it rests on; in public, masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju.resettlement.scoring.types import SheetRow
from anju.web.public.facts import name_facts, say_fact
from anju_rules.scoring import ScoreLine
from anju_rules.values import Tenths, points_from_tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line of the sheet."""

    label: str
    points: str
    counts: bool
    """Whether it gives points; a line that gives none is shown too."""
    why: str
    clause: str
    source: str
    """Where the plan has it, in words; empty where it does not say."""
    is_private: bool
    """Whether the public list folds it into one subtotal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePage:
    """The whole sheet."""

    total: str
    version: str
    clause: str
    lines: tuple[LineRow, ...]
    counted: tuple[LineRow, ...]
    """The lines that give points."""


def lay_out_score(
    *,
    sheet: SheetRow,
    sources: Mapping[str, str],
    plan: Mapping[str, object],
    is_public: bool = False,
) -> ScorePage:
    """Lay a sheet out: for its family nothing is masked, in public sensitive lines are one.

    ``sources`` says of a line's code where the plan has it; ``plan`` names the facts.
    """
    names = name_facts(plan)
    shown = sheet.public_lines if is_public else sheet.lines
    labels = {line.code: line.label for line in shown}
    lines = tuple(_line(line, labels, sources.get(line.code, ""), names) for line in shown)
    return ScorePage(
        total=points_from_tenths(sheet.total_tenths),
        version=sheet.sheet.version,
        clause=sheet.sheet.clause,
        lines=lines,
        counted=tuple(line for line in lines if line.counts),
    )


def _line(
    line: ScoreLine, labels: Mapping[str, str], source: str, names: Mapping[str, str]
) -> LineRow:
    told = "，".join(f"{names.get(fact, fact)}：{say_fact(value)}" for fact, value in line.facts)
    if line.yields_to is not None:
        # Which line it yields to is not said where that line itself may not be shown.
        other = f"“{labels[line.yields_to]}”" if line.yields_to in labels else ""
        told = f"{told}；同组只计最高的一项{other}"
    return LineRow(
        label=line.label,
        points=points_from_tenths(Tenths(line.tenths)),
        counts=line.tenths != 0,
        why=told.removeprefix("；"),
        clause=line.clause,
        source=source,
        is_private=line.sensitive,
    )
