"""Messages: send what is due through the gateway, keep its receipts, give up what is of no use.

Telephone numbers are opened here alone, in one reading a run and project that the ledger knows of.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from anju.foundation.access.context import sensitive_reading
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.messages.gateways import Gateway, known_gateway
from anju.foundation.messages.operations import give_up_message, note_sent
from anju.foundation.messages.pacing import note_attempt, stop_sending
from anju.foundation.messages.queries import due_messages
from anju.foundation.messages.texts import text_of
from anju.foundation.messages.types import DueMessage
from anju.resettlement.households.queries import phones_of
from anju.titles.communities.queries import owner_phones
from anju_rules.messages import MessageState, Outgoing
from anju_rules.values import Refusal

NO_GATEWAY, AWAY, SENT = "messages.no-gateway", "messages.gateway-away", "sent"
MOST_AWAY = 3
"""After so many attempts running without an answer the gateway is left in peace for this run."""
_log = structlog.get_logger(__name__)


def send_messages(*, at: datetime, gateway: Gateway | None = None) -> Mapping[str, int]:
    """Send everything whose turn it is, once; counts what came of it, by outcome or fault.

    Without a gateway nothing is sent, and each message says so. What fails for one message holds up
    no other.
    """
    by = system_actor(request_id="messages.send")
    counts: Counter[str] = Counter()
    messages = due_messages(by=by, at=at)
    if not messages:
        return counts
    fault = NO_GATEWAY
    try:
        gateway = gateway or known_gateway(Path(settings.HOME))
    except Refusal as refusal:
        fault = refusal.code
    to_send: dict[UUID, list[DueMessage]] = defaultdict(list)
    for due in messages:
        is_useless = due.useful_until is not None and due.useful_until < at
        if gateway is None:
            counts[fault] += 1
            if is_useless:
                stop_sending(due=due, fault=fault, by=by)
            else:
                note_attempt(due=due, fault=fault, by=by, at=at)
        elif is_useless:
            counts[_give_up(due, MessageState.OVERDUE, by=by, at=at)] += 1
        else:
            to_send[due.project_id].append(due)
    if gateway is not None:
        for project_id, one_project in to_send.items():
            counts.update(_send_all(project_id, one_project, gateway=gateway, by=by, at=at))
    return counts


def _send_all(
    project_id: UUID, messages: Sequence[DueMessage], *, gateway: Gateway, by: Actor, at: datetime
) -> Counter[str]:
    counts: Counter[str] = Counter()
    phones = _read_phones(project_id, messages, by=by, at=at)
    away = 0
    for due in messages:
        phone = phones.get(due.household_id)
        if phone is None:
            counts[_give_up(due, MessageState.UNDELIVERABLE, by=by, at=at)] += 1
            continue
        told = AWAY if away >= MOST_AWAY else _send(due, phone, gateway=gateway, by=by, at=at)
        if told != SENT:
            note_attempt(due=due, fault=told, by=by, at=at)
        away = away + 1 if told == AWAY else 0
        counts[told] += 1
    return counts


def _read_phones(
    project_id: UUID, messages: Sequence[DueMessage], *, by: Actor, at: datetime
) -> Mapping[UUID, str]:
    with sensitive_reading(
        by=by,
        permits="messages.send",
        purpose="发通知：打开电话号码",
        target=str(project_id),
        at=at,
        project_id=project_id,
    ):
        whom = {due.household_id for due in messages}
        owners = owner_phones(project_id=project_id, household_ids=whom)
        return owners | phones_of(project_id=project_id, household_ids=whom)


def _send(due: DueMessage, phone: str, *, gateway: Gateway, by: Actor, at: datetime) -> str:
    """Send one message; give ``sent``, or the code of what went wrong."""
    try:
        message = Outgoing(
            id=str(due.id),
            channel=due.channel,
            to=phone,
            text=text_of(kind=due.kind, channel=due.channel, facts=due.facts),
            laid_at=due.laid_at,
        )
        receipt = gateway(message=message)
        note_sent(project_id=due.project_id, message_id=due.id, receipt=receipt, by=by, at=at)
    except Refusal as refusal:
        _log.warning("messages.not-sent", code=refusal.code, message=str(due.id))
        return refusal.code
    return SENT


def _give_up(due: DueMessage, state: MessageState, *, by: Actor, at: datetime) -> str:
    give_up_message(project_id=due.project_id, message_id=due.id, state=state, by=by, at=at)
    return str(state)
