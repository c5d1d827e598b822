"""What nobody has signed in time: let go by the platform, so that others may name it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.resettlement.selection.operations.signing import drop_naming
from anju.resettlement.selection.queries import unsigned_naming
from anju_rules.values import Refusal

_MOVED_ON = frozenset({"selection.nothing-named", "selection.not-your-turn"})
"""A desk was faster: there is nothing to drop any more."""


def drop_unsigned(*, project_id: UUID, by: Actor, at: datetime) -> int:
    """Drop every naming of a project whose time to sign is over; give how many that were.

    Each is an operation of its own; the households go on with what time their turns have left.
    """
    dropped = 0
    while (turn := unsigned_naming(project_id=project_id, at=at)) is not None:
        try:
            drop_naming(
                project_id=project_id,
                turn_id=turn.id,
                by=by,
                at=at,
                reason="not-signed",
                call=turn.times_called,
            )
        except Refusal as refusal:
            if refusal.code == "selection.paused":
                return dropped  # no clock runs: what is overdue now gets its time back
            if refusal.code not in _MOVED_ON:
                raise
        else:
            dropped += 1
    return dropped
