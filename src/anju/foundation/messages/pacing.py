"""When a message is tried again; how sending goes is no fact of its own and needs no entry."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anju.foundation.access.context import acting
from anju.foundation.access.operations import on_erasure
from anju.foundation.access.types import Actor
from anju.foundation.messages.models import DispatchRecord
from anju.foundation.messages.types import DueMessage
from anju_rules.messages import next_attempt


def note_attempt(*, due: DueMessage, fault: str, by: Actor, at: datetime) -> None:
    """Note that a message did not get out; ``fault`` says why, as a code."""
    attempts = due.attempts + 1
    with transaction.atomic(), acting(by):
        DispatchRecord.objects.filter(message_id=due.id, next_at__isnull=False).update(
            attempts=attempts, fault=fault, next_at=next_attempt(attempts=attempts, at=at)
        )


def stop_sending(*, due: DueMessage, fault: str, by: Actor) -> None:
    """Try a message no more, which could never be sent; it stays unsent, and says why."""
    with transaction.atomic(), acting(by):
        DispatchRecord.objects.filter(message_id=due.id).update(next_at=None, fault=fault)


@on_erasure
def forget_household(household_id: UUID) -> None:
    """Send an erased household nothing more."""
    DispatchRecord.objects.filter(household_id=household_id).update(next_at=None)
