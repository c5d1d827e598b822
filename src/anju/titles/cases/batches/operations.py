"""Writes of batches: a pack comes in, its rows are opened, and its homes are taken in.

What is wrong with one home never stops another: homes are taken in some at a time, each with an
entry of its own, and one that fails is taken apart from the others. The same again changes
nothing: a home's case has an id that follows from what it was filed with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import Recorded, operation, record, record_each
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.documents.operations import lay_document
from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.types import plain_name
from anju.foundation.exchange.uploads import keep_upload
from anju.titles.cases.batches.checking import JudgedFile, JudgedRow
from anju.titles.cases.batches.entering import (
    Outcome,
    find_known,
    lock_rows,
    refused,
    rule_of,
    told_row,
    try_together,
    write_outcomes,
    write_rows,
)
from anju.titles.cases.batches.filing import (
    ReadyHome,
    Register,
    batch_id_of,
    file_homes,
    find_home,
    put_home_papers,
)
from anju.titles.cases.batches.mapping import batch_from, seal_batch_faults, seal_rows
from anju.titles.cases.batches.models import BatchRecord, BatchRowRecord
from anju.titles.cases.batches.queries import batch_by_id
from anju.titles.cases.batches.types import BatchRow, BatchTerms, RowReport
from anju_rules.hashing import digest
from anju_rules.values import Refusal

MOST_UPLOAD_BYTES = 200 << 20
"""What one form may send; a larger community is sent building by building."""


@operation(
    permits="titles.file",
    action="titlecases.batch.received",
    clauses=("registration-rules/16",),
    level=Secrecy.INTERNAL,
)
def receive_batch(
    *,
    project_id: UUID,
    data: bytes,
    file_name: str,
    is_dry_run: bool,
    by: Actor,
    at: datetime,
) -> BatchRow:
    """Keep a pack, sealed, until it is read; ``is_dry_run``: it is only to be checked.

    Refuses with ``exchange.file-empty``, ``batches.upload-too-large`` and, where these very bytes
    came in before, with ``batches.known-already``.
    """
    if not data:
        raise Refusal("exchange.file-empty")
    if len(data) > MOST_UPLOAD_BYTES:
        raise Refusal("batches.upload-too-large", most=MOST_UPLOAD_BYTES >> 20)
    arrived = digest(data).hex()
    batch_id = batch_id_of(project_id=project_id, arrived_digest=arrived)
    if BatchRecord.objects.filter(project_id=project_id, id=batch_id).exists():
        raise Refusal("batches.known-already")
    kept = BatchRecord(
        project_id=project_id,
        id=batch_id,
        file_name=plain_name(file_name),
        arrived_digest=arrived,
        size=len(data),
        is_dry_run=is_dry_run,
        received_by=by.id,
        received_at=at,
    )
    # The file first: a row without its file could never be read.
    keep_upload(project_id=project_id, import_id=batch_id, data=data)
    kept.save(force_insert=True)
    record(
        target=batch_id,
        project_id=project_id,
        body={"digest": arrived, "size": len(data), "dry_run": is_dry_run},
    )
    return batch_from(kept, {})


@operation(
    permits="titles.file",
    action="titlecases.batch.opened",
    clauses=("registration-rules/16",),
    level=Secrecy.INTERNAL,
)
def open_rows(
    *,
    project_id: UUID,
    batch_id: UUID,
    terms: BatchTerms,
    rows: Sequence[RowReport],
    notes: tuple[Fault, ...],
    by: Actor,
    at: datetime,
) -> BatchRow:
    """Open the rows of a batch, those that cannot be read as refused.

    A batch whose rows are open already is given as it is (the worker was killed and begins again).
    """
    del by
    kept = _lock(project_id, batch_id)
    if kept.state == "received":
        kept.procedure, kept.rows_total = terms.procedure, len(rows)
        kept.state = "running"
        kept.faults_sealed = seal_batch_faults(
            project_id=project_id, batch_id=batch_id, faults=(), notes=notes
        )
        kept.save(force_update=True)
        BatchRowRecord.objects.bulk_create(_new_rows(kept, rows, at=at), batch_size=1_000)
    record(
        target=batch_id,
        project_id=project_id,
        body={
            "rows": len(rows),
            "refused": sum(bool(row.faults) for row in rows),
            "procedure": terms.procedure,
            "dry_run": kept.is_dry_run,
        },
    )
    return batch_by_id(project_id=project_id, batch_id=batch_id)


@operation(
    permits="titles.file",
    action="titlecases.batch.checked",
    clauses=("registration-rules/17",),
    level=Secrecy.INTERNAL,
)
def note_checked_rows(
    *, project_id: UUID, batch_id: UUID, rows: Sequence[RowReport], by: Actor, at: datetime
) -> None:
    """Note what a dry run found of some rows; none of them is taken in."""
    del by
    _lock(project_id, batch_id)
    kept = lock_rows(project_id=project_id, batch_id=batch_id, places=[row.place for row in rows])
    waiting = [row for row in rows if kept[row.place].state == "waiting"]
    told = _told_fields(project_id, batch_id, waiting)
    for row in waiting:
        for name, value in told[row.place].items():
            setattr(kept[row.place], name, value)
        kept[row.place].at = at
    write_rows([kept[row.place] for row in waiting])
    record(
        target=batch_id,
        project_id=project_id,
        body={"rows": [[row.place, row.digest, rule_of(row.faults)] for row in rows]},
    )


@operation(
    permits="titles.file",
    action="titlecases.home.taken-in",
    clauses=("registration-rules/16", "registration-rules/17"),
    level=Secrecy.INTERNAL,
)
def enter_homes(
    *,
    project_id: UUID,
    batch_id: UUID,
    terms: BatchTerms,
    judged: Sequence[JudgedRow],
    register: Register,
    shared: Mapping[str, UUID],
    by: Actor,
    at: datetime,
) -> None:
    """Take some homes of a batch in together, or note of each why not; an entry for each home.

    What is wrong with one home stops no other. The same content as a row that was taken in before,
    here or in an earlier batch, opens nothing: its case stands. What is refused of a home is no
    refusal of this act: it is noted with the row.
    """
    places = [one.report.place for one in judged]
    rows = lock_rows(project_id=project_id, batch_id=batch_id, places=places)
    waiting = [one for one in judged if rows[one.report.place].state == "waiting"]
    known = find_known(project_id=project_id, reports=[one.report for one in waiting])
    outcomes = list(known.values())
    ready: list[ReadyHome] = []
    for one in waiting:
        if one.report.faults:
            outcomes.append(Outcome(report=one.report))
        elif one.report.place not in known:
            try:
                ready.append(find_home(project_id=project_id, register=register, judged=one))
            except Refusal as refusal:
                outcomes.append(refused(one.report, refusal))
    outcomes += _file_together(
        ready, terms=terms, shared=shared, project_id=project_id, by=by, at=at
    )
    write_outcomes(rows=rows, outcomes=outcomes, at=at)
    record_each(things=[_recorded(rows[place]) for place in places])


@operation(
    permits="titles.file",
    action="titlecases.home.taken-in",
    clauses=("registration-rules/17",),
    level=Secrecy.INTERNAL,
)
def refuse_home(
    *, project_id: UUID, batch_id: UUID, report: RowReport, rule: str, by: Actor, at: datetime
) -> None:
    """Note that a home could not be taken in for a reason that is not its own."""
    del by
    rows = lock_rows(project_id=project_id, batch_id=batch_id, places=[report.place])
    if rows[report.place].state == "waiting":
        write_outcomes(rows=rows, outcomes=[refused(report, rule)], at=at)
    record_each(things=[_recorded(rows[report.place])])


def _file_together(
    ready: Sequence[ReadyHome],
    *,
    project_id: UUID,
    terms: BatchTerms,
    shared: Mapping[str, UUID],
    by: Actor,
    at: datetime,
) -> list[Outcome]:
    """File homes that were found: their scans first, then their cases."""
    stored, infected = try_together(
        ready, lambda homes: put_home_papers(project_id=project_id, homes=homes, by=by, at=at)
    )
    papers = {home.case_id: kept for home, kept in stored}

    def file(homes: Sequence[ReadyHome]) -> Sequence[ReadyHome]:
        told = [(home, papers[home.case_id]) for home in homes]
        file_homes(project_id=project_id, terms=terms, homes=told, shared=shared, by=by, at=at)
        return homes

    filed, out = try_together([home for home, _ in stored], file)
    done = [
        Outcome(report=home.judged.report, home_id=home.home_id, case_id=home.case_id, is_new=True)
        for home, _ in filed
    ]
    return [*infected, *out, *done]


@operation(
    permits="titles.file",
    action="titlecases.batch.resumed",
    clauses=("registration-rules/16",),
    level=Secrecy.INTERNAL,
)
def take_in_batch(*, project_id: UUID, batch_id: UUID, by: Actor, at: datetime) -> BatchRow:
    """Have a batch taken in that was only checked; its faulty rows stay refused.

    Refuses with ``batches.not-checked`` and, where no row waits, ``batches.nothing-to-take-in``.
    """
    del by, at
    kept = _lock(project_id, batch_id)
    if kept.state != "checked":
        raise Refusal("batches.not-checked")
    waiting = BatchRowRecord.objects.filter(
        project_id=project_id, batch_id=batch_id, state="waiting"
    )
    if not waiting.exists():
        raise Refusal("batches.nothing-to-take-in")
    kept.is_dry_run, kept.state, kept.finished_at = False, "running", None
    kept.save(force_update=True)
    record(target=batch_id, project_id=project_id, body={"rows": waiting.count()})
    return batch_by_id(project_id=project_id, batch_id=batch_id)


@operation(
    permits="titles.file",
    action="titlecases.batch.shared",
    clauses=("registration-rules/16",),
    level=Secrecy.INTERNAL,
)
def keep_shared_papers(
    *, project_id: UUID, batch_id: UUID, shared: Mapping[str, JudgedFile], by: Actor, at: datetime
) -> Mapping[str, UUID]:
    """Keep what every home shares, once; gives the document of each material."""
    kept = _lock(project_id, batch_id)
    if not kept.shared:
        kept.shared = _keep_shared(kept, shared, by=by, at=at)
        kept.save(force_update=True)
    record(target=batch_id, project_id=project_id, body={"shared": kept.shared})
    return {material: UUID(document) for material, document in kept.shared.items()}


@operation(
    permits="titles.file",
    action="titlecases.batch.finished",
    clauses=("registration-rules/17",),
    level=Secrecy.INTERNAL,
)
def finish_batch(
    *,
    project_id: UUID,
    batch_id: UUID,
    by: Actor,
    at: datetime,
    faults: tuple[Fault, ...] = (),
) -> BatchRow:
    """Note that nothing more happens to a batch by itself.

    ``faults``: of the pack as a whole, for which no row was opened at all.
    """
    del by
    kept = _lock(project_id, batch_id)
    if faults:
        kept.faults_sealed = seal_batch_faults(
            project_id=project_id, batch_id=batch_id, faults=faults, notes=()
        )
    kept.state = "failed" if faults else "checked" if kept.is_dry_run else "done"
    kept.finished_at = at
    kept.save(force_update=True)
    row = batch_by_id(project_id=project_id, batch_id=batch_id)
    record(
        target=batch_id,
        project_id=project_id,
        body={
            "state": row.state,
            "rows": row.rows_total,
            "done": row.done,
            "refused": row.refused,
            "unchanged": row.unchanged,
            "rules": sorted({fault.rule for fault in faults}),
        },
    )
    return row


def _lock(project_id: UUID, batch_id: UUID) -> BatchRecord:
    kept = (
        BatchRecord.objects.select_for_update().filter(project_id=project_id, id=batch_id).first()
    )
    if kept is None:
        raise Refusal("batches.unknown")
    return kept


def _keep_shared(
    kept: BatchRecord, shared: Mapping[str, JudgedFile], *, by: Actor, at: datetime
) -> dict[str, str]:
    return {
        material: str(
            lay_document(
                project_id=kept.project_id,
                owner_kind="case",
                owner_id=kept.id,
                household_id=None,
                name=file.name,
                content=file.content,
                channel="desk",
                clean=file.give_harmless,
                by=by,
                at=at,
            ).id
        )
        for material, file in shared.items()
    }


def _new_rows(
    kept: BatchRecord, rows: Sequence[RowReport], *, at: datetime
) -> list[BatchRowRecord]:
    # What was not judged yet has nothing to be told of.
    judged = [row for row in rows if row.figures is not None or row.faults]
    told = _told_fields(kept.project_id, kept.id, judged)
    return [
        BatchRowRecord(
            project_id=kept.project_id,
            batch_id=kept.id,
            place=row.place,
            number=row.number,
            at=at,
            **told.get(row.place, {}),
        )
        for row in rows
    ]


def _told_fields(
    project_id: UUID, batch_id: UUID, rows: Sequence[RowReport]
) -> dict[int, dict[str, object]]:
    """Give the fields that hold what was found of rows, by place."""
    sealed = seal_rows(
        project_id=project_id,
        batch_id=batch_id,
        rows=[told_row(row, faults=row.faults) for row in rows],
    )
    return {
        row.place: {
            "digest": row.digest,
            "state": "refused" if row.faults else "waiting",
            "rule": rule_of(row.faults),
            "told_sealed": sealed[row.place],
        }
        for row in rows
    }


def _recorded(kept: BatchRowRecord) -> Recorded:
    return Recorded(
        target=kept.case_id or kept.batch_id,
        project_id=kept.project_id,
        outcome="done" if kept.state == "done" else f"refused:{kept.rule}",
        body={
            "batch": str(kept.batch_id),
            "row": kept.place,
            "digest": kept.digest,
            "state": kept.state,
            "is_new": kept.is_new,
            "case": str(kept.case_id) if kept.case_id else None,
            "home": str(kept.home_id) if kept.home_id else None,
        },
    )
