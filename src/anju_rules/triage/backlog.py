"""Many communities before the same staff and money: which homes first, wherever they stand.

The graphs of the communities are laid side by side; no blocker touches two communities, so whatever
frees a home lies in its own. The order under given means is that of one community.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from anju_rules.triage.easy_first import MOST_NODES, Means, Stage, order_easy_first
from anju_rules.triage.types import Cleared, Community, Kinds
from anju_rules.triage.ways import Graph, draw_graph
from anju_rules.values import Refusal

_MARK = ":"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One community of the backlog."""

    community: Community
    is_separated: bool = False
    """Whether its titles wait no longer for what the developer owes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityLine:
    """One community: where its homes stand, and how many the means free."""

    code: str
    homes: int
    now: int
    blocked: int
    freed: int

    @property
    def waiting(self) -> int:
        """Homes that could be freed, but not under these means."""
        return self.homes - self.now - self.blocked - self.freed


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogStage:
    """One step of the order: in which community, and what of it; sums are by then, over all."""

    community: str
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """Many communities in the order in which the most homes are freed."""

    lines: tuple[CommunityLine, ...]
    """Those that free homes first, in the order of the stages; then the others by their code."""
    stages: tuple[BacklogStage, ...]
    at_most: int
    """More homes than this no choice under these means frees, beside those free now."""

    @property
    def freed(self) -> int:
        """How many homes the means free."""
        return sum(line.freed for line in self.lines)

    @property
    def is_proven(self) -> bool:
        """Whether no other choice under these means frees more."""
        return self.freed == self.at_most


def order_backlog(
    cases: Sequence[Case], *, kinds: Kinds, means: Means, most_nodes: int = MOST_NODES
) -> Backlog:
    """Order the homes of many communities, easy ones first, under one staff and one money.

    Refuses with ``triage.community-twice`` and like
    :func:`~anju_rules.triage.ways.draw_graph`. Equal cases give equal answers in any order.
    """
    graphs: dict[str, Graph] = {}
    for case in sorted(cases, key=lambda one: one.community.code):
        code = case.community.code
        if code in graphs:
            raise Refusal("triage.community-twice", community=code)
        labelled = _label(case.community)
        graphs[code] = draw_graph(labelled, kinds=kinds, is_separated=case.is_separated)
    order = order_easy_first(_lay_together(graphs), means=means, most_nodes=most_nodes)
    stages = tuple(_unlabel(stage) for stage in order.stages)
    freed = dict.fromkeys(graphs, 0)
    for one in stages:
        freed[one.community] += len(one.stage.homes)
    places = {one.community: place for place, one in reversed(list(enumerate(stages)))}
    lines = [_line(code, graph, freed[code]) for code, graph in graphs.items()]
    return Backlog(
        lines=tuple(sorted(lines, key=lambda one: (places.get(one.code, len(stages)), one.code))),
        stages=stages,
        at_most=order.at_most,
    )


def _label(community: Community) -> Community:
    """Write the community's code before everything it names, so that nothing is named twice."""

    def told(name: str) -> str:
        return f"{community.code}{_MARK}{name}"

    return replace(
        community,
        homes=tuple(told(home) for home in community.homes),
        blockers=tuple(
            replace(one, code=told(one.code), homes=frozenset(told(home) for home in one.homes))
            for one in community.blockers
        ),
    )


def _unlabel(stage: Stage) -> BacklogStage:
    community = stage.homes[0].partition(_MARK)[0]
    begins = len(community) + len(_MARK)
    return BacklogStage(
        community=community,
        stage=replace(
            stage,
            homes=tuple(home[begins:] for home in stage.homes),
            cleared=tuple(
                Cleared(blocker=one.blocker[begins:], remedy=one.remedy) for one in stage.cleared
            ),
        ),
    )


def _lay_together(graphs: Mapping[str, Graph]) -> Graph:
    return Graph(
        blockers={code: one for graph in graphs.values() for code, one in graph.blockers.items()},
        remedies={code: one for graph in graphs.values() for code, one in graph.remedies.items()},
        before={pair: one for graph in graphs.values() for pair, one in graph.before.items()},
        of_home={home: one for graph in graphs.values() for home, one in graph.of_home.items()},
        stuck=frozenset(code for graph in graphs.values() for code in graph.stuck),
    )


def _line(code: str, graph: Graph, freed: int) -> CommunityLine:
    return CommunityLine(
        code=code,
        homes=len(graph.of_home),
        now=sum(not blockers for blockers in graph.of_home.values()),
        blocked=len(graph.blocked_homes()),
        freed=freed,
    )
