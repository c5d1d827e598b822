"""Made-up households and what they wish for. None of these people can exist.

Their identity numbers have a real county, a plausible birth date and a right check digit, but the
order code 000, which is never issued; their telephone numbers begin with 100, which no mobile does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from anju.resettlement.offline.example_homes import (
    BARRIER_FREE_PERCENT,
    ELDERLY_PERCENT,
    ExampleHome,
)
from anju.resettlement.offline.example_stream import Stream

COUNTY = "370105"
NEVER_ISSUED = "000"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "秀兰建国志强桂英海燕德明春生玉珍文斌立华淑芬永福晓梅长青凤霞振东小红庆丰爱民雪峰金凤"
_STREETS = {"柳岸街道": 34, "青溪街道": 27, "南塘街道": 22, "望山街道": 17}
_PERSONS = {1: 9, 2: 23, 3: 30, 4: 19, 5: 13, 6: 5, 7: 1}
_WISH_COUNTS = {0: 4, 1: 3, 2: 8, 3: 27, 4: 30, 5: 28}
_BANDS = ((1, 2, 6000, 8000), (3, 4, 8000, 11000), (5, 99, 10000, 13000))
_FIRST_BIRTHDAY = date(1944, 1, 1)
_BIRTHDAYS = 365 * 56
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_LOOKS = 3
"""How many homes a household looks at before it writes one down: the more, the more alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleHousehold:
    """A made-up household; area in hundredths of a m², ``needs`` as the clerk writes them."""

    number: str
    name: str
    identity_number: str
    phone: str
    street: str
    persons: int
    home_area: int
    is_low_income: bool
    has_disability: bool
    has_member_over_70: bool
    signed_early: bool
    moved_on_time: bool
    needs: tuple[str, ...]

    @property
    def stratum(self) -> str:
        """Those in need choose first."""
        is_first = self.is_low_income or self.has_disability or "老人" in self.needs
        return "优先户" if is_first else "普通户"


def make_households(*, seed: int, count: int) -> list[ExampleHousehold]:
    """Make ``count`` households; no two share an identity number, some share a name."""
    stream = Stream(seed=seed, purpose="households")
    used: set[str] = set()
    return [_make_household(stream, place, used) for place in range(1, count + 1)]


def _make_household(stream: Stream, place: int, used: set[str]) -> ExampleHousehold:
    persons = stream.weigh(_PERSONS)
    has_disability = stream.comes(8)
    over_70 = stream.comes(22)
    needs = []
    if has_disability and stream.comes(BARRIER_FREE_PERCENT * 100 // 8):
        needs.append("无障碍")
    if over_70 and stream.comes(ELDERLY_PERCENT * 100 // 22):
        needs.append("老人")
    if persons >= 4 and stream.comes(15):
        needs.append("三居")
    return ExampleHousehold(
        number=f"H{place:04d}",
        name=_make_name(stream),
        identity_number=_make_identity_number(stream, used),
        phone=f"100{stream.below(10**8):08d}",
        street=stream.weigh(_STREETS),
        persons=persons,
        home_area=0 if stream.comes(4) else persons * stream.between(900, 3800),
        is_low_income=stream.comes(7),
        has_disability=has_disability,
        has_member_over_70=over_70,
        signed_early=stream.comes(58),
        moved_on_time=stream.comes(81),
        needs=tuple(needs),
    )


def _make_name(stream: Stream) -> str:
    given = stream.pick(_GIVEN) if stream.comes(18) else stream.pick(_GIVEN) + stream.pick(_GIVEN)
    return stream.pick(_SURNAMES) + given


def _make_identity_number(stream: Stream, used: set[str]) -> str:
    """Make an identity number (GB 11643) that nobody can have."""
    while True:
        born = _FIRST_BIRTHDAY + timedelta(days=stream.below(_BIRTHDAYS))
        body = f"{COUNTY}{born:%Y%m%d}{NEVER_ISSUED}"
        if body not in used:
            used.add(body)
            return body + check_character(body)


def check_character(body: str) -> str:
    """Give the last character of an identity number (GB 11643, ISO 7064 MOD 11-2).

    >>> check_character("11010519491231002")
    'X'
    """
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def make_wishes(
    *, seed: int, households: Sequence[ExampleHousehold], homes: Sequence[ExampleHome]
) -> list[tuple[str, int, str]]:
    """Make (household, rank, home): lawful wishes, middle floors of the better sides first."""
    stream = Stream(seed=seed, purpose="wishes")
    wishes: list[tuple[str, int, str]] = []
    lawful_by_kind: dict[tuple[int, str, tuple[str, ...]], list[ExampleHome]] = {}
    for household in households:
        kind = (household.persons, household.stratum, household.needs)
        if kind not in lawful_by_kind:
            lawful_by_kind[kind] = [home for home in homes if _may_wish(household, home)]
        lawful = lawful_by_kind[kind]
        wished: list[str] = []
        for _ in range(min(stream.weigh(_WISH_COUNTS), len(lawful))):
            seen = [stream.pick(lawful) for _ in range(_LOOKS if not wished else 1)]
            best = max(seen, key=_appeal)
            if best.number not in wished:
                wished.append(best.number)
        wishes += [(household.number, rank, home) for rank, home in enumerate(wished, start=1)]
    return wishes


def _may_wish(household: ExampleHousehold, home: ExampleHome) -> bool:
    least, most = next(
        (least, most)
        for fewest, greatest, least, most in _BANDS
        if fewest <= household.persons <= greatest
    )
    needs = household.needs
    return (
        least <= home.area <= most
        and (not home.reserved or household.stratum == "普通户" or home.reserved in needs)
        and ("无障碍" not in needs or home.is_barrier_free or home.floor <= 2)
        and ("老人" not in needs or home.has_lift or home.floor <= 3)
        and ("三居" not in needs or home.layout != "A")
    )


def _appeal(home: ExampleHome) -> tuple[int, int]:
    """Order homes as people like them: with a lift, then near two thirds of the way up."""
    return int(home.has_lift), -abs(3 * home.floor - 2 * home.total_floors)
