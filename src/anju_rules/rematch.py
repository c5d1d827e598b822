"""The re-match of what a selection left: "you request my house – I get your turn" (MAT-3).

Households without a home, and holders who volunteered theirs, stand in one order. Whoever's turn it
is asks for the first home of its list that is left. A home that nobody holds is its at once. A home
that is held is not taken away: its holder comes before the one who asked, and asks first. Where the
asking closes a circle, everybody in the circle gets what it asked for.

So nobody who holds a home ends with one it likes less, nothing better could be found for one
without making another worse off, and to state one's true wishes in their true order is best for
everybody (Abdulkadiroğlu and Sönmez 1999; top trading cycles with the order as the tie).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from anju_rules.values import Refusal, Ticket, UnitNumber

Way = Literal["vacant", "exchange", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A household that takes part, by its ticket."""

    ticket: Ticket
    wishes: tuple[UnitNumber, ...] = ()
    """The homes it may have and would have, the first wish first."""
    offers: UnitNumber | None = None
    """The home it holds and puts in; it keeps it unless it gets one it wished for before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened: a vacant home given, a circle of exchanges, or nothing left."""

    way: Way
    given: tuple[tuple[Ticket, UnitNumber | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rematched:
    """Who has which home afterwards, and how it came about."""

    homes: Mapping[Ticket, UnitNumber]
    """Every entrant that has a home now; a holder may have its own still."""
    steps: tuple[Step, ...]


def rematch_homes(*, entrants: Sequence[Entrant], vacant: Collection[UnitNumber]) -> Rematched:
    """Give homes along the order of ``entrants``, no holder being worse off by its own list.

    A wish for a home that is neither vacant nor offered is passed over. Refuses with
    ``rematch.ticket-twice`` and ``rematch.home-twice`` what names one household or home twice.

    >>> one = Entrant(ticket=Ticket("A"), wishes=(UnitNumber("2"),))
    >>> two = Entrant(ticket=Ticket("B"), wishes=(UnitNumber("3"),), offers=UnitNumber("2"))
    >>> sorted(rematch_homes(entrants=[one, two], vacant=[UnitNumber("3")]).homes.items())
    [('A', '2'), ('B', '3')]
    """
    market = _Market(entrants, vacant)
    for entrant in entrants:
        if entrant.ticket in market.waiting:
            market.serve(entrant)
    return Rematched(homes=market.homes, steps=tuple(market.steps))


class _Market:
    """What is left while households are served."""

    def __init__(self, entrants: Sequence[Entrant], vacant: Collection[UnitNumber]) -> None:
        self.waiting = {entrant.ticket: entrant for entrant in entrants}
        if len(self.waiting) < len(entrants):
            raise Refusal("rematch.ticket-twice")
        offered = [entrant.offers for entrant in entrants if entrant.offers is not None]
        self._left = {*vacant, *offered}
        if len(self._left) < len(vacant) + len(offered):
            raise Refusal("rematch.home-twice")
        self._holder = {
            entrant.offers: entrant for entrant in entrants if entrant.offers is not None
        }
        self._asked = dict.fromkeys(self.waiting, 0)
        self.homes: dict[Ticket, UnitNumber] = {}
        self.steps: list[Step] = []

    def serve(self, first: Entrant) -> None:
        """Let a household ask, and before it whoever holds what is asked for, until it is served.

        Only holders ever come before others, so the one without a home is always at the bottom.
        """
        path = [first]
        while path:
            asking = path[-1]
            wanted = self._best_left(asking)
            if wanted is None:
                self._leave("none", [(path.pop(), None)])
                continue
            holder = self._holder.get(wanted)
            if holder is None or holder.ticket not in self.waiting:
                self._leave("vacant", [(path.pop(), wanted)])
            elif holder in path:
                start = path.index(holder)
                circle, path = path[start:], path[:start]
                following = [*circle[1:], circle[0]]
                # Each asked for the home of whoever stands next in the circle.
                self._leave(
                    "exchange",
                    [(one, held.offers) for one, held in zip(circle, following, strict=True)],
                )
            else:
                path.append(holder)

    def _best_left(self, entrant: Entrant) -> UnitNumber | None:
        """Give the first home of its list that is left; what is gone stays gone."""
        at = self._asked[entrant.ticket]
        while at < len(entrant.wishes) and entrant.wishes[at] not in self._left:
            at += 1
        self._asked[entrant.ticket] = at
        return entrant.wishes[at] if at < len(entrant.wishes) else entrant.offers

    def _leave(self, way: Way, served: list[tuple[Entrant, UnitNumber | None]]) -> None:
        for entrant, home in served:
            del self.waiting[entrant.ticket]
            if home is not None:
                self._left.remove(home)
                self.homes[entrant.ticket] = home
        self.steps.append(
            Step(way=way, given=tuple((entrant.ticket, home) for entrant, home in served))
        )
