"""A community's homes in its file: all of a small one, a large one building by building."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from anju.titles.communities.types import HomeRow
from anju.web.public.community_drawing import DeedHouse, DeedTile, draw_houses, draw_tile
from anju.web.public.paging import Sheet, turn_to_page
from anju.web.public.saying import say_building
from anju.web.public.towers import natural

HOMES_AT_ONCE = 240
"""What is drawn on one page: two tall buildings; a phone still opens it at once."""
_LOWEST = -100


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingLink:
    """One building to choose; counts are in homes (use ``home``)."""

    name: str
    address: str
    titled: int
    homes: int
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHome:
    """A home that was searched for, in words, and where it is drawn."""

    tile: DeedTile
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesShown:
    """What a page shows of a community's homes; ``found`` is None where nothing was searched."""

    houses: tuple[DeedHouse, ...]
    buildings: tuple[BuildingLink, ...]
    """Empty where all homes are drawn together, and where a home is searched for."""
    sheet: Sheet[HomeRow]
    """The homes that are drawn, of the building that was chosen."""
    number: str
    found: Sheet[HomeRow] | None
    lines: tuple[FoundHome, ...]
    """The page of what was found, in words."""
    found_count: int


def lay_out_homes(homes: Sequence[HomeRow], *, asked: Mapping[str, str]) -> HomesShown:
    """Lay out what was asked for: a ``building``, a ``page`` of it, or a home's ``number``."""
    number = asked.get("number", "").strip()
    page = asked.get("page", "")
    by_building: dict[str, list[HomeRow]] = {}
    for home in homes:
        by_building.setdefault(home.building, []).append(home)
    names = sorted(by_building, key=natural)
    is_large = len(homes) > HOMES_AT_ONCE
    chosen = _chosen(names, asked.get("building")) if is_large else None
    drawn = sorted(homes if chosen is None else by_building[chosen], key=_as_drawn)
    sheet = turn_to_page(
        drawn,
        asked="" if number else page,
        kept={"building": chosen or ""},
        rows_a_page=HOMES_AT_ONCE,
    )
    matching = [home for home in _in_order(homes) if number in home.number] if number else []
    found = turn_to_page(matching, asked=page, kept={"number": number}) if number else None
    return HomesShown(
        houses=() if number else draw_houses(sheet.rows, of=homes),
        buildings=tuple(
            _link(name, by_building[name], is_on=name == chosen)
            for name in (names if is_large and not number else ())
        ),
        sheet=sheet,
        number=number,
        found=found,
        lines=tuple(
            _tell(home, of=by_building[home.building], is_large=is_large)
            for home in (found.rows if found else ())
        ),
        found_count=len(matching),
    )


def _in_order(homes: Sequence[HomeRow]) -> list[HomeRow]:
    """Order homes as people count them: by building, then by number."""
    return sorted(homes, key=lambda home: (natural(home.building), natural(home.number)))


def _chosen(names: Sequence[str], told: str | None) -> str:
    """Give the building asked for, else the first one."""
    return told if told is not None and told in names else names[0]


def _as_drawn(home: HomeRow) -> tuple[object, ...]:
    """Order a building as it stands, from its roof; what is not lived in comes after the homes."""
    floor = _LOWEST if home.floor is None else home.floor
    return (natural(home.building), home.use != "home", -floor, natural(home.number))


def _link(name: str, rows: Sequence[HomeRow], *, is_on: bool) -> BuildingLink:
    dwellings = [home for home in rows if home.use == "home"]
    return BuildingLink(
        name=say_building(name),
        address=urlencode({"building": name}),
        titled=sum(home.title_state == "titled" for home in dwellings),
        homes=len(dwellings),
        is_on=is_on,
    )


def _tell(home: HomeRow, *, of: Sequence[HomeRow], is_large: bool) -> FoundHome:
    """Tell a home, and on which page of its building it is drawn."""
    if not is_large:
        return FoundHome(tile=draw_tile(home), address="")
    page = sum(_as_drawn(one) < _as_drawn(home) for one in of) // HOMES_AT_ONCE + 1
    return FoundHome(
        tile=draw_tile(home),
        address=urlencode({"building": home.building, "page": str(page)}),
    )
