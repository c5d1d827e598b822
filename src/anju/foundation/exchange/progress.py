"""How far a reading is: told in transactions of its own, while the data wait in theirs.

The data of an import are written in one transaction, which nobody else sees until it ends. So its
progress goes by a connection of its own; it is no fact, and needs no entry in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connections

Stage = Literal["reading", "checking", "writing"]
OnProgress = Callable[[int, int], object]
"""Told rows done and rows in all."""
_NOTE = """
INSERT INTO exchange_progress (import_id, project_id, stage, rows_total, rows_done, at)
VALUES (%(import)s, %(project)s, %(stage)s, %(total)s, %(done)s, %(at)s)
ON CONFLICT (import_id) DO UPDATE SET stage = excluded.stage, rows_total = excluded.rows_total,
    rows_done = excluded.rows_done, at = excluded.at
"""


class ProgressNotes:
    """Notes the progress of one import."""

    def __init__(
        self,
        *,
        import_id: UUID,
        project_id: UUID,
        at: datetime,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._import_id = import_id
        self._project_id = project_id
        self._at = at
        self._on_progress = on_progress
        self._connection = connections["default"].copy()
        self._rows_total = 0
        self._rows_done = 0

    def begin(self, stage: Stage, *, rows_total: int = 0) -> None:
        """Note that a stage begins."""
        self._rows_total, self._rows_done = rows_total, 0
        self._note(stage)

    def add(self, rows: int) -> None:
        """Note that ``rows`` more are written."""
        self._rows_done += rows
        self._note("writing")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _note(self, stage: Stage) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT set_config('anju.projects', %s, true)", [str(self._project_id)])
            cursor.execute(
                _NOTE,
                {
                    "import": self._import_id,
                    "project": self._project_id,
                    "stage": stage,
                    "total": self._rows_total,
                    "done": self._rows_done,
                    "at": self._at,
                },
            )
            cursor.execute("COMMIT")
        if self._on_progress is not None:
            self._on_progress(self._rows_done, self._rows_total)


@contextmanager
def noting_progress(
    *, import_id: UUID, project_id: UUID, at: datetime, on_progress: OnProgress | None
) -> Iterator[ProgressNotes]:
    """Note progress while the block runs."""
    notes = ProgressNotes(
        import_id=import_id, project_id=project_id, at=at, on_progress=on_progress
    )
    try:
        yield notes
    finally:
        notes.close()
