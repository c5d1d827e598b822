"""A procedure as BPMN 2.0, to be looked at in any viewer: process and drawing.

A step is a user task with an exclusive gateway after it where it has several outcomes, and a
parallel gateway before it where it waits for several. Only what BPMN can say is said: limits,
materials and clauses stand in each task's documentation. Nothing is executed from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from anju_rules.procedures.printing import say_budget
from anju_rules.procedures.types import Effect, Procedure, Step

_MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI"
_CANVAS = "http://www.omg.org/spec/DD/20100524/DC"
_LINES = "http://www.omg.org/spec/DD/20100524/DI"
_PREFIXES = {"bpmn": _MODEL, "bpmndi": _DRAWING, "dc": _CANVAS, "di": _LINES}
_COLUMN, _ROW = 240, 130
_SIZES = {
    "startEvent": (36, 36),
    "endEvent": (36, 36),
    "userTask": (130, 70),
    "exclusiveGateway": (50, 50),
    "parallelGateway": (50, 50),
}


@dataclass(slots=True)
class _Node:
    kind: str
    identity: str
    name: str
    column: int
    row: int
    offset: int = 0
    notes: str = ""
    comes_by: list[str] = field(default_factory=list)
    leaves_by: list[str] = field(default_factory=list)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height, in whole points."""
        width, height = _SIZES[self.kind]
        left = 60 + self.column * _COLUMN + self.offset - width // 2
        return left, 60 + self.row * _ROW - height // 2, width, height


@dataclass(frozen=True, slots=True)
class _Flow:
    identity: str
    source: str
    target: str
    name: str


class _Drawing:
    """Nodes and flows of one process, placed in columns by how far they are from the start."""

    def __init__(self, procedure: Procedure) -> None:
        self.nodes: dict[str, _Node] = {}
        self.flows: list[_Flow] = []
        self._procedure = procedure
        self._columns = _columns(procedure)
        self._place_steps()
        self._connect()
        self._drop_unused()

    def _place_steps(self) -> None:
        self._add(_Node("startEvent", "start", "", 0, 0))
        rows: dict[int, int] = {}
        for step in self._procedure.steps.values():
            column = self._columns[step.code]
            row = rows.get(column, 0)
            rows[column] = row + 1
            notes = _notes(step)
            code = step.code
            self._add(_Node("userTask", f"step-{code}", step.title.zh, column, row, notes=notes))
            if len(step.after) > 1:
                self._add(_Node("parallelGateway", f"join-{code}", "", column, row, offset=-95))
            if len(_branches(self._procedure, step)) > 1:
                self._add(_Node("exclusiveGateway", f"choice-{code}", "", column, row, offset=95))
        last = max(self._columns.values()) + 1
        self._add(_Node("endEvent", "end-done", "办结", last, 0))
        self._add(_Node("endEvent", "end-refused", "不予", last, 1))

    def _add(self, node: _Node) -> None:
        self.nodes[node.identity] = node

    def _connect(self) -> None:
        firsts = [
            step
            for step in self._procedure.steps.values()
            if not step.after and not step.is_on_call
        ]
        for step in firsts:
            self._flow("start", _entry(step), "")
        for step in self._procedure.steps.values():
            if len(step.after) > 1:
                self._flow(f"join-{step.code}", f"step-{step.code}", "")
            leaves = f"step-{step.code}"
            if len(_branches(self._procedure, step)) > 1:
                self._flow(leaves, f"choice-{step.code}", "")
                leaves = f"choice-{step.code}"
            self._connect_outcomes(step, leaves)

    def _connect_outcomes(self, step: Step, leaves: str) -> None:
        for name, targets in _branches(self._procedure, step):
            if len(targets) > 1 and leaves.startswith("choice-"):
                # What one choice opens, it opens all of: after the choice, a fork.
                self._flow(leaves, self._fork(step), name)
                for target in targets:
                    self._flow(f"fork-{step.code}", target, "")
            else:
                for target in targets:
                    self._flow(leaves, target, name)

    def _fork(self, step: Step) -> str:
        place = self.nodes[f"choice-{step.code}"]
        identity = f"fork-{step.code}"
        self._add(_Node("parallelGateway", identity, "", place.column, place.row, offset=125))
        return identity

    def _flow(self, source: str, target: str, name: str) -> None:
        flow = _Flow(f"flow-{len(self.flows) + 1}", source, target, name)
        self.flows.append(flow)
        self.nodes[source].leaves_by.append(flow.identity)
        self.nodes[target].comes_by.append(flow.identity)

    def _drop_unused(self) -> None:
        """An end that no outcome leads to is not drawn."""
        self.nodes = {
            identity: node
            for identity, node in self.nodes.items()
            if node.comes_by or node.kind == "startEvent"
        }


def _entry(step: Step) -> str:
    """Give where a flow that leads on comes in; one that sends goes past the join."""
    return f"join-{step.code}" if len(step.after) > 1 else f"step-{step.code}"


