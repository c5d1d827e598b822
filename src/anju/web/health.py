"""``/health``: whether the house stands. Public, and tells no more than that."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

LONGEST_LAG_SECONDS = 5.0
"""An entry that waits longer than this for its place in the log means a dead sequencer."""
LONGEST_SILENCE_SECONDS = 60.0
"""A worker tells that it lives every ten seconds."""
_PEAK_SECONDS = 0.5


@require_safe
def tell_health(request: HttpRequest) -> HttpResponse:
    """Answer 200 if everything stands, else 503; either way with what was found.

    ``database``: milliseconds of a question; ``sequencer``: seconds the oldest entry has waited for
    its place; ``worker``: seconds since one gave a sign; ``peak``: whether the wall's server
    listens. ``None`` means: no answer.
    """
    del request
    database_ms = _ask_database()
    lag = _ask(
        "SELECT COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - MIN(at)), 0) FROM ledger_inbox"
    )
    silence = _ask(
        "SELECT EXTRACT(EPOCH FROM clock_timestamp() - MAX(last_heartbeat))"
        " FROM procrastinate_workers"
    )
    peak = _peak_listens()
    found: dict[str, dict[str, bool | float | None]] = {
        "database": {"ok": database_ms is not None, "ms": database_ms},
        "sequencer": {"ok": lag is not None and lag <= LONGEST_LAG_SECONDS, "lag_seconds": lag},
        "worker": {
            "ok": silence is not None and silence <= LONGEST_SILENCE_SECONDS,
            "silent_seconds": silence,
        },
        "peak": {"ok": peak},
    }
    is_well = all(part["ok"] for part in found.values())
    response = JsonResponse({"ok": is_well, **found}, status=200 if is_well else 503)
    response.headers["Cache-Control"] = "no-store"
    return response


tell_health.is_public = True  # type: ignore[attr-defined]


def _ask_database() -> float | None:
    begun = time.perf_counter()
    if _ask("SELECT 1") is None:
        return None
    return round((time.perf_counter() - begun) * 1000, 1)


def _ask(question: str) -> float | None:
    """Give the one number that ``question`` asks for; ``None`` if nobody answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            row = cursor.fetchone()
    except DatabaseError:
        # The connection may be dead; the next question opens a fresh one.
        connection.close()
        return None
    return None if row is None or row[0] is None else round(float(row[0]), 1)


def _peak_listens() -> bool:
    where = urlsplit(settings.PEAK_URL)
    port = where.port or (443 if where.scheme == "https" else 80)
    try:
        with socket.create_connection((where.hostname or "127.0.0.1", port), _PEAK_SECONDS):
            return True
    except OSError:
        return False
