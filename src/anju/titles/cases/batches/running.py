"""A batch run from its beginning or from where it was left: some homes at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from uuid import UUID

import structlog

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time
from anju.foundation.exchange.faults import fault_from_refusal
from anju.foundation.exchange.uploads import drop_upload, open_upload
from anju.titles.cases.batches.checking import (
    JudgedFile,
    JudgedRow,
    judge_rows,
    judge_shared,
    report_of,
)
from anju.titles.cases.batches.entering import UNEXPECTED
from anju.titles.cases.batches.filing import read_register
from anju.titles.cases.batches.operations import (
    enter_homes,
    finish_batch,
    keep_shared_papers,
    note_checked_rows,
    open_rows,
    refuse_home,
)
from anju.titles.cases.batches.packs import Pack, open_pack
from anju.titles.cases.batches.queries import batch_by_id, waiting_places
from anju.titles.cases.batches.reading import ManifestRead, read_manifest
from anju.titles.cases.batches.types import BatchReport, BatchRow, RowReport
from anju_rules.values import Refusal

_ROWS_A_NOTE = 50
HOMES_AT_ONCE = 25
"""Homes in one transaction: most of what one costs alone, 25 share (decision 0036)."""
_MOST_BYTES_AT_ONCE = 48 << 20
_log = structlog.get_logger(__name__)


def run_batch(
    *,
    project_id: UUID,
    batch_id: UUID,
    by: Actor,
    at: datetime,
) -> BatchRow:
    """Read a batch that came in and take its homes in, or only check them on a dry run.

    Whoever was killed in the middle calls this again: what was taken in stands, what waits is done.
    A finished one is given as it is. Refuses with ``batches.unknown`` and
    ``exchange.upload-missing``.
    """
    with reading(by=by):
        row = batch_by_id(project_id=project_id, batch_id=batch_id)
    if not row.is_moving:
        return row
    try:
        with reading(by=by):
            data = open_upload(project_id=project_id, import_id=batch_id)
        pack = open_pack(data)
        read = read_manifest(pack)
    except Refusal as refusal:
        if refusal.code == "exchange.upload-missing":
            raise
        fault = fault_from_refusal(refusal, file=row.file_name)
        return finish_batch(project_id=project_id, batch_id=batch_id, faults=(fault,), by=by, at=at)
    shared = judge_shared(pack, read)
    opened = _unjudged(pack, read, shared, at=at)
    if opened.faults:
        return finish_batch(
            project_id=project_id, batch_id=batch_id, faults=opened.faults, by=by, at=at
        )
    if row.state == "received":
        row = open_rows(
            project_id=project_id,
            batch_id=batch_id,
            terms=read.terms,
            rows=opened.rows,
            notes=opened.notes,
            by=by,
            at=at,
        )
    if row.is_dry_run:
        _check_rows(row, pack, read, shared, by=by, at=at)
    else:
        _enter_rows(row, pack, read, shared, by=by, at=at)
    done = finish_batch(project_id=project_id, batch_id=batch_id, by=by, at=at)
    if done.state == "done":
        drop_upload(project_id=project_id, import_id=batch_id)
    return done


def _unjudged(
    pack: Pack, read: ManifestRead, shared: Mapping[str, JudgedFile], *, at: datetime
) -> BatchReport:
    """Give the rows as the table alone tells them, before a single scan was looked at."""
    rows = [
        RowReport(
            place=entry.place,
            number=entry.number,
            digest="",
            entry=entry,
            faults=read.row_faults.get(entry.place, ()),
        )
        for entry in read.entries
    ]
    return report_of(pack=pack, read=read, shared=shared, rows=rows, on=city_time(at).date())


def _judge_waiting(
    row: BatchRow,
    pack: Pack,
    read: ManifestRead,
    shared: Mapping[str, JudgedFile],
    *,
    by: Actor,
    at: datetime,
) -> Iterator[JudgedRow]:
    with reading(by=by):
        waiting = waiting_places(project_id=row.project_id, batch_id=row.id)
    return judge_rows(
        pack=pack,
        read=read,
        shared=shared,
        on=city_time(at).date(),
        wanted=lambda entry: entry.place in waiting,
    )


def _check_rows(
    row: BatchRow,
    pack: Pack,
    read: ManifestRead,
    shared: Mapping[str, JudgedFile],
    *,
    by: Actor,
    at: datetime,
) -> None:
    judged = _judge_waiting(row, pack, read, shared, by=by, at=at)
    while part := list(islice(judged, _ROWS_A_NOTE)):
        note_checked_rows(
            project_id=row.project_id,
            batch_id=row.id,
            rows=[one.report for one in part],
            by=by,
            at=at,
        )


def _enter_rows(
    row: BatchRow,
    pack: Pack,
    read: ManifestRead,
    shared: Mapping[str, JudgedFile],
    *,
    by: Actor,
    at: datetime,
) -> None:
    documents = keep_shared_papers(
        project_id=row.project_id, batch_id=row.id, shared=shared, by=by, at=at
    )
    with reading(by=by):
        register = read_register(project_id=row.project_id)
    enter = partial(
        enter_homes,
        project_id=row.project_id,
        batch_id=row.id,
        terms=read.terms,
        register=register,
        shared=documents,
        by=by,
        at=at,
    )
    refuse = partial(
        refuse_home,
        project_id=row.project_id,
        batch_id=row.id,
        rule="batches.failed-unexpectedly",
        by=by,
        at=at,
    )
    for part in _parts(_judge_waiting(row, pack, read, shared, by=by, at=at)):
        try:
            enter(judged=part)
        except UNEXPECTED:
            # What the database refuses only at the end of a transaction, one home shows alone.
            _enter_one_by_one(part, enter=enter, refuse=refuse)


def _parts(judged: Iterator[JudgedRow]) -> Iterator[list[JudgedRow]]:
    """Give rows some at a time, fewer where their scans are large: they are held in memory."""
    part: list[JudgedRow] = []
    held = 0
    for one in judged:
        part.append(one)
        held += sum(len(file.content) for files in one.files.values() for file in files)
        if len(part) >= HOMES_AT_ONCE or held >= _MOST_BYTES_AT_ONCE:
            yield part
            part, held = [], 0
    if part:
        yield part


def _enter_one_by_one(
    part: Sequence[JudgedRow], *, enter: partial[None], refuse: partial[None]
) -> None:
    """Take homes in alone: one home's fault never stops the others, even where it is our own."""
    for one in part:
        try:
            enter(judged=[one])
        except UNEXPECTED as error:
            _log.exception("batches.home-failed", row=one.report.place, kind=type(error).__name__)
            refuse(report=one.report)
