"""A family's own score sheet, every line of it, with its clause and the facts it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from anju.resettlement.scoring.types import SheetRow
from anju.web.public.saying import say_area
from anju_rules.scoring import ScoreLine
from anju_rules.values import Fact, Tenths, points_from_tenths

_FACTS: Mapping[str, str] = {
    "persons": "人口",
    "confirmed_area_sqm": "确认面积",
    "home_area_sqm": "原住房面积",
    "home_area_per_person_sqm": "人均住房面积",
    "is_low_income": "低保",
    "has_disability": "有残疾人",
    "has_member_over_70": "有七十岁以上老人",
    "signed_early": "提前签约",
    "moved_on_time": "按期搬迁",
}


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


def lay_out_score(*, sheet: SheetRow, sources: Mapping[str, str]) -> ScorePage:
    """Lay a family's sheet out; nothing of its own is masked.

    ``sources`` says of a line's code where the plan has it.
    """
    labels = {line.code: line.label for line in sheet.lines}
    lines = tuple(_line(line, labels, sources.get(line.code, "")) for line in sheet.lines)
    return ScorePage(
        total=points_from_tenths(sheet.total_tenths),
        version=sheet.sheet.version,
        clause=sheet.sheet.clause,
        lines=lines,
        counted=tuple(line for line in lines if line.counts),
    )


def _line(line: ScoreLine, labels: Mapping[str, str], source: str) -> LineRow:
    told = "，".join(_say_fact(name, value) for name, value in line.facts)
    if line.yields_to is not None:
        told = f"{told}；同组只计最高的一项“{labels.get(line.yields_to, line.yields_to)}”"
    return LineRow(
        label=line.label,
        points=points_from_tenths(Tenths(line.tenths)),
        counts=line.tenths != 0,
        why=told.removeprefix("；"),
        clause=line.clause,
        source=source,
        is_private=line.sensitive,
    )


def _say_fact(name: str, value: Fact) -> str:
    label = _FACTS.get(name, name)
    if isinstance(value, bool):
        return f"{label}：{'是' if value else '否'}"
    if isinstance(value, Decimal):
        return f"{label} {say_area(value)} ㎡"
    return f"{label} {value}"
