"""Façades: homes drawn as the houses they are, a cell a home, and a sign a home for the stream."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from anju.resettlement.selection.types import BuildingRow, FloorRow, HomeTile
from anju.web.public.saying import say_area, say_building, say_room, say_stair

SIGNS: Mapping[str, str] = {"free": "f", "taken": "t", "held": "h", "reserved": "r", "named": "n"}
"""Home state → its sign in ``wall.json``; ``wall.js`` and ``wall.css`` know the same five."""
STATE_WORDS: Mapping[str, str] = {
    "free": "可选",
    "named": "待复核",
    "taken": "已选",
    "held": "暂扣",
    "reserved": "预留",
}
_GAP = format_html('<i class="{}"></i>', "gap")

Column = tuple[tuple[tuple[int, int, str], ...], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storey:
    """One storey, drawn: a thousand cells are too many for a template's loop."""

    floor: str
    drawn: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class Tower:
    """One building."""

    name: str
    community: str
    storeys: tuple[Storey, ...]
    total: int
    free: int
    caption: str
    query: str
    """The query string of its own page."""


def draw_towers(rows: Iterable[BuildingRow]) -> tuple[tuple[Tower, ...], str]:
    """Draw the buildings, and give the homes' signs in the order in which they are drawn."""
    towers: list[Tower] = []
    signs: list[str] = []
    for row in in_order(rows):
        columns = columns_of(row)
        storeys = []
        for floor in row.floors:
            homes = place_homes(floor, columns)
            signs.extend(SIGNS[home.state] for home in homes if home is not None)
            label = "" if floor.floor is None else str(floor.floor)
            storeys.append(Storey(floor=label, drawn=_draw(homes)))
        floors = sum(floor.floor is not None for floor in row.floors)
        towers.append(
            Tower(
                name=say_building(row.building),
                community=row.community,
                storeys=tuple(storeys),
                total=row.total,
                free=row.free,
                caption=f"{floors} 层 · " if floors else "",
                query=query_of(community=row.community, building=row.building),
            )
        )
    return tuple(towers), "".join(signs)


def query_of(*, community: str, building: str) -> str:
    """Give the query string by which a building's page is asked for."""
    return urlencode({"community": community, "building": building})


def in_order(rows: Iterable[BuildingRow]) -> list[BuildingRow]:
    """Give the buildings in the order in which they are drawn, and their homes' signs written."""
    return sorted(rows, key=lambda one: (one.community, natural(one.building)))


def homes_as_drawn(rows: Iterable[BuildingRow]) -> list[HomeTile]:
    """Give every home in the order in which the signs of :func:`draw_towers` stand."""
    return [
        home
        for row in in_order(rows)
        for floor in row.floors
        for home in place_homes(floor, columns_of(row))
        if home is not None
    ]


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Give a key by which ``2`` comes before ``10`` and digits before words."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.findall(r"[0-9]+|[^0-9]+", text)
    )


def columns_of(row: BuildingRow) -> list[Column] | None:
    """Give the building's columns, or None where rooms do not repeat over the storeys."""
    widest = max((len(floor.homes) for floor in row.floors), default=0)
    columns = sorted({_column(home) for floor in row.floors for home in floor.homes})
    return columns if len(columns) <= widest + 2 else None


def _column(home: HomeTile) -> Column:
    room = home.room
    storey = str(home.floor)
    if home.floor is not None and room.startswith(storey) and len(room) >= len(storey) + 2:
        room = room[len(storey) :]
    return natural(home.stair), room


def place_homes(floor: FloorRow, columns: Sequence[Column] | None) -> list[HomeTile | None]:
    """Give a storey's homes from left to right, None where a column has no home on it."""
    if columns is None:
        return list(floor.homes)
    placed: dict[Column, HomeTile] = {}
    more = [home for home in floor.homes if placed.setdefault(_column(home), home) is not home]
    return [placed.get(column) for column in columns] + [*more]


def _draw(homes: Sequence[HomeTile | None]) -> SafeString:
    cells = (
        _GAP
        if home is None
        else format_html('<i class="{}" title="{}"></i>', home.state, _cell_words(home))
        for home in homes
    )
    return format_html_join("", "{}", ((cell,) for cell in cells))


def _cell_words(home: HomeTile) -> str:
    where = " ".join(part for part in (say_stair(home.stair), say_room(home)) if part)
    return f"{where} · {say_area(home.area_sqm)} ㎡"
