"""Made-up homes: high-rises with lifts and low blocks without, in the sizes that real ones have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from anju.resettlement.offline.example_stream import Stream

COMMUNITY = "柳岸新村"
FIRST_BUILDING = 5
SMALL, MIDDLE, LARGE, LARGEST = "A", "B", "C", "D"
LAYOUTS = {
    SMALL: ("两室一厅", 2, 6500, 7700),
    MIDDLE: ("三室一厅", 3, 8600, 9600),
    LARGE: ("三室两厅", 3, 10700, 10800),
    LARGEST: ("四室两厅", 4, 12300, 12700),
}
"""Layout → name, rooms, least and most hundredths of a m² (clusters of real resettlement homes)."""
_PATTERNS: tuple[tuple[int, tuple[str, ...], bool], ...] = (
    (27, ("DAAB", "CABB"), True),
    (27, ("DAAB", "CABB"), True),
    (18, ("DABC", "CABB"), True),
    (18, ("DABC", "CABB"), True),
    (27, ("DAAB", "CABB"), True),
    (18, ("DABC", "CABB"), True),
    (18, ("DABC", "CABB"), True),
    (6, ("BC", "AB", "DA"), False),
    (6, ("BC", "AB", "DA"), False),
    (12, ("AB",), True),
)
"""Buildings as they follow one another: floors, layouts of each stair's homes, lift."""
BARRIER_FREE_PERCENT = 4
ELDERLY_PERCENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleHome:
    """A made-up home; areas in hundredths of a m², ``reserved`` as the clerk writes it."""

    building: int
    stair: int
    floor: int
    total_floors: int
    room: str
    layout: str
    area: int
    inner: int
    yuan: int
    has_lift: bool
    is_barrier_free: bool
    reserved: str = ""

    @property
    def number(self) -> str:
        """The number printed on its door plate: building-stair-floor-room."""
        return f"{self.building}-{self.stair}-{self.floor:02d}-{self.room}"


def make_homes(*, seed: int, count: int, households: int) -> list[ExampleHome]:
    """Make ``count`` homes, building by building; some are reserved for those in need."""
    stream = Stream(seed=seed, purpose="homes")
    homes: list[ExampleHome] = []
    building = FIRST_BUILDING
    while len(homes) < count:
        homes += _make_building(stream, building, _next_pattern(building, count - len(homes)))
        building += 1
    return _reserve(stream, homes[:count], households=households)


def _next_pattern(building: int, missing: int) -> tuple[int, tuple[str, ...], bool]:
    """Give the next building of the pattern that is not too large; else one just large enough."""
    start = building - FIRST_BUILDING
    for step in range(len(_PATTERNS)):
        floors, stairs, lift = _PATTERNS[(start + step) % len(_PATTERNS)]
        if floors * sum(len(stair) for stair in stairs) <= missing:
            return floors, stairs, lift
    return -(-missing // 2), ("AB",), missing > 2 * 6


def _make_building(
    stream: Stream, building: int, pattern: tuple[int, tuple[str, ...], bool]
) -> list[ExampleHome]:
    floors, stairs, lift = pattern
    areas = {
        (stair, place): stream.between(*LAYOUTS[letter][2:])
        for stair, letters in enumerate(stairs)
        for place, letter in enumerate(letters)
    }
    base = stream.between(58, 66) * 100
    homes = []
    for floor in range(1, floors + 1):
        for stair, letters in enumerate(stairs):
            for place, letter in enumerate(letters):
                area = areas[stair, place]
                homes.append(
                    ExampleHome(
                        building=building,
                        stair=stair + 1,
                        floor=floor,
                        total_floors=floors,
                        room=f"{place + 1:02d}",
                        layout=letter,
                        area=area,
                        inner=area * (79 if lift else 86) // 100,
                        # Middle floors are dearer; over a building the steps cancel out.
                        yuan=base + 10 * (floors - 2 * abs(floor - (floors + 1) // 2)) // 2,
                        has_lift=lift,
                        is_barrier_free=lift and floor == 1,
                    )
                )
    return homes


def _reserve(stream: Stream, homes: Sequence[ExampleHome], *, households: int) -> list[ExampleHome]:
    reserved: dict[int, str] = {}
    barrier_free = [at for at, home in enumerate(homes) if home.is_barrier_free]
    low_with_lift = [at for at, home in enumerate(homes) if home.has_lift and 2 <= home.floor <= 6]
    for word, percent, margin, free in (
        ("无障碍", BARRIER_FREE_PERCENT, 120, barrier_free),
        ("老人", ELDERLY_PERCENT, 115, low_with_lift),
    ):
        # INV-4: the homes kept back are the need and 20 %, the need and 15 %.
        wanted = -(-households * percent * margin // 10_000)
        for _ in range(min(wanted, len(free))):
            reserved[free.pop(stream.below(len(free)))] = word
    return [replace(home, reserved=reserved.get(at, "")) for at, home in enumerate(homes)]


def orientation_of(home: ExampleHome) -> str:
    """Give the side a home looks to: those at the ends look through."""
    return "南北" if home.room in {"01", "04"} or home.total_floors <= 6 else "南"


SURROUNDINGS_HEADERS = (
    "坐落",
    "装修",
    "品质等级",
    "区位",
    "配套",
    "交房日期",
    "学区",
    "到公交地铁(米)",
    "到商场菜场(米)",
    "到医院(米)",
    "车位",
)


_UNGRADED = 8
"""The building of each ten that nobody has graded yet: the desk shows how it is done."""


def _grades_of(home: ExampleHome, *, along: int) -> tuple[str, str, str]:
    """Give the three grades as clerks write them; the farther along, the less is built around."""
    if along == _UNGRADED:
        return "--", "--", "--"
    return (
        "优质" if home.total_floors > 18 else "良好" if home.has_lift else "合格",
        "核心区" if along < 6 else "拓展区",
        "完善" if along < 4 else "基本" if along < 8 else "待建",
    )


def surroundings_of(home: ExampleHome) -> tuple[str | int, ...]:
    """Give what lies around a home, as ``SURROUNDINGS_HEADERS`` name it; distances in metres.

    Buildings stand in a row away from the metro: chance has no part in it.
    """
    along = (home.building - FIRST_BUILDING) % 10
    return (
        f"{COMMUNITY}柳岸路 {2 * home.building} 号",
        "简装" if home.has_lift else "毛坯",
        *_grades_of(home, along=along),
        "2026-05-31" if along < 8 else "2027-06-30",
        "柳岸小学、第十二中学",
        180 + 70 * along,
        420 + 90 * ((along + 4) % 10),
        1650 + 120 * along,
        "地下车位，可租" if home.has_lift else "路面车位",
    )
