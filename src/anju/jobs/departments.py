"""Departments: send what is due, take in what comes back, note what did not come in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import structlog

from anju.foundation.access.types import Actor, system_actor
from anju.foundation.exchange.departments.addresses import Address, known_addresses
from anju.foundation.exchange.departments.asking import Port, ask_over_http
from anju.foundation.exchange.departments.operations import note_silence, take_reply
from anju.foundation.exchange.departments.pacing import note_attempt
from anju.foundation.exchange.departments.queries import due_questions
from anju.foundation.exchange.departments.types import DueQuestion
from anju_rules.values import Refusal

AWAY = "departments.away"
MOST_AWAY = 3
"""After so many attempts running without anybody at a department's address it is left in peace."""
_NOT_LISTED = "departments.not-listed"
_ANSWERED, _WAITING = "answered", "waiting"
_log = structlog.get_logger(__name__)


def ask_departments(*, at: datetime, port: Port = ask_over_http) -> Mapping[str, int]:
    """Ask everything whose turn it is, once; counts what came of it, by outcome or fault.

    A department that was away :data:`MOST_AWAY` times running is not tried again in the same run: a
    thousand questions would wait for it one after the other. What fails for one question holds up
    no other.
    """
    by = system_actor(request_id="exchange.ask")
    addresses = known_addresses()
    away: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for due in due_questions(by=by, at=at):
        try:
            if away[due.department] >= MOST_AWAY:
                raise Refusal(AWAY, department=due.department)
            told = _ask(due, addresses.get(due.department), port=port, by=by, at=at)
        except Refusal as refusal:
            told = refusal.code
            _note_fault(due, refusal, by=by, at=at)
        away[due.department] = away[due.department] + 1 if told == AWAY else 0
        counts[told] += 1
    return counts


def _ask(due: DueQuestion, address: Address | None, *, port: Port, by: Actor, at: datetime) -> str:
    if address is None:
        raise Refusal(_NOT_LISTED, department=due.department)
    reply = port(address=address, request=due.request)
    if reply.answers or not due.is_received:
        take_reply(project_id=due.project_id, question_id=due.id, reply=reply, by=by, at=at)
    if reply.answers:
        return _ANSWERED
    _wait(due, fault="", by=by, at=at)
    return _WAITING


def _note_fault(due: DueQuestion, refusal: Refusal, *, by: Actor, at: datetime) -> None:
    if refusal.code not in {AWAY, _NOT_LISTED}:
        _log.warning("departments.not-taken", code=refusal.code, question=str(due.id))
    _wait(due, fault=refusal.code, by=by, at=at)


def _wait(due: DueQuestion, *, fault: str, by: Actor, at: datetime) -> None:
    note_attempt(due=due, fault=fault, by=by, at=at)
    if at >= due.silence_noted_from:
        note_silence(project_id=due.project_id, question_id=due.id, by=by, at=at)
