"""Communities drawn: how far each is as a ring and a bar, its buildings as façades.

Everything drawn is said in words beside it; a state has a sign and never rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anju.titles.communities.columns import STATE_WORDS, USE_WORDS
from anju.titles.communities.types import HomeRow, TitleCounts
from anju.web.public.saying import say_area, say_building
from anju.web.public.towers import natural

_WHOLE = 100
_SIGNS = {"none": "", "first": "首", "titled": "✓"}
_LEAST_RADIUS, _MOST_RADIUS = 25, 35
_LARGE = 1_500
"""Homes from which a community's ring is drawn as large as it gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """How far homes are, in whole hundredths; nobody is told a hundred who is not done."""

    counts: TitleCounts
    titled_share: int
    first_share: int
    """Homes with the first registration alone."""
    radius: int
    """Of the ring, in units of a drawing 80 wide: the more homes, the larger."""

    @property
    def left(self) -> int:
        """Homes whose owners have no title yet."""
        return self.counts.homes - self.counts.titled

    @property
    def first_x(self) -> int:
        """Where the second stretch of the bar begins."""
        return self.titled_share

    @property
    def state(self) -> str:
        """``empty``, ``waiting`` (nothing registered), ``running`` or ``done``."""
        told = self.counts
        if not told.homes:
            return "empty"
        if told.titled == told.homes:
            return "done"
        return "running" if told.titled or told.first else "waiting"

    @property
    def words(self) -> str:
        """The state in one sentence."""
        told = self.counts
        if not told.homes:
            return "还没有录入房屋"
        return f"已办证 {told.titled:,} 套，首次登记 {told.first:,} 套，未办 {told.without:,} 套"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedTile:
    """One home of a façade."""

    label: str
    state: str
    sign: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedStorey:
    """One storey, its homes from left to right."""

    floor: str
    tiles: tuple[DeedTile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedHouse:
    """One building with its homes."""

    name: str
    storeys: tuple[DeedStorey, ...]
    completion: Completion
    others: tuple[DeedTile, ...]
    """Parking spaces, shops and what is common: not in the façade."""


def draw_completion(counts: TitleCounts) -> Completion:
    """Draw how far homes are.

    >>> draw_completion(TitleCounts(homes=300, first=30, titled=299)).titled_share
    99
    """
    homes = max(1, counts.homes)
    size = _LEAST_RADIUS + (_MOST_RADIUS - _LEAST_RADIUS) * min(counts.homes, _LARGE) // _LARGE
    titled_share = _WHOLE * counts.titled // homes
    # Where nothing is left without a registration, the drawing is full as well.
    first_share = _WHOLE * counts.first // homes if counts.without else _WHOLE - titled_share
    return Completion(
        counts=counts,
        titled_share=titled_share,
        first_share=first_share if counts.first else 0,
        radius=size,
    )


def sum_counts(told: Iterable[TitleCounts]) -> TitleCounts:
    """Add the counts of several communities."""
    rows = list(told)
    return TitleCounts(
        homes=sum(one.homes for one in rows),
        first=sum(one.first for one in rows),
        titled=sum(one.titled for one in rows),
    )


def draw_houses(homes: Sequence[HomeRow], *, of: Sequence[HomeRow] = ()) -> tuple[DeedHouse, ...]:
    """Draw these homes' buildings, each home by how its title stands.

    Where a page draws a part only, ``of`` are all homes: a building is counted whole.
    """
    dwellings_of: dict[str, list[HomeRow]] = {}
    for home in of or homes:
        if home.use == "home":
            dwellings_of.setdefault(home.building, []).append(home)
    by_building: dict[str, list[HomeRow]] = {}
    for home in homes:
        by_building.setdefault(home.building, []).append(home)
    houses = []
    for building in sorted(by_building, key=natural):
        rows = sorted(by_building[building], key=lambda home: natural(home.number))
        dwellings = [home for home in rows if home.use == "home"]
        whole = dwellings_of.get(building, [])
        storeys: dict[int | None, list[HomeRow]] = {}
        for home in dwellings:
            storeys.setdefault(home.floor, []).append(home)
        ordered = sorted(storeys, key=lambda floor: -100 if floor is None else floor, reverse=True)
        houses.append(
            DeedHouse(
                name=say_building(building),
                storeys=tuple(
                    DeedStorey(
                        floor="" if floor is None else str(floor),
                        tiles=tuple(draw_tile(home) for home in storeys[floor]),
                    )
                    for floor in ordered
                ),
                completion=draw_completion(
                    TitleCounts(
                        homes=len(whole),
                        first=sum(home.title_state == "first" for home in whole),
                        titled=sum(home.title_state == "titled" for home in whole),
                    )
                ),
                others=tuple(draw_tile(home) for home in rows if home.use != "home"),
            )
        )
    return tuple(houses)


def draw_tile(home: HomeRow) -> DeedTile:
    """Draw one home: its number, its sign, and all that is said of it."""
    area = home.registered_sqm or home.contracted_sqm
    told = [
        home.number,
        USE_WORDS[home.use] if home.use != "home" else "",
        f"{say_area(area)} ㎡" if area is not None else "面积未录",
        STATE_WORDS[home.title_state],
        "" if home.household_id else "权利人未录",
    ]
    return DeedTile(
        label=home.number.removeprefix(f"{home.building}-"),
        state=home.title_state,
        sign=_SIGNS[home.title_state],
        title=" · ".join(part for part in told if part),
    )
