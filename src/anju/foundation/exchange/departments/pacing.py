"""When a question is asked again: soon at first, then more rarely, and at its limit exactly.

How asking goes is written beside the questions and is no fact: it needs no entry in the ledger.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from anju.foundation.access.context import acting
from anju.foundation.access.operations import on_erasure
from anju.foundation.access.types import Actor
from anju.foundation.exchange.departments.types import DueQuestion
from anju.foundation.exchange.models import AttemptRecord

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(days=7)
"""So long after its limit a question is asked no more."""


def next_attempt(*, attempts: int, answer_by: datetime, at: datetime) -> datetime:
    """Give when to ask next after ``attempts`` without an answer.

    The moment of the limit is never leapt over: an answer that is there in time is found in time.
    """
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
    planned = at + wait
    return answer_by if at < answer_by < planned else planned


def silence_noted_from(*, answer_by: datetime, is_late: bool) -> datetime:
    """Give from when on there is something to note if still nobody answers."""
    return answer_by + GIVE_UP_AFTER if is_late else answer_by


def note_attempt(*, due: DueQuestion, fault: str, by: Actor, at: datetime) -> None:
    """Note that a question was sent and brought no answer yet; ``fault`` says what went wrong."""
    attempts = due.attempts + 1
    with transaction.atomic(), acting(by):
        AttemptRecord.objects.filter(question_id=due.id, next_at__isnull=False).update(
            attempts=attempts,
            fault=fault,
            next_at=next_attempt(attempts=attempts, answer_by=due.answer_by, at=at),
        )


def stop_asking(*, question_id: UUID) -> None:
    """Ask this no more; inside the operation that settles it."""
    AttemptRecord.objects.filter(question_id=question_id).update(next_at=None)


@on_erasure
def forget_household(household_id: UUID) -> None:
    """Ask nobody about an erased family any more; what was asked is closed with its key."""
    AttemptRecord.objects.filter(household_id=household_id).update(next_at=None)


def last_fault(*, question_id: UUID) -> str:
    """Give what went wrong the last time, as a code; empty: nothing."""
    found = AttemptRecord.objects.filter(question_id=question_id).values_list("fault", flat=True)
    return found.first() or ""
