"""Opening a project by its plan, and reading clerks' files into its registers.

One file is one act: it is kept whole or not at all (INV-8). The file is read before the transaction
begins, so that no lock is held while a spreadsheet is parsed; what the register forbids is asked
again inside it.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.access.operations import operation, record, register_project_scope
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.operations import finish_import, lock_import
from anju.foundation.exchange.operations import refuse_import as note_refusal
from anju.foundation.exchange.progress import OnProgress, ProgressNotes, noting_progress
from anju.foundation.exchange.queries import import_row
from anju.foundation.exchange.types import ImportCounts, ImportRow
from anju.foundation.exchange.uploads import drop_upload, open_upload
from anju.foundation.policies.operations import store_rule_set
from anju.resettlement.intake.reading import read_terms, read_upload
from anju.resettlement.intake.storing import store_upload
from anju.resettlement.intake.types import ReadUpload, RegisterFaults
from anju.resettlement.offline.plan_text import parse_plan_text
from anju.resettlement.projects.operations import lock_register, store_project
from anju.resettlement.projects.types import ProjectRow, ProjectTerms
from anju_rules.hashing import digest
from anju_rules.values import Refusal


@operation(
    permits="projects.open",
    action="projects.project.opened",
    clauses=("plan",),
    level=Secrecy.PUBLIC,
)
def open_project(*, plan_text: str, by: Actor, at: datetime) -> ProjectRow:
    """Open a project by its plan; its rule set becomes a draft.

    Raises :class:`~anju.resettlement.offline.plan.PlanFaults` with all faults of the plan. Refuses
    with ``projects.code-taken`` and, for a division out of sight, ``access.not-found``.
    """
    terms = read_terms(plan_text)
    told = parse_plan_text(plan_text.encode())
    project = store_project(
        terms=ProjectTerms(
            code=terms.project.code,
            name=terms.project.name,
            division_code=terms.project.division or by.division,
            mode=terms.project.mode,
            strata=terms.project.strata,
            batch_size=terms.project.batch_size,
            plan_text=plan_text,
            # Dates become text, as in a rule set's canonical form.
            plan=json.loads(json.dumps(told, default=str)),
        ),
        at=at,
    )
    register_project_scope(project_id=project.id, division_code=project.division_code)
    if terms.rules is not None:
        store_rule_set(project_id=project.id, rules=terms.rules, at=at)
    record(
        target=project.id,
        body={"code": project.code, "name": project.name, "plan": project.plan_digest},
    )
    return project


def run_import(
    *, import_id: UUID, by: Actor, at: datetime, on_progress: OnProgress | None = None
) -> ImportRow:
    """Read an upload and store it, whole or not at all; a finished one is given as it is.

    Whoever was killed in the middle calls this again: the upload lies there still, and nothing of
    it is in the register. ``on_progress`` is told rows done and rows in all.

    Refuses with ``exchange.unknown-import`` and ``access.not-permitted``. What is wrong with the
    file is no refusal: it stands in the answer's ``faults``.
    """
    with reading(by=by):
        row = import_row(import_id=import_id)
    if row.is_finished:
        drop_upload(project_id=row.project_id, import_id=import_id)
        return row
    with noting_progress(
        import_id=import_id, project_id=row.project_id, at=at, on_progress=on_progress
    ) as notes:
        try:
            done = _read_and_store(row, notes, by=by, at=at)
        except Refusal as refusal:
            if refusal.code != "exchange.import-finished":
                raise
            # Another worker finished it meanwhile, and took the upload away.
            with reading(by=by):
                done = import_row(import_id=import_id)
    drop_upload(project_id=row.project_id, import_id=import_id)
    return done


def _read_and_store(row: ImportRow, notes: ProgressNotes, *, by: Actor, at: datetime) -> ImportRow:
    notes.begin("reading")
    ids = {"project_id": row.project_id, "import_id": row.id}
    try:
        with reading(by=by):
            read = read_upload(row, open_upload(**ids))
    except Refusal as refusal:
        fault = Fault(file=row.file_name, rule=refusal.code, facts=refusal.facts)
        return refuse_import(**ids, faults=(fault,), rows_total=0, has_failed=True, by=by, at=at)
    faults, rows_total = read.faults, read.rows_total
    if not faults:
        notes.begin("checking", rows_total=rows_total)
        try:
            return store_import(**ids, read=read, notes=notes, by=by, at=at)
        except RegisterFaults as found:
            faults = found.faults
    return refuse_import(
        **ids, faults=faults, rows_total=rows_total, has_failed=False, by=by, at=at
    )


@operation(
    permits="imports.run",
    action="registers.import.stored",
    clauses=("plan/registers",),
    level=Secrecy.INTERNAL,
)
def store_import(
    *,
    project_id: UUID,
    import_id: UUID,
    read: ReadUpload,
    notes: ProgressNotes,
    by: Actor,
    at: datetime,
) -> ImportRow:
    """Store what was read of an upload, in one transaction; a dry run only counts.

    Refuses with ``exchange.import-finished`` where another was first; raises
    :class:`RegisterFaults` for what the register forbids.
    """
    lock_register(project_id=project_id)
    if not lock_import(project_id=project_id, import_id=import_id):
        raise Refusal("exchange.import-finished")
    row = import_row(import_id=import_id)
    stored = store_upload(row, read, notes)
    done = finish_import(project_id=project_id, import_id=import_id, counts=stored.counts, at=at)
    record(
        target=import_id,
        project_id=project_id,
        body={
            "by_system": by.kind == "system",
            "kind": row.kind,
            "dry_run": row.is_dry_run,
            "added": stored.counts.added,
            "changed": stored.counts.changed,
            "unchanged": stored.counts.unchanged,
            "digest": digest(stored.rows.encode()).hex(),
            "rows": "" if row.is_dry_run else stored.rows,
        },
    )
    return done


@operation(
    permits="imports.run",
    action="registers.import.refused",
    clauses=("plan/registers",),
    level=Secrecy.INTERNAL,
)
def refuse_import(
    *,
    project_id: UUID,
    import_id: UUID,
    faults: tuple[Fault, ...],
    rows_total: int,
    has_failed: bool,
    by: Actor,
    at: datetime,
) -> ImportRow:
    """Note that nothing of a file was kept, and why.

    Refuses with ``exchange.import-finished`` where another was first.
    """
    if not lock_import(project_id=project_id, import_id=import_id):
        raise Refusal("exchange.import-finished")
    refused = note_refusal(
        project_id=project_id,
        import_id=import_id,
        counts=ImportCounts(rows_total=rows_total),
        faults=faults,
        has_failed=has_failed,
        at=at,
    )
    rules = sorted({fault.rule for fault in faults})
    record(
        target=import_id,
        project_id=project_id,
        body={"by_system": by.kind == "system", "faults": len(faults), "rules": rules},
    )
    return refused
