"""Laying messages inside the caller's operation: told and happened stand or fall together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.core.crypto import new_id
from anju.foundation.messages.models import DispatchRecord, MessageRecord
from anju.foundation.messages.texts import disturbs_by_night
from anju.foundation.messages.types import NewMessage
from anju_rules.messages import Channel, next_waking_moment


def lay_messages(
    *, project_id: UUID, messages: Sequence[NewMessage], channels: Sequence[Channel], at: datetime
) -> None:
    """Lay messages to households, one a channel, in the caller's transaction; a job sends them.

    By night only what cannot wait goes out. Refuses with ``messages.unknown-kind``.
    """
    laid = [(new_id(), message, channel) for message in messages for channel in channels]
    send_at = {
        kind: at if disturbs_by_night(kind) else next_waking_moment(at)
        for kind in {message.kind for message in messages}
    }
    MessageRecord.objects.bulk_create(
        MessageRecord(
            project_id=project_id,
            id=message_id,
            household_id=message.household_id,
            kind=message.kind,
            channel=channel.value,
            subject_id=message.subject_id,
            round=message.round,
            facts=dict(message.facts),
            laid_at=at,
            useful_until=message.useful_until,
        )
        for message_id, message, channel in laid
    )
    DispatchRecord.objects.bulk_create(
        DispatchRecord(
            message_id=message_id,
            project_id=project_id,
            household_id=message.household_id,
            next_at=send_at[message.kind],
        )
        for message_id, message, _ in laid
    )
