"""Watching the roots: whether what is published, what is stored and what the ledger says are one.

An allocation is told as home number to who has it by which entry. Whatever changed in the last
moments may still be on its way to the wall; whatever is older must be the same everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from anju_rules.hashing import canonical, digest

ON_ITS_WAY = timedelta(seconds=30)
"""How long a change may take until it is on the wall; it takes a second as a rule."""
Allocation = Mapping[str, str]
"""Home number to ticket and entry, as one text."""


class WatchState(StrEnum):
    """What a look at the roots found."""

    OK = "ok"
    LATE = "late"
    """The wall lacks what happened in the last moments, and nothing else."""
    DIFFERS = "differs"
    UNSEEN = "unseen"
    """Nobody serves the wall, or what is served is no wall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One look: the roots, and the homes on which they disagree."""

    state: WatchState
    wall_root: str
    """Of what is published, in hex; empty where nothing was seen."""
    stored_root: str
    ledger_differences: int
    """In how many places the tables differ from the ledger."""
    homes: tuple[str, ...]
    """The homes on which wall and tables disagree, sorted; those on their way left out."""


def root_of(allocation: Allocation) -> str:
    """Give the root of an allocation, in hex; equal allocations have equal roots.

    >>> root_of({"1-101": "A-01 e"}) == root_of({"1-101": "A-02 e"})
    False
    """
    return digest(canonical(sorted(allocation.items()))).hex()


def judge_roots(
    *,
    published: Allocation | None,
    stored: Allocation,
    on_their_way: Collection[str],
    ledger_differences: int,
) -> Watched:
    """Judge one look; ``published`` is None where no wall was seen.

    ``on_their_way``: the homes that were taken or given back within :data:`ON_ITS_WAY`.
    """
    told = {} if published is None else published
    apart = {home for home in told.keys() | stored.keys() if told.get(home) != stored.get(home)}
    wrong = () if published is None else tuple(sorted(apart - set(on_their_way)))
    if wrong or ledger_differences:
        state = WatchState.DIFFERS
    elif published is None:
        state = WatchState.UNSEEN
    else:
        state = WatchState.LATE if apart else WatchState.OK
    return Watched(
        state=state,
        wall_root="" if published is None else root_of(published),
        stored_root=root_of(stored),
        ledger_differences=ledger_differences,
        homes=wrong,
    )
