"""Reads of homes: they hold no personal data and need no context."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import cast
from uuid import UUID

from django.db.models import Count

from anju.foundation.access.context import reading
from anju.foundation.access.types import system_actor
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.queries import read_document
from anju.foundation.documents.types import DocumentRow
from anju.foundation.exchange.cells import CellValue
from anju.foundation.ledger.queries import entries_of, find_entry
from anju.foundation.ledger.types import EntryRow
from anju.resettlement.inventory.mapping import (
    BRIEF_COLUMNS,
    brief_from,
    digest_of,
    facility_from,
    material_from,
    terms_from,
    unit_from,
    values_from,
)
from anju.resettlement.inventory.models import (
    ChangeRecord,
    FacilityRecord,
    LotRecord,
    MaterialRecord,
    StockTermsRecord,
    UnitRecord,
)
from anju.resettlement.inventory.tracing import (
    files_of,
    missing_of,
    open_defects_of,
    responsible_of,
    traces_of,
)
from anju.resettlement.inventory.types import (
    MaterialRow,
    QualityFile,
    Readiness,
    UnitBrief,
    UnitChange,
    UnitChanges,
    UnitDraft,
    UnitRow,
    UnitState,
)
from anju_rules.inventory import Lot, Source, StockTerms
from anju_rules.provision import Facility
from anju_rules.values import Home, Refusal, UnitNumber

__all__ = [
    "compare_units",
    "count_homes",
    "delivery_readiness",
    "facilities_of",
    "find_stock_terms",
    "homes_of",
    "lots_of",
    "materials_of",
    "open_defects_of",
    "quality_file",
    "read_material",
    "responsible_of",
    "unit_briefs",
    "unit_by_number",
    "unit_changes",
    "unit_history",
    "unit_ids",
    "unit_numbers",
    "units_by_ids",
]
_PUBLIC = system_actor(request_id="inventory.public")
_IN_USE = ("held", "taken")


def homes_of(*, project_id: UUID) -> list[UnitRow]:
    """Give a project's homes in the order of their unit table."""
    records = UnitRecord.objects.filter(project_id=project_id).order_by("place", "number")
    return [unit_from(record) for record in records]


def unit_briefs(*, project_id: UUID) -> list[UnitBrief]:
    """Give a project's homes in the order of their unit table, without the rest of their files.

    For what is read at every turn: half of a file's columns are never asked for there.
    """
    rows = UnitRecord.objects.filter(project_id=project_id).order_by("place", "number")
    return [brief_from(row) for row in rows.values_list(*BRIEF_COLUMNS)]


def count_homes(
    *, project_id: UUID, leaving_out: Collection[UUID] = frozenset()
) -> Counter[UnitState]:
    """Count a project's homes by their state in the register, without those left out."""
    homes = UnitRecord.objects.filter(project_id=project_id)
    if leaving_out:
        homes = homes.exclude(id__in=list(leaving_out))
    counts = homes.order_by().values_list("state").annotate(homes=Count("id"))
    return Counter({cast("UnitState", state): count for state, count in counts})


def unit_by_number(*, project_id: UUID, number: str) -> UnitRow:
    """Give the home with this number; refuses with ``inventory.unknown-unit``."""
    record = UnitRecord.objects.filter(project_id=project_id, number=number).first()
    if record is None:
        raise Refusal("inventory.unknown-unit", unit=number)
    return unit_from(record)


def units_by_ids(*, project_id: UUID, unit_ids: Collection[UUID]) -> list[UnitRow]:
    """Give homes by their ids, in the order of the unit table.

    Refuses with ``inventory.unknown-unit`` where one of them is no home of the project.
    """
    records = UnitRecord.objects.filter(project_id=project_id, id__in=list(unit_ids))
    found = [unit_from(record) for record in records.order_by("place", "number")]
    missing = set(unit_ids) - {unit.id for unit in found}
    if missing:
        raise Refusal("inventory.unknown-unit", unit=min(missing))
    return found


def unit_ids(*, project_id: UUID, numbers: Collection[str]) -> list[UUID]:
    """Give the ids of homes by their numbers, in the order asked; one asked twice stays twice.

    Refuses with ``inventory.unknown-unit`` where one of them is no home of the project.
    """
    records = UnitRecord.objects.filter(project_id=project_id, number__in=list(numbers))
    found = dict(records.values_list("number", "id"))
    for number in numbers:
        if number not in found:
            raise Refusal("inventory.unknown-unit", unit=number)
    return [found[number] for number in numbers]


def unit_numbers(*, project_id: UUID) -> dict[UnitNumber, UUID]:
    """Give the id of every home of a project by its number."""
    found = UnitRecord.objects.filter(project_id=project_id).values_list("number", "id")
    return {UnitNumber(number): unit_id for number, unit_id in found}


