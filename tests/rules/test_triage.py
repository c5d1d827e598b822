"""Triage of legacy communities: held to brute force on small graphs, to greedy on larger ones."""

from __future__ import annotations

import copy
import itertools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anju_rules.policy.types import Basis
from anju_rules.procedures.types import Words
from anju_rules.triage.easy_first import Means, order_easy_first
from anju_rules.triage.planning import plan_community
from anju_rules.triage.reading import read_community, read_kinds
from anju_rules.triage.types import Blocker, BlockerKind, Community, Kinds, OwedBy, Remedy
from anju_rules.triage.ways import draw_graph
from anju_rules.values import Fen, Refusal

FILE = Path(__file__).parents[2] / "src/anju/policies/triage/blockers.toml"
TABLE = tomllib.loads(FILE.read_text(encoding="utf-8"))
KINDS = read_kinds(TABLE)
QUESTIONS = {kind.question: True for kind in KINDS.values()}
NO_LIMIT = Means()
BASIS = Basis(clause="test#1")
HOMES = ("a", "b", "c", "d", "e", "f", "g")


def building(code: str = "b1", homes: int = 3, **answers: Any) -> dict[str, Any]:
    told: dict[str, Any] = {**QUESTIONS, **answers}
    listed = [{"number": f"{code}-{place}"} for place in range(1, homes + 1)]
    known = {name: value for name, value in told.items() if value is not None}
    return {"code": code, "homes": listed, **known}


def community(*buildings: dict[str, Any]) -> Community:
    return read_community({"code": "old-yard", "buildings": list(buildings)}, kinds=KINDS)


@pytest.mark.req("LEG-2")
def test_a_building_without_problems_gets_its_titles_now() -> None:
    plan = plan_community(community(building()), kinds=KINDS, means=NO_LIMIT)
    assert plan.now == ("b1-1", "b1-2", "b1-3")
    assert (plan.ways, plan.blocked, plan.supposed) == ((), {}, ())


@pytest.mark.req("LEG-2")
def test_a_question_nobody_has_answered_frees_nobody() -> None:
    plan = plan_community(community(building(archive_complete=None)), kinds=KINDS, means=NO_LIMIT)
    assert plan.now == ()
    assert plan.supposed == ("b1/archive-lost",)


@pytest.mark.req("LEG-2")
def test_the_shortest_way_takes_the_faster_remedy_and_waits_for_what_must_come_first() -> None:
    asked = community(building(archive_complete=False, completion_accepted=False))
    (way,) = plan_community(asked, kinds=KINDS, means=NO_LIMIT).ways
    # Surveying again takes 15 days, then joint acceptance 20: faster than an appraisal alone (40).
    assert [step.remedy for step in way.steps] == ["survey-again", "joint-acceptance"]
    assert (way.working_days, way.staff_days, way.cost_fen) == (35, 19, 8_000_000)


@pytest.mark.req("LEG-2")
def test_separation_frees_what_only_the_developer_owes_and_nobody_else() -> None:
    owing: dict[str, Any] = {"land_price_and_tax_paid": False, "owed_by": "developer"}
    asked = community(
        building("b1", **owing),
        building("b2", **owing, archive_complete=False),
        building("b3", land_price_and_tax_paid=False, owed_by="owner"),
        building("b4"),
    )
    plan = plan_community(asked, kinds=KINDS, means=NO_LIMIT)
    assert plan.now == ("b4-1", "b4-2", "b4-3")
    assert plan.by_separation == ("b1-1", "b1-2", "b1-3")
    decided = plan_community(asked, kinds=KINDS, means=NO_LIMIT, is_separated=True)
    assert set(decided.now) == {*plan.now, *plan.by_separation}
    assert decided.by_separation == ()


