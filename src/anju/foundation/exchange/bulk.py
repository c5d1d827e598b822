"""Many rows in few statements: ``INSERT … SELECT FROM json_to_recordset(…)``, and updates likewise.

COPY is refused by PostgreSQL on tables with row-level security, and arrays of values are quoted
item by item in Python; one JSON text is written by C and read by C. Decimals, dates and ids travel
as text, so nothing becomes a binary fraction on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connections

ROWS_A_STATEMENT = 5_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TYPE = re.compile(r"[a-z]{1,30}(\[\])?")
Noted = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class BulkColumn:
    """A column to write: its name and its type in PostgreSQL."""

    name: str
    type: str


def insert_rows(
    table: str,
    columns: Sequence[BulkColumn],
    rows: Sequence[Sequence[object]],
    *,
    note: Noted | None = None,
) -> None:
    """Insert ``rows``, each a value a column in their order.

    ``note`` is told, after each statement, how many rows it wrote.
    """
    names = ", ".join(_checked(column.name) for column in columns)
    _each_part(
        f"INSERT INTO {_checked(table)} ({names}) SELECT {names}"  # noqa: S608 - checked
        f" FROM {_given(columns)}",
        columns,
        rows,
        note=note,
    )


def update_rows(
    table: str,
    columns: Sequence[BulkColumn],
    rows: Sequence[Sequence[object]],
    *,
    keys: Sequence[str],
    only_where: str = "true",
    note: Noted | None = None,
) -> int:
    """Update the rows that ``keys`` (names among ``columns``) find; gives how many were updated.

    ``only_where`` is SQL of the caller's own over the row ``kept``: rows it excludes stay.
    """
    found = " AND ".join(f"kept.{_checked(key)} = given.{_checked(key)}" for key in keys)
    changes = ", ".join(
        f"{_checked(column.name)} = given.{column.name}"
        for column in columns
        if column.name not in keys
    )
    return _each_part(
        f"UPDATE {_checked(table)} AS kept SET {changes}"  # noqa: S608 - names are checked
        f" FROM {_given(columns)} WHERE {found} AND ({only_where})",
        columns,
        rows,
        note=note,
    )


def _each_part(
    statement: str,
    columns: Sequence[BulkColumn],
    rows: Sequence[Sequence[object]],
    *,
    note: Noted | None,
) -> int:
    names = [column.name for column in columns]
    written = 0
    with connections["default"].cursor() as cursor:
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            part = rows[start : start + ROWS_A_STATEMENT]
            told = json.dumps(
                [dict(zip(names, row, strict=True)) for row in part],
                ensure_ascii=False,
                default=_as_text,
            )
            cursor.execute(statement, [told])
            written += cursor.rowcount
            if note is not None:
                note(len(part))
    return written


def _as_text(value: object) -> str:
    """Write what JSON does not know as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__name__)


def _given(columns: Sequence[BulkColumn]) -> str:
    typed = ", ".join(f"{_checked(column.name)} {_checked_type(column.type)}" for column in columns)
    return f"json_to_recordset(%s::json) AS given ({typed})"


def _checked(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError(name)
    return name


def _checked_type(name: str) -> str:
    if _TYPE.fullmatch(name) is None:
        raise ValueError(name)
    return name
