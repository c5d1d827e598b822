"""What others see of projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from anju_rules.queue import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTerms:
    """What is decided of a project when it is opened."""

    code: str
    name: str
    division_code: str
    mode: Mode
    strata: tuple[str, ...]
    """In the order in which they choose."""
    batch_size: int
    plan_text: str = field(repr=False)
    plan: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRow:
    """A project; it holds no personal data, so anyone may see it."""

    id: UUID
    code: str
    name: str
    division_code: str
    mode: Mode
    strata: tuple[str, ...]
    batch_size: int
    plan_text: str = field(repr=False)
    plan: Mapping[str, object] = field(repr=False)
    plan_digest: str
    """SM3 of the plan's text, hexadecimal."""
    state: str
    """``open``; ``frozen`` once a draw rests on its register; ``closed``."""
    opened_at: datetime
    register_frozen_at: datetime | None