@pytest.mark.req("LEG-2")
def test_a_dispute_is_blocked_and_never_tolerated() -> None:
    disputed = building("b2", homes=1)
    disputed["homes"][0]["unit_code"] = "370105012002ZB00001F00010751"
    asked = community(building("b1", ownership_undisputed=False), disputed, building("b3", 1))
    for is_separated in (False, True):
        plan = plan_community(asked, kinds=KINDS, means=NO_LIMIT, is_separated=is_separated)
        assert set(plan.blocked) == {"b1-1", "b1-2", "b1-3", "b2-1"}
        assert plan.now == ("b3-1",)
        assert not plan.easy_first.stages


def test_areas_that_are_told_strike_only_their_own_homes() -> None:
    told = building(areas_within_bound=None)
    for line, measured in zip(told["homes"], ("103", "103.01", "96.99"), strict=True):
        line |= {"contracted_sqm": "100", "measured_sqm": measured}
    plan = plan_community(community(told), kinds=KINDS, means=NO_LIMIT)
    assert plan.now == ("b1-1",)
    assert plan.supposed == ()


@pytest.mark.req("LEG-2")
def test_an_answer_hides_no_home_whose_own_areas_lie_apart() -> None:
    told = building(areas_within_bound=True)
    told["homes"][0] |= {"contracted_sqm": "100", "measured_sqm": "103.01"}
    plan = plan_community(community(told), kinds=KINDS, means=NO_LIMIT)
    assert plan.now == ("b1-2", "b1-3")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_dispute": True}, "triage.dispute-tolerated"),
        ({"remedies": []}, "triage.no-way-out"),
        ({"after": ["nowhere"]}, "triage.unknown-kind"),
        ({"after": ["completion"]}, "triage.circle"),
        ({"code": "completion"}, "policy.duplicate"),
        ({"certainty": "X"}, "policy.bad-certainty"),
    ],
)
def test_kinds_that_nobody_could_mean_are_refused(change: dict[str, Any], code: str) -> None:
    table = copy.deepcopy(TABLE)
    first = table["kinds"][0]
    target = first["remedies"][0] if "after" in change else first
    target |= change
    with pytest.raises(Refusal) as refusal:
        read_kinds(table)
    assert refusal.value.code == code


def test_control_a_dispute_with_a_remedy_would_be_planned() -> None:
    """With the guard of the reading off, the planner has nothing that knows a dispute."""
    dispute = KINDS["ownership-dispute"]
    tolerant = {**KINDS, dispute.code: with_remedies(dispute, (remedy("forget-it", 1, 1, 1),))}
    asked = community(building(ownership_undisputed=False))
    assert plan_community(asked, kinds=tolerant, means=NO_LIMIT).blocked == {}


def with_remedies(kind: BlockerKind, remedies: tuple[Remedy, ...]) -> BlockerKind:
    return BlockerKind(
        code=kind.code, title=kind.title, question=kind.question, owner=kind.owner,
        is_dispute=kind.is_dispute, separates=kind.separates, remedies=remedies, basis=kind.basis,
    )  # fmt: skip


def remedy(code: str, days: int, staff: int, cost: int, after: tuple[str, ...] = ()) -> Remedy:
    return Remedy(
        code=code, title=Words(code, code), working_days=days, staff_days=staff,
        cost_fen=Fen(cost), after=after, basis=BASIS,
    )  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn, most: int = 5) -> tuple[Community, Kinds]:
    """Draw a small community: kinds wait only for kinds before them, some have two remedies."""
    count = draw(st.integers(1, most))
    kinds: dict[str, BlockerKind] = {}
    blockers = []
    small = st.integers(0, 4)
    for place in range(count):
        code = f"k{place}"
        remedies = tuple(
            remedy(
                f"r{place}-{nth}",
                draw(st.integers(1, 9)),
                draw(small),
                draw(small),
                tuple(one for one in kinds if draw(st.integers(0, 3)) == 0),
            )
            for nth in range(draw(st.integers(0 if place == 0 else 1, 2)))
        )
        kinds[code] = BlockerKind(
            code=code, title=Words(code, code), question=f"q{place}", owner="某局",
            is_dispute=not remedies, separates=draw(st.booleans()), remedies=remedies, basis=BASIS,
        )  # fmt: skip
        blockers.append(
            Blocker(
                code=f"x/{code}",
                kind=code,
                homes=draw(st.frozensets(st.sampled_from(HOMES), min_size=1)),
                owed_by=draw(st.sampled_from(OwedBy)),
            )
        )
    return Community(code="c", homes=HOMES, blockers=tuple(blockers)), kinds


