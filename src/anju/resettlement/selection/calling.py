"""Calling by screen, message and voice, and the proof that a household was called (SEL-2, T-43).

A call lays its messages in its own transaction. A job looks at the wall as it is served, and notes
in which revision a call was seen first. The entry of a missed turn quotes both, so that nobody is
skipped unheard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from uuid import UUID

from django.db import connections, transaction

from anju.foundation.ledger.queries import entries_of
from anju.foundation.messages.laying import lay_messages
from anju.foundation.messages.queries import messages_about, subjects_told
from anju.foundation.messages.types import MessageRow, NewMessage
from anju.resettlement.projects.queries import project_name
from anju.resettlement.selection.models import ShownRecord, TurnRecord
from anju_rules.messages import Channel

NEAR = 3
"""So many households that come next are told that they do."""
CHANNELS = (Channel.SMS, Channel.VOICE)
NEAR_KIND, CALLED_KIND = "turn-near", "turn-called"
NEAR_IS_USEFUL = timedelta(minutes=15)
_BEIJING = timezone(timedelta(hours=8))

# A household that was called again meanwhile is told of in the next look.
_NOTE_SHOWN = """
INSERT INTO selection_shown (project_id, turn_id, times_called, revision, shown_at)
SELECT project_id, id, times_called, %s, %s FROM selection_turn
WHERE project_id = %s AND id = %s AND called_at = %s
ON CONFLICT DO NOTHING
"""
_NOT_SHOWN = """
SELECT t.id, p.ticket, t.called_at FROM selection_turn t
JOIN selection_place p ON p.project_id = t.project_id AND p.place = t.place
WHERE t.project_id = %s AND t.state = 'called' AND NOT EXISTS (
  SELECT 1 FROM selection_shown s WHERE s.project_id = t.project_id AND s.turn_id = t.id
    AND s.times_called = t.times_called)
"""


class Unshown(NamedTuple):
    """A call that nobody has seen on the served wall yet."""

    turn_id: UUID
    ticket: str
    called_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallProof:
    """One call of a household and what proves it."""

    times_called: int
    called_at: datetime
    event_id: UUID
    """The entry of the call."""
    revision: int | None
    """The revision of the served wall that showed it first; None: none was seen to."""
    shown_at: datetime | None
    messages: tuple[MessageRow, ...]


def lay_calls(
    *, called: TurnRecord, batch: Sequence[TurnRecord], tickets: Mapping[int, str], at: datetime
) -> None:
    """Lay what is told of a call, in the caller's operation: to whom is called, and who is near.

    ``batch``: the turns of its batch; ``tickets``: at least those of :func:`following_turns`, and
    the called one's own, by place.
    """
    project_id, following = called.project_id, following_turns(batch)
    rounds = {(turn.id, turn.times_called + 1) for turn in following}
    told = subjects_told(project_id=project_id, kind=NEAR_KIND, rounds=rounds)
    name = project_name(project_id=project_id)
    limit_at = called.limit_at or at
    messages = [
        NewMessage(
            household_id=called.household_id,
            kind=CALLED_KIND,
            subject_id=called.id,
            round=called.times_called,
            facts={
                "project": name,
                "ticket": tickets[called.place],
                "place": called.place,
                "until": limit_at.astimezone(_BEIJING).strftime("%H:%M"),
            },
            useful_until=limit_at,
        ),
        *(
            NewMessage(
                household_id=turn.household_id,
                kind=NEAR_KIND,
                subject_id=turn.id,
                round=turn.times_called + 1,
                facts={"project": name, "ticket": tickets[turn.place], "ahead": ahead},
                useful_until=at + NEAR_IS_USEFUL,
            )
            for ahead, turn in enumerate(following, start=1)
            if (turn.id, turn.times_called + 1) not in told
        ),
    ]
    lay_messages(project_id=project_id, messages=messages, channels=CHANNELS, at=at)


def following_turns(batch: Sequence[TurnRecord]) -> list[TurnRecord]:
    """Give the turns of a batch that come soon, as they are called."""
    waiting = [turn for turn in batch if turn.state in ("waiting", "returned")]
    # Everyone waiting, then those that came back.
    return sorted(waiting, key=lambda turn: (turn.state == "returned", turn.place))[:NEAR]


def calls_not_shown(*, project_id: UUID) -> list[Unshown]:
    """Give the calls that run and were not seen on the served wall yet; it needs no context."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_NOT_SHOWN, [project_id])
        return [Unshown(*row) for row in cursor.fetchall()]


def note_shown(*, project_id: UUID, call: Unshown, revision: int, at: datetime) -> None:
    """Note in which revision of the served wall a call was seen first."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(_NOTE_SHOWN, [revision, at, project_id, call.turn_id, call.called_at])


def calls_of_turn(*, project_id: UUID, turn_id: UUID) -> tuple[CallProof, ...]:
    """Give every call of a turn, oldest first, each with its proof; call it while reading."""
    entries = [
        entry
        for entry in entries_of(str(turn_id))
        if entry.action == "selection.turn.called" and entry.outcome == "done"
    ]
    shown = {
        row.times_called: row
        for row in ShownRecord.objects.filter(project_id=project_id, turn_id=turn_id)
    }
    messages = [
        row
        for row in messages_about(project_id=project_id, subject_id=turn_id)
        if row.kind == CALLED_KIND
    ]
    return tuple(
        CallProof(
            times_called=times,
            called_at=entry.at,
            event_id=entry.event_id,
            revision=shown[times].revision if times in shown else None,
            shown_at=shown[times].shown_at if times in shown else None,
            messages=tuple(row for row in messages if row.round == times),
        )
        for times, entry in enumerate(entries, start=1)
    )


def tell_call(turn: TurnRecord) -> dict[str, object] | None:
    """Give what an entry quotes of a turn's newest call; None where it was never called."""
    calls = calls_of_turn(project_id=turn.project_id, turn_id=turn.id)
    if not calls:
        return None
    call = calls[-1]
    return {
        "event": str(call.event_id),
        "times_called": call.times_called,
        "revision": call.revision,
        "shown_at": call.shown_at and call.shown_at.isoformat(),
        "messages": [
            {
                "channel": str(row.channel),
                "state": str(row.state),
                "receipt": row.receipt,
                "accepted_at": row.accepted_at and row.accepted_at.isoformat(),
                "fault": row.fault,
            }
            for row in call.messages
        ],
    }
