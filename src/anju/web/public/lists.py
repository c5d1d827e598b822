"""Homes and places as lists, with filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anju.resettlement.selection.types import Board, HomeTile, PlaceRow
from anju.web.public.paging import Option, turn_to_page
from anju.web.public.saying import say_area, say_building, say_home
from anju.web.public.towers import STATE_WORDS, natural
from anju_rules.values import Tenths, points_from_tenths


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeLine:
    """One home of the list."""

    number: str
    where: str
    layout: str
    area: str
    state: str
    words: str
    ticket: str
    """Whose it is, if it is taken."""
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """One household's place in the list."""

    place: int
    ticket: str
    name: str
    stratum: str
    points: str
    is_asked: bool


def lay_out_homes(*, board: Board, asked: Mapping[str, str]) -> dict[str, object]:
    """Lay the homes out that ``asked`` (state, building, layout, page) names."""
    homes = [
        home for building in board.buildings for floor in building.floors for home in floor.homes
    ]
    kept = {name: asked.get(name, "") for name in ("state", "building", "layout")}
    wanted = [home for home in homes if _is_wanted(home, kept)]
    wanted.sort(key=lambda home: (home.community, natural(home.building), natural(home.number)))
    sheet = turn_to_page(wanted, asked=asked.get("page", ""), kept=kept)
    return {
        "rows": [_home_line(home) for home in sheet.rows],
        "found": len(wanted),
        "page": sheet.page,
        "pages": sheet.pages,
        "previous": sheet.previous,
        "next": sheet.next,
        "states": _options({"": "全部", **STATE_WORDS}.items(), kept["state"]),
        "buildings": _options(
            (
                (name, say_building(name))
                for name in sorted({home.building for home in homes}, key=natural)
            ),
            kept["building"],
        ),
        "layouts": _options(
            ((name, name) for name in sorted({home.layout for home in homes} - {""})),
            kept["layout"],
        ),
    }


def lay_out_places(
    *, places: Sequence[PlaceRow], batch: int, batches: int, ticket: str
) -> dict[str, object]:
    """Lay one batch of the order out; with a ``ticket``, that one's line is marked."""
    return {
        "places": [
            PlaceLine(
                place=row.place,
                ticket=row.ticket,
                name=row.masked_name,
                stratum=row.stratum,
                points=points_from_tenths(Tenths(row.total_tenths)),
                is_asked=row.ticket == ticket,
            )
            for row in places
        ],
        "ticket": ticket,
        "batch": batch,
        "batches": batches,
        "previous": batch - 1,
        "next": batch + 1 if batch < batches else 0,
    }


def _is_wanted(home: HomeTile, kept: Mapping[str, str]) -> bool:
    return (
        kept["state"] in {"", home.state}
        and kept["building"] in {"", home.building}
        and kept["layout"] in {"", home.layout}
    )


def _home_line(home: HomeTile) -> HomeLine:
    return HomeLine(
        number=home.number,
        where=say_home(home),
        layout=home.layout or "—",
        area=say_area(home.area_sqm),
        state=home.state,
        words=STATE_WORDS[home.state],
        ticket=home.ticket,
        event_id=str(home.event_id or ""),
    )


def _options(options: Iterable[tuple[str, str]], chosen: str) -> list[Option]:
    return [Option(key=key, label=label, is_on=key == chosen) for key, label in options]
