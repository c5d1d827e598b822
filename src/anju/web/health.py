"""``/health``: whether the house stands. Public, and tells no more than that."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from anju.foundation.core.clock import read_clock
from anju.foundation.ledger.queries import longest_wait, witness_standing

Answer = TypeVar("Answer")
LONGEST_LAG = timedelta(seconds=5)
"""An entry that waits longer than this for its place in the log means a dead sequencer."""
LONGEST_SILENCE = timedelta(seconds=60)
"""A worker tells that it lives every ten seconds."""
LONGEST_WINDOW = timedelta(seconds=60)
"""A signed head that waits longer for its witnesses' quorum is too long in one hand alone."""
_PEAK_SECONDS = 0.5


@require_safe
def tell_health(
    request: HttpRequest, *, worker_silence: Callable[[], timedelta | None]
) -> HttpResponse:
    """Answer 200 if everything stands, else 503; either way with what was found.

    ``database``: milliseconds of a question; ``sequencer``: seconds the oldest entry has waited for
    its place; ``worker``: seconds since one gave a sign; ``peak``: whether the wall's server
    listens; ``witnesses``: how many are known, how many must agree, and seconds the oldest signed
    head has waited for them; ``roots``: how many walls were held against tables and ledger, and how
    many of them differ. ``None`` means: no answer. ``worker_silence`` asks for the worker's
    sign of life.
    """
    del request
    begun = time.perf_counter()
    lag = _ask(longest_wait)
    database_ms = None if lag is None else round((time.perf_counter() - begun) * 1000, 1)
    silence = _ask(worker_silence)
    peak = _peak_listens()
    found: dict[str, dict[str, bool | float | None]] = {
        "database": {"ok": database_ms is not None, "ms": database_ms},
        "sequencer": {
            "ok": lag is not None and lag <= LONGEST_LAG,
            "lag_seconds": _seconds(lag),
        },
        "worker": {
            "ok": silence is not None and silence <= LONGEST_SILENCE,
            "silent_seconds": _seconds(silence),
        },
        "peak": {"ok": peak},
    }
    is_well = all(part["ok"] for part in found.values())
    # Told, and no reason for 503: pages are not taken off because somebody else's program is away.
    standing = _ask(lambda: witness_standing(at=read_clock()))
    found["witnesses"] = {
        "ok": standing is not None and standing.waiting_seconds <= LONGEST_WINDOW.total_seconds(),
        "known": None if standing is None else standing.witnesses,
        "quorum": None if standing is None else standing.quorum,
        "waiting_seconds": None if standing is None else standing.waiting_seconds,
    }
    found["roots"] = _roots()
    response = JsonResponse({"ok": is_well, **found}, status=200 if is_well else 503)
    response.headers["Cache-Control"] = "no-store"
    return response


tell_health.is_public = True  # type: ignore[attr-defined]


def _ask(question: Callable[[], Answer]) -> Answer | None:
    """Give the answer; ``None`` if nobody answers."""
    try:
        return question()
    except DatabaseError:
        # The connection may be dead; the next question opens a fresh one.
        connection.close()
        return None


def _roots() -> dict[str, bool | float | None]:
    """Tell what the last looks at wall, tables and ledger found: how many walls, how many differ.

    Told, and no reason for 503: a wall that differs says so itself, and is looked into by people.
    """
    states = [state for file in _looks() if (state := _state_of(file)) is not None]
    differing = sum(state == "differs" for state in states)
    return {"ok": differing == 0, "watched": len(states), "differing": differing}


def _looks() -> list[Path]:
    return sorted((Path(settings.PUBLIC_FOLDER) / "live").glob("*/watch.json"))


def _state_of(file: Path) -> str | None:
    try:
        return str(json.loads(file.read_bytes())["state"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 1)


def _peak_listens() -> bool:
    where = urlsplit(settings.PEAK_URL)
    port = where.port or (443 if where.scheme == "https" else 80)
    try:
        with socket.create_connection((where.hostname or "127.0.0.1", port), _PEAK_SECONDS):
            return True
    except OSError:
        return False
