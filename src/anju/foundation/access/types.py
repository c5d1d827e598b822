"""Access: its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

ActorKind = Literal["officer", "household", "system"]
SYSTEM_ID = UUID(int=0)
"""Who the platform itself is in the ledger: a job no person started."""


class Secrecy(StrEnum):
    """How secret an act is (公开、内部、秘密、绝密)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SECRET = "secret"  # noqa: S105 - a level, no password
    TOP_SECRET = "top-secret"  # noqa: S105 - a level, no password


class Tier(StrEnum):
    """The three tiers of organisations, and how many digits of a division code each stands for."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"

    @property
    def digits(self) -> int:
        """The length of the tier's division codes (GB/T 2260, GB/T 10114)."""
        return _DIGITS[self]


_DIGITS = {Tier.CITY: 4, Tier.DISTRICT: 6, Tier.STREET: 9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and what lies in their sight; made for each request from the account."""

    id: UUID
    kind: ActorKind
    role: str
    name: str = field(default="", repr=False)
    """As pages greet them; never in the ledger."""
    organisation_id: UUID | None = None
    division: str = ""
    """The division code of the organisation; everything under it is in sight."""
    projects: frozenset[UUID] | None = frozenset()
    """The projects in sight; None: all, which only the platform itself has."""
    household_id: UUID | None = None
    project_id: UUID | None = None
    """The project of the household."""
    address: str = field(default="", repr=False)
    request_id: str = ""
    has_second_factor: bool = False
    stepped_up_at: datetime | None = None
    """When this person last typed a fresh code for one act; None: not for this request."""

    def sees_project(self, project_id: UUID) -> bool:
        """Whether the project is in sight; for a household, its own."""
        if self.kind == "household":
            return project_id == self.project_id
        return self.projects is None or project_id in self.projects


def system_actor(*, request_id: str = "", name: str = "") -> Actor:
    """Give the platform itself, which sees every project: jobs, set-up, public pages."""
    return Actor(
        id=SYSTEM_ID,
        kind="system",
        role="system",
        name=name,
        projects=None,
        request_id=request_id,
        has_second_factor=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What an operation declares of itself."""

    name: str
    """``<context>.<function>``."""
    permits: str
    """The permission it asks for."""
    action: str
    """What the ledger calls it, in the past: ``selection.home.chosen``."""
    clauses: tuple[str, ...]
    signs: int
    """How many people: 1, or 2 (``second``)."""
    steps_up: bool
    """Whether it asks for a code typed within the last minute."""
    level: Secrecy
    also: tuple[str, ...]
    """What else the act may turn out to be."""
    function: Callable[..., Any] = field(repr=False)
    """The wrapped operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRow:
    """An organisation."""

    id: UUID
    division: str
    name: str
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account, as its superiors see it."""

    id: UUID
    login: str
    """Empty for a household: its login is its code, which only the household has."""
    kind: ActorKind
    role: str
    name: str
    division: str
    project_id: UUID | None
    is_active: bool
