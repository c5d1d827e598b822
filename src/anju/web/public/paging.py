"""Lists in pages: which rows, and the addresses of the page before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

Row = TypeVar("Row")
ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Generic[Row]):
    """One page of a list; ``previous`` and ``next`` are query strings, empty if there is none."""

    rows: tuple[Row, ...]
    page: int
    pages: int
    previous: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a filter."""

    key: str
    label: str
    is_on: bool


def turn_to_page(
    rows: Sequence[Row],
    *,
    asked: str,
    kept: Mapping[str, str],
    rows_a_page: int = ROWS_A_PAGE,
) -> Sheet[Row]:
    """Give the page asked for, the nearest there is; ``kept`` are the filters in force."""
    pages = max(1, -(-len(rows) // rows_a_page))
    page = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    page = min(max(1, page), pages)
    first = (page - 1) * rows_a_page

    def address(of: int) -> str:
        told = {name: value for name, value in kept.items() if value}
        return urlencode({**told, "page": str(of)}) if 1 <= of <= pages else ""

    return Sheet(
        rows=tuple(rows[first : first + rows_a_page]),
        page=page,
        pages=pages,
        previous=address(page - 1),
        next=address(page + 1),
    )
