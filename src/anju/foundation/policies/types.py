"""What others see of rule sets, and of editions of laws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from anju_rules.policy import RuleSet
from anju_rules.statutes.editions import ClauseChange
from anju_rules.statutes.types import Statute


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetRow:
    """One version of a project's rules; it holds no personal data."""

    id: UUID
    project_id: UUID
    version: str
    effective_on: date
    canonical: Mapping[str, object] = field(repr=False)
    """The tables ``facts`` and ``rules`` as values of JSON."""
    digest: str
    """SM3 of the canonical text (RFC 8785), hexadecimal."""
    rules: RuleSet = field(repr=False)
    frozen_at: datetime | None

    @property
    def is_frozen(self) -> bool:
        """Whether it may be used, and can no longer change."""
        return self.frozen_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """An edition of a law that was loaded, and what it changes."""

    id: UUID
    statute: Statute
    changes: tuple[ClauseChange, ...]
    """Beside the edition before it."""
    digest: str
    """SM3 of its canonical text, hexadecimal."""
    loaded_at: datetime