MEANS = st.builds(
    Means,
    st.one_of(st.none(), st.integers(0, 12)),
    st.one_of(st.none(), st.integers(0, 12)),
)


def choices(asked: Community, kinds: Kinds) -> list[tuple[frozenset[str], int, int, int]]:
    """Give, by brute force, every choice that can be done: homes, staff, money, days."""
    graph = draw_graph(asked, kinds=kinds, is_separated=False)
    codes = [blocker.code for blocker in asked.blockers]
    options = [(None, *kinds[blocker.kind].remedies) for blocker in asked.blockers]
    found: list[tuple[frozenset[str], int, int, int]] = []
    for picked in itertools.product(*options):
        taken = {code: one for code, one in zip(codes, picked, strict=True) if one is not None}
        if all(graph.before[code, one.code] <= taken.keys() for code, one in taken.items()):
            days = finish(taken, graph.before)
            freed = frozenset(
                home
                for home in asked.homes
                if {one.code for one in asked.blockers if home in one.homes} <= taken.keys()
            )
            found.append(
                (
                    freed,
                    sum(one.staff_days for one in taken.values()),
                    sum(one.cost_fen for one in taken.values()),
                    max(days.values(), default=0),
                )
            )
    return found


def finish(
    taken: Mapping[str, Remedy], before: Mapping[tuple[str, str], frozenset[str]]
) -> dict[str, int]:
    days: dict[str, int] = {}
    while len(days) < len(taken):
        for code, one in taken.items():
            first = before[code, one.code]
            if code not in days and first <= days.keys():
                days[code] = one.working_days + max((days[x] for x in first), default=0)
    return days


@pytest.mark.req("LEG-4")
@settings(max_examples=80)
@given(graphs(), MEANS)
def test_on_small_graphs_the_order_frees_as_many_as_brute_force(
    graph: tuple[Community, Kinds], means: Means
) -> None:
    asked, kinds = graph
    plan = plan_community(asked, kinds=kinds, means=means)
    best = max(
        len(freed) for freed, staff, money, _ in choices(asked, kinds) if means.bears(staff, money)
    )
    order = plan.easy_first
    assert order.is_proven
    assert len(order.homes) + len(plan.now) == best
    if order.stages:
        assert means.bears(order.stages[-1].staff_days, order.stages[-1].cost_fen)
    everywhere = [*plan.now, *order.homes, *order.waiting, *plan.blocked]
    assert sorted(everywhere) == sorted(asked.homes)
    assert sorted(
        [*plan.now, *plan.blocked, *(home for way in plan.ways for home in way.homes)]
    ) == (sorted(asked.homes))


@pytest.mark.req("LEG-2")
@settings(max_examples=60)
@given(graphs())
def test_on_small_graphs_no_way_is_shorter(graph: tuple[Community, Kinds]) -> None:
    asked, kinds = graph
    lawful = choices(asked, kinds)
    for way in plan_community(asked, kinds=kinds, means=NO_LIMIT).ways:
        least = min(days for freed, _, _, days in lawful if set(way.homes) <= freed)
        assert way.working_days == least


