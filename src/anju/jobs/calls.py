"""Calls: whether each is really on the wall, looked at as it is served."""

from __future__ import annotations

import json
from datetime import datetime

from django.conf import settings

from anju.jobs.notices import fetch_page
from anju.jobs.watching import Fetch
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.selection.calling import calls_not_shown, note_shown


def look_for_calls(*, at: datetime, fetch: Fetch = fetch_page) -> int:
    """Look for every running call on the served walls; give how many were seen for the first time.

    A wall that nobody serves shows nothing: its calls stay unshown, and are looked for again.
    """
    seen = 0
    for project in list_projects():
        calls = calls_not_shown(project_id=project.id)
        if not calls:
            continue
        try:
            wall = json.loads(fetch(f"{settings.PEAK_URL}/live/{project.code}/wall.json") or b"")
            revision, shown = int(wall["revision"]), str(wall["parts"]["now"])
            published_at = datetime.fromisoformat(wall["at"])
        except (OSError, ValueError, LookupError, TypeError):
            continue
        for call in calls:
            # A wall from before the call may show the household's call before this one.
            if published_at >= call.called_at and call.ticket in shown:
                note_shown(project_id=project.id, call=call, revision=revision, at=at)
                seen += 1
    return seen
