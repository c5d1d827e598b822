"""Which homes may be titled now, what separation frees, and the shortest way for the rest.

The blockers of a community are a graph: a remedy may have to wait for blockers of other kinds that
concern one of the same homes. With enough hands everything runs side by side, so the shortest way
is the longest chain, each link by its fastest remedy; that is exact, since no two blockers compete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anju_rules.triage.types import Blocker, Cleared, Community, Kinds, OwedBy, Remedy
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True)
class Graph:
    """A community's open blockers, and which of them each remedy waits for."""

    blockers: Mapping[str, Blocker]
    """By code, in an order in which each stands after all it may wait for."""
    remedies: Mapping[str, tuple[Remedy, ...]]
    before: Mapping[tuple[str, str], frozenset[str]]
    """For a blocker and one of its remedies: the blockers to be cleared first."""
    of_home: Mapping[str, frozenset[str]]
    """The blockers of each home."""
    stuck: frozenset[str] = field(default_factory=frozenset)
    """Blockers that nothing clears: disputes, and all that could only wait for one."""

    def blocked_homes(self) -> tuple[str, ...]:
        """Give the homes that no remedy can free, in the register's order."""
        return tuple(home for home, blockers in self.of_home.items() if blockers & self.stuck)


def draw_graph(community: Community, *, kinds: Kinds, is_separated: bool) -> Graph:
    """Draw the graph of what stands open; separated payments of the developer stand no longer.

    Refuses with ``triage.unknown-kind`` or ``triage.unknown-home``.
    """
    known = set(community.homes)
    open_ones: dict[str, Blocker] = {}
    for blocker in sorted(community.blockers, key=lambda one: one.code):
        if blocker.kind not in kinds:
            raise Refusal("triage.unknown-kind", kind=blocker.kind)
        if not blocker.homes <= known or blocker.code in open_ones:
            raise Refusal("triage.unknown-home", blocker=blocker.code)
        if not (is_separated and may_separate(blocker, kinds=kinds)):
            open_ones[blocker.code] = blocker
    before = {
        (code, remedy.code): frozenset(
            other.code
            for other in open_ones.values()
            if other.kind in remedy.after and other.homes & blocker.homes
        )
        for code, blocker in open_ones.items()
        for remedy in kinds[blocker.kind].remedies
    }
    of_home = {
        home: frozenset(code for code, blocker in open_ones.items() if home in blocker.homes)
        for home in community.homes
    }
    ordered = _in_order(open_ones, before)
    stuck: set[str] = set()
    usable: dict[str, tuple[Remedy, ...]] = {}
    for code in ordered:
        usable[code] = tuple(
            remedy
            for remedy in kinds[open_ones[code].kind].remedies
            if not before[code, remedy.code] & stuck
        )
        if not usable[code]:
            stuck.add(code)
    return Graph(
        blockers={code: open_ones[code] for code in ordered},
        remedies=usable,
        before=before,
        of_home=of_home,
        stuck=frozenset(stuck),
    )


def may_separate(blocker: Blocker, *, kinds: Kinds) -> bool:
    """Whether a title need not wait for this payment: only for what the developer owes.

    What the owner owes stays: no proof of tax, no registration (Deed Tax Law 11).
    """
    return kinds[blocker.kind].separates and blocker.owed_by is OwedBy.DEVELOPER


def _in_order(
    open_ones: Mapping[str, Blocker], before: Mapping[tuple[str, str], frozenset[str]]
) -> list[str]:
    """Order blockers so that each comes after all that any of its remedies may wait for."""
    waits: dict[str, set[str]] = {code: set() for code in open_ones}
    for (code, _), others in before.items():
        waits[code] |= others
    ordered: list[str] = []
    placed: set[str] = set()
    while len(ordered) < len(waits):
        ready = [code for code in waits if code not in placed and waits[code] <= placed]
        if not ready:
            raise Refusal("triage.circle", kind="、".join(sorted(set(waits) - placed)))
        ordered += ready
        placed |= set(ready)
    return ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What frees the homes that share the same blockers, with all that must come before."""

    homes: tuple[str, ...]
    blockers: tuple[str, ...]
    working_days: int
    """With everything side by side that may be."""
    staff_days: int
    cost_fen: int
    steps: tuple[Cleared, ...]
    """In an order in which they may be done."""


def find_ways(graph: Graph) -> tuple[Way, ...]:
    """Give the shortest way for every home that is neither free nor blocked, shortest first."""
    days: dict[str, int] = {}
    chosen: dict[str, Remedy] = {}
    for code in graph.blockers:
        ways = [
            (
                remedy.working_days
                + max((days[one] for one in graph.before[code, remedy.code]), default=0),
                remedy.cost_fen,
                remedy.staff_days,
                place,
            )
            for place, remedy in enumerate(graph.remedies[code])
            if all(one in days for one in graph.before[code, remedy.code])
        ]
        if ways:
            best = min(ways)
            days[code] = best[0]
            chosen[code] = graph.remedies[code][best[-1]]
    found = []
    for blockers, homes in group_homes(graph).items():
        needed = gather(graph, blockers, chosen)
        found.append(
            Way(
                homes=homes,
                blockers=tuple(code for code in graph.blockers if code in blockers),
                working_days=max(days[code] for code in blockers),
                staff_days=sum(chosen[code].staff_days for code in needed),
                cost_fen=sum(chosen[code].cost_fen for code in needed),
                steps=tuple(Cleared(blocker=code, remedy=chosen[code].code) for code in needed),
            )
        )
    return tuple(sorted(found, key=lambda way: (way.working_days, -len(way.homes), way.homes)))


def group_homes(graph: Graph) -> dict[frozenset[str], tuple[str, ...]]:
    """Group the homes that can be freed by the blockers they share."""
    groups: dict[frozenset[str], list[str]] = {}
    for home, blockers in graph.of_home.items():
        if blockers and not blockers & graph.stuck:
            groups.setdefault(blockers, []).append(home)
    return {blockers: tuple(homes) for blockers, homes in groups.items()}


def gather(graph: Graph, blockers: frozenset[str], chosen: Mapping[str, Remedy]) -> tuple[str, ...]:
    """Give ``blockers`` and all that must be cleared before them, in an order that may be done."""
    found: set[str] = set()
    waiting = list(blockers)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting += graph.before[code, chosen[code].code]
    return tuple(code for code in graph.blockers if code in found)
