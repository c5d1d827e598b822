"""Filters for what templates may not compute: permissions, figures, moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django import template
from django.utils.timezone import localtime

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.resettlement.selection.types import HomeTile, LayoutRow
from anju.web.clauses import say_clause
from anju.web.public.saying import say_area, say_areas, say_building, say_home, say_yuan
from anju_rules.values import Tenths, points_from_tenths

register = template.Library()


@register.filter
def may(actor: Actor | None, permission: str) -> bool:
    """Whether the reader holds a permission: a button nobody may press is not drawn."""
    return actor is not None and is_permitted(actor, permission)


@register.filter
def points(tenths: int) -> str:
    """Write whole tenths as points, ``126`` as ``12.6``."""
    return points_from_tenths(Tenths(tenths))


@register.filter
def count(number: int) -> str:
    """Write a count with its thousands parted.

    >>> count(1296)
    '1,296'
    """
    return f"{number:,}"


@register.filter
def sqm(area: Decimal) -> str:
    """Write an area without idle zeros.

    >>> sqm(Decimal("86.40")), sqm(Decimal("90"))
    ('86.4', '90')
    """
    return say_area(area)


@register.filter
def areas(row: LayoutRow) -> str:
    """Write the range of areas of a layout; one area once."""
    return say_areas(row.least_sqm, row.most_sqm)


@register.filter
def building(name: str) -> str:
    """Say a building's name."""
    return say_building(name)


@register.filter
def home(tile: HomeTile) -> str:
    """Say where a home lies: building, stair, room."""
    return say_home(tile)


@register.filter
def share(part: int, whole: int) -> int:
    """Give ``part`` of ``whole`` in hundredths, for the width of a bar."""
    return 100 * part // whole if whole else 0


@register.filter
def moment(at: datetime | None) -> str:
    """Write a moment as officers do, ``11-27 09:30``; nothing where there is none."""
    return "" if at is None else localtime(at).strftime("%m-%d %H:%M")


@register.filter
def groups(hexadecimal: str) -> str:
    """Write a digest in groups of four, as people compare them."""
    return " ".join(hexadecimal[at : at + 4] for at in range(0, len(hexadecimal), 4))


@register.filter
def item(row: Sequence[object], place: int) -> object:
    """Give what stands at a place of a row."""
    return row[place]


@register.filter
def clause(told: str) -> str:
    """Say a clause of the plan as people cite it; another law's as it stands."""
    return say_clause(told)


@register.filter
def yuan(fen: int) -> str:
    """Write money in yuan."""
    return say_yuan(fen)
