"""Batches of a community at the desk: send a pack, watch it, mend row by row, send it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from procrastinate.contrib.django import app as jobs

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.titles.cases.batches.operations import receive_batch, take_in_batch
from anju.titles.cases.batches.queries import batch_by_id, batches_of, find_batch, lines_of
from anju.titles.cases.batches.reports import sums_of, write_report, write_template
from anju.titles.cases.batches.types import BatchLine, BatchRow, BatchTerms, RowState
from anju.titles.communities.queries import list_communities
from anju.web.officer.imports import FaultRow, tell_fault
from anju.web.officer.titles import community_in_sight
from anju.web.officer.uploads import read_upload
from anju.web.routes import go_to, is_fragment, route
from anju_rules.hashing import digest
from anju_rules.sheets import yuan_from_fen
from anju_rules.values import Fen

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_A_PAGE = 100
SHOWN: Mapping[str, RowState] = {"refused": "refused", "waiting": "waiting", "done": "done"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """A row of a batch as its page shows it."""

    line: BatchLine
    faults: tuple[FaultRow, ...]
    due_yuan: str
    settlement: str
    """Empty while the home is not measured."""
    is_back: bool
    """Whether the buyer gets back instead of paying."""


@require_safe
@route(permits="communities.see")
def show_communities(request: HttpRequest, *, by: Actor) -> HttpResponse:
    """Show for which communities a batch can be sent; a company goes to its own."""
    found = [one for one in list_communities() if by.sees_project(one.id)]
    if len(found) == 1:
        return go_to("desk-title-batches", request=request, code=found[0].code)
    return render(request, "officer/titles/batch_communities.html", {"communities": found})


@require_safe
@route(permits="communities.see")
def show_batches(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show the form to send a pack with, and what came in before."""
    community = community_in_sight(code=code, by=by)
    facts = {"community": community, "batches": batches_of(project_id=community.id)}
    return render(request, "officer/titles/batches.html", facts)


@require_POST
@route(permits="titles.file")
def send(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Keep a pack and have it worked off; the same pack again shows the first one's page."""
    community = community_in_sight(code=code, by=by)
    upload = read_upload(request, name="pack")
    row = _known(community.id, upload.content, by=by)
    if row is None:
        row = receive_batch(
            project_id=community.id,
            data=upload.content,
            file_name=upload.name,
            is_dry_run=request.POST.get("dry") == "1",
            by=by,
            at=read_clock(),
        )
        ask_to_run(row, by=by)
    return go_to("desk-title-batch", request=request, code=code, batch_id=row.id)


@require_safe
@route(permits="communities.see")
def show_batch(request: HttpRequest, code: str, batch_id: UUID, *, by: Actor) -> HttpResponse:
    """Show how far a batch is, row by row; htmx asks for the part that moves."""
    community = community_in_sight(code=code, by=by)
    row = batch_by_id(project_id=community.id, batch_id=batch_id)
    wanted = request.GET.get("show", "")
    shown = wanted if wanted in SHOWN else ("refused" if row.refused else "")
    found = lines_of(
        project_id=community.id,
        batch_id=batch_id,
        state=SHOWN.get(shown),
        most=_A_PAGE,
    )
    facts = {
        "community": community,
        "batch": row,
        "shown": shown,
        "lines": [_tell_line(one) for one in found],
        "left_out": max(0, _count(row, shown) - _A_PAGE),
        "faults": [tell_fault(fault) for fault in row.faults],
        "notes": [tell_fault(note) for note in row.notes[:20]],
        "sums": _sums(row) if not row.is_moving else None,
    }
    name = "officer/titles/_batch.html" if is_fragment(request) else "officer/titles/batch.html"
    return render(request, name, facts)


@require_POST
@route(permits="titles.file")
def take_in(request: HttpRequest, code: str, batch_id: UUID, *, by: Actor) -> HttpResponse:
    """Have a batch taken in that was only checked, or one that stood still looked at again."""
    community = community_in_sight(code=code, by=by)
    row = _row_of(community.id, batch_id, by=by)
    if not row.is_moving:
        row = take_in_batch(project_id=community.id, batch_id=batch_id, by=by, at=read_clock())
    ask_to_run(row, by=by)
    return go_to("desk-title-batch", request=request, code=code, batch_id=batch_id)


@require_safe
@route(permits="communities.see")
def give_report(request: HttpRequest, code: str, batch_id: UUID, *, by: Actor) -> HttpResponse:
    """Hand the report of a batch out as a spreadsheet."""
    del request
    community = community_in_sight(code=code, by=by)
    row = batch_by_id(project_id=community.id, batch_id=batch_id)
    found = lines_of(project_id=community.id, batch_id=batch_id)
    made = write_report(found, faults=row.faults, notes=row.notes)
    return _answer_sheet(made, name=f"batch-{str(batch_id)[:8]}.xlsx")


@require_safe
@route(permits="communities.see")
def give_template(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Hand an empty manifest out."""
    del request
    community_in_sight(code=code, by=by)
    return _answer_sheet(write_template(BatchTerms()), name="manifest.xlsx")


def ask_to_run(row: BatchRow, *, by: Actor) -> None:
    """Queue a batch: the worker takes it in, so that no page waits for two thousand homes."""
    jobs.configure_task("batches.run", queue="imports", lock=str(row.project_id)).defer(
        project_id=str(row.project_id), batch_id=str(row.id), account_id=str(by.id)
    )


def _known(project_id: UUID, content: bytes, *, by: Actor) -> BatchRow | None:
    with reading(by=by):
        return find_batch(project_id=project_id, arrived_digest=digest(content).hex())


def _row_of(project_id: UUID, batch_id: UUID, *, by: Actor) -> BatchRow:
    with reading(by=by):
        return batch_by_id(project_id=project_id, batch_id=batch_id)


def _sums(row: BatchRow) -> dict[str, str]:
    return sums_of(lines_of(project_id=row.project_id, batch_id=row.id))


def _count(row: BatchRow, shown: str) -> int:
    counts = {"refused": row.refused, "waiting": row.waiting, "done": row.done}
    return counts.get(shown, row.rows_total)


def _tell_line(line: BatchLine) -> ShownLine:
    told = line.figures
    owed = told.buyer_pays_fen if told is not None else None
    return ShownLine(
        line=line,
        faults=tuple(tell_fault(fault) for fault in line.faults),
        due_yuan=yuan_from_fen(Fen(told.due_fen)) if told is not None else "",
        settlement="" if owed is None else yuan_from_fen(Fen(abs(owed))),
        is_back=owed is not None and owed < 0,
    )


def _answer_sheet(made: bytes, *, name: str) -> HttpResponse:
    return HttpResponse(
        made,
        content_type=_SHEET,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
