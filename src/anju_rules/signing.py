"""Who signs a choice (SEL-3): the household and the office, and a third for homes much wanted.

A household names homes; they are held for it at once. The choice counts when every side that the
plan asks for has signed it, each by another person, within the time to sign. Until then either side
may drop the naming.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from anju_rules.policy.types import Turns
from anju_rules.values import Refusal

CLAUSE = "plan/selection"


class Side(StrEnum):
    """A side that signs a choice."""

    HOUSEHOLD = "household"
    OFFICE = "office"
    CHECK = "check"
    """Another officer or a supervisor, for a home that many want."""


class Signer(StrEnum):
    """In what standing a person signs."""

    HOUSEHOLD = "household"
    """The household itself, or whoever stands for it with its mandate."""
    REPRESENTATIVE = "representative"
    """An elected representative, for an absentee whose wishes are followed; for nobody else."""
    OFFICER = "officer"
    SUPERVISOR = "supervisor"


def is_hot(*, wish_counts: Collection[int], terms: Turns) -> bool:
    """Whether one of the homes is wanted by so many households that it is checked a third time.

    ``wish_counts``: for each home, how many households have it among their wishes.
    """
    return any(count >= terms.hot_from_wishes for count in wish_counts)


def signatures_needed(
    *, terms: Turns, is_rehearsal: bool, wish_counts: Collection[int]
) -> frozenset[Side]:
    """Give the sides that must sign; none: one signature of either side is enough.

    Where the plan does not say how many sign, two do, and in a rehearsal one.

    >>> from anju_rules.policy.types import SILENT_TURNS
    >>> sorted(signatures_needed(terms=SILENT_TURNS, is_rehearsal=False, wish_counts=[0]))
    [<Side.HOUSEHOLD: 'household'>, <Side.OFFICE: 'office'>]
    >>> sorted(signatures_needed(terms=SILENT_TURNS, is_rehearsal=True, wish_counts=[9]))
    []
    """
    signatures = terms.signatures or (1 if is_rehearsal else 2)
    if signatures == 1:
        return frozenset()
    both = frozenset({Side.HOUSEHOLD, Side.OFFICE})
    return both | {Side.CHECK} if is_hot(wish_counts=wish_counts, terms=terms) else both


def missing_sides(*, needed: Collection[Side], given: Collection[Side]) -> tuple[Side, ...]:
    """Give the sides that are still to sign, in the order household, office, check.

    Where one signature is enough and none is given, either may: the household is named.

    >>> missing_sides(needed=[], given=[Side.OFFICE])
    ()
    """
    if not needed:
        return () if given else (Side.HOUSEHOLD,)
    return tuple(side for side in Side if side in needed and side not in given)


def side_of(
    *,
    signer: Signer,
    person: str,
    given: Mapping[Side, str],
    needed: Collection[Side],
    is_by_wishes: bool,
) -> Side:
    """Give the side for which a person signs now.

    ``given``: the sides that have signed, and who did; ``is_by_wishes``: the homes named follow the
    wishes that an absent household has left. An officer signs for the office, or, where another
    officer has, as the third check. Refuses with ``selection.same-person`` who has signed already,
    and with ``selection.side-not-yours`` who may sign for no side that is left.
    """
    if person in given.values():
        raise Refusal("selection.same-person", clause=CLAUSE)
    open_to = {
        Signer.HOUSEHOLD: (Side.HOUSEHOLD,),
        Signer.REPRESENTATIVE: (Side.HOUSEHOLD,) if is_by_wishes else (),
        Signer.OFFICER: (Side.OFFICE, Side.CHECK),
        Signer.SUPERVISOR: (Side.CHECK,),
    }[signer]
    # Where one signature is enough, a side is still one of the two, never a third check.
    asked = needed or (Side.HOUSEHOLD, Side.OFFICE)
    for side in open_to:
        if side in asked and side not in given:
            return side
    raise Refusal("selection.side-not-yours", clause=CLAUSE, signer=str(signer))
