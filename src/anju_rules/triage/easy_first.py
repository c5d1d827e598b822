"""The most homes under given means, and the easy ones first.

Which remedies to pay for is a choice under two limits, staff and money, and blockers are shared: a
search over the blockers in order (clear it by one of its remedies, or leave it) finds the best. A
branch is given up when even the fair share of what is still to be cleared lets no more homes
through. The greedy answer is known first, so the search can never end worse; past a number of steps
it stops, and says that a better answer was not ruled out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import lcm

from anju_rules.triage.types import Cleared, Remedy
from anju_rules.triage.ways import Graph, gather, group_homes
from anju_rules.values import Refusal

MOST_NODES = 4_000
"""Steps after which the search stops with the best it has."""
_DEEPEST = 500
"""More blockers than this are not searched: the greedy answer stands, and is called unproven."""


@dataclass(frozen=True, slots=True)
class Means:
    """What there is to spend; None: no limit."""

    staff_days: int | None = None
    money_fen: int | None = None

    def __post_init__(self) -> None:
        """Refuse means below nought with ``triage.means-below-nought``."""
        if min(self.staff_days or 0, self.money_fen or 0) < 0:
            raise Refusal("triage.means-below-nought")

    def bears(self, staff: int, money: int) -> bool:
        """Whether so much can be spent."""
        return (self.staff_days is None or staff <= self.staff_days) and (
            self.money_fen is None or money <= self.money_fen
        )

    def weigh(self, staff: int, money: int) -> int:
        """Weigh an effort against the means, so that efforts can be compared; whole numbers."""
        if self.staff_days is None and self.money_fen is None:
            return staff * _FEN_A_STAFF_DAY + money
        by_staff = 0 if self.staff_days is None else staff * (self.money_fen or 1)
        by_money = 0 if self.money_fen is None else money * (self.staff_days or 1)
        return by_staff + by_money


_FEN_A_STAFF_DAY = 50_000
"""What a day of staff weighs in money, only where there is no limit to weigh it against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the order: what is cleared, whom it frees, what has been spent by then."""

    cleared: tuple[Cleared, ...]
    homes: tuple[str, ...]
    staff_days: int
    cost_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyFirst:
    """The order in which the most homes are freed under the means."""

    stages: tuple[Stage, ...]
    waiting: tuple[str, ...]
    """Homes that could be freed, but not under these means."""
    at_most: int
    """More homes than this no choice under these means can free."""

    @property
    def homes(self) -> tuple[str, ...]:
        """The homes freed, in the order in which they are."""
        return tuple(home for stage in self.stages for home in stage.homes)

    @property
    def is_proven(self) -> bool:
        """Whether no other choice under these means frees more homes."""
        return len(self.homes) == self.at_most


_Choice = dict[str, Remedy]
_Groups = Mapping[frozenset[str], tuple[str, ...]]


def order_easy_first(graph: Graph, *, means: Means, most_nodes: int = MOST_NODES) -> EasyFirst:
    """Choose the remedies that free the most homes, and order them: most homes for least effort.

    Equal communities give equal answers, whatever order their blockers were written in.
    """
    groups = group_homes(graph)
    greedy = _Greedy(graph, groups, means).choose()
    search = _Search(graph, groups, means, most_nodes=most_nodes)
    best = search.improve(greedy)
    stages = _lay_stages(graph, groups, best, means)
    freed = {home for stage in stages for home in stage.homes}
    return EasyFirst(
        stages=stages,
        waiting=tuple(home for homes in groups.values() for home in homes if home not in freed),
        at_most=search.at_most if search.is_cut else len(freed),
    )


def _freed(groups: Mapping[frozenset[str], tuple[str, ...]], cleared: set[str]) -> int:
    return sum(len(homes) for blockers, homes in groups.items() if blockers <= cleared)


def _spent(choice: _Choice) -> tuple[int, int]:
    return (
        sum(remedy.staff_days for remedy in choice.values()),
        sum(remedy.cost_fen for remedy in choice.values()),
    )


class _Greedy:
    """Take again and again the group that frees most homes for what it adds."""

    def __init__(
        self, graph: Graph, groups: Mapping[frozenset[str], tuple[str, ...]], means: Means
    ) -> None:
        self._graph = graph
        self._groups = groups
        self._means = means
        self._easiest = self._choose_easiest()

    def _choose_easiest(self) -> _Choice:
        """Choose for each blocker the remedy that is least effort with all it waits for."""
        effort: dict[str, int] = {}
        chosen: _Choice = {}
        for code in self._graph.blockers:
            ways = [
                (
                    self._means.weigh(remedy.staff_days, remedy.cost_fen)
                    + sum(effort[one] for one in self._graph.before[code, remedy.code]),
                    place,
                )
                for place, remedy in enumerate(self._graph.remedies[code])
            ]
            if ways:
                effort[code], place = min(ways)
                chosen[code] = self._graph.remedies[code][place]
        return chosen

    def choose(self) -> _Choice:
        """Take the easiest group, again and again, until the means bear none that is left."""
        taken: _Choice = {}
        spent = (0, 0)
        parts = _split(self._graph, self._groups)
        offers = {place: self._weigh_part(part, taken) for place, part in enumerate(parts)}
        while True:
            best: _Offer | None = None
            chosen = 0
            for place, offered in offers.items():
                for offer in offered:
                    if self._means.bears(*_add(spent, offer.spent)) and (
                        best is None or _comes_before(offer, best)
                    ):
                        best, chosen = offer, place
            if best is None:
                return taken
            taken |= best.more
            spent = _add(spent, best.spent)
            # What is taken in one part changes nothing in another: no blocker touches both.
            offers[chosen] = self._weigh_part(parts[chosen], taken)

    def _weigh_part(self, part: _Groups, taken: _Choice) -> list[_Offer]:
        """Weigh what each group of a part, not yet freed, would gain and add."""
        left = {one: homes for one, homes in part.items() if not one <= taken.keys()}
        offers = []
        for blockers, homes in left.items():
            more = {
                code: self._easiest[code]
                for code in gather(self._graph, blockers, {**self._easiest, **taken})
                if code not in taken
            }
            spent = _spent(more)
            gain = _freed(left, {*taken, *more})
            rank = (gain, self._means.weigh(*spent))
            offers.append(_Offer(rank=rank, homes=homes, more=more, spent=spent))
        return offers


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a group of homes would gain, and add."""

    rank: tuple[int, int]
    homes: tuple[str, ...]
    more: _Choice
    spent: tuple[int, int]


