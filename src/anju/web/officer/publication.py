"""Publishing: what stands is shown, asked for once more, and given to everyone as a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.selection import queries
from anju.resettlement.selection.publication import publish_result
from anju.web.officer.steps import project_in_sight
from anju.web.routes import go_to, route

PARTS = {"draw": "摇号和顺序", "stage": "到目前为止的选房", "result": "选房结果"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRow:
    """One published bundle, and where everybody finds it."""

    part: str
    digest: str
    address: str
    published_at: datetime
    event_id: UUID


@require_safe
@route(permits="selection.publish")
def show_publication(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show what is published, and what publishing would do now."""
    project = project_in_sight(code=code, by=by)
    facts = {
        "project": project,
        "board": queries.selection_board(project_id=project.id),
        "bundles": bundles_of(project.id),
    }
    return render(request, "officer/publication.html", facts)


@require_POST
@route(permits="selection.publish")
def publish(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Publish what stands now; a bundle that is out cannot be taken back."""
    project = project_in_sight(code=code, by=by)
    publish_result(project_id=project.id, by=by, at=read_clock())
    return go_to("desk-publication", request=request, code=code)


def bundles_of(project_id: UUID) -> list[BundleRow]:
    """Give a project's published bundles, the latest first."""
    return [
        BundleRow(
            part=PARTS.get(row.part, row.part),
            digest=row.digest,
            address=f"{settings.PEAK_URL}/bundles/{row.digest}/",
            published_at=row.published_at,
            event_id=row.event_id,
        )
        for row in queries.publications_of(project_id=project_id)
    ]
