"""Ratings of a service (好差评): five levels, the last two are bad; one rating a service.

Every matter, channel and person is rated (State Council office 2019-51). A rating that a return
visit found to be a slip or malice stays in the record and is left out of the shares: the number
left out is told beside them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from anju_rules.shares import Share
from anju_rules.values import Refusal

CLAUSE = "service-rating/levels"
LONGEST_COMMENT = 500


class Level(IntEnum):
    """How somebody was served, the best first."""

    VERY_GOOD = 5
    """非常满意."""
    GOOD = 4
    """满意."""
    FAIR = 3
    """基本满意."""
    BAD = 2
    """不满意."""
    VERY_BAD = 1
    """非常不满意."""

    @property
    def is_bad(self) -> bool:
        """Whether it opens a case."""
        return self <= Level.BAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One rating, as it is counted."""

    level: Level
    is_left_out: bool = False
    """Whether two people found it a slip or malice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a matter, an office or a person was given."""

    by_level: Mapping[Level, int]
    """Counted ratings only, every level named."""
    left_out: int

    @property
    def counted(self) -> int:
        """How many ratings count."""
        return sum(self.by_level.values())

    @property
    def satisfied(self) -> Share:
        """The first three levels among all that count."""
        bad = sum(count for level, count in self.by_level.items() if level.is_bad)
        return Share(self.counted - bad, self.counted)


def read_level(text: str) -> Level:
    """Read a level as a form sends it, ``1`` to ``5``; refuses with ``ratings.no-such-level``."""
    if text not in {str(level.value) for level in Level}:
        raise Refusal("ratings.no-such-level", clause=CLAUSE)
    return Level(int(text))


def tally_ratings(given: Iterable[Given]) -> Tally:
    """Count ratings.

    >>> tally_ratings([Given(level=Level.GOOD), Given(level=Level.BAD)]).satisfied
    Share(numerator=1, denominator=2)
    """
    counts = dict.fromkeys(Level, 0)
    left_out = 0
    for one in given:
        if one.is_left_out:
            left_out += 1
        else:
            counts[one.level] += 1
    return Tally(by_level=counts, left_out=left_out)


Group = TypeVar("Group", bound=Hashable)


def tally_by(given: Iterable[tuple[Group, Given]]) -> dict[Group, Tally]:
    """Count ratings group by group, in the order in which the groups first come."""
    grouped: dict[Group, list[Given]] = {}
    for group, one in given:
        grouped.setdefault(group, []).append(one)
    return {group: tally_ratings(ones) for group, ones in grouped.items()}
