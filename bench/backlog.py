"""Homes freed by easy first in a hundred older communities, beside the cheapest problem first.

30,000 homes in 100 communities of 4 buildings, each kind of problem in a fifth of the buildings,
500 days of staff and a million yuan. The yardstick clears the cheapest problem that can be cleared,
again and again. ``seconds`` is what a page waits for the order, ``plan_seconds`` for the plan of
one community of 2,000 homes.
"""

from __future__ import annotations

import random
from dataclasses import replace

from anju.foundation.core.legacy import default_blockers
from anju_rules.triage.backlog import Case, order_backlog
from anju_rules.triage.easy_first import Means
from anju_rules.triage.planning import plan_community
from anju_rules.triage.reading import read_community
from anju_rules.triage.types import Community
from anju_rules.triage.ways import draw_graph
from bench.measure import report, seconds_of

COMMUNITIES, BUILDINGS, HOMES = 100, 4, 75
MEANS = Means(500, 100_000_000)
NODES = 400
SEED = 20260917
KINDS = default_blockers()


def make_community(chance: random.Random, *, code: str, buildings: int, homes: int) -> Community:
    """Make a community; each building has each kind of problem, but a dispute, one time in five."""
    told = []
    for number in range(buildings):
        answers = {
            kind.question: kind.is_dispute or chance.randrange(5) > 0 for kind in KINDS.values()
        }
        listed = [{"number": f"{number}-{place}"} for place in range(homes)]
        told.append({"code": f"b{number}", "homes": listed, **answers})
    read = read_community({"code": "made", "buildings": told}, kinds=KINDS)
    return replace(read, code=code)


def clear_cheapest(communities: list[Community]) -> int:
    """Free homes by a rule of thumb: the cheapest problem that can be cleared, time and again."""
    graphs = [draw_graph(one, kinds=KINDS, is_separated=False) for one in communities]
    taken: set[tuple[int, str]] = set()
    staff = money = 0
    while True:
        ready = [
            (MEANS.weigh(one.staff_days, one.cost_fen), place, code, one)
            for place, graph in enumerate(graphs)
            for code in graph.blockers
            if (place, code) not in taken
            for one in graph.remedies[code]
            if all((place, first) in taken for first in graph.before[code, one.code])
            and MEANS.bears(staff + one.staff_days, money + one.cost_fen)
        ]
        if not ready:
            break
        _, place, code, one = min(ready, key=lambda line: line[:3])
        taken.add((place, code))
        staff, money = staff + one.staff_days, money + one.cost_fen
    return sum(
        bool(blockers) and all((place, code) in taken for code in blockers)
        for place, graph in enumerate(graphs)
        for blockers in graph.of_home.values()
    )


def main() -> None:
    """Measure how many homes are freed, and how long the order takes."""
    chance = random.Random(SEED)
    made = [
        make_community(chance, code=f"c{number:03}", buildings=BUILDINGS, homes=HOMES)
        for number in range(COMMUNITIES)
    ]
    large = make_community(chance, code="large", buildings=20, homes=100)
    cases = [Case(community=one) for one in made]
    order = order_backlog(cases, kinds=KINDS, means=MEANS, most_nodes=NODES)
    cheapest = clear_cheapest(made)
    report(
        name="backlog",
        value=order.freed,
        unit="homes",
        yardstick=cheapest,
        ratio=round(order.freed / cheapest, 2),
        yardstick_is="the cheapest problem that can be cleared, again and again",
        at_most=order.at_most,
        seconds=round(
            seconds_of(lambda: order_backlog(cases, kinds=KINDS, means=MEANS, most_nodes=NODES)),
            2,
        ),
        plan_seconds=round(seconds_of(lambda: plan_community(large, kinds=KINDS, means=MEANS)), 2),
    )


if __name__ == "__main__":
    main()
