"""Publishing: the wall of a project as public files, written when something changed."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from anju.foundation.core.clock import read_clock
from anju.resettlement.projects.queries import list_projects, project_by_code
from anju.resettlement.selection import queries
from anju.resettlement.selection.lookup import rows_to_find
from anju.resettlement.selection.recordings import recordings_of
from anju.resettlement.selection.troubles import troubles_of
from anju.titles.certificates.queries import issuer_keys
from anju.web.public.certificate_sheets import public_keys, verifier_page
from anju.web.public.find import PAGE, Published, lay_out_shards, write_find_page
from anju.web.public.publishing import (
    BOARD,
    CODE,
    Assets,
    PublishedWall,
    draw_code,
    read_assets,
    render_wall,
)
from anju.web.public.views import newest_checkpoint, site_url
from anju_rules.hashing import canonical

VERIFIERS = "verify"
"""Below the public folder: programs that people save and run themselves."""


def publish_wall(project_code: str) -> int:
    """Publish a project's wall, and give its revision.

    Writes ``live/<code>/`` under the public folder: the shards of ``find/``, ``wall.html``,
    ``hall.html``, ``summary.json`` and last ``wall.json``, whose new revision the streams announce.
    Nothing is written where nothing changed. Refuses with
    ``projects.unknown-project``.
    """
    project = project_by_code(code=project_code)
    with transaction.atomic():
        board = queries.selection_board(project_id=project.id)
        checkpoint = newest_checkpoint()
        found = lay_out_shards(rows_to_find(board=board), code=board.code)
        troubles = troubles_of(project_id=project.id)
        recordings = recordings_of(project_id=project.id)
    wall = render_wall(
        board=board,
        checkpoint=checkpoint,
        site=site_url(),
        troubles=troubles,
        recordings=recordings,
    )
    public = Path(settings.PUBLIC_FOLDER)
    write_shards(public, found, name=board.name, code=board.code)
    return write_wall(public, wall=wall, at=read_clock())


def publish_walls() -> dict[str, int]:
    """Publish every project's wall and the list of projects; give the revisions by code."""
    revisions = {project.code: publish_wall(project.code) for project in list_projects()}
    write_index(Path(settings.PUBLIC_FOLDER), codes=list(revisions))
    return revisions


def publish_verifier(*, at: datetime) -> bool:
    """Put the page that checks certificates, and the keys it believes, into the public folder.

    There they are handed out while the platform is away, and mirrored with the rest. Nothing is
    written where nobody issues yet, nor where nothing changed; says whether something was.
    """
    if not issuer_keys():
        return False
    folder = Path(settings.PUBLIC_FOLDER) / VERIFIERS
    files = {
        "verify_certificate.html": verifier_page(at=at),
        "certificate-keys.json": canonical(public_keys(at=at)),
    }
    stale = {
        name: content
        for name, content in files.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    }
    for name, content in stale.items():
        write_whole(folder / name, content)
    return bool(stale)


def write_wall(public: Path, *, wall: PublishedWall, at: datetime) -> int:
    """Write a wall below ``public``, file by file, each whole; give its revision.

    Two publishers take turns. A reader sees page and data of one revision or of the next.
    """
    assets = read_assets()
    folder = public / "live" / wall.wall.code
    folder.mkdir(parents=True, exist_ok=True)
    with _holding(folder / ".lock"):
        before = _read(folder / "wall.json")
        data = {**wall.as_data(), "assets": assets.folder}
        revision = int(str(before.get("revision", 0)))
        if revision and all(before.get(name) == value for name, value in data.items()):
            return revision
        revision += 1
        _write_assets(public, assets)
        code = draw_code(f"{settings.PEAK_URL}/live/{wall.wall.code}/")
        write_whole(folder / CODE, code)
        for name, is_hall in (("wall.html", False), ("hall.html", True)):
            page = wall.write_page(revision=revision, at=at, assets=assets.folder, is_hall=is_hall)
            write_whole(folder / name, page.encode())
        board = {
            "ledger_root": wall.ledger_root,
            "revision": revision,
            "html": wall.write_board(),
        }
        write_whole(folder / BOARD, _dump(board))
        write_whole(folder / "summary.json", _dump(dict(wall.summary)))
        told = {"revision": revision, "at": at.isoformat(), **data}
        write_whole(folder / "wall.json", _dump(told))
    return revision


def write_shards(public: Path, found: Published, *, name: str, code: str) -> None:
    """Write what households look themselves up in, before the wall that is as new; only changes."""
    assets = read_assets()
    folder = public / "live" / code / "find"
    folder.mkdir(parents=True, exist_ok=True)
    with _holding(folder / ".lock"):
        _write_assets(public, assets)
        page = write_find_page(
            code=code, name=name, site=site_url(), assets=f"/assets/{assets.folder}"
        )
        files = {**found.files(), PAGE: page.encode()}
        for file_name, content in files.items():
            file = folder / file_name
            if not file.is_file() or file.read_bytes() != content:
                write_whole(file, content)
        for file in folder.glob("*.json"):
            if file.name not in files:
                file.unlink()


def write_index(public: Path, *, codes: list[str]) -> None:
    """Write the list of projects, as data and as a page."""
    assets = read_assets()
    summaries = [_read(public / "live" / code / "summary.json") for code in codes]
    listed = [summary for summary in summaries if summary]
    data = _dump({"projects": listed})
    file = public / "live" / "index.json"
    if file.is_file() and file.read_bytes() == data and (public / "index.html").is_file():
        return
    public.mkdir(parents=True, exist_ok=True)
    _write_assets(public, assets)
    facts = {"projects": listed, "assets": f"/assets/{assets.folder}", "site": site_url()}
    write_whole(public / "index.html", render_to_string("public/wall/index.html", facts).encode())
    write_whole(file, data)


def write_whole(file: Path, content: bytes) -> None:
    """Put a file in its place at once: whoever reads meets the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(file)


def _write_assets(public: Path, assets: Assets) -> None:
    for name, content in assets.files.items():
        file = public / "assets" / assets.folder / name
        if not file.exists():
            write_whole(file, content)


def _read(file: Path) -> dict[str, object]:
    try:
        told: dict[str, object] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return told


def _dump(told: dict[str, object]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


@contextmanager
def _holding(file: Path) -> Iterator[None]:
    with file.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
