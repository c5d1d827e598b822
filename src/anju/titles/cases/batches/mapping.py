"""Rows of batches into what others see, and their seals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import UUID

from anju.foundation.core.sealing import (
    FieldPlace,
    PlainField,
    SealedField,
    open_fields,
    seal_field,
    seal_fields,
)
from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.types import faults_as_told, faults_from
from anju.titles.cases.batches.models import BatchRecord, BatchRowRecord
from anju.titles.cases.batches.types import BatchLine, BatchRow, BatchState, Figures, RowState

_BATCH, _FAULTS = "titlecases_batch", "faults_sealed"
_ROW, _TOLD = "titlecases_batch_row", "told_sealed"
_PLACES = 1 << 32
Counts = Mapping[str, int]


def batch_from(record: BatchRecord, counts: Counts) -> BatchRow:
    """Give a batch's frozen row; ``counts`` are of its rows, by what became of them."""
    told = _opened_faults(record)
    done, refused = counts.get("done", 0), counts.get("refused", 0)
    return BatchRow(
        id=record.id,
        project_id=record.project_id,
        file_name=record.file_name,
        arrived_digest=record.arrived_digest,
        size=record.size,
        is_dry_run=record.is_dry_run,
        state=cast("BatchState", record.state),
        procedure=record.procedure,
        rows_total=record.rows_total,
        waiting=counts.get("waiting", 0),
        done=done,
        refused=refused,
        unchanged=counts.get("unchanged", 0),
        judged=done + refused + (counts.get("judged", 0) if record.is_dry_run else 0),
        faults=faults_from(told.get("faults", [])),
        notes=faults_from(told.get("notes", [])),
        received_by=record.received_by,
        received_at=record.received_at,
        finished_at=record.finished_at,
    )


def lines_from(records: Sequence[BatchRowRecord]) -> tuple[BatchLine, ...]:
    """Give frozen rows, what is told of them unsealed together."""
    sealed = [one for one in records if one.told_sealed is not None]
    texts = open_fields(
        fields=[
            SealedField(
                place=FieldPlace(one.project_id, _ROW, row_seal_id(one.batch_id, one.place), _TOLD),
                sealed=bytes(one.told_sealed or b""),
            )
            for one in sealed
        ]
    )
    told = {one.place: json.loads(text) for one, text in zip(sealed, texts, strict=True)}
    return tuple(_line_from(one, told.get(one.place, {})) for one in records)


def _line_from(record: BatchRowRecord, told: Mapping[str, Any]) -> BatchLine:
    figures = told.get("figures")
    return BatchLine(
        place=record.place,
        number=record.number,
        digest=record.digest,
        state=cast("RowState", record.state),
        is_new=record.is_new,
        rule=record.rule,
        faults=faults_from(told.get("faults", [])),
        notes=faults_from(told.get("notes", [])),
        figures=None if figures is None else Figures(**figures),
        home_id=record.home_id,
        case_id=record.case_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """What is to be told of a row."""

    place: int
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    figures: Figures | None


def seal_rows(
    *, project_id: UUID, batch_id: UUID, rows: Sequence[ToldRow]
) -> dict[int, bytes | None]:
    """Seal what is told of rows, by place: a faulty value may be an identity number.

    Nothing is sealed of a row of which there is nothing to tell.
    """
    told = [row for row in rows if row.faults or row.notes or row.figures is not None]
    sealed = seal_fields(
        fields=[
            PlainField(
                place=FieldPlace(project_id, _ROW, row_seal_id(batch_id, row.place), _TOLD),
                text=json.dumps(
                    {
                        "faults": faults_as_told(row.faults),
                        "notes": faults_as_told(row.notes),
                        "figures": None if row.figures is None else asdict(row.figures),
                    },
                    ensure_ascii=False,
                ),
            )
            for row in told
        ]
    )
    by_place = dict(zip((row.place for row in told), sealed, strict=True))
    return {row.place: by_place.get(row.place) for row in rows}


def seal_batch_faults(
    *, project_id: UUID, batch_id: UUID, faults: tuple[Fault, ...], notes: tuple[Fault, ...]
) -> bytes | None:
    """Seal what is wrong with a pack as a whole: its files are named by people."""
    if not faults and not notes:
        return None
    told = {"faults": faults_as_told(faults), "notes": faults_as_told(notes)}
    return seal_field(
        subject_id=project_id,
        table=_BATCH,
        row_id=batch_id,
        column=_FAULTS,
        text=json.dumps(told, ensure_ascii=False),
    )


def row_seal_id(batch_id: UUID, place: int) -> UUID:
    """Give the id to which a row's seal is bound: its batch and its place in it."""
    return UUID(int=(batch_id.int ^ (place % _PLACES)))


def _opened_faults(record: BatchRecord) -> Mapping[str, Any]:
    if record.faults_sealed is None:
        return {}
    place = FieldPlace(record.project_id, _BATCH, record.id, _FAULTS)
    texts = open_fields(fields=[SealedField(place=place, sealed=bytes(record.faults_sealed))])
    told: dict[str, Any] = json.loads(texts[0])
    return told
