"""Where a home's file comes from: what happened to it, value by value, with the entry's seal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.foundation.ledger.queries import find_entry
from anju.foundation.ledger.types import EntryRow
from anju.resettlement.inventory.queries import unit_changes, unit_history
from anju.resettlement.inventory.types import UnitChange, UnitRow
from anju.resettlement.selection.types import HomeTile
from anju.web.public.home_words import COLUMN_WORDS, say_value
from anju.web.public.saying import say_moment

_STORED = "registers.import.stored"
_WORDS: Mapping[str, str] = {
    "exchange.upload.received": "收到房源表",
    _STORED: "房源表导入：登记或更改了这套房",
    "selection.home.chosen": "这套房被选定",
    "inventory.units.graded": "定了等级",
    "inventory.units.reserved": "预留或放回",
    "inventory.stage.signed": "质量签字",
    "inventory.defect.reported": "上报一处质量问题，停止选这套房",
    "inventory.defect.mended": "质量问题已整改，等待验收",
    "inventory.defect.accepted": "整改验收通过",
    "inventory.attachment.kept": "档案里放进一份材料",
    "inventory.material.removed": "档案里撤下一份材料",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """What happened to a home, what it changed, and the entry that proves it."""

    at: datetime
    when: str
    what: str
    changes: tuple[str, ...]
    event_id: UUID


def tell_history(unit: UnitRow, *, tile: HomeTile) -> list[HistoryLine]:
    """Give what the ledger says of a home, oldest first; dry runs brought nothing."""
    entries = unit_history(project_id=unit.project_id, unit_id=unit.id)
    chosen = None if tile.event_id is None else find_entry(event_id=tile.event_id)
    if chosen is not None:
        entries.append(chosen)
    changes = {
        change.cause_id: change
        for change in unit_changes(project_id=unit.project_id, unit_id=unit.id)
    }
    return sorted(_lines(entries, changes), key=lambda line: line.at)


def _lines(
    entries: Iterable[EntryRow], changes: Mapping[UUID, UnitChange]
) -> Iterable[HistoryLine]:
    for entry in {entry.event_id: entry for entry in entries}.values():
        # An import's changes stand under its own id: its last entry is the one that made them.
        cause = UUID(entry.target) if entry.action == _STORED else entry.event_id
        yield HistoryLine(
            at=entry.at,
            when=say_moment(entry.at),
            what=_WORDS.get(entry.action, "办理了一次登记"),
            changes=_say_changes(changes.get(cause)),
            event_id=entry.event_id,
        )


def _say_changes(change: UnitChange | None) -> tuple[str, ...]:
    if change is None:
        return ()
    return tuple(
        f"{COLUMN_WORDS[name]}：{say_value(name, was)} → {say_value(name, now)}"
        for name, (was, now) in change.columns.items()
        if name in COLUMN_WORDS
    )
