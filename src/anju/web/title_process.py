"""Twelve steps, eight, six: three procedures drawn side by side, and what became of each step.

Time runs downwards, so that the picture is as wide as a telephone; lanes are who does it. Boxes in
one row run at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from anju.foundation.core.definitions import read_default_changes, read_default_procedures
from anju.titles.cases.types import TRANSFERS
from anju.web.case_words import say_budget
from anju_rules.procedures.types import Procedure, Step
from anju_rules.process_diff import Fate, Mapped, ProcessChange, asked_materials, count_saved

FATES: Mapping[Fate, tuple[str, str]] = {
    Fate.KEPT: ("保留", "="),
    Fate.MERGED: ("合并", "∪"),
    Fate.PARALLEL: ("改为并联", "∥"),
    Fate.SHARED: ("数据共享替代", "⇄"),
    Fate.COMMITTED: ("承诺替代", "✎"),
    Fate.MADE: ("由环节产生", "→"),
    Fate.DROPPED: ("取消", "×"),
}
LANES = (("department", "部门"), ("window", "登记窗口"))
_WIDTH, _TOP, _BOX, _GAP, _PAD = 360, 30, 66, 16, 5
_LINE, _LETTER = 17, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One lane of a picture."""

    title: str
    x: int
    width: int
    middle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One step as it is drawn."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[tuple[int, str], ...]
    """Where each line of its name stands, and the line."""
    middle: int
    limit: str
    limit_y: int
    fate: str
    """What becomes of it in the next procedure; empty in the last."""
    sign: str
    told: str
    """Everything about it in words, for whoever does not see the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One procedure, drawn."""

    title: str
    code: str
    steps: int
    materials: int
    days: int
    width: int
    height: int
    lanes: tuple[Lane, ...]
    links: tuple[str, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of one step or paper, in words."""

    old: str
    fate: str
    words: str
    sign: str
    new: str
    source: str
    beside: str
    why: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One procedure made into the next."""

    title: str
    old_steps: int
    new_steps: int
    steps: tuple[Became, ...]
    materials: tuple[Became, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The whole reform: pictures and changes, the oldest first."""

    pictures: tuple[Picture, ...]
    changes: tuple[Change, ...]
    fates: tuple[tuple[str, str, str], ...]
    """Of each fate its code, its sign and its words: the key to the pictures."""


def lay_out_process() -> Process:
    """Lay out the versions of an owner's registration and what each made of the one before."""
    known, changes = read_default_procedures(), read_default_changes()
    by_old = {change.old: change for change in changes.values() if change.old in TRANSFERS}
    return Process(
        pictures=tuple(
            _draw(known[code], by_old.get(code), first=known[TRANSFERS[0]]) for code in TRANSFERS
        ),
        changes=tuple(_tell(by_old[code], known) for code in TRANSFERS if code in by_old),
        fates=tuple((fate.value, sign, words) for fate, (words, sign) in FATES.items()),
    )


def _draw(procedure: Procedure, change: ProcessChange | None, *, first: Procedure) -> Picture:
    rows = _rows_of(procedure)
    fates = {row.old: row.fate for row in change.steps} if change else {}
    lanes = _lanes(rows)
    boxes = {
        step.code: _box(step, place, fate=fates.get(step.code))
        for step, place in _places(rows, lanes)
    }
    _, days = count_saved(first, procedure).days
    return Picture(
        title=procedure.title.zh,
        code=procedure.code,
        steps=len(procedure.steps),
        materials=len(asked_materials(procedure)),
        days=days,
        width=_WIDTH,
        height=_TOP + len(rows) * (_BOX + _GAP),
        lanes=lanes,
        links=tuple(_links(procedure, boxes)),
        boxes=tuple(boxes.values()),
    )


def _rows_of(procedure: Procedure) -> list[list[Step]]:
    """Give the steps row by row: each stands below all that it waits for."""
    depth: dict[str, int] = {}
    waiting = list(procedure.steps.values())
    while waiting:
        for step in list(waiting):
            if all(code in depth for code in step.after):
                depth[step.code] = max((depth[code] + 1 for code in step.after), default=0)
                waiting.remove(step)
    rows: list[list[Step]] = [[] for _ in range(max(depth.values()) + 1)]
    for step in procedure.steps.values():
        rows[depth[step.code]].append(step)
    return rows


def _lane_of(step: Step) -> str:
    return "department" if step.role == "department" else "window"


def _lanes(rows: Sequence[Sequence[Step]]) -> tuple[Lane, ...]:
    """Give each lane its width: as many boxes as it ever has side by side."""
    widest = {
        code: max(1, *(sum(_lane_of(step) == code for step in row) for row in rows))
        for code, _ in LANES
    }
    share, x, lanes = _WIDTH // sum(widest.values()), 0, []
    for code, title in LANES:
        width = share * widest[code]
        lanes.append(Lane(title=title, x=x, width=width, middle=x + width // 2))
        x += width
    return tuple(lanes)


def _places(
    rows: Sequence[Sequence[Step]], lanes: Sequence[Lane]
) -> Iterator[tuple[Step, tuple[int, int, int]]]:
    """Give each step its left edge, its top and its width."""
    for number, row in enumerate(rows):
        y = _TOP + number * (_BOX + _GAP)
        for (code, _), lane in zip(LANES, lanes, strict=True):
            here = [step for step in row if _lane_of(step) == code]
            for place, step in enumerate(here):
                width = lane.width // len(here)
                yield step, (lane.x + place * width + _PAD, y, width - 2 * _PAD)


def _box(step: Step, place: tuple[int, int, int], *, fate: Fate | None) -> Box:
    x, y, width = place
    budget = step.limit.binding
    limit = say_budget(budget) if budget else ""
    letters = max(4, (width - 8) // _LETTER)
    title = step.title.zh
    lines = [title[start : start + letters] for start in range(0, len(title), letters)][:2]
    top = y + (22 if len(lines) > 1 else 28)
    words, sign = FATES[fate] if fate else ("", "")
    return Box(
        x=x,
        y=y,
        width=width,
        height=_BOX,
        lines=tuple((top + number * _LINE, line) for number, line in enumerate(lines)),
        middle=x + width // 2,
        limit=f"{sign} {limit}".strip(),
        limit_y=y + _BOX - 8,
        fate=fate.value if fate else "",
        sign=sign,
        told="，".join(part for part in (title, limit, words) if part),
    )


def _links(procedure: Procedure, boxes: Mapping[str, Box]) -> Iterator[str]:
    """Give the lines from what a step waits for; one that another implies is left out."""
    for step in procedure.steps.values():
        for code in step.after:
            if any(code in _before(procedure, other) for other in step.after if other != code):
                continue
            above, below = boxes[code], boxes[step.code]
            bend = below.y - _GAP // 2
            yield f"M{above.middle} {above.y + _BOX}V{bend}H{below.middle}V{below.y}"


def _before(procedure: Procedure, code: str) -> set[str]:
    found: set[str] = set()
    waiting = list(procedure.steps[code].after)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += procedure.steps[one].after
    return found


def _tell(change: ProcessChange, known: Mapping[str, Procedure]) -> Change:
    old, new = known[change.old], known[change.new]
    old_steps = {code: step.title.zh for code, step in old.steps.items()}
    new_names = {
        **{code: one.title.zh for code, one in new.materials.items()},
        **{code: step.title.zh for code, step in new.steps.items()},
    }
    papers = {code: one.title.zh for code, one in old.materials.items()}
    return Change(
        title=f"{len(old.steps)} 个环节到 {len(new.steps)} 个环节",
        old_steps=len(old.steps),
        new_steps=len(new.steps),
        steps=tuple(_became(row, old_steps, new_names) for row in change.steps),
        materials=tuple(_became(row, papers, new_names) for row in change.materials),
    )


def _became(row: Mapped, old: Mapping[str, str], new: Mapping[str, str]) -> Became:
    words, sign = FATES[row.fate]
    return Became(
        old=old[row.old],
        fate=row.fate.value,
        words=words,
        sign=sign,
        new=new.get(row.new, ""),
        source=row.source,
        beside="、".join(new[code] for code in row.beside),
        why=row.why.zh if row.why else "",
        clause=row.basis.clause,
    )
