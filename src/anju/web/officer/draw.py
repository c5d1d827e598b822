"""The draw: a rehearsal, or a real draw taken from its files; then the order it gave."""

from __future__ import annotations

import tempfile
import zipfile
from io import BytesIO
from pathlib import Path, PurePosixPath

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.drawing import rehearse_draw, take_draw
from anju.web.officer.steps import project_in_sight
from anju.web.officer.uploads import read_upload
from anju.web.routes import go_to, route
from anju_rules.values import Refusal

_LARGEST_FILES = 2_000
_LARGEST_BYTES = 512 << 20


@require_safe
@route(permits="draws.see")
def show_draw(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show the draw, its seeds and the order; before it, how to come to one."""
    project = project_in_sight(code=code, by=by)
    board = queries.selection_board(project_id=project.id)
    batches = queries.desk(project_id=project.id, by=by).batches
    told = request.GET.get("batch", "")
    batch = int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 1
    facts = {
        "project": project,
        "board": board,
        "batches": batches,
        "batch": batch,
        "places": queries.places_of(project_id=project.id, batch=batch),
    }
    return render(request, "officer/draw.html", facts)


@require_POST
@route(permits="draws.rehearse")
def rehearse(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Draw by rehearsal; everything that follows is marked so."""
    project = project_in_sight(code=code, by=by)
    rehearse_draw(project_id=project.id, by=by, at=read_clock())
    return go_to("desk-draw", request=request, code=code)


@require_POST
@route(permits="draws.take")
def take(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Take a real draw from a zip of ``frozen/`` and ``reveals/``, as the freeze wrote them."""
    project = project_in_sight(code=code, by=by)
    upload = read_upload(request, name="files")
    with tempfile.TemporaryDirectory(prefix="anju-draw-") as made:
        folder = unpack_draw(upload.content, into=Path(made))
        reveals = folder / "reveals"
        take_draw(project_id=project.id, folder=folder, reveals=reveals, by=by, at=read_clock())
    return go_to("desk-draw", request=request, code=code)


def unpack_draw(content: bytes, *, into: Path) -> Path:
    """Unpack a draw's zip and give the folder that holds ``frozen``.

    Names that leave the folder, and more bytes than any draw has, are refused before a file is
    written: ``web.not-a-draw``.
    """
    try:
        packed = zipfile.ZipFile(BytesIO(content))
    except zipfile.BadZipFile as fault:
        raise Refusal("web.not-a-draw") from fault
    files = [info for info in packed.infolist() if not info.is_dir()]
    is_strange = any(
        ".." in PurePosixPath(info.filename).parts or info.filename.startswith(("/", "\\"))
        for info in files
    )
    is_large = len(files) > _LARGEST_FILES or sum(info.file_size for info in files) > _LARGEST_BYTES
    if is_strange or is_large:
        raise Refusal("web.not-a-draw")
    packed.extractall(into)
    frozen = next((folder for folder in into.rglob("frozen") if folder.is_dir()), None)
    if frozen is None:
        raise Refusal("web.not-a-draw")
    return frozen.parent
