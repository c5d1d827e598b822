"""What others see of partners: frozen rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from anju_rules.partners.bases import LegalBasis
from anju_rules.partners.duties import Duty, DutyStanding
from anju_rules.partners.securities import Demand, Security
from anju_rules.partners.stars import FactKind
from anju_rules.ratings import Level
from anju_rules.shares import Share
from anju_rules.values import Verdict

PartyKind = Literal["developer", "manager"]
ServiceKind = Literal["case", "visit", "selection", "delivery"]
SERVICE_KINDS: tuple[ServiceKind, ...] = ("case", "visit", "selection", "delivery")
Channel = Literal["qr", "window", "online"]
CHANNELS: tuple[Channel, ...] = ("qr", "window", "online")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRow:
    """A company as developer or as property manager; one that is both has a row of each."""

    id: UUID
    kind: PartyKind
    name: str
    credit_code: str
    """Its unified social credit code, 18 characters."""
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisRow:
    """A legal basis on record: the text that allows an act against companies."""

    id: UUID
    basis: LegalBasis
    why_withdrawn: str
    """Empty while it is not withdrawn."""
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """Whose duty the first registration of a building is, and how that stands on a day."""

    id: UUID
    project_id: UUID
    """The community."""
    party_id: UUID
    building: str
    """Its number in the community."""
    duty: Duty
    standing: DutyStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandRow:
    """A security that was asked for, with what was given."""

    id: UUID
    project_id: UUID
    party_id: UUID
    basis: BasisRow
    demand: Demand
    given: tuple[Security, ...]
    verdict: Verdict
    """Whether what was given is enough."""
    basis_verdict: Verdict
    """Whether the basis still holds: without it everything is given back."""
    demanded_at: datetime
    released_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionRow:
    """A company barred from the market until a day (市场准入限制)."""

    id: UUID
    party_id: UUID
    basis: BasisRow
    reason: str
    """Public: it names no person."""
    from_on: date
    until_on: date
    lifted_on: date | None
    why_lifted: str
    event_id: UUID
    is_in_force: bool
    """On the day asked for: not lifted, not over, its basis in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StarRow:
    """A property manager's stars of a quarter, as they were published."""

    party_id: UUID
    quarter: str
    """Written ``2026-Q3``."""
    stars: int | None
    """``None``: too few facts for any, which is no bad mark."""
    tenths: int | None
    """Points in tenths: at the most 1,000."""
    counts: Mapping[FactKind, Share]
    """The facts of the year they rest on: how many were met, of how many."""
    formula: str
    """The code of the formula that they were reckoned by."""
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service that is rated once: its scope, what it is, and who served."""

    project_id: UUID
    kind: ServiceKind
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A service as its rating page shows it."""

    service: Service
    matter: str
    """The procedure's code, or the kind of service."""
    title: str
    """The procedure's title in Chinese; empty for other services."""
    number: str
    """The case's printed number; empty for other services."""
    office: str
    """Where it lies: the division's code."""
    officer_id: UUID | None
    """Who decided the case last; ``None`` for other services."""
    household_id: UUID | None
    is_rated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    """A rating of one service as offices see it, without the words."""

    id: UUID
    project_id: UUID
    service_id: UUID
    level: Level
    matter: str
    office: str
    officer_id: UUID | None
    channel: str
    wants_visit: bool
    case_id: UUID | None
    is_left_out: bool
    is_case_open: bool
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingWords:
    """What somebody wrote with a rating, and how to reach them; personal data."""

    comment: str = field(repr=False)
    contact: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeCount:
    """One figure of the sixty-month plan as it stood in one month."""

    month: int
    indicator: str
    counted_on: date
    share: Share
