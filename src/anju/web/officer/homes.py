"""The homes a household may pick, as façades and as a list: one thing in two forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from anju.foundation.core.words import say
from anju.resettlement.selection.types import HomeOption, HomeTile
from anju.web.public.saying import say_area, say_building, say_home, say_room

STATE_WORDS: Mapping[str, str] = {
    "free": "可选",
    "taken": "已选",
    "held": "暂扣",
    "named": "待复核",
    "reserved": "预留",
    "unfit": "本户不能选",
}
_SIGNS: Mapping[str, str] = {"taken": "●", "held": "◐", "reserved": "留"}
LONGEST_LIST = 300
"""Rows of the list shown at once; filters make it shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the officer narrows the homes to; empty: everything."""

    community: str = ""
    building: str = ""
    layout: str = ""
    least_sqm: str = ""
    most_sqm: str = ""
    only_open: bool = False
    as_list: bool = False

    def admits(self, option: HomeOption) -> bool:
        """Whether a home is within what was asked."""
        tile = option.tile
        least, most = _decimal(self.least_sqm), _decimal(self.most_sqm)
        return (
            self.community in {"", tile.community}
            and self.building in {"", tile.building}
            and self.layout in {"", tile.layout}
            and (least is None or tile.area_sqm >= least)
            and (most is None or tile.area_sqm <= most)
            and (not self.only_open or option.is_lawful)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One home as it is drawn."""

    unit_id: UUID
    state: str
    sign: str
    title: str
    """Everything about it in words: what a screen reader says and a mouse shows."""
    number: str
    where: str
    layout: str
    area: str
    floor: str
    reason: str
    may_pick: bool
    begins_stair: bool
    """Whether another staircase begins here, so that a storey shows its staircases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storey:
    """One storey, its homes from left to right."""

    floor: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One building."""

    name: str
    storeys: tuple[Storey, ...]
    open_homes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picker:
    """The homes to pick from, with the choices of each filter."""

    houses: tuple[House, ...]
    rows: tuple[Tile, ...]
    rows_left_out: int
    filters: Filters
    communities: tuple[str, ...]
    buildings: tuple[str, ...]
    layouts: tuple[str, ...]
    shown: int
    open_homes: int


def read_filters(asked: Mapping[str, str]) -> Filters:
    """Read the filters from a page's address; what cannot be read narrows nothing."""
    return Filters(
        community=asked.get("community", ""),
        building=asked.get("building", ""),
        layout=asked.get("layout", ""),
        least_sqm=asked.get("least", ""),
        most_sqm=asked.get("most", ""),
        only_open=asked.get("open", "") == "1",
        as_list=asked.get("as", "") == "list",
    )


def lay_out_picker(*, options: Sequence[HomeOption], filters: Filters) -> Picker:
    """Lay the homes out, narrowed to ``filters``."""
    within = [option for option in options if filters.admits(option)]
    listed: list[HomeOption] = []
    if filters.as_list:
        listed = sorted(within, key=lambda option: (not option.is_lawful, _order(option.tile)))
    shown = listed[:LONGEST_LIST]
    return Picker(
        houses=() if filters.as_list else _houses(within),
        rows=tuple(lay_out_tile(option) for option in shown),
        rows_left_out=len(listed) - len(shown),
        filters=filters,
        communities=_values(option.tile.community for option in options),
        buildings=_values(option.tile.building for option in options),
        layouts=_values(option.tile.layout for option in options),
        shown=len(within),
        open_homes=sum(option.is_lawful for option in within),
    )


@lru_cache(maxsize=4096)  # a project has few floors, staircases and rooms by name
def natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """Order text as people count: building 2 before building 10.

    >>> sorted(["10", "2", "A1"], key=natural)
    ['2', '10', 'A1']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)


def _houses(options: Iterable[HomeOption]) -> tuple[House, ...]:
    by_house: dict[tuple[str, str], dict[int | None, list[HomeOption]]] = {}
    for option in options:
        tile = option.tile
        storeys = by_house.setdefault((tile.community, tile.building), {})
        storeys.setdefault(tile.floor, []).append(option)
    houses = []
    for (community, building), storeys in sorted(
        by_house.items(), key=lambda item: (item[0][0], natural(item[0][1]))
    ):
        ordered = sorted(storeys, key=lambda floor: -1 if floor is None else floor, reverse=True)
        told = tuple(
            _storey("" if floor is None else str(floor), storeys[floor]) for floor in ordered
        )
        homes = sum(tile.may_pick for storey in told for tile in storey.tiles)
        name = " ".join(part for part in (community, say_building(building)) if part)
        houses.append(House(name=name, storeys=told, open_homes=homes))
    return tuple(houses)


def _storey(floor: str, options: Iterable[HomeOption]) -> Storey:
    tiles = []
    stair = None
    for option in sorted(options, key=lambda one: _order(one.tile)):
        begins = stair is not None and option.tile.stair != stair
        tiles.append(lay_out_tile(option, begins_stair=begins))
        stair = option.tile.stair
    return Storey(floor=floor, tiles=tuple(tiles))


def lay_out_tile(option: HomeOption, *, begins_stair: bool = False) -> Tile:
    """Lay one home out: its colour, its sign, and everything in words."""
    home = option.tile
    state = "unfit" if home.state == "free" and not option.is_lawful else home.state
    reason = say(option.code, option.facts) if option.code and state == "unfit" else ""
    where = " ".join(part for part in (home.community, say_home(home)) if part)
    area = say_area(home.area_sqm)
    told = [where, home.layout, f"{area} ㎡", reason or STATE_WORDS[state]]
    # A home kept for a need is open to the households that have it: the rules say which.
    may_pick = option.is_lawful and home.state in {"free", "reserved"}
    return Tile(
        unit_id=home.unit_id,
        state="free" if may_pick else state,
        sign=_SIGNS.get(state, "") if not may_pick else say_room(home),
        title=" · ".join(part for part in told if part),
        number=home.number,
        where=where,
        layout=home.layout,
        area=area,
        floor="" if home.floor is None else str(home.floor),
        reason=reason or STATE_WORDS[state],
        may_pick=may_pick,
        begins_stair=begins_stair,
    )


def _order(tile: HomeTile) -> tuple[object, ...]:
    return (
        tile.community,
        natural(tile.building),
        tile.floor is None,
        tile.floor or 0,
        natural(tile.stair),
        natural(tile.room or tile.number),
    )


def _values(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}, key=natural))


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,2})?", text) else None
