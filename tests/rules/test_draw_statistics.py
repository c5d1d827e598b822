"""Figures of a draw: quiet on honest draws, loud on bent ones."""

from __future__ import annotations

import math
from itertools import combinations, pairwise, permutations

import pytest

from anju_rules.draw_statistics import (
    DrawnList,
    Figure,
    FigureRow,
    chi_square_tail,
    combine_figures,
    judge_looks,
    measure_in_a_row,
    measure_longest,
    measure_runs,
    measure_together,
)
from anju_rules.draws import Scheme, order_tickets
from anju_rules.hashing import digest
from anju_rules.values import Ticket

PUBLISHED = "anju statistics seed 2026"
"""The seed of every simulated draw; draw n is seeded by the digest of this text and n."""
DRAWS, SIZE = 120, 500
LOUD = 1e-6
TICKETS = tuple(Ticket(f"YS-{number:05d}") for number in range(SIZE))
STREETS: dict[str, str] = {
    ticket: f"街道{'甲乙丙丁'[digest(ticket.encode())[0] % 4]}" for ticket in TICKETS
}
APPROVERS: dict[str, str] = {ticket: str(digest(ticket.encode())[1] % 6) for ticket in TICKETS}


def honest(number: int) -> tuple[Ticket, ...]:
    seed = digest(f"{PUBLISHED} {number}".encode())
    return order_tickets(scheme=Scheme.REAL, seed=seed, tickets=TICKETS)


def looked_at(order: tuple[str, ...], *, take: int | None = None) -> dict[Figure, float]:
    drawn = DrawnList(order=order, street_of=STREETS, approver_of=APPROVERS, take=take)
    return {row.figure: row.p_value for row in judge_looks(drawn) if row.p_value is not None}


@pytest.mark.req("DRW-3")
def test_honest_draws_look_like_chance_in_every_figure() -> None:
    found = [looked_at(honest(number)) for number in range(DRAWS)]
    assert all(set(one) == set(Figure) for one in found)
    # The two longest stretches are whole numbers of a few values: no even spread to ask for.
    for figure in set(Figure) - {Figure.LONGEST, Figure.IN_A_ROW}:
        p_values = sorted(one[figure] for one in found)
        # Kolmogorov's distance to an even spread; 1.95/sqrt(n) is passed once in a thousand.
        distance = max(abs(p - (at + 0.5) / DRAWS) for at, p in enumerate(p_values))
        assert distance < 1.95 / math.sqrt(DRAWS), (figure, distance, f"seed {PUBLISHED!r}")
    assert all(p_value > LOUD for one in found for p_value in one.values())
    rows = [
        judge_looks(DrawnList(order=honest(n), street_of={}, approver_of={})) for n in range(30)
    ]
    assert all(row.p_value is None or row.p_value > 0.001 for row in combine_figures(rows))


def test_the_list_itself_as_order_is_found() -> None:
    found = looked_at(TICKETS)
    for figure in (Figure.PLACES, Figure.RUNS, Figure.LONGEST, Figure.IN_A_ROW):
        assert found[figure] < LOUD, figure
    # The control: the same households in an honest order.
    assert min(looked_at(honest(0)).values()) > 0.001


def test_a_backward_list_is_found() -> None:
    found = looked_at(tuple(reversed(TICKETS)))
    for figure in (Figure.PLACES, Figure.RUNS, Figure.LONGEST, Figure.IN_A_ROW):
        assert found[figure] < LOUD, figure


def test_blocks_of_a_list_in_any_order_are_found() -> None:
    blocks = [TICKETS[at : at + 10] for at in range(0, SIZE, 10)]
    blocks.sort(key=lambda block: digest(block[0].encode()))
    found = looked_at(tuple(ticket for block in blocks for ticket in block))
    for figure in (Figure.RUNS, Figure.LONGEST, Figure.IN_A_ROW):
        assert found[figure] < LOUD, figure


@pytest.mark.threat("T-06")
def test_six_neighbours_of_the_list_among_the_few_taken_are_found() -> None:
    """As it once happened: 124 of 5,141 were taken, six of them neighbours in the list."""
    everybody = tuple(Ticket(f"YS-{number:05d}") for number in range(5_141))
    seed = digest(PUBLISHED.encode())
    fair = order_tickets(scheme=Scheme.REAL, seed=seed, tickets=everybody)
    ghosts = everybody[3_000:3_006]
    others = [ticket for ticket in fair if ticket not in ghosts]
    # Spread among the taken, so that nobody sees them standing together in the order.
    bent = list(others)
    for number, ghost in enumerate(ghosts):
        bent.insert(7 + 19 * number, ghost)
    told = {
        row.figure: row
        for row in judge_looks(DrawnList(order=tuple(bent), street_of={}, approver_of={}, take=124))
    }
    longest = told[Figure.LONGEST]
    assert longest.observed >= 6
    assert longest.p_value is not None
    assert longest.p_value < 1e-5
    # The control: the fair order is quiet by the same figure.
    at = {ticket: place for place, ticket in enumerate(everybody)}
    quiet = measure_longest([at[ticket] for ticket in fair], take=124)
    assert quiet.p_value is not None
    assert quiet.p_value > 0.01


