"""The called household, its homes and what is told of its turn, for tests of two signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from anju.foundation.access.types import Actor
from anju.foundation.ledger.queries import entries_of
from anju.resettlement.selection import queries
from anju.resettlement.selection.types import TurnRow
from anju_rules.values import Refusal
from tests.support.selections import Selected, free_homes

TWO = "signatures = 2\nhot_from_wishes = 100"


def family(project: Selected, turn: TurnRow) -> Actor:
    """Give the called household in its own session."""
    return project.household(turn.household_id)


def home_of(project: Selected, turn: TurnRow, number: int = 0) -> UUID:
    """Give one of the homes that the household may have."""
    return free_homes(project, turn.household_id)[number]


def refused(code: str, act: Callable[..., object], **told: Any) -> None:
    """Ask, and be refused with just this code."""
    with pytest.raises(Refusal) as caught:
        act(**told)
    assert caught.value.code == code


def state_of(project: Selected, unit_id: UUID) -> str:
    """Give a home's state as the wall shows it."""
    tiles = queries.home_tiles(project_id=project.id)
    return next(tile.state for tile in tiles if tile.unit_id == unit_id)


def actions_of(turn: TurnRow) -> list[str]:
    """Give what the ledger says was done of a turn."""
    told = [entry for entry in entries_of(str(turn.id)) if entry.outcome == "done"]
    return [entry.action for entry in sorted(told, key=lambda entry: entry.at)]
