"""How messages end: each with its entry, so that nobody is said to have been told who was not."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.messages.models import DispatchRecord, MessageRecord
from anju_rules.messages import GatewayReceipt, MessageState
from anju_rules.values import Refusal


@operation(permits="messages.send", action="messages.message.sent", clauses=("plan/selection",))
def note_sent(
    *,
    project_id: UUID,
    message_id: UUID,
    receipt: GatewayReceipt,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> None:
    """Keep the gateway's receipt for a message; refuses with ``messages.ended-already``."""
    message = _lock_waiting(project_id, message_id)
    event_id = _record(
        message, {"receipt": receipt.receipt, "accepted_at": receipt.accepted_at.isoformat()}
    )
    _end(
        message,
        state=MessageState.SENT.value,
        receipt=receipt.receipt,
        accepted_at=receipt.accepted_at,
        text_digest=receipt.text_digest,
        ended_at=at,
        event_id=event_id,
    )


@operation(permits="messages.send", action="messages.message.given-up", clauses=("plan/selection",))
def give_up_message(
    *,
    project_id: UUID,
    message_id: UUID,
    state: MessageState,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> None:
    """Note that a message was never sent: of no use any more, or no number to send it to.

    Refuses with ``messages.ended-already`` and, for a ``state`` that is neither of the two, with
    ``messages.not-an-end``.
    """
    if state not in {MessageState.OVERDUE, MessageState.UNDELIVERABLE}:
        raise Refusal("messages.not-an-end", state=str(state))
    message = _lock_waiting(project_id, message_id)
    dispatch = DispatchRecord.objects.get(message_id=message_id)
    event_id = _record(message, {"attempts": dispatch.attempts, "fault": dispatch.fault})
    _end(message, state=state.value, ended_at=at, event_id=event_id)


def _lock_waiting(project_id: UUID, message_id: UUID) -> MessageRecord:
    message = (
        MessageRecord.objects.select_for_update()
        .filter(project_id=project_id, id=message_id, state=MessageState.WAITING.value)
        .first()
    )
    if message is None:
        raise Refusal("messages.ended-already")
    return message


def _record(message: MessageRecord, told: dict[str, object]) -> UUID:
    return record(
        target=message.id,
        household_id=message.household_id,
        body={
            "project": str(message.project_id),
            "subject": str(message.subject_id),
            "round": message.round,
            "kind": message.kind,
            "channel": message.channel,
            **told,
        },
    ).event_id


def _end(message: MessageRecord, **changed: object) -> None:
    MessageRecord.objects.filter(project_id=message.project_id, id=message.id).update(**changed)
    DispatchRecord.objects.filter(message_id=message.id).update(next_at=None)
