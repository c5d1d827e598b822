"""What others see of wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

Wishes = tuple[tuple[UUID, ...], ...]
"""A household's wishes, the first wish first; a wish is one home or several together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishChanges:
    """What an import would do to the wishes of a project, counted in households."""

    added: Mapping[UUID, Wishes]
    changed: Mapping[UUID, Wishes]
    unchanged: int
    staying: int
    """Households that have wishes and are not named: their wishes stay."""
