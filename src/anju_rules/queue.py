"""The queue: in which order households choose, and in which batch.

By lot (摇号选房) the draw is the order; by score (量化评分) the draw only orders those whose totals
are equal. One draw a stratum serves both: its order, kept to the households of one tie, is a
uniform order of that tie.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import count, repeat
from typing import Literal, NamedTuple

from anju_rules.values import Refusal, Tenths, Ticket

Mode = Literal["score", "lottery", "negotiated"]
"""How homes are given: by score with ties by lot, by lot, or by agreement with each household."""
LARGEST_BATCH = 30
"""Households in one batch at most (SEL-1)."""


class Place(NamedTuple):
    """A household's place in the whole queue, counted from 1."""

    place: int
    ticket: Ticket
    stratum: str
    batch: int
    draw_number: int
    """Its place in its stratum's draw, counted from 1."""
    total: Tenths


def order_stratum(*, mode: Mode, scores: Sequence[Tenths]) -> Sequence[int]:
    """Order the positions of a draw, counted from 0, as its households choose.

    Refuses with ``selection.given-by-agreement`` where homes are given without any order.

    ``scores`` stand in the order of the draw. By score the highest comes first, and equal ones keep
    the order of the draw; by lot the draw is the order.

    >>> order_stratum(mode="score", scores=[Tenths(36), Tenths(50), Tenths(36)])
    [1, 0, 2]
    """
    if mode == "negotiated":
        raise Refusal("selection.given-by-agreement", clause="plan/selection")
    if mode == "lottery":
        return range(len(scores))
    # The sort is stable, also in reverse.
    return sorted(range(len(scores)), key=scores.__getitem__, reverse=True)


def order_places(
    *,
    mode: Mode,
    strata: Sequence[str],
    draws: Sequence[Sequence[Ticket]],
    totals: Mapping[Ticket, Tenths],
    batch_size: int,
    struck: Collection[Ticket] = frozenset(),
) -> list[Place]:
    """Order all households: strata as the plan lists them, then by score, then by lot.

    Args:
        mode: ``score`` or ``lottery``.
        strata: the names, in the order in which they choose.
        draws: for each stratum its draw's order.
        totals: every ticket's score, in tenths.
        batch_size: households a batch; a batch never crosses two strata.
        struck: lines taken out of the draws: nobody else moves, and their draw numbers stay empty.

    Refuses with ``selection.batch-too-large`` more than thirty a batch (SEL-1).
    """
    if not 1 <= batch_size <= LARGEST_BATCH:
        raise Refusal("selection.batch-too-large", size=batch_size, most=LARGEST_BATCH)
    places: list[Place] = []
    batch = 0
    for stratum, drawn in zip(strata, draws, strict=True):
        standing: Sequence[int] = range(len(drawn))
        if struck:
            standing = [place for place in standing if drawn[place] not in struck]
        scores = [totals[drawn[place]] for place in standing]
        order = order_stratum(mode=mode, scores=scores)
        first = len(places) + 1
        places += map(
            Place,
            count(first),
            [drawn[standing[place]] for place in order],
            repeat(stratum),
            (batch + 1 + position // batch_size for position in count()),
            [standing[place] + 1 for place in order],
            [scores[place] for place in order],
        )
        batch += -(-len(standing) // batch_size)
    return places
