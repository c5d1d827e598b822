"""Notices: whether each that stands is really given to everybody; its lengthening and its end.

Fetched from the peak as a stranger would, not read from the disk: what counts is what is served.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import structlog
from django.conf import settings

from anju.foundation.access.types import Actor, system_actor
from anju.foundation.notices.copies import write_proof
from anju.foundation.notices.operations import close_notice, confirm_visible, extend_notice
from anju.foundation.notices.pages import china_day
from anju.foundation.notices.queries import (
    missed_days_noted,
    newest_notices,
    standing_of,
    unfinished_notices,
)
from anju.foundation.notices.sights import Fetch, look_at_copy
from anju.foundation.notices.types import NoticeRow, NoticeStanding
from anju_rules.notices import NoticeState
from anju_rules.values import Refusal

FETCH_SECONDS = 5
_LARGEST_FILE = 64 << 20
_log = structlog.get_logger(__name__)


def watch_notices(*, at: datetime, fetch: Fetch | None = None) -> Mapping[str, str]:
    """Look at every notice that stands, once; give what was found, by number of the notice.

    A sighting is noted once a day and finding. What fails for one notice holds up no other.
    """
    by = system_actor(request_id="notices.watch")
    found: dict[str, str] = {}
    for notice in unfinished_notices():
        try:
            found[notice.number] = _watch(notice, by=by, at=at, fetch=fetch or fetch_page)
        except Refusal as refusal:
            _log.warning("notices.not-watched", code=refusal.code, notice=str(notice.id))
    for notice in newest_notices():
        write_proof(notice=notice)
    return found


def _watch(notice: NoticeRow, *, by: Actor, at: datetime, fetch: Fetch) -> str:
    where = {"project_id": notice.project_id, "notice_id": notice.id}
    standing = standing_of(**where, at=at)
    if standing.state is NoticeState.OVER:
        _note_missed(standing, by=by, at=at)
        close_notice(**where, by=by, at=at)
        return NoticeState.OVER.value
    fault = look_at_copy(digest_hex=notice.digest, base=settings.PEAK_URL, fetch=fetch)
    if fault:
        _log.error("notices.not-visible", fault=fault, notice=str(notice.id))
    day = china_day(at)
    if not any(row.seen_on == day and row.fault == fault for row in standing.sightings):
        confirm_visible(**where, fault=fault, address=settings.PEAK_URL, by=by, at=at)
    _note_missed(standing, by=by, at=at)
    return fault


def _note_missed(standing: NoticeStanding, *, by: Actor, at: datetime) -> None:
    notice = standing.notice
    where = {"project_id": notice.project_id, "notice_id": notice.id}
    if set(standing.window.missed) - set(missed_days_noted(**where)):
        extend_notice(**where, by=by, at=at)


def fetch_page(address: str) -> bytes | None:
    """Give what is served under an address; None where there is no such page.

    Raises ``OSError`` where nobody answers, and where the answer is beyond all bounds.
    """
    if not address.startswith(("http://", "https://")):
        raise OSError(address)
    request = Request(address, headers={"Cache-Control": "no-cache"})  # noqa: S310 - seen above
    try:
        with urlopen(request, timeout=FETCH_SECONDS) as answer:  # noqa: S310
            content: bytes = answer.read(_LARGEST_FILE + 1)
    except HTTPError as refused:
        refused.close()
        if refused.code == HTTPStatus.NOT_FOUND:
            return None
        raise
    if len(content) > _LARGEST_FILE:
        raise OSError(address)
    return content
