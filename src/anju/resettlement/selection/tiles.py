"""Homes as tiles of a façade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from anju.resettlement.inventory.types import UnitBrief, UnitRow
from anju.resettlement.selection.types import (
    BuildingRow,
    FloorRow,
    HomeState,
    HomeTile,
    LayoutRow,
)
from anju_rules.inventory import AFFORDABLE_RENTAL


def tile_of(
    unit: UnitRow | UnitBrief,
    *,
    taken_by: tuple[str, UUID] | None,
    opened_needs: frozenset[str],
    is_named: bool = False,
) -> HomeTile:
    """Give a home as a tile; ``taken_by`` is the ticket it went to, and the entry that says so.

    ``is_named``: it is held for that ticket, and not every side has signed.
    """
    home = unit.home
    state: HomeState = "free"
    if taken_by is not None:
        state = "named" if is_named else "taken"
    elif unit.state in ("held", "taken"):
        # Taken without a choice: given by agreement, which has no ticket.
        state = unit.state
    elif home.reserved_for == AFFORDABLE_RENTAL:
        # Let, not chosen: no rule ever opens it, and nobody counts it among what is left.
        state = "held"
    elif home.reserved_for and home.reserved_for not in opened_needs:
        state = "reserved"
    ticket, event_id = ("", None) if taken_by is None else taken_by
    return HomeTile(
        unit_id=unit.id,
        number=home.number,
        community=home.community,
        building=home.building,
        stair=home.stair,
        floor=home.floor,
        room=home.room,
        layout=home.layout,
        area_sqm=home.area_sqm,
        state=state,
        ticket=ticket,
        event_id=event_id,
    )


def facades_of(tiles: Iterable[HomeTile]) -> tuple[BuildingRow, ...]:
    """Give the buildings in the order of the unit table, each floor from the top down."""
    buildings: dict[tuple[str, str], dict[int | None, list[HomeTile]]] = {}
    for tile in tiles:
        floors = buildings.setdefault((tile.community, tile.building), {})
        floors.setdefault(tile.floor, []).append(tile)
    rows: list[BuildingRow] = []
    for (community, building), floors in buildings.items():
        homes = [tile for floor in floors.values() for tile in floor]
        rows.append(
            BuildingRow(
                community=community,
                building=building,
                floors=tuple(
                    FloorRow(
                        floor=floor,
                        homes=tuple(sorted(floors[floor], key=_from_left_to_right)),
                    )
                    # Homes on no known floor come last.
                    for floor in sorted(
                        floors, key=lambda at: (at is None, -at if at is not None else 0)
                    )
                ),
                total=len(homes),
                free=_count_free(homes),
            )
        )
    return tuple(rows)


def layouts_of(tiles: Iterable[HomeTile]) -> tuple[LayoutRow, ...]:
    """Give what is left of each layout, the smallest homes first."""
    by_layout: dict[str, list[HomeTile]] = {}
    for tile in tiles:
        by_layout.setdefault(tile.layout, []).append(tile)
    rows = [
        LayoutRow(
            layout=layout,
            least_sqm=min(tile.area_sqm for tile in homes),
            most_sqm=max(tile.area_sqm for tile in homes),
            total=len(homes),
            free=_count_free(homes),
        )
        for layout, homes in by_layout.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.least_sqm, row.most_sqm, row.layout)))


def _from_left_to_right(tile: HomeTile) -> tuple[str, int, str]:
    # Rooms are mostly numbered: 2 stands left of 10.
    return (tile.stair.zfill(8), len(tile.room), tile.room)


def _count_free(tiles: Sequence[HomeTile]) -> int:
    return sum(tile.state in ("free", "reserved") for tile in tiles)
