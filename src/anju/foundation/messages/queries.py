"""Reads of messages: inside a context, else no row is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.messages.models import DispatchRecord, MessageRecord
from anju.foundation.messages.types import DueMessage, MessageRow, Sending
from anju_rules.messages import Channel, MessageState

MOST_AT_ONCE = 200
"""Messages of one run: the rest waits for the next, a moment later."""


def due_messages(*, by: Actor, at: datetime, most: int = MOST_AT_ONCE) -> tuple[DueMessage, ...]:
    """Give the messages whose turn it is to be sent, those of the latest calls first.

    The platform's own read: needs ``messages.send``.
    """
    require_permission(by, "messages.send")
    with reading(by=by):
        due = {
            row.message_id: row
            for row in DispatchRecord.objects.filter(next_at__lte=at).order_by("next_at")[:most]
        }
        messages = MessageRecord.objects.filter(
            project_id__in={row.project_id for row in due.values()}, id__in=list(due)
        ).order_by("-laid_at", "kind", "channel", "id")
        return tuple(
            DueMessage(
                id=message.id,
                project_id=message.project_id,
                household_id=message.household_id,
                kind=message.kind,
                channel=Channel(message.channel),
                facts=message.facts,
                laid_at=message.laid_at,
                useful_until=message.useful_until,
                attempts=due[message.id].attempts,
            )
            for message in messages
        )


def messages_about(*, project_id: UUID, subject_id: UUID) -> tuple[MessageRow, ...]:
    """Give what was told of a thing, oldest first, each with what became of it. Call it reading."""
    return _rows(MessageRecord.objects.filter(project_id=project_id, subject_id=subject_id))


def subjects_told(
    *, project_id: UUID, kind: str, rounds: Collection[tuple[UUID, int]]
) -> frozenset[tuple[UUID, int]]:
    """Give those subjects and rounds of which ``kind`` was laid already; call it while reading."""
    found = MessageRecord.objects.filter(
        project_id=project_id, kind=kind, subject_id__in=[subject for subject, _ in rounds]
    )
    return frozenset(found.values_list("subject_id", "round")) & frozenset(rounds)


def count_sending(*, project_id: UUID) -> Sending:
    """Count how a project's messages stand; call it while reading."""
    counts = dict(
        MessageRecord.objects.filter(project_id=project_id)
        .values_list("state")
        .annotate(count=Count("id"))
    )
    unsent = MessageRecord.objects.filter(project_id=project_id, state="waiting").values("id")
    waiting = DispatchRecord.objects.filter(message_id__in=unsent)
    return Sending(
        waiting=counts.get("waiting", 0),
        sent=counts.get("sent", 0),
        overdue=counts.get("overdue", 0),
        undeliverable=counts.get("undeliverable", 0),
        fault=waiting.exclude(fault="").values_list("fault", flat=True).first() or "",
    )


def _rows(found: Iterable[MessageRecord]) -> tuple[MessageRow, ...]:
    messages = sorted(found, key=lambda row: (row.laid_at, row.channel, row.id))
    sending = DispatchRecord.objects.in_bulk([message.id for message in messages])
    return tuple(
        MessageRow(
            id=message.id,
            project_id=message.project_id,
            household_id=message.household_id,
            kind=message.kind,
            channel=Channel(message.channel),
            subject_id=message.subject_id,
            round=message.round,
            laid_at=message.laid_at,
            state=MessageState(message.state),
            receipt=message.receipt,
            accepted_at=message.accepted_at,
            event_id=message.event_id,
            attempts=sending[message.id].attempts,
            fault=sending[message.id].fault,
        )
        for message in messages
    )
