"""Connections that break at a commit: before the database has it, or before its answer comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest.mock import patch

from django.db import OperationalError, connections

Cut = Literal["before", "after"]


@contextmanager
def cut_commit(cut: Cut | None) -> Iterator[None]:
    """Break the connection at the next commit of the block; None: leave it whole.

    ``before``: nothing is committed; ``after``: everything is, and nobody is told.
    """
    if cut is None:
        yield
        return
    connection: Any = connections["default"]
    commit = connection._commit

    def break_off() -> None:
        broken.stop()
        if cut == "after":
            commit()
        if connection.connection is not None:
            connection.connection.close()
        raise OperationalError("the connection broke off")

    broken = patch.object(connection, "_commit", break_off)
    broken.start()
    try:
        yield
    finally:
        broken.stop()
