"""Autoplay: the demo's day runs by itself, one small step after the other."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from anju.foundation.access.queries import actor_by_id, list_accounts
from anju.foundation.access.types import system_actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.selection.auto_play import play_step
from anju.resettlement.selection.queries import called_turns
from anju.resettlement.selection.types import TurnRow

PATIENCE = timedelta(seconds=60)
"""How long a family that somebody can sign in as has for itself before it is played."""
OFFICER = "desk"
"""The demo's officer at the desk: who acts when nobody does."""
_FAMILIES = "families.txt"


def play_project(*, project_id: UUID) -> None:
    """Take the next step of a project's day, as the officer at the desk.

    A household that somebody can sign in as is left to itself for a while.
    """
    accounts = list_accounts(by=system_actor())
    desk = next((account for account in accounts if account.login == OFFICER), None)
    if desk is None:
        return
    by, at = actor_by_id(account_id=desk.id, request_id="autoplay"), read_clock()
    families = read_families(settings.HOME)
    left_alone = {
        turn.household_id
        for turn in called_turns(project_id=project_id)
        if _is_left_alone(turn, families, at=at)
    }
    play_step(project_id=project_id, by=by, at=at, left_alone=left_alone)


def keep_families(home: Path, households: list[UUID]) -> None:
    """Note the households that somebody can sign in as."""
    told = "".join(f"{household}\n" for household in households)
    (home / _FAMILIES).write_text(told, encoding="ascii")


def read_families(home: Path) -> frozenset[UUID]:
    """Read the households that somebody can sign in as; none if none are noted."""
    file = home / _FAMILIES
    if not file.exists():
        return frozenset()
    return frozenset(UUID(line) for line in file.read_text(encoding="ascii").split())


def _is_left_alone(turn: TurnRow, families: frozenset[UUID], *, at: datetime) -> bool:
    if turn.household_id not in families or turn.called_at is None:
        return False
    return at - turn.called_at < PATIENCE