def _branches(procedure: Procedure, step: Step) -> list[tuple[str, tuple[str, ...]]]:
    """Give where the outcomes of a step lead: names and nodes, those of one way together."""
    names: dict[tuple[str, ...], list[str]] = {}
    for outcome in step.outcomes:
        if outcome.effect is Effect.SEND:
            targets: tuple[str, ...] = (f"step-{outcome.to}",)
        elif outcome.ends_as is not None:
            targets = (f"end-{outcome.ends_as.value}",)
        elif outcome.effect is Effect.REFUSE:
            targets = ("end-refused",)
        else:
            targets = tuple(_entry(one) for one in procedure.dependents(step.code))
        names.setdefault(targets, []).append(outcome.title.zh)
    return [(" / ".join(told), targets) for targets, told in names.items()]


def _columns(procedure: Procedure) -> dict[str, int]:
    """Give each step its column: one more than the furthest step before it."""
    columns: dict[str, int] = {}

    def place(code: str) -> int:
        if code not in columns:
            columns[code] = 0
            columns[code] = 1 + max((place(one) for one in procedure.steps[code].after), default=0)
        return columns[code]

    for step in procedure.steps.values():
        if not step.is_on_call:
            place(step.code)
    for step in procedure.steps.values():
        if step.is_on_call:
            senders = [
                columns.get(one.code, 1)
                for one in procedure.steps.values()
                if any(outcome.to == step.code for outcome in one.outcomes)
            ]
            columns[step.code] = 1 + max(senders, default=1)
    return columns


def _notes(step: Step) -> str:
    told = [f"{step.role} ({step.tier})", step.basis.clause]
    told += [say_budget(step.limit.binding, "zh")] if step.limit.binding else []
    told += [", ".join(step.needs)] if step.needs else []
    return " · ".join(told)


def to_bpmn(procedure: Procedure) -> str:
    """Write ``procedure`` as a BPMN 2.0 document with its drawing."""
    drawing = _Drawing(procedure)
    for prefix, space in _PREFIXES.items():
        ET.register_namespace(prefix, space)
    root = ET.Element(
        _tag(_MODEL, "definitions"),
        {"id": f"definitions-{procedure.code}", "targetNamespace": "urn:anju:procedures"},
    )
    process = ET.SubElement(
        root,
        _tag(_MODEL, "process"),
        {"id": procedure.code, "name": procedure.title.zh, "isExecutable": "false"},
    )
    for node in drawing.nodes.values():
        _write_node(process, node)
    for flow in drawing.flows:
        given = {"id": flow.identity, "sourceRef": flow.source, "targetRef": flow.target}
        if flow.name:
            given["name"] = flow.name
        ET.SubElement(process, _tag(_MODEL, "sequenceFlow"), given)
    _write_drawing(root, procedure, drawing)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _tag(space: str, name: str) -> str:
    return f"{{{space}}}{name}"


def _write_node(process: ET.Element, node: _Node) -> None:
    given = {"id": node.identity} | ({"name": node.name} if node.name else {})
    element = ET.SubElement(process, _tag(_MODEL, node.kind), given)
    if node.notes:
        ET.SubElement(element, _tag(_MODEL, "documentation")).text = node.notes
    for flow in node.comes_by:
        ET.SubElement(element, _tag(_MODEL, "incoming")).text = flow
    for flow in node.leaves_by:
        ET.SubElement(element, _tag(_MODEL, "outgoing")).text = flow


def _write_drawing(root: ET.Element, procedure: Procedure, drawing: _Drawing) -> None:
    diagram = ET.SubElement(root, _tag(_DRAWING, "BPMNDiagram"), {"id": "diagram"})
    plane = ET.SubElement(
        diagram, _tag(_DRAWING, "BPMNPlane"), {"id": "plane", "bpmnElement": procedure.code}
    )
    for node in drawing.nodes.values():
        shape = ET.SubElement(
            plane,
            _tag(_DRAWING, "BPMNShape"),
            {"id": f"shape-{node.identity}", "bpmnElement": node.identity},
        )
        bounds = zip(("x", "y", "width", "height"), node.box, strict=True)
        ET.SubElement(shape, _tag(_CANVAS, "Bounds"), {name: str(value) for name, value in bounds})
    for flow in drawing.flows:
        edge = ET.SubElement(
            plane,
            _tag(_DRAWING, "BPMNEdge"),
            {"id": f"edge-{flow.identity}", "bpmnElement": flow.identity},
        )
        for x, y in _way(drawing.nodes[flow.source], drawing.nodes[flow.target]):
            ET.SubElement(edge, _tag(_LINES, "waypoint"), {"x": str(x), "y": str(y)})


def _way(source: _Node, target: _Node) -> list[tuple[int, int]]:
    """Give the points of a line: straight on to the right, or round below when it goes back."""
    left, top, width, height = source.box
    to_left, to_top, to_width, to_height = target.box
    if to_left >= left + width:
        return [(left + width, top + height // 2), (to_left, to_top + to_height // 2)]
    below = max(top + height, to_top + to_height) + 25
    start, end = left + width // 2, to_left + to_width // 2
    return [(start, top + height), (start, below), (end, below), (end, to_top + to_height)]