def unit_history(*, project_id: UUID, unit_id: UUID) -> list[EntryRow]:
    """Give the ledger's entries about a home: its imports, then what was done with it.

    An act on many homes at once is the project's entry, and stands here where it changed this one.
    """
    (unit,) = units_by_ids(project_id=project_id, unit_ids=[unit_id])
    targets = (*unit.import_ids, unit_id)
    entries = {
        entry.event_id: entry for target in targets for entry in entries_of(target=str(target))
    }
    for change in unit_changes(project_id=project_id, unit_id=unit_id):
        if change.cause_id not in entries and change.cause_id not in unit.import_ids:
            entry = find_entry(event_id=change.cause_id)
            entries |= {} if entry is None else {entry.event_id: entry}
    return sorted(entries.values(), key=lambda entry: entry.at)


def unit_changes(*, project_id: UUID, unit_id: UUID) -> tuple[UnitChange, ...]:
    """Give what imports and acts changed of a home, value by value, in no order."""
    rows = ChangeRecord.objects.filter(project_id=project_id, unit_id=unit_id)
    return tuple(
        UnitChange(
            cause_id=row.cause_id,
            columns={name: (was, now) for name, (was, now) in sorted(row.columns.items())},
        )
        for row in rows
    )


def facilities_of(*, project_id: UUID) -> tuple[Facility, ...]:
    """Give the schools and clinics on record, schools first."""
    rows = FacilityRecord.objects.filter(project_id=project_id).order_by("-kind", "name")
    return tuple(facility_from(row) for row in rows)


def materials_of(
    *, project_id: UUID, unit_id: UUID | None = None, layout: str = "", community: str = ""
) -> tuple[MaterialRow, ...]:
    """Give pictures and papers, the latest first, with those that are shown no longer.

    Of one home's file, else of a community's layout, else all of the project's layouts.
    """
    kept = MaterialRecord.objects.filter(project_id=project_id, unit_id=unit_id)
    if layout:
        kept = kept.filter(layout=layout, community=community)
    return tuple(material_from(row) for row in kept.order_by("-kept_at", "id"))


def read_material(*, project_id: UUID, document_id: UUID) -> tuple[DocumentRow, bytes]:
    """Give a picture or a paper that is shown, with its content, for whoever asks.

    Refuses with ``inventory.unknown-material`` what is not shown, or no longer.
    """
    shown = MaterialRecord.objects.filter(
        project_id=project_id, document_id=document_id, removed_at__isnull=True
    )
    if not shown.exists():
        raise Refusal("inventory.unknown-material")
    with reading(by=_PUBLIC):
        return read_document(project_id=project_id, document_id=document_id)


def compare_units(
    *,
    project_id: UUID,
    homes: Mapping[UnitNumber, Home],
    beside: Mapping[UnitNumber, Mapping[str, CellValue]],
) -> UnitChanges:
    """Say what a unit table would change; nothing is written."""
    kept = {
        number: (unit_id, bytes(content), state)
        for number, unit_id, content, state in UnitRecord.objects.filter(
            project_id=project_id
        ).values_list("number", "id", "content_digest", "state")
    }
    added, changed, in_use = [], [], []
    for number, home in homes.items():
        values = values_from(home, beside.get(number, {}))
        content = digest_of(number, values)
        earlier = kept.get(number)
        if earlier is None:
            added.append(UnitDraft(id=new_id(), number=number, values=values, digest=content))
        elif earlier[1] != content:
            changed.append(UnitDraft(id=earlier[0], number=number, values=values, digest=content))
            if earlier[2] in _IN_USE:
                in_use.append(number)
    return UnitChanges(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=len(homes) - len(added) - len(changed),
        staying=len(kept.keys() - homes.keys()),
        in_use=tuple(in_use),
    )


def find_stock_terms(*, project_id: UUID) -> StockTerms | None:
    """Give what a project's stock is measured by; None: nobody has set it, the defaults stand."""
    record = StockTermsRecord.objects.filter(project_id=project_id).first()
    return None if record is None else terms_from(record.terms)


def lots_of(*, project_id: UUID) -> list[Lot]:
    """Give a project's lots, by source and name."""
    return [
        Lot(
            name=record.name,
            source=Source(record.source),
            homes=record.homes,
            district=record.district,
            ready_on=record.ready_on,
        )
        for record in LotRecord.objects.filter(project_id=project_id).order_by("source", "name")
    ]


def quality_file(*, project_id: UUID, unit_id: UUID) -> QualityFile:
    """Give how one home was made; refuses with ``inventory.unknown-unit``."""
    units = units_by_ids(project_id=project_id, unit_ids=[unit_id])
    return files_of(project_id=project_id, units=units)[unit_id]


def delivery_readiness(*, project_id: UUID) -> Readiness:
    """Say whether every home of a project may be handed over, and what the others miss (INV-6)."""
    units = unit_briefs(project_id=project_id)
    missing = missing_of(traces_of(project_id=project_id, units=units))
    unready = tuple(unit.number for unit in units if missing[unit.id])
    return Readiness(
        homes=len(units),
        passed=len(units) - len(unready),
        missing=Counter(code for codes in missing.values() for code in codes),
        unready=unready,
    )
