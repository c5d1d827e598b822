"""Watching the roots: what the peak serves, what the tables hold and what the ledger says.

Fetched from the peak as a stranger would: what counts is what is served.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from anju.foundation.access.types import system_actor
from anju.jobs.notices import fetch_page
from anju.jobs.publishing import write_whole
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.selection.operations.watching import note_watch
from anju.resettlement.selection.queries import selection_board
from anju.resettlement.selection.rebuild import Rebuilds, compare_project
from anju.resettlement.selection.troubles import latest_watch, units_changed_since
from anju.resettlement.selection.types import Board
from anju.web.public.towers import SIGNS, homes_as_drawn
from anju_rules.values import Refusal
from anju_rules.watching import ON_ITS_WAY, Allocation, Watched, WatchState, judge_roots

WATCH_FILE = "watch.json"
Fetch = Callable[[str], bytes | None]
_log = structlog.get_logger(__name__)
_rebuilds = Rebuilds()
"""A minute later most entries are the same: only what changed is opened again."""


def watch_walls(*, at: datetime, fetch: Fetch = fetch_page) -> Mapping[str, WatchState]:
    """Look at every project's roots once; give what was found, by code of the project.

    A change of what is found is noted with an entry, so that a wall that differs says so itself.
    What fails for one project holds up no other.
    """
    found: dict[str, WatchState] = {}
    for project in list_projects():
        try:
            found[project.code] = _watch(project, at=at, fetch=fetch)
        except Refusal as refusal:
            _log.warning("roots.not-watched", code=refusal.code, project=project.code)
    return found


def _watch(project: ProjectRow, *, at: datetime, fetch: Fetch) -> WatchState:
    by = system_actor(request_id="roots.watch")
    with transaction.atomic():
        board = selection_board(project_id=project.id)
        fresh = units_changed_since(project_id=project.id, since=at - ON_ITS_WAY)
    numbers = {home.unit_id: home.number for home in homes_as_drawn(board.buildings)}
    watched = judge_roots(
        published=published_allocation(board, fetch=fetch),
        stored=stored_allocation(board),
        on_their_way={numbers[unit] for unit in fresh if unit in numbers},
        ledger_differences=len(compare_project(project_id=project.id, by=by, rebuilds=_rebuilds)),
    )
    before = latest_watch(project_id=project.id)
    known = before.state if before is not None else WatchState.OK
    # A wall that is a moment late is no news; one that is right again, or wrong, is.
    news = {WatchState.OK, WatchState.DIFFERS}
    if watched.state in news and watched.state != known:
        note_watch(project_id=project.id, watched=watched, by=by, at=at)
    if watched.state is WatchState.DIFFERS:
        _log.error(
            "roots.differ",
            project=project.code,
            homes=len(watched.homes),
            ledger=watched.ledger_differences,
        )
    _write_look(project.code, watched, at=at)
    return watched.state


def stored_allocation(board: Board) -> Allocation:
    """Give who has which home by which entry, as the tables say."""
    return {
        home.number: f"{home.ticket} {home.event_id}"
        for home in homes_as_drawn(board.buildings)
        if home.state == "taken"
    }


def published_allocation(board: Board, *, fetch: Fetch) -> Allocation | None:
    """Give who has which home as the served files say; None where no wall is served.

    The façades' signs and the lists that households look themselves up in must say the same: a home
    that is taken in one of them alone is told as such, and so differs from every table.
    """
    base = f"{settings.PEAK_URL}/live/{board.code}"
    try:
        wall = _fetch_json(f"{base}/wall.json", fetch)
        index = _fetch_json(f"{base}/find/index.json", fetch)
        rows = [
            row
            for shard in index["shards"]
            for row in _fetch_json(f"{base}/find/{shard}.json", fetch)["rows"]
        ]
        signs = str(wall["homes"])
        told = {
            str(home): f"{row['ticket']} {row['event']}" for row in rows for home in row["homes"]
        }
    except (OSError, ValueError, LookupError, TypeError):
        return None
    drawn = [home.number for home in homes_as_drawn(board.buildings)]
    if len(drawn) != len(signs):
        return None
    taken = {number for number, sign in zip(drawn, signs, strict=True) if sign == SIGNS["taken"]}
    return {
        number: f"{'' if number in taken else '?'}{told.get(number, '?')}"
        for number in taken | told.keys()
    }


def _fetch_json(address: str, fetch: Fetch) -> dict[str, Any]:
    raw = fetch(address)
    if raw is None:
        raise LookupError(address)
    told: dict[str, Any] = json.loads(raw)
    return told


def _write_look(code: str, watched: Watched, *, at: datetime) -> None:
    """Write what was found where everybody may read it, and ``/health`` does."""
    folder = Path(settings.PUBLIC_FOLDER) / "live" / code
    if not folder.is_dir():
        return
    told = {
        "state": str(watched.state),
        "looked_at": at.isoformat(),
        "wall_root": watched.wall_root,
        "stored_root": watched.stored_root,
        "ledger_differences": watched.ledger_differences,
        "homes": list(watched.homes),
    }
    write_whole(folder / WATCH_FILE, json.dumps(told, ensure_ascii=False).encode())
