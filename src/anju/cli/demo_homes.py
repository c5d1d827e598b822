"""The demo's community as a clerk's tables: homes with their owners, survey, titles."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PARCEL = "370105901001GB00012"
BUILDINGS, _STOREYS, _ROOMS = 3, 4, 4
SURVEYED_BUILDINGS = 2
_TITLED = 12
"""Homes of the first building that have their titles; its others wait, like the second's."""
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫"
_GIVEN = "秀兰建国桂芳志强淑珍明亮"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    building: int
    storey: int
    room: int
    place: int
    """Its running number in the building."""

    @property
    def number(self) -> str:
        """Give its number in the building."""
        return f"{self.storey}{self.room:02}"

    @property
    def is_small(self) -> bool:
        """Whether it is one of the two at the ends of a storey."""
        return self.room in {1, 4}

    @property
    def owners(self) -> tuple[str, ...]:
        """Give the made-up names of who owns it: one, or two with a half each."""
        at = (self.building - 1) * _STOREYS * _ROOMS + self.place
        return (_name(at), _name(at + 7)) if self.room == 2 else (_name(at),)


def owners_by_home() -> dict[str, tuple[str, ...]]:
    """Give the owners of every home by its number in the community, ``2-101``."""
    return {f"{room.building}-{room.number}": room.owners for room in _rooms()}


def homes_table() -> bytes:
    """Give the homes, a row an owner."""
    rows: list[list[object]] = []
    for room in _rooms():
        code = f"{PARCEL}F{room.building:04}{room.place:04}"
        area = "88.50" if room.is_small else "118.20"
        home = [room.building, room.number, "住宅", room.storey, code, area, "5600.00"]
        share = "" if len(room.owners) == 1 else "1/2"
        rows += [[*home, name, share] for name in room.owners]
    return _table("楼栋 房号 用途 楼层 不动产单元号 合同面积 单价 权利人 份额", rows)


def survey_table() -> bytes:
    """Give what the survey found, of the buildings that were surveyed."""
    rows = [
        [room.building, room.number, "89.1200" if room.is_small else "117.6500"]
        for room in _rooms()
        if room.building <= SURVEYED_BUILDINGS
    ]
    return _table("楼栋 房号 实测面积", rows)


def states_table() -> bytes:
    """Give which homes have their title, and which are registered for the first time."""
    rows = [
        [
            room.building,
            room.number,
            "已办证" if room.building == 1 and room.place <= _TITLED else "首次登记",
        ]
        for room in _rooms()
        if room.building <= SURVEYED_BUILDINGS
    ]
    return _table("楼栋 房号 办证状态", rows)


def _rooms() -> Iterator[_Room]:
    for building in range(1, BUILDINGS + 1):
        for place in range(_STOREYS * _ROOMS):
            yield _Room(
                building=building,
                storey=place // _ROOMS + 1,
                room=place % _ROOMS + 1,
                place=place + 1,
            )


def _table(header: str, rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header.split(), *rows])
    return text.getvalue().encode()


def _name(place: int) -> str:
    """Give a made-up name."""
    first = place * 5 % len(_GIVEN)
    return (
        f"{_SURNAMES[place % len(_SURNAMES)]}{_GIVEN[first]}{_GIVEN[(first + place) % len(_GIVEN)]}"
    )
