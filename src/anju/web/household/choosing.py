"""The homes a family chooses from: lawful ones first, and why the others are not for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode
from uuid import UUID

from anju.foundation.core.words import say
from anju.resettlement.selection.types import HomeOption, HomeTile
from anju.web.public.paging import Option
from anju.web.public.saying import say_area, say_areas, say_building, say_home
from anju.web.public.towers import natural

SHOWN = 24
"""Homes a page: a phone's screen holds three."""
FILTERS = ("building", "layout", "floor")
_FLOORS: Mapping[str, tuple[str, int, int]] = {
    "low": ("1–6 层", -9, 6),
    "middle": ("7–15 层", 7, 15),
    "high": ("16 层以上", 16, 999),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCard:
    """One home to choose."""

    unit_id: str
    number: str
    where: str
    layout: str
    area: str
    floor: str
    is_picked: bool
    is_reserved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutCard:
    """A home that is not for this family, and why."""

    where: str
    area: str
    why: str
    clause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the page of homes shows."""

    homes: tuple[HomeCard, ...]
    lawful: int
    shown: int
    more: str
    """The query string of more homes; empty where all are shown."""
    shut: tuple[ShutCard, ...]
    shut_total: int
    buildings: tuple[Option, ...]
    layouts: tuple[Option, ...]
    floors: tuple[Option, ...]
    picked: tuple[tuple[str, str], ...]
    """Homes picked that the filters now hide: id and area."""
    is_single: bool


def lay_out_offer(
    *,
    options: Sequence[HomeOption],
    asked: Mapping[str, str],
    picked: Sequence[str],
    is_single: bool,
) -> Offer:
    """Lay out the homes that ``asked`` (building, layout, floor, shown) names, lawful ones first.

    ``picked`` are the ids of homes chosen on the page before; they stay chosen.
    """
    kept = {name: asked.get(name, "") for name in FILTERS}
    lawful = [option.tile for option in options if option.is_lawful]
    wanted = sorted((tile for tile in lawful if _is_wanted(tile, kept)), key=_order)
    shown = min(len(wanted), max(SHOWN, _number(asked.get("shown", ""))))
    visible = wanted[:shown]
    here = {str(tile.unit_id) for tile in visible}
    known = {str(tile.unit_id): say_area(tile.area_sqm) for tile in lawful}
    shut = [option for option in options if not option.is_lawful]
    more = ""
    if shown < len(wanted):
        pairs = [(name, value) for name, value in kept.items() if value]
        pairs += [("unit", unit) for unit in picked]
        more = urlencode([*pairs, ("shown", str(shown + SHOWN))])
    return Offer(
        homes=tuple(_card(tile, picked=picked) for tile in visible),
        lawful=len(wanted),
        shown=shown,
        more=more,
        shut=tuple(_shut(option) for option in shut[:SHOWN]),
        shut_total=len(shut),
        buildings=_options(
            ((name, say_building(name)) for name in _names(lawful, "building")), kept["building"]
        ),
        layouts=_options(
            (
                (name, f"{name} {_areas_of(lawful, name)} ㎡")
                for name in _names(lawful, "layout")
                if name
            ),
            kept["layout"],
        ),
        floors=_options(((key, told[0]) for key, told in _FLOORS.items()), kept["floor"]),
        picked=tuple((unit, known[unit]) for unit in picked if unit in known and unit not in here),
        is_single=is_single,
    )


def pick_tiles(options: Sequence[HomeOption], *, picked: Sequence[str]) -> list[HomeOption]:
    """Give the options that were picked, in the order of the unit table; strangers are left out."""
    wanted = set(picked)
    return [option for option in options if str(option.tile.unit_id) in wanted]


def read_ids(told: Sequence[str]) -> list[UUID]:
    """Read the ids of homes a form names; what is no id is left out."""
    ids = []
    for text in told:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def total_area(tiles: Sequence[HomeTile]) -> str:
    """Say the area of several homes together."""
    return say_area(sum((tile.area_sqm for tile in tiles), Decimal(0)))


def _is_wanted(tile: HomeTile, kept: Mapping[str, str]) -> bool:
    if kept["building"] not in {"", tile.building} or kept["layout"] not in {"", tile.layout}:
        return False
    span = _FLOORS.get(kept["floor"])
    return span is None or (tile.floor is not None and span[1] <= tile.floor <= span[2])


def _order(tile: HomeTile) -> tuple[object, ...]:
    floor = tile.floor if tile.floor is not None else 0
    return tile.community, natural(tile.building), natural(tile.stair), floor, natural(tile.room)


def _card(tile: HomeTile, *, picked: Sequence[str]) -> HomeCard:
    return HomeCard(
        unit_id=str(tile.unit_id),
        number=tile.number,
        where=say_home(tile),
        layout=tile.layout,
        area=say_area(tile.area_sqm),
        floor=f"{tile.floor} 层" if tile.floor is not None else "",
        is_picked=str(tile.unit_id) in picked,
        is_reserved=tile.state == "reserved",
    )


def _shut(option: HomeOption) -> ShutCard:
    return ShutCard(
        where=say_home(option.tile),
        area=say_area(option.tile.area_sqm),
        why=say(option.code, option.facts),
        clause=option.clause,
    )


def _names(tiles: Sequence[HomeTile], field: str) -> list[str]:
    return sorted({str(getattr(tile, field)) for tile in tiles}, key=natural)


def _areas_of(tiles: Sequence[HomeTile], layout: str) -> str:
    areas = [tile.area_sqm for tile in tiles if tile.layout == layout]
    return say_areas(min(areas), max(areas))


def _options(options: object, chosen: str) -> tuple[Option, ...]:
    pairs: list[tuple[str, str]] = list(options)  # type: ignore[call-overload]
    return tuple(Option(key=key, label=label, is_on=key == chosen) for key, label in pairs)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
