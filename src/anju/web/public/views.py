"""What everybody may read: projects, the wall, homes, draws, proofs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from anju.foundation.core.clock import read_clock
from anju.foundation.ledger.queries import find_entry, latest_checkpoint, proof_of
from anju.foundation.ledger.types import CheckpointRow
from anju.resettlement.projects.queries import list_projects, project_by_code
from anju.resettlement.selection import queries
from anju.resettlement.selection.recordings import recordings_of
from anju.resettlement.selection.troubles import troubles_of
from anju.web.public.lists import lay_out_homes, lay_out_places
from anju.web.public.proofs import lay_out_proof, lay_out_waiting
from anju.web.public.publishing import BOARD, sum_up
from anju.web.public.saying import say_count, say_moment
from anju.web.public.wall import lay_out_draw, lay_out_wall
from anju.web.routes import public_route

CHECKS = ("sm3.js", "proofs.js")
"""The scripts of the result pages that check a proof: one text for stick and site."""
_CHECKS = resources.files("anju.resettlement.offline.pages") / "static"


@require_safe
@public_route
def show_home(request: HttpRequest) -> HttpResponse:
    """Show the projects, with what their walls last said."""
    projects = []
    for project in list_projects():
        known = _summary(project.code)
        if known is None:
            board = queries.selection_board(project_id=project.id)
            known = sum_up(board, headline=lay_out_wall(board=board, checkpoint=None).headline)
        projects.append(known)
    return render(request, "public/home.html", {"projects": projects})


@require_safe
@public_route
@transaction.atomic
def show_project(request: HttpRequest, code: str) -> HttpResponse:
    """Show a project's wall as it stands; with script it goes on by the stream."""
    project = project_by_code(code=code)
    checkpoint = newest_checkpoint()
    published = _published_board(code, checkpoint=checkpoint)
    if published is None:
        board = queries.selection_board(project_id=project.id)
        wall = lay_out_wall(
            board=board,
            checkpoint=checkpoint,
            troubles=troubles_of(project_id=project.id),
            recordings=recordings_of(project_id=project.id),
        )
        drawn = render_to_string("public/wall/_board.html", {"wall": wall, "site": ""})
        published = {"revision": "", "html": drawn}
    facts = {
        "name": project.name,
        "code": code,
        "site_url": site_url(),
        "now": read_clock(),
        "revision": published["revision"],
        # Our own template made it, now or when the wall was published.
        "board": mark_safe(str(published["html"])),  # noqa: S308
        "stream": f"{settings.PEAK_URL}/live/{code}/events",
        "is_hall": request.GET.get("hall") == "1",
        "refreshes": True,
    }
    return render(request, "public/project.html", facts)


@require_safe
@public_route
def show_homes(request: HttpRequest, code: str) -> HttpResponse:
    """Show a project's homes as a list, with filters."""
    project = project_by_code(code=code)
    board = queries.selection_board(project_id=project.id)
    facts = lay_out_homes(board=board, asked=request.GET.dict())
    return render(request, "public/homes.html", {**facts, "code": code, "name": project.name})


@require_safe
@public_route
def show_draw(request: HttpRequest, code: str) -> HttpResponse:
    """Show a project's draws, the order that came of them, and how to check both."""
    project = project_by_code(code=code)
    board = queries.selection_board(project_id=project.id)
    places = _places(project.id, batches=board.batches, asked=request.GET.dict())
    bundle = board.publications[0].digest if board.publications else ""
    facts = {
        **places,
        "draws": [lay_out_draw(row) for row in board.draws],
        "bundle": f"{settings.PEAK_URL}/bundles/{bundle}/" if bundle else "",
        "code": code,
        "name": project.name,
    }
    return render(request, "public/draw.html", facts)


