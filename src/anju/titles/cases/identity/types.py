"""What others see of identity checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from anju_rules.identity import Way

State = Literal["asked", "same", "other", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCheckRow:
    """The owners' wish to be met, and what came of it."""

    project_id: UUID
    id: UUID
    case_id: UUID
    household_id: UUID
    way: Way
    """By a provider or an officer from afar, at the window, or at home."""
    state: State
    """``same``: the person met is the owner; ``unclear``: nobody could tell."""
    asked_at: datetime
    settled_at: datetime | None
    method: str
