"""A building to look at: its storeys as a table, over which the page lays the solid view.

Both tell the homes' states by the signs of the wall's stream, so all three always agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection import queries
from anju.resettlement.selection.types import BuildingRow, HomeTile
from anju.web.public.saying import say_area, say_building, say_room, say_stair
from anju.web.public.towers import (
    STATE_WORDS,
    Column,
    columns_of,
    in_order,
    natural,
    place_homes,
    query_of,
)
from anju.web.routes import public_route


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One home of a storey, as the table shows it and the solid view places it."""

    number: str
    room: str
    where: str
    area: str
    layout: str
    state: str
    words: str
    sign_at: int
    """Where its sign stands in the wall's ``homes``."""
    across: int
    """Half a home's width from the left; a gap parts the stairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreyRow:
    """One storey from left to right, None where there is no home."""

    floor: int | None
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StairHead:
    """A stair over its columns."""

    name: str
    columns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingLink:
    """A building to go to."""

    name: str
    community: str
    free: int
    total: int
    query: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The building that is looked at."""

    name: str
    community: str
    stairs: tuple[StairHead, ...]
    """Empty where rooms do not repeat over the storeys."""
    storeys: tuple[StoreyRow, ...]
    total: int
    free: int


@require_safe
@public_route
def show_building(request: HttpRequest, code: str) -> HttpResponse:
    """Show the building that ``?community=&building=`` names, else the one with most to choose.

    A building that does not exist is no page.
    """
    project = project_by_code(code=code)
    board = queries.selection_board(project_id=project.id)
    rows = in_order(board.buildings)
    wanted = find_building(rows, asked=request.GET.dict())
    if wanted is None and rows:
        raise Http404
    facts = {
        "name": project.name,
        "code": code,
        "shown": None if wanted is None else lay_out_building(rows, wanted=wanted),
        "buildings": [] if wanted is None else _links(rows, here=wanted),
        "homes": board.counts.homes,
        "states": STATE_WORDS,
        "stream": f"{settings.PEAK_URL}/live/{code}/events",
    }
    return render(request, "public/homes/tour.html", facts)


def find_building(rows: Sequence[BuildingRow], *, asked: Mapping[str, str]) -> BuildingRow | None:
    """Give the building asked for; where none is named, the first of those with most to choose."""
    if "building" not in asked:
        return max(rows, key=lambda row: row.free, default=None)
    community = asked.get("community")
    return next(
        (
            row
            for row in rows
            if row.building == asked["building"] and community in {None, row.community}
        ),
        None,
    )


def lay_out_building(rows: Iterable[BuildingRow], *, wanted: BuildingRow) -> Shown:
    """Lay one building out; ``rows``: all of them, in the order in which they are drawn."""
    before = 0
    for row in rows:
        if row is wanted:
            break
        before += sum(len(floor.homes) for floor in row.floors)
    columns = columns_of(wanted)
    widest = max((len(floor.homes) for floor in wanted.floors), default=0)
    storeys = []
    for floor in wanted.floors:
        cells: list[Cell | None] = []
        for column, home in enumerate(place_homes(floor, columns)):
            if home is None:
                cells.append(None)
                continue
            across = 2 * column + _stairs_before(columns, column)
            cells.append(_cell(home, sign_at=before, across=across))
            before += 1
        cells += [None] * (widest - len(cells))
        storeys.append(StoreyRow(floor=floor.floor, cells=tuple(cells)))
    return Shown(
        name=say_building(wanted.building),
        community=wanted.community,
        stairs=_stairs(wanted, columns),
        storeys=tuple(storeys),
        total=wanted.total,
        free=wanted.free,
    )


def _stairs_before(columns: Sequence[Column] | None, column: int) -> int:
    """Count the stairs that end left of a column: each leaves half a home's width."""
    if columns is None:
        return 0
    names = [stair for stair, _ in columns[: column + 1]]
    return max(0, len(dict.fromkeys(names)) - 1)


def _stairs(row: BuildingRow, columns: Sequence[Column] | None) -> tuple[StairHead, ...]:
    """Give the stairs with the columns they have, where every storey keeps to the columns."""
    if columns is None or any(
        len(place_homes(floor, columns)) > len(columns) for floor in row.floors
    ):
        return ()
    keys = [stair for stair, _ in columns]
    names = {natural(home.stair): home.stair for floor in row.floors for home in floor.homes}
    return tuple(
        StairHead(name=say_stair(names[key]), columns=keys.count(key))
        for key in dict.fromkeys(keys)
    )


def _cell(home: HomeTile, *, sign_at: int, across: int) -> Cell:
    where = " ".join(part for part in (say_stair(home.stair), say_room(home)) if part)
    return Cell(
        number=home.number,
        room=say_room(home),
        where=where,
        area=say_area(home.area_sqm),
        layout=home.layout,
        state=home.state,
        words=STATE_WORDS[home.state],
        sign_at=sign_at,
        across=across,
    )


def _links(rows: Iterable[BuildingRow], *, here: BuildingRow) -> list[BuildingLink]:
    return [
        BuildingLink(
            name=say_building(row.building),
            community=row.community,
            free=row.free,
            total=row.total,
            query=query_of(community=row.community, building=row.building),
            is_here=row is here,
        )
        for row in rows
    ]
