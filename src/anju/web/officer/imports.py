"""Imports: send a table, watch it being read, mend it row by row, look back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from procrastinate.contrib.django import app as jobs

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.exchange.faults import Fault, describe_fault, describe_place
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.exchange.queries import import_row, imports_of
from anju.foundation.exchange.types import ImportKind, ImportRow
from anju.web.officer.steps import project_in_sight
from anju.web.officer.uploads import read_upload
from anju.web.routes import go_to, is_fragment, route
from anju_rules.values import Refusal

KIND_WORDS: Mapping[str, str] = {"units": "房源表", "households": "户册", "wishes": "志愿表"}
STAGE_WORDS: Mapping[str, str] = {
    "": "排队等待读取",
    "reading": "正在打开文件",
    "checking": "正在逐行核对",
    "writing": "正在写入登记",
}
FAULTS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """One fault as its clerk mends it."""

    row: str
    column: str
    value: str
    words: str


@require_safe
@route(permits="imports.see")
def show_imports(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show the forms to send a table with, and what came in before."""
    project = project_in_sight(code=code, by=by)
    facts = {
        "project": project,
        "imports": imports_of(project_id=project.id),
        "kinds": KIND_WORDS.items(),
    }
    return render(request, "officer/imports.html", facts)


@require_POST
@route(permits="imports.receive")
def receive(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Keep a clerk's table, and have it read; a dry run writes nothing."""
    project = project_in_sight(code=code, by=by)
    upload = read_upload(request, name="table")
    received = receive_upload(
        project_id=project.id,
        kind=_kind(request.POST.get("kind", "")),
        data=upload.content,
        file_name=upload.name,
        is_dry_run=request.POST.get("dry") == "1",
        by=by,
        at=read_clock(),
    )
    ask_to_read(received, by=by)
    return go_to("desk-import-one", request=request, code=code, import_id=received.id)


@require_safe
@route(permits="imports.see")
def show_import(request: HttpRequest, code: str, import_id: UUID, *, by: Actor) -> HttpResponse:
    """Show how far an import is, and its faults; htmx asks for the part that moves."""
    project = project_in_sight(code=code, by=by)
    told = import_row(import_id=import_id)
    if told.project_id != project.id:
        raise Refusal("access.not-found")
    facts = {
        "project": project,
        "import": told,
        "kind": KIND_WORDS[told.kind],
        "stage": STAGE_WORDS.get(told.stage, STAGE_WORDS[""]),
        "done_share": 100 * told.rows_done // told.rows_total if told.rows_total else 0,
        "faults": [tell_fault(fault) for fault in told.faults[:FAULTS_SHOWN]],
        "faults_left_out": max(0, len(told.faults) - FAULTS_SHOWN),
    }
    name = "officer/_import.html" if is_fragment(request) else "officer/import.html"
    return render(request, name, facts)


def ask_to_read(received: ImportRow, *, by: Actor) -> None:
    """Queue the reading: the worker does it, so that no page waits for a large table."""
    jobs.configure_task("imports.run", queue="imports", lock=str(received.project_id)).defer(
        project_id=str(received.project_id), import_id=str(received.id), account_id=str(by.id)
    )


def tell_fault(fault: Fault) -> FaultRow:
    """Say a fault without the place, which has columns of its own."""
    words = describe_fault(fault).removeprefix(describe_place(fault))
    return FaultRow(
        row="" if fault.row is None else str(fault.row),
        column=fault.column,
        value=fault.value,
        words=words,
    )


def _kind(told: str) -> ImportKind:
    kinds: Mapping[str, ImportKind] = {
        "units": "units",
        "households": "households",
        "wishes": "wishes",
    }
    if told not in kinds:
        raise Refusal("exchange.unknown-kind", kind=told, known="、".join(kinds))
    return kinds[told]
