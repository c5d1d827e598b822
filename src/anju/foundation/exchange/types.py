"""What others see of imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from anju.foundation.core.words import Language
from anju.foundation.exchange.faults import Fault, describe_fault

ImportKind = Literal["units", "households", "wishes"]
ImportState = Literal["received", "reading", "done", "faulty", "failed"]
_LONGEST_NAME = 200
KINDS: tuple[ImportKind, ...] = ("units", "households", "wishes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """What a file did to its register, or would do."""

    rows_total: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    staying: int = 0
    """What the register holds and the file does not name: it stays as it is."""

    @property
    def changes(self) -> int:
        """How much of the register the file changes."""
        return self.added + self.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """One file that a clerk sent, and what became of it."""

    id: UUID
    project_id: UUID
    kind: ImportKind
    file_name: str
    digest: str
    """SM3 of the file as it came, hexadecimal."""
    size: int
    is_dry_run: bool
    state: ImportState
    """``received``; ``reading`` while it runs; ``done``; ``faulty``; ``failed`` (not readable)."""
    stage: str
    """While it runs: ``reading``, ``checking`` or ``writing``."""
    rows_total: int
    rows_done: int
    counts: ImportCounts
    faults_count: int
    faults: tuple[Fault, ...] = field(repr=False)
    """At most the first 2,000 of them."""
    received_by: UUID
    received_at: datetime
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.finished_at is not None

    @property
    def has_written(self) -> bool:
        """Whether it changed the register."""
        return self.state == "done" and not self.is_dry_run and self.counts.changes > 0

    def messages(self, language: Language = "zh") -> list[str]:
        """Say each fault in the reader's language, place first, as the command line says it."""
        return [describe_fault(fault, language) for fault in self.faults]


def faults_as_told(faults: tuple[Fault, ...]) -> list[dict[str, object]]:
    """Give faults as values of JSON, from which :func:`faults_from` makes them again."""
    return [
        {
            "file": fault.file,
            "rule": fault.rule,
            "row": fault.row,
            "column": fault.column,
            "value": fault.value,
            "facts": {name: str(told) for name, told in fault.facts.items()},
        }
        for fault in faults
    ]


def faults_from(told: list[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Make faults again from what :func:`faults_as_told` gave."""
    return tuple(Fault(**entry) for entry in told)


def plain_name(name: str) -> str:
    r"""Give a file's own name, without folders and without what nobody can see.

    >>> plain_name("C:\\lists\\房源.xlsx")
    '房源.xlsx'
    """
    own = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in own if sign.isprintable()).strip()[:_LONGEST_NAME] or "table"
