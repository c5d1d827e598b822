"""Rows of the ledger's tables, as every reader of this context takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from anju_rules.hashing import DIGEST_BYTES
from anju_rules.tiles import TILE_WIDTH, ReadNodes
from anju_rules.values import Refusal

ROWS_A_TURN = 2_000

Row = tuple[Any, ...]
"""A row as the driver gives it."""
Parameter = int | str | bytes | datetime | UUID | list[Any] | None
"""What a statement takes."""


def cut_hashes(joined: bytes) -> tuple[bytes, ...]:
    """Cut joined hashes into 32 bytes each."""
    return tuple(
        joined[start : start + DIGEST_BYTES] for start in range(0, len(joined), DIGEST_BYTES)
    )


def node_reader(cursor: CursorWrapper) -> ReadNodes:
    """Give how a proof reads nodes: whole tiles where they are full, rows where they are not yet.

    Refuses with ``ledger.entry-missing`` where the tables have fewer nodes than asked for.
    """

    def read(level: int, start: int, count: int) -> Sequence[bytes]:
        if not count:
            return ()
        if start % TILE_WIDTH + count <= TILE_WIDTH:
            cursor.execute(
                "SELECT hashes FROM ledger_tile WHERE level = %s AND n = %s",
                [level, start // TILE_WIDTH],
            )
            row = cursor.fetchone()
            if row is not None:
                first = start % TILE_WIDTH
                return cut_hashes(bytes(row[0]))[first : first + count]
        if level:
            cursor.execute(
                "SELECT root FROM ledger_tile WHERE level = %s AND n >= %s AND n < %s ORDER BY n",
                [level - 1, start, start + count],
            )
        else:
            cursor.execute(
                "SELECT leaf FROM ledger_leaf WHERE idx >= %s AND idx < %s ORDER BY idx",
                [start, start + count],
            )
        nodes = [bytes(row[0]) for row in cursor.fetchall()]
        if len(nodes) != count:
            raise Refusal("ledger.entry-missing", index=start + len(nodes))
        return nodes

    return read


def stream_rows(
    query: LiteralString, parameters: Sequence[Parameter] = (), *, alias: str
) -> Iterator[Row]:
    """Give the rows of a query without holding them all, in one transaction."""
    connection = connections[alias]
    with transaction.atomic(using=alias, savepoint=False), connection.chunked_cursor() as cursor:
        cursor.execute(query, list(parameters))
        while rows := cursor.fetchmany(ROWS_A_TURN):
            yield from rows
