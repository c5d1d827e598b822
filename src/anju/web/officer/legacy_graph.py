"""The picture of what waits for what in a community: one box a kind, arrows to what it waits for.

Boxes stand in columns: on the left what waits for nothing. All figures are whole units of the
picture's own box; the page scales it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju.web.public.saying import say_building
from anju_rules.triage.types import Kinds
from anju_rules.triage.ways import Graph

_WIDE, _HIGH = 216, 64
_GAP_X, _GAP_Y = 64, 20
_EDGE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A kind of problem as a box."""

    kind: str
    title: str
    detail: str
    state: str
    """``dispute``, ``waiting``, ``ready`` or ``supposed``."""
    x: int
    y: int

    @property
    def sign(self) -> str:
        """The state's sign: state never rests on colour alone."""
        return {"dispute": "■", "waiting": "◔", "ready": "●", "supposed": "？"}[self.state]

    @property
    def middle(self) -> int:
        """Where the words stand, from the left."""
        return self.x + 16

    @property
    def first_line(self) -> int:
        """The upper line of words."""
        return self.y + 27

    @property
    def second_line(self) -> int:
        """The lower line of words."""
        return self.y + 49


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """From what must come first to what waits for it."""

    path: str
    is_sometimes: bool
    """Whether another remedy need not wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole picture; its words stand beside it as a list."""

    wide: int
    high: int
    box_wide: int
    box_high: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw_picture(graph: Graph, *, kinds: Kinds, supposed: frozenset[str]) -> Picture:
    """Draw the kinds that stand in a community; ``supposed`` are blockers nobody has answered."""
    waits = _waits(graph)
    columns: dict[str, int] = {}
    for code in graph.blockers:  # in an order in which each stands after all it waits for
        kind = graph.blockers[code].kind
        columns[kind] = max(
            columns.get(kind, 0), *(columns.get(one, 0) + 1 for one in waits[kind]), 0
        )
    boxes: dict[str, Box] = {}
    filled: dict[int, int] = {}
    for kind in sorted(columns, key=lambda one: (columns[one], list(kinds).index(one))):
        column = columns[kind]
        row = filled.get(column, 0)
        filled[column] = row + 1
        boxes[kind] = Box(
            kind=kind,
            title=kinds[kind].title.zh,
            detail=_tell(graph, kind),
            state=_state(graph, kind, waits, kinds, supposed),
            x=_EDGE + column * (_WIDE + _GAP_X),
            y=_EDGE + row * (_HIGH + _GAP_Y),
        )
    arrows = [
        Arrow(path=_path(boxes[first], boxes[kind]), is_sometimes=not always)
        for kind, told in waits.items()
        for first, always in told.items()
    ]
    return Picture(
        wide=2 * _EDGE + max(columns.values(), default=0) * (_WIDE + _GAP_X) + _WIDE,
        high=2 * _EDGE + max(filled.values(), default=1) * (_HIGH + _GAP_Y) - _GAP_Y,
        box_wide=_WIDE,
        box_high=_HIGH,
        boxes=tuple(boxes.values()),
        arrows=tuple(arrows),
    )


def _waits(graph: Graph) -> dict[str, dict[str, bool]]:
    """Give for each kind the kinds it waits for, and whether every remedy does."""
    found: dict[str, dict[str, bool]] = {one.kind: {} for one in graph.blockers.values()}
    remedies: dict[str, set[str]] = {}
    waiting: dict[tuple[str, str], set[str]] = {}
    for (code, remedy), before in graph.before.items():
        kind = graph.blockers[code].kind
        remedies.setdefault(kind, set()).add(remedy)
        for one in before:
            waiting.setdefault((kind, graph.blockers[one].kind), set()).add(remedy)
    for (kind, first), told in waiting.items():
        found[kind][first] = told == remedies[kind]
    return found


def _tell(graph: Graph, kind: str) -> str:
    own = [one for one in graph.blockers.values() if one.kind == kind]
    buildings = [one.code.rpartition("/")[0] for one in own]
    homes = len(frozenset().union(*(one.homes for one in own)))
    named = say_building(buildings[0]) + (f" 等 {len(buildings)} 栋" if len(buildings) > 1 else "")
    return f"{named} · {homes} 套"


def _state(
    graph: Graph,
    kind: str,
    waits: Mapping[str, Mapping[str, bool]],
    kinds: Kinds,
    supposed: frozenset[str],
) -> str:
    own = [code for code, one in graph.blockers.items() if one.kind == kind]
    if all(code in supposed for code in own):
        return "supposed"
    if kinds[kind].is_dispute:
        return "dispute"
    return "waiting" if any(waits[kind].values()) else "ready"


def _path(first: Box, later: Box) -> str:
    """Draw a smooth line from the right of one box to the left of another."""
    x1, y1 = first.x + _WIDE, first.y + _HIGH // 2
    x2, y2 = later.x - 7, later.y + _HIGH // 2
    bend = max(_GAP_X // 2, (x2 - x1) // 2)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
