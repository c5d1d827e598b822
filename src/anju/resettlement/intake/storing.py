"""Storing what was read: compared with the register, refused whole, or written in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from anju.foundation.exchange.faults import Fault, shown
from anju.foundation.exchange.progress import ProgressNotes
from anju.foundation.exchange.types import ImportCounts, ImportRow
from anju.resettlement.households.choosing_tables import WishTable
from anju.resettlement.households.facts import told_facts
from anju.resettlement.households.operations import store_households
from anju.resettlement.households.queries import (
    compare_households,
    household_numbers,
    households_by_id,
)
from anju.resettlement.households.tables import HouseholdTable
from anju.resettlement.households.types import HouseholdChanges
from anju.resettlement.intake.types import ReadUpload, RegisterFaults
from anju.resettlement.inventory.operations import store_units
from anju.resettlement.inventory.queries import compare_units, unit_numbers
from anju.resettlement.inventory.tables import UnitTable
from anju.resettlement.inventory.types import UnitChanges
from anju.resettlement.preferences.operations import store_wishes
from anju.resettlement.preferences.queries import compare_wishes
from anju.resettlement.preferences.types import WishChanges, Wishes
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.scoring.queries import totals_of
from anju_rules.values import HouseholdNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What an import did, or would do: its counts, and its rows for the ledger."""

    counts: ImportCounts
    rows: str
    """A line a row written: its random id and the digest of what it now says; in their order."""


def store_upload(row: ImportRow, read: ReadUpload, notes: ProgressNotes) -> Stored:
    """Write what a file adds and changes, or, in a dry run, only say what that would be.

    Raises :class:`RegisterFaults` for what the register forbids: a home that is held or taken, a
    register that a draw rests on, one person in two households.
    """
    if isinstance(read.table, UnitTable):
        return _store_units(row, read, read.table, notes)
    if isinstance(read.table, HouseholdTable):
        return _store_households(row, read, read.table, notes)
    return _store_wishes(row, read, read.table, notes)


def _store_units(
    row: ImportRow, read: ReadUpload, table: UnitTable, notes: ProgressNotes
) -> Stored:
    changes = compare_units(project_id=row.project_id, homes=table.homes, beside=table.beside)
    _refuse(
        read,
        (
            _fault(row, read, "intake.unit-in-use", row_number=table.rows[number], value=number)
            for number in changes.in_use
        ),
    )
    written = [*changes.added, *changes.changed]
    if not row.is_dry_run:
        notes.begin("writing", rows_total=len(written))
        store_units(project_id=row.project_id, changes=changes, import_id=row.id, note=notes.add)
    return Stored(
        counts=_count(read, changes),
        rows=_lines((draft.id, draft.digest) for draft in written),
    )


def _store_households(
    row: ImportRow, read: ReadUpload, table: HouseholdTable, notes: ProgressNotes
) -> Stored:
    changes = compare_households(
        project_id=row.project_id,
        households=table.households,
        lottery_numbers=table.lottery_numbers,
    )
    written = [*changes.added, *changes.changed]
    _refuse(
        read,
        (
            _fault(
                row,
                read,
                "intake.identity-number-in-register",
                row_number=table.rows[number],
                value=table.households[number].identity_number,
                column="identity_number",
                household=other,
            )
            for number, other in changes.same_person
        ),
    )
    _refuse_frozen(row, read, table.rows, [draft.number for draft in written])
    _refuse_scored(row, read, table.rows, changes)
    if not row.is_dry_run:
        notes.begin("writing", rows_total=len(written))
        store_households(project_id=row.project_id, changes=changes, note=notes.add)
    return Stored(
        counts=_count(read, changes),
        rows=_lines((draft.id, draft.content_index) for draft in written),
    )


def _store_wishes(
    row: ImportRow, read: ReadUpload, table: WishTable, notes: ProgressNotes
) -> Stored:
    households = household_numbers(project_id=row.project_id)
    units = unit_numbers(project_id=row.project_id)
    told: dict[UUID, Wishes] = {
        households[household]: tuple(tuple(units[unit] for unit in wish) for wish in wishes)
        for household, wishes in table.wishes.items()
    }
    changes = compare_wishes(project_id=row.project_id, wishes=told)
    numbers = {household_id: number for number, household_id in households.items()}
    written = {**changes.added, **changes.changed}
    _refuse_frozen(row, read, table.rows, [numbers[household_id] for household_id in written])
    if not row.is_dry_run:
        wishes_count = sum(len(wishes) for wishes in written.values())
        notes.begin("writing", rows_total=wishes_count)
        store_wishes(project_id=row.project_id, changes=changes, note=notes.add)
    return Stored(
        counts=_count(read, changes),
        rows="\n".join(
            f"{household_id} " + " ".join("+".join(map(str, wish)) for wish in wishes)
            for household_id, wishes in written.items()
        ),
    )


def _count(read: ReadUpload, changes: UnitChanges | HouseholdChanges | WishChanges) -> ImportCounts:
    return ImportCounts(
        rows_total=read.rows_total,
        added=len(changes.added),
        changed=len(changes.changed),
        unchanged=changes.unchanged,
        staying=changes.staying,
    )


def _refuse_frozen(
    row: ImportRow,
    read: ReadUpload,
    rows: Mapping[HouseholdNumber, int],
    numbers: Iterable[HouseholdNumber],
) -> None:
    """Refuse what would change the list that a draw rests on."""
    if project_by_id(project_id=row.project_id).register_frozen_at is None:
        return
    _refuse(
        read,
        (
            _fault(row, read, "intake.register-frozen", row_number=rows[number], value=number)
            for number in numbers
        ),
    )


def _refuse_scored(
    row: ImportRow,
    read: ReadUpload,
    rows: Mapping[HouseholdNumber, int],
    changes: HouseholdChanges,
) -> None:
    """Refuse other facts of who is scored: a table is one person's, a correction takes two."""
    scored = totals_of(project_id=row.project_id)
    changed = {draft.id: draft for draft in changes.changed if draft.id in scored}
    if not changed:
        return
    registered = households_by_id(project_id=row.project_id, household_ids=changed.keys())
    _refuse(
        read,
        (
            _fault(
                row,
                read,
                "intake.household-scored",
                row_number=rows[draft.number],
                value=draft.number,
            )
            for draft in changed.values()
            if told_facts(registered[draft.id].facts) != draft.facts
        ),
    )


def _refuse(read: ReadUpload, faults: Iterable[Fault]) -> None:
    found = sorted(faults, key=lambda fault: fault.row or 0)
    if found:
        raise RegisterFaults(found, rows_total=read.rows_total)


def _fault(
    row: ImportRow,
    read: ReadUpload,
    rule: str,
    *,
    row_number: int,
    value: str,
    column: str = "",
    **facts: object,
) -> Fault:
    layout = read.terms.tables[row.kind].layout
    key = column or ("household" if row.kind == "wishes" else "number")
    return Fault(
        file=row.file_name,
        row=row_number,
        column=layout.columns.get(key, ""),
        value=shown(value),
        rule=rule,
        facts=facts,
    )


def _lines(rows: Iterable[tuple[UUID, bytes]]) -> str:
    return "\n".join(f"{row_id} {content.hex()}" for row_id, content in rows)