def _comes_before(one: _Offer, other: _Offer) -> bool:
    """Whether an offer is easier; of equal ones the homes that stand first."""
    if _is_easier(one.rank, other.rank):
        return True
    return not _is_easier(other.rank, one.rank) and one.homes < other.homes


def _add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _split(graph: Graph, groups: _Groups) -> list[_Groups]:
    """Split groups into parts that share no blocker and wait for none of each other's."""
    part_of: dict[str, int] = {}
    members: dict[int, set[str]] = {}

    def join(codes: Iterable[str]) -> None:
        told = set(codes)
        for part in {part_of[code] for code in told if code in part_of}:
            told |= members.pop(part)
        number = max(members, default=-1) + 1
        members[number] = told
        part_of.update(dict.fromkeys(told, number))

    for (code, _), before in graph.before.items():
        join({code, *before})
    parts: dict[int, dict[frozenset[str], tuple[str, ...]]] = {}
    for blockers in groups:
        join(blockers)
    for blockers, homes in groups.items():
        parts.setdefault(part_of[next(iter(blockers))], {})[blockers] = homes
    return list(parts.values())


def _is_easier(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether ``one`` frees more homes for its effort: by cross-multiplication."""
    mine, yours = one[0] * (other[1] + 1), other[0] * (one[1] + 1)
    return mine > yours or (mine == yours and one[0] > other[0])


class _Search:
    """Decide blocker after blocker: cleared by which remedy, or left."""

    def __init__(
        self,
        graph: Graph,
        groups: Mapping[frozenset[str], tuple[str, ...]],
        means: Means,
        *,
        most_nodes: int,
    ) -> None:
        self._graph = graph
        self._groups = groups
        self._means = means
        self._most_nodes = most_nodes
        self._nodes = 0
        self.is_cut = False
        self.at_most = 0
        self._codes = [code for code in graph.blockers if graph.remedies[code]]
        self._place = {code: place for place, code in enumerate(self._codes)}
        counts = {
            code: sum(len(homes) for blockers, homes in groups.items() if code in blockers)
            for code in self._codes
        }
        self._scale = lcm(*(count for count in counts.values() if count), 1)
        self._share = {
            code: (
                self._scale // count * min(one.staff_days for one in graph.remedies[code]),
                self._scale // count * min(one.cost_fen for one in graph.remedies[code]),
            )
            for code, count in counts.items()
            if count
        }
        self._best: _Choice = {}
        self._most = 0

    def improve(self, known: _Choice) -> _Choice:
        """Give the best choice there is; ``known`` is one to begin with."""
        self._best, self._most = known, _freed(self._groups, set(known))
        self.at_most = self._most_homes(0, {}, 0, 0)
        if len(self._codes) > _DEEPEST:
            self.is_cut = True
        else:
            self._decide(0, {}, 0, 0)
        return self._best

    def _decide(self, place: int, taken: _Choice, staff: int, money: int) -> None:
        self._nodes += 1
        if self._nodes > self._most_nodes:
            self.is_cut = True
            return
        homes = _freed(self._groups, set(taken))
        if homes > self._most:
            self._best, self._most = dict(taken), homes
        if self._most_homes(place, taken, staff, money) <= self._most:
            return
        code = self._codes[place]
        for remedy in self._graph.remedies[code]:
            spent = (staff + remedy.staff_days, money + remedy.cost_fen)
            if self._means.bears(*spent) and self._graph.before[code, remedy.code] <= taken.keys():
                taken[code] = remedy
                self._decide(place + 1, taken, *spent)
                del taken[code]
        self._decide(place + 1, taken, staff, money)

    def _most_homes(self, place: int, taken: _Choice, staff: int, money: int) -> int:
        """Give how many homes could be freed at most from here: by staff, and by money.

        Each blocker's cheapest remedy is shared out among all the homes that need it; whoever is
        freed must at least have its shares paid.
        """
        sure = 0
        by_staff: list[tuple[int, int]] = []
        by_money: list[tuple[int, int]] = []
        for blockers, homes in self._groups.items():
            due = blockers - taken.keys()
            if not due:
                sure += len(homes)
            elif all(self._place[code] >= place for code in due):
                by_staff.append((sum(self._share[code][0] for code in due), len(homes)))
                by_money.append((sum(self._share[code][1] for code in due), len(homes)))
        return sure + min(
            _fill(by_staff, self._left(self._means.staff_days, staff)),
            _fill(by_money, self._left(self._means.money_fen, money)),
        )

    def _left(self, limit: int | None, spent: int) -> int | None:
        return None if limit is None else (limit - spent) * self._scale


def _fill(wanted: list[tuple[int, int]], left: int | None) -> int:
    """Give how many homes fit, the cheapest shares first."""
    if left is None:
        return sum(homes for _, homes in wanted)
    found = 0
    for share, homes in sorted(wanted):
        fits = homes if not share else min(homes, left // share)
        found += fits
        left -= fits * share
        if fits < homes:
            break
    return found


def _lay_stages(
    graph: Graph,
    groups: Mapping[frozenset[str], tuple[str, ...]],
    choice: _Choice,
    means: Means,
) -> tuple[Stage, ...]:
    """Order what was chosen: whoever is freed for the least effort comes first."""
    done: _Choice = {}
    stages: list[Stage] = []
    left = [blockers for blockers in groups if blockers <= choice.keys()]
    while left:
        best: tuple[tuple[int, int], frozenset[str], tuple[str, ...]] | None = None
        for blockers in sorted(left, key=lambda one: groups[one]):
            more = tuple(code for code in gather(graph, blockers, choice) if code not in done)
            gain = _freed(groups, {*done, *more}) - _freed(groups, set(done))
            rank = (gain, means.weigh(*_spent({code: choice[code] for code in more})))
            if best is None or _is_easier(rank, best[0]):
                best = (rank, blockers, more)
        assert best is not None  # noqa: S101 - something is left
        done |= {code: choice[code] for code in best[2]}
        freed = [one for one in left if one <= done.keys()]
        left = [one for one in left if one not in freed]
        staff, money = _spent(done)
        stages.append(
            Stage(
                cleared=tuple(Cleared(blocker=code, remedy=choice[code].code) for code in best[2]),
                homes=tuple(home for one in freed for home in groups[one]),
                staff_days=staff,
                cost_fen=money,
            )
        )
    return tuple(stages)
