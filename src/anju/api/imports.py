"""Endpoints of imports: a table in, what became of it out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from ninja.responses import Status
from procrastinate.contrib.django import app as jobs

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.refusals import language_of
from anju.api.schemas import ProjectCode, Refused
from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import Language
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.exchange.queries import import_row, imports_of
from anju.foundation.exchange.types import ImportRow
from anju_rules.values import Refusal

router = Router(tags=["imports"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}
Kind = Literal["units", "households", "wishes"]


class ImportOut(Schema):
    """An import: its state, its counts, and every fault in words."""

    id: UUID
    kind: Kind
    file_name: str
    is_dry_run: bool
    state: str
    rows_total: int
    rows_done: int
    added: int
    changed: int
    unchanged: int
    faults_count: int
    faults: list[str]
    received_at: datetime
    finished_at: datetime | None


@router.get("/{code}/imports", response={200: list[ImportOut], **_REFUSED})
@asks("imports.see")
def list_imports(request: HttpRequest, code: ProjectCode) -> list[ImportOut]:
    """Give the imports of a project, the newest first."""
    project = project_in_sight(code, by=actor_of(request))
    language = language_of(request)
    return [_out(row, language) for row in imports_of(project_id=project.id)]


@router.post("/{code}/imports", response={202: ImportOut, **_REFUSED})
@asks("imports.receive")
def send_table(
    request: HttpRequest,
    code: ProjectCode,
    table: File[UploadedFile],
    kind: Form[Kind],
    dry_run: Form[Literal["0", "1"]] = "0",
) -> Status[ImportOut]:
    """Keep a table and have it read by a worker; ask for the import to see how far it is."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    row = receive_upload(
        project_id=project.id,
        kind=kind,
        data=table.read(),
        file_name=table.name or "table",
        is_dry_run=dry_run == "1",
        by=by,
        at=read_clock(),
    )
    jobs.configure_task("imports.run", queue="imports", lock=str(project.id)).defer(
        project_id=str(project.id), import_id=str(row.id), account_id=str(by.id)
    )
    return Status(202, _out(row, language_of(request)))


@router.get("/{code}/imports/{import_id}", response={200: ImportOut, **_REFUSED})
@asks("imports.see")
def show_import(request: HttpRequest, code: ProjectCode, import_id: UUID) -> ImportOut:
    """Give one import."""
    project = project_in_sight(code, by=actor_of(request))
    row = import_row(import_id=import_id)
    if row.project_id != project.id:
        raise Refusal("access.not-found")
    return _out(row, language_of(request))


def _out(row: ImportRow, language: Language) -> ImportOut:
    return ImportOut(
        id=row.id,
        kind=row.kind,
        file_name=row.file_name,
        is_dry_run=row.is_dry_run,
        state=row.state,
        rows_total=row.rows_total,
        rows_done=row.rows_done,
        added=row.counts.added,
        changed=row.counts.changed,
        unchanged=row.counts.unchanged,
        faults_count=row.faults_count,
        faults=row.messages(language),
        received_at=row.received_at,
        finished_at=row.finished_at,
    )