@pytest.mark.threat("T-06")
def test_six_neighbours_in_a_row_in_the_order_are_found() -> None:
    ghosts = TICKETS[200:206]
    others = [ticket for ticket in honest(1) if ticket not in ghosts]
    found = looked_at((*others[:250], *ghosts, *others[250:]))
    assert found[Figure.IN_A_ROW] < LOUD
    assert looked_at(honest(1))[Figure.IN_A_ROW] > 0.001


def test_one_street_and_one_approver_at_the_front_are_found() -> None:
    by_street = sorted(honest(2), key=lambda ticket: STREETS[ticket])
    found = looked_at(tuple(by_street))
    assert found[Figure.STREETS] < LOUD
    assert found[Figure.SAME_STREET] < LOUD
    by_approver = sorted(honest(2), key=lambda ticket: APPROVERS[ticket])
    assert looked_at(tuple(by_approver))[Figure.SAME_APPROVER] < LOUD


def test_a_lean_too_small_for_one_draw_is_found_over_many() -> None:
    def leaning(number: int) -> tuple[Ticket, ...]:
        order = list(honest(number))
        # The first street's households jump ahead of their neighbour: every time a little.
        for at in range(0, SIZE - 1, 2):
            if STREETS[order[at]] > STREETS[order[at + 1]]:
                order[at], order[at + 1] = order[at + 1], order[at]
        front = [t for t in order[:250] if STREETS[t] == "街道甲"]
        rest = [t for t in order if t not in set(front)]
        return (*rest[:20], *front[:25], *rest[20:], *front[25:])

    def rows(order: tuple[Ticket, ...]) -> tuple[FigureRow, ...]:
        return judge_looks(DrawnList(order=order, street_of=STREETS, approver_of={}))

    bent = combine_figures([rows(leaning(n)) for n in range(20)])
    fair = combine_figures([rows(honest(n)) for n in range(20)])
    of_bent = next(row for row in bent if row.figure is Figure.STREETS)
    of_fair = next(row for row in fair if row.figure is Figure.STREETS)
    assert of_bent.p_value is not None
    assert of_fair.p_value is not None
    assert of_bent.p_value < 1e-4 < of_fair.p_value


def test_expected_values_are_those_of_all_orders_of_a_small_list() -> None:
    """Counted out over all 5,040 orders of seven: the mean pairs of one street."""
    labels = "AAABBCC"
    counts = [
        sum(1 for one, other in pairwise(order) if one == other) for order in permutations(labels)
    ]
    many = measure_together(list(labels * 3), figure=Figure.SAME_STREET)
    assert sum(counts) / len(counts) == pytest.approx((6 + 2 + 2) / 7)
    assert many.expected == pytest.approx((9 * 8 + 6 * 5 + 6 * 5) / 21)


def test_the_longest_stretch_is_counted_exactly() -> None:
    """Against every choice of 5 of 16: how many hold a stretch of three or more."""

    def longest(chosen: tuple[int, ...]) -> int:
        best = run = 1
        for one, other in pairwise(chosen):
            run = run + 1 if other == one + 1 else 1
            best = max(best, run)
        return best

    every = list(combinations(range(16), 5))
    wanted = sum(1 for chosen in every if longest(chosen) >= 3) / len(every)
    places = [3, 4, 5, 9, 12, *(at for at in range(16) if at not in {3, 4, 5, 9, 12})]
    found = measure_longest(places, take=5)
    assert found.observed == 3
    assert found.p_value == pytest.approx(wanted)


def test_exact_and_approximate_longest_stretches_agree() -> None:
    few = [*range(100, 104), *range(1_000, 1_096), *range(100), *range(104, 1_000)]
    exact = measure_longest([*few, *range(1_096, 3_000)], take=4)
    about = measure_longest([*few, *range(1_096, 3_001)], take=4)
    assert exact.p_value == pytest.approx(about.p_value, rel=0.02)


def test_the_tails_are_those_of_the_tables() -> None:
    for freedom, value, tail in [
        (1, 6.634897, 0.01),
        (9, 16.918978, 0.05),
        (81, 103.009509, 0.05),
        (81, 81.0, 0.480),
        (200, 249.445, 0.01),
    ]:
        assert chi_square_tail(value, freedom=freedom) == pytest.approx(tail, rel=0.01)


def test_too_few_households_say_nothing() -> None:
    for row in judge_looks(
        DrawnList(order=("A-1", "A-2", "A-3"), street_of={"A-1": "x"}, approver_of={})
    ):
        assert row.p_value is None
    assert measure_runs([]).p_value is None
    assert measure_in_a_row([]).observed == 0
