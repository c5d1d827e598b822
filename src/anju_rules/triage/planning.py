"""A community's plan (一小区一方案): who gets a title now, who how soon, who waits for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anju_rules.triage.easy_first import MOST_NODES, EasyFirst, Means, order_easy_first
from anju_rules.triage.types import Community, Kinds
from anju_rules.triage.ways import Graph, Way, draw_graph, find_ways


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityPlan:
    """What triage found, every home in just one of four places."""

    now: tuple[str, ...]
    """Homes with no open blocker: the largest set that can get titles today."""
    by_separation: tuple[str, ...]
    """Homes that only what the developer owes keeps waiting: free once title and payment are
    separated (证缴分离). Among ``now`` where that has been decided."""
    ways: tuple[Way, ...]
    """The shortest way for the others, shortest first."""
    blocked: Mapping[str, tuple[str, ...]]
    """Homes that no remedy frees, with the blockers that stand in the way."""
    easy_first: EasyFirst
    """The order under the given means."""
    supposed: tuple[str, ...]
    """Blockers that stand only because nobody has answered yet: ask first, it costs least."""


def plan_community(
    community: Community,
    *,
    kinds: Kinds,
    means: Means,
    is_separated: bool = False,
    most_nodes: int = MOST_NODES,
) -> CommunityPlan:
    """Plan a community. ``is_separated``: the city decided that no title waits for such a debt.

    Refuses with ``triage.unknown-kind``, ``triage.unknown-home`` or ``triage.circle``.
    """
    separated = draw_graph(community, kinds=kinds, is_separated=True)
    graph = separated if is_separated else draw_graph(community, kinds=kinds, is_separated=False)
    now = _free(graph)
    return CommunityPlan(
        now=now,
        by_separation=tuple(home for home in _free(separated) if home not in set(now)),
        ways=find_ways(graph),
        blocked={
            home: tuple(
                code
                for code in graph.blockers
                if code in graph.of_home[home] and code in graph.stuck
            )
            for home in graph.blocked_homes()
        },
        easy_first=order_easy_first(graph, means=means, most_nodes=most_nodes),
        supposed=tuple(code for code, one in graph.blockers.items() if one.is_supposed),
    )


def _free(graph: Graph) -> tuple[str, ...]:
    return tuple(home for home, blockers in graph.of_home.items() if not blockers)