def greedy(asked: Community, kinds: Kinds, means: Means) -> int:
    """Clear the cheapest blocker that can be cleared, again and again: a rule of thumb."""
    graph = draw_graph(asked, kinds=kinds, is_separated=False)
    taken: dict[str, Remedy] = {}
    while True:
        ready = [
            (one.staff_days + one.cost_fen, code, one.code, one)
            for code in graph.blockers
            if code not in taken
            for one in graph.remedies[code]
            if graph.before[code, one.code] <= taken.keys()
            and means.bears(
                one.staff_days + sum(x.staff_days for x in taken.values()),
                one.cost_fen + sum(x.cost_fen for x in taken.values()),
            )
        ]
        if not ready:
            return sum(blockers <= taken.keys() for blockers in graph.of_home.values())
        _, code, _, one = min(ready)
        taken[code] = one


@pytest.mark.req("LEG-4")
@settings(max_examples=25)
@given(graphs(most=12), MEANS)
def test_on_larger_graphs_the_order_is_never_worse_than_greedy(
    graph: tuple[Community, Kinds], means: Means
) -> None:
    asked, kinds = graph
    plan = plan_community(asked, kinds=kinds, means=means)
    homes = len(plan.easy_first.homes)
    assert homes + len(plan.now) >= greedy(asked, kinds, means)
    cut = plan_community(asked, kinds=kinds, means=means, most_nodes=1)
    assert cut.easy_first.at_most >= homes >= len(cut.easy_first.homes)


@settings(max_examples=40)
@given(graphs(), MEANS, st.randoms(use_true_random=False))
def test_the_order_in_which_blockers_are_written_changes_nothing(
    graph: tuple[Community, Kinds], means: Means, shuffler: Any
) -> None:
    asked, kinds = graph
    turned = list(asked.blockers)
    shuffler.shuffle(turned)
    other = Community(code="c", homes=asked.homes, blockers=tuple(turned))
    assert plan_community(asked, kinds=kinds, means=means) == plan_community(
        other, kinds=kinds, means=means
    )


@pytest.mark.req("LEG-4")
def test_easy_first_and_what_more_staff_and_money_would_do() -> None:
    asked = community(
        building("b1", 20, registers_agree=False),
        building("b2", 4, planning_check_passed=False),
        building("b3", 60, archive_complete=False, completion_accepted=False),
    )
    homes = []
    for staff, money in ((0, 0), (6, 0), (25, 8_000_000), (50, 8_000_000), (None, None)):
        order = plan_community(asked, kinds=KINDS, means=Means(staff, money)).easy_first
        assert order.is_proven
        homes.append(len(order.homes))
    assert homes == [0, 20, 80, 80, 84]
    all_in = plan_community(asked, kinds=KINDS, means=NO_LIMIT).easy_first
    freed = [len(stage.homes) for stage in all_in.stages]
    assert freed[-1] == 4  # what costs most for the fewest comes last
    spent = [stage.staff_days for stage in all_in.stages]
    assert spent == sorted(spent)


def test_a_search_that_is_cut_says_so_and_keeps_the_greedy_answer() -> None:
    asked = community(*(building(f"b{n}", n, registers_agree=False) for n in range(1, 12)))
    graph = draw_graph(asked, kinds=KINDS, is_separated=False)
    cut = order_easy_first(graph, means=Means(staff_days=31), most_nodes=1)
    whole = order_easy_first(graph, means=Means(staff_days=31))
    assert cut.at_most >= len(whole.homes) == whole.at_most
    assert len(whole.homes) == len(cut.homes) == 11 + 10 + 9 + 8 + 7


@pytest.mark.parametrize(
    ("blocker", "code"),
    [
        (Blocker(code="x", kind="nothing", homes=frozenset({"a"})), "triage.unknown-kind"),
        (Blocker(code="x", kind="completion", homes=frozenset({"z"})), "triage.unknown-home"),
    ],
)
def test_a_blocker_of_nothing_is_refused(blocker: Blocker, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        plan_community(
            Community(code="c", homes=HOMES, blockers=(blocker,)), kinds=KINDS, means=NO_LIMIT
        )
    assert refusal.value.code == code
    with pytest.raises(Refusal) as below:
        Means(staff_days=-1)
    assert below.value.code == "triage.means-below-nought"
