"""How homes, figures and times are said on the pages everybody reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Protocol

from anju.foundation.core.clock import CHINA

_BARE = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_DAY_S = 24 * 60 * 60
_WEEKDAYS = "一二三四五六日"


class Placed(Protocol):
    """Anything that says where a home lies."""

    @property
    def number(self) -> str:
        """Its number in the unit table."""

    @property
    def building(self) -> str:
        """Its building."""

    @property
    def stair(self) -> str:
        """Its stair."""

    @property
    def floor(self) -> int | None:
        """Its storey."""

    @property
    def room(self) -> str:
        """Its room."""


def say_building(name: str) -> str:
    """Say a building's name; one that already says what it is stays.

    >>> say_building("5"), say_building("滨河苑东楼"), say_building("")
    ('5 号楼', '滨河苑东楼', '未注明楼栋')
    """
    return f"{name} 号楼" if _BARE.fullmatch(name) else name or "未注明楼栋"


def say_stair(name: str) -> str:
    """Say a stair's name."""
    return f"{name} 单元" if _BARE.fullmatch(name) else name


def say_room(home: Placed) -> str:
    """Say a room as people say it: with its storey before it, unless its number begins so.

    Storey 12 and room ``04`` are 1204; storey 3 and room ``0302`` are 0302.
    """
    if home.floor is None or not home.room:
        return home.room or home.number
    storey = str(home.floor)
    begins = home.room.lstrip("0").startswith(storey) and len(home.room) >= len(storey) + 2
    if begins or not home.room.isdigit():
        return home.room if begins else f"{storey} 层 {home.room}"
    return f"{storey}{home.room:0>2}"


def say_home(home: Placed) -> str:
    """Say where a home lies: building, stair, room."""
    parts = (say_building(home.building), say_stair(home.stair), say_room(home))
    return " ".join(part for part in parts if part)


def say_area(area: Decimal) -> str:
    """Say square metres, without noughts that tell nothing.

    >>> say_area(Decimal("86.40")), say_area(Decimal("100.00"))
    ('86.4', '100')
    """
    text = f"{area:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def say_areas(least: Decimal, most: Decimal) -> str:
    """Say a range of square metres."""
    low, high = say_area(least), say_area(most)
    return low if low == high else f"{low}–{high}"


def say_count(number: int) -> str:
    """Say a count, by thousands."""
    return f"{number:,}"


def say_yuan(fen: int) -> str:
    """Say money in yuan, with its fen only where there are any.

    >>> say_yuan(123456700), say_yuan(1250)
    ('1,234,567', '12.50')
    """
    yuan, rest = divmod(fen, 100)
    return f"{say_count(yuan)}.{rest:02d}" if rest else say_count(yuan)


def say_span(span: timedelta) -> str:
    """Say a span of time to the second.

    >>> say_span(timedelta(seconds=62)), say_span(timedelta(seconds=9))
    ('1′02″', '9″')
    """
    seconds = span.days * _DAY_S + span.seconds
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} 时 {minutes:02d} 分"
    return f"{minutes}′{rest:02d}″" if minutes else f"{rest}″"


def say_limit(span: timedelta) -> str:
    """Say a limit: whole minutes where it is that.

    >>> say_limit(timedelta(minutes=3)), say_limit(timedelta(seconds=90))
    ('3 分钟', '1 分 30 秒')
    """
    minutes, rest = divmod(span.days * _DAY_S + span.seconds, 60)
    if not rest:
        return f"{minutes} 分钟"
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"


def say_date(day: date) -> str:
    """Say a day of this year or the next.

    >>> say_date(date(2026, 9, 19))
    '9 月 19 日'
    """
    return f"{day.month} 月 {day.day} 日"


def say_whole_date(day: date) -> str:
    """Say a day of any year.

    >>> say_whole_date(date(2041, 9, 1))
    '2041 年 9 月 1 日'
    """
    return f"{day.year} 年 {say_date(day)}"


def say_day(day: date) -> str:
    """Say a day with its weekday.

    >>> say_day(date(2026, 9, 19))
    '9 月 19 日（周六）'
    """
    return f"{say_date(day)}（周{_WEEKDAYS[day.weekday()]}）"


def say_clock(moment: datetime) -> str:
    """Say the time of day in China, to the second."""
    return moment.astimezone(CHINA).strftime("%H:%M:%S")


def say_moment(moment: datetime) -> str:
    """Say day and time in China."""
    local = moment.astimezone(CHINA)
    return f"{local.year} 年 {local.month} 月 {local.day} 日 {local:%H:%M}"


def median_gap(moments: Sequence[datetime], *, at_most: timedelta) -> timedelta | None:
    """Give the middle of the gaps between moments, breaks longer than ``at_most`` left out.

    Fewer than three gaps tell nothing: None. Of an even number the lower middle.
    """
    ordered = sorted(moments)
    gaps = sorted(
        later - earlier for earlier, later in pairwise(ordered) if later - earlier <= at_most
    )
    return gaps[(len(gaps) - 1) // 2] if len(gaps) >= 3 else None
