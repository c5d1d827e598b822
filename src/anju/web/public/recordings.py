"""Where the recordings of a project's days of choosing are kept, for everybody (DLV-4)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anju.resettlement.projects.queries import project_by_code
from anju.resettlement.selection.recordings import recordings_of
from anju.web.public.recorded import lay_out_recordings
from anju.web.routes import public_route


@require_safe
@public_route
def show_recordings(request: HttpRequest, code: str) -> HttpResponse:
    """Show every recording with its digest, its place and until when it is kept."""
    project = project_by_code(code=code)
    rows = recordings_of(project_id=project.id)
    facts = {
        "code": code,
        "name": project.name,
        "total": len(rows),
        "batches": lay_out_recordings(rows),
    }
    return render(request, "public/recordings.html", facts)
