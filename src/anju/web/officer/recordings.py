"""Recordings of the days of choosing at the desk: what is entered, and the form for the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.notices.pages import china_day
from anju.resettlement.selection.operations.recordings import KINDS, enter_recording
from anju.resettlement.selection.queries import batches_of
from anju.resettlement.selection.recordings import (
    LONGEST_CAMERA,
    LONGEST_PLACE,
    NewRecording,
    RecordingRow,
    recordings_of,
)
from anju.web.officer.steps import project_in_sight
from anju.web.public.recorded import KINDS as KIND_WORDS
from anju.web.public.recorded import lay_out_recordings
from anju.web.routes import go_to, route
from anju_rules.recordings import KEPT_FOR, RecordingKind
from anju_rules.values import Refusal


@require_safe
@route(permits="selection.see")
def show_recordings(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show what is entered, batch by batch, and the form; ``?correct=`` names a line to correct."""
    project = project_in_sight(code=code, by=by)
    rows = recordings_of(project_id=project.id)
    closed = [batch for batch in batches_of(project_id=project.id) if batch.closed_at is not None]
    facts: dict[str, object] = {
        "project": project,
        "total": len(rows),
        "batches": lay_out_recordings(rows),
        "missing": sorted(_without(rows, [batch.batch for batch in closed])),
        "closed": closed if is_permitted(by, "selection.run") else [],
        "may_enter": is_permitted(by, "selection.run"),
        "kinds": [(kind.value, KIND_WORDS[kind], KEPT_FOR[kind].years) for kind in KINDS],
        "wrong": _find(rows, request.GET.get("correct", "")),
        "day": "" if not closed else china_day(closed[-1].closed_at or read_clock()).isoformat(),
        "longest_camera": LONGEST_CAMERA,
        "longest_place": LONGEST_PLACE,
    }
    return render(request, "officer/attendance/recordings.html", facts)


@require_POST
@route(permits="selection.run")
def enter(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Enter one recording, or the line that corrects another."""
    project = project_in_sight(code=code, by=by)
    recording = _read_recording(request.POST)
    enter_recording(project_id=project.id, recording=recording, by=by, at=read_clock())
    return go_to("desk-recordings", request=request, code=code)


def _without(rows: Sequence[RecordingRow], batches: Sequence[int]) -> set[int]:
    """Give the closed batches of which no recording of the choosing is entered."""
    return set(batches) - {row.batch for row in rows if row.kind is RecordingKind.SELECTION}


def _find(rows: Sequence[RecordingRow], told: str) -> RecordingRow | None:
    return next((row for row in rows if str(row.id) == told), None)


def _read_recording(told: QueryDict) -> NewRecording:
    batch, kind, day, wrong = (
        told.get(name, "").strip() for name in ("batch", "kind", "day", "corrects")
    )
    try:
        corrects = UUID(wrong) if wrong else None
    except ValueError:
        raise Http404 from None
    try:
        recorded_on = date.fromisoformat(day)
    except ValueError:
        raise Refusal("web.not-a-day", field="", value=day[:40]) from None
    if kind not in set(RecordingKind):
        raise Refusal("selection.recording-kind", kind=kind[:40])
    return NewRecording(
        batch=int(batch) if batch.isascii() and batch.isdigit() and len(batch) < 6 else 0,
        kind=RecordingKind(kind),
        recorded_on=recorded_on,
        camera=told.get("camera", ""),
        # As it stands in a terminal: in groups, in capitals, with the program's own words before.
        digest="".join(told.get("digest", "").rpartition("=")[2].lower().split()),
        place=told.get("place", ""),
        corrects=corrects,
    )