@require_safe
@public_route
@transaction.atomic
def show_proof(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Show the proof of one ledger entry: its header and hashes, never its body."""
    proof = proof_of(event_id=event_id)
    if proof is not None:
        return render(request, "public/proof.html", {"proof": lay_out_proof(proof=proof)})
    if find_entry(event_id=event_id) is None:
        raise Http404
    waiting = lay_out_waiting(event_id=event_id)
    return render(request, "public/proof.html", {"proof": waiting})


@require_safe
@public_route
def show_verify(request: HttpRequest) -> HttpResponse:
    """Say how to check; ``?event=`` leads to that entry's proof."""
    asked = request.GET.get("event", "").strip()
    if asked:
        event_id = _read_id(asked)
        if event_id is not None and find_entry(event_id=event_id) is not None:
            return HttpResponseRedirect(reverse("proof", args=[event_id]))
    checkpoint = newest_checkpoint()
    ledger = checkpoint and {
        "size": say_count(checkpoint.size),
        "at": say_moment(checkpoint.at),
        "root": checkpoint.root.hex(),
        "note": checkpoint.note,
    }
    facts = {
        "event": asked,
        "not_found": bool(asked),
        "ledger": ledger,
        "bundles": _published_bundles(),
    }
    return render(request, "public/verify.html", facts, status=404 if asked else 200)


@require_safe
@public_route
def show_check(request: HttpRequest, name: str) -> HttpResponse:
    """Give one of the scripts that check a proof in the reader's browser."""
    del request
    if name not in CHECKS:
        raise Http404
    script = (_CHECKS / name).read_bytes()
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def newest_checkpoint() -> CheckpointRow | None:
    """Give the newest signed checkpoint, or the newest there is."""
    return latest_checkpoint(signed=True) or latest_checkpoint()


def site_url() -> str:
    """Give the site's address as the peak server's pages write it."""
    told = str(getattr(settings, "SITE_URL", ""))
    environment = settings.ENVIRONMENT
    return told.rstrip("/") or f"http://{environment.hosts[0]}:{environment.web_port}"


def _places(project_id: UUID, *, batches: int, asked: Mapping[str, str]) -> dict[str, object]:
    """Give one batch of the order, or the batch in which a ticket is found."""
    ticket = asked.get("ticket", "").strip().upper()
    wanted = asked.get("batch", "")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
    number = min(max(1, number), max(1, batches))
    numbers = range(1, batches + 1) if ticket else (number,)
    for one in numbers:
        places = queries.places_of(project_id=project_id, batch=one)
        if not ticket or any(place.ticket == ticket for place in places):
            return lay_out_places(places=places, batch=one, batches=batches, ticket=ticket)
    return lay_out_places(places=(), batch=number, batches=batches, ticket=ticket)


def _published_board(code: str, *, checkpoint: CheckpointRow | None) -> dict[str, object] | None:
    """Give the wall as published, if it is that of the ledger as it stands.

    Nothing on a wall changes without an entry, so the root tells whether it is the newest. None:
    it is to be laid out anew, as where the publisher has fallen behind.
    """
    if checkpoint is None:
        return None
    file = Path(settings.PUBLIC_FOLDER) / "live" / code / BOARD
    try:
        told: dict[str, object] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return told if told.get("ledger_root") == checkpoint.root.hex() else None


def _summary(code: str) -> dict[str, object] | None:
    """Read what the published wall says of a project; None before the first publication."""
    file = Path(settings.PUBLIC_FOLDER) / "live" / code / "summary.json"
    try:
        told: dict[str, object] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return told


def _published_bundles() -> list[dict[str, str]]:
    parts = {"draw": "摇号和顺序", "stage": "到目前为止的选房", "result": "选房结果"}
    return [
        {
            "address": f"{settings.PEAK_URL}/bundles/{row.digest}/",
            "name": project.name,
            "part": parts.get(row.part, row.part),
            "published": say_moment(row.published_at),
            "digest_short": row.digest[:16],
        }
        for project in list_projects()[:20]
        for row in queries.publications_of(project_id=project.id)
    ]


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
