"""What others see of homes given by agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from anju.resettlement.inventory.types import UnitRow

GiftState = Literal["proposed", "signed", "given", "declined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftRow:
    """One agreement, as everybody may see it."""

    id: UUID
    project_id: UUID
    household_id: UUID
    masked_name: str
    homes: tuple[UnitRow, ...]
    reason: str
    state: GiftState
    proposed_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None
    event_id: UUID | None
