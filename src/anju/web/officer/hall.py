"""The hall from the desk: pausing and going on, what households were told, and proof of calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.core.words import say
from anju.foundation.messages.queries import count_sending
from anju.foundation.messages.types import MessageRow
from anju.resettlement.selection.calling import calls_of_turn
from anju.resettlement.selection.operations.pausing import pause_selection, resume_selection
from anju.resettlement.selection.queries import flow_of
from anju.resettlement.selection.troubles import troubles_of
from anju.web.officer.steps import project_in_sight
from anju.web.public.saying import say_clock
from anju.web.public.wall import PAUSED_WHY
from anju.web.routes import go_to, route

CHANNELS: Mapping[str, str] = {"sms": "短信", "voice": "语音电话"}
STATES: Mapping[str, str] = {
    "waiting": "还没有发出",
    "sent": "已发出，有回执",
    "overdue": "没有发出，已过时",
    "undeliverable": "没有发出，登记里没有电话",
}
MOST_CALLS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """One call and what proves it."""

    place: int
    ticket: str
    times: int
    called: str
    event_id: UUID
    shown: str
    told: tuple[str, ...]


@require_safe
@route(permits="selection.run")
def show_hall(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Show whether the choosing is paused, how messages stand, and the latest calls."""
    project = project_in_sight(code=code, by=by)
    with reading(by=by):
        facts = {
            "project": project,
            "sending": (sending := count_sending(project_id=project.id)),
            "fault": say(sending.fault, {}) if sending.fault else "",
            "calls": _calls(project.id),
        }
    facts |= {
        "troubles": troubles_of(project_id=project.id),
        "looked_at": _last_look(project.code),
        "is_open": flow_of(project_id=project.id).open_batch is not None,
        "reasons": [(code, words or "其他原因") for code, words in PAUSED_WHY.items()],
        "screen": f"{settings.PEAK_URL}/live/{project.code}/hall.html",
    }
    return render(request, "officer/hall.html", facts)


@require_POST
@route(permits="selection.run")
def pause(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Stop every clock."""
    project = project_in_sight(code=code, by=by)
    reason = request.POST.get("reason", "")
    pause_selection(project_id=project.id, reason=reason, by=by, at=read_clock())
    return go_to("desk-hall", request=request, code=code)


@require_POST
@route(permits="selection.run")
def resume(request: HttpRequest, code: str, *, by: Actor) -> HttpResponse:
    """Go on where the clocks stood."""
    project = project_in_sight(code=code, by=by)
    resume_selection(project_id=project.id, by=by, at=read_clock())
    return go_to("desk-hall", request=request, code=code)


def _last_look(code: str) -> datetime | None:
    """Give when wall, tables and ledger were last held against each other; None: never yet."""
    file = Path(settings.PUBLIC_FOLDER) / "live" / code / "watch.json"
    try:
        return datetime.fromisoformat(json.loads(file.read_bytes())["looked_at"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _calls(project_id: UUID) -> list[CallLine]:
    """Lay the calls of the open batch out, the latest first."""
    turns = [turn for turn in flow_of(project_id=project_id).turns if turn.called_at is not None]
    turns.sort(key=lambda turn: (turn.called_at, turn.place), reverse=True)
    return [
        CallLine(
            place=turn.place,
            ticket=turn.ticket,
            times=call.times_called,
            called=say_clock(call.called_at),
            event_id=call.event_id,
            shown=(
                f"公示墙第 {call.revision} 版，{say_clock(call.shown_at)}"
                if call.revision is not None and call.shown_at is not None
                else "还没有上墙"
            ),
            told=tuple(_say_message(row) for row in call.messages),
        )
        for turn in turns[:MOST_CALLS]
        for call in reversed(calls_of_turn(project_id=project_id, turn_id=turn.id))
    ]


def _say_message(row: MessageRow) -> str:
    words = f"{CHANNELS[row.channel]}：{STATES[row.state]}"
    if row.receipt and row.accepted_at is not None:
        return f"{words} {row.receipt}（{say_clock(row.accepted_at)}）"
    return f"{words}（{say(row.fault, {})}）" if row.fault and row.state == "waiting" else words
