"""What others see of communities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.types import ImportCounts
from anju_rules.values import AreaSqm, Fen

Origin = Literal["listed", "resettled"]
Use = Literal["home", "parking", "shop", "common"]
TitleState = Literal["none", "first", "titled"]

COMPANIES = frozenset({"developer", "manager"})
"""Roles of companies: they see how cases of their community go, and of owners neither names nor
what they pay nor what a court holds against them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityTerms:
    """What is told of a community when its file is opened."""

    code: str
    name: str
    division: str
    """6 digits of the county, 9 with the street, 12 with the neighbourhood."""
    address: str = ""
    parcel: str = ""
    built_year: int | None = None
    accepted_on: date | None = None
    handed_over_on: date | None = None
    developer_name: str = ""
    developer_credit: str = ""
    manager_name: str = ""
    manager_credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityRow:
    """A community's file as everybody may see it."""

    id: UUID
    """Also the scope (``project_id``) of its homes, cases, papers and keys."""
    terms: CommunityTerms
    origin: Origin
    specialist_id: UUID | None
    opened_at: datetime

    @property
    def code(self) -> str:
        """Its code."""
        return self.terms.code

    @property
    def name(self) -> str:
        """Its name."""
        return self.terms.name

    @property
    def division(self) -> str:
        """Where it lies."""
        return self.terms.division


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One owner among the owners of a home; personal data, only inside a sensitive reading."""

    name: str
    identity_number: str = ""
    phone: str = ""
    share: str = "1"
    """Their share as a fraction: ``1``, ``1/2``; empty where all own it jointly (共同共有)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHome:
    """A home to enter into a community's file; ``people`` are its owners, where they are known."""

    building: str
    number: str
    use: Use = "home"
    floor: int | None = None
    unit_code: str = ""
    contracted_sqm: AreaSqm | None = None
    registered_sqm: AreaSqm | None = None
    price_fen_per_sqm: Fen | None = None
    title_state: TitleState = "none"
    people: tuple[Person, ...] = ()
    household_id: UUID | None = None
    """Their household id where the platform knows them already; else one is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRow:
    """A home of a community, without a person."""

    project_id: UUID
    id: UUID
    building: str
    number: str
    use: Use
    floor: int | None
    unit_code: str
    contracted_sqm: AreaSqm | None
    registered_sqm: AreaSqm | None
    price_fen_per_sqm: Fen | None
    title_state: TitleState
    household_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleCounts:
    """How far a community is: its homes (use ``home``), by how their title stands."""

    homes: int
    first: int
    titled: int

    @property
    def without(self) -> int:
        """Homes without any registration."""
        return self.homes - self.first - self.titled


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHome:
    """A home as a clerk's table tells it; what is empty or None was not told."""

    row: int
    building: str
    number: str
    use: str
    floor: int | None
    unit_code: str
    contracted_sqm: Decimal | None
    price_fen_per_sqm: int | None
    title_state: str
    people: tuple[Person, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedHome:
    """A home as a survey tells it, named by its code or its number, or both."""

    row: int
    number: str
    unit_code: str
    floor: int | None
    registered_sqm: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeChange:
    """What a table changes of a home, without a person: term → what stood there, and stands now."""

    number: str
    is_new: bool
    terms: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """What a table did to the file, or would do; with a fault it did nothing (INV-8)."""

    file: str
    is_dry_run: bool
    counts: ImportCounts
    changes: tuple[HomeChange, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def has_written(self) -> bool:
        """Whether it changed the file."""
        return not (self.is_dry_run or self.faults) and self.counts.changes > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSurvey:
    """Who surveyed, and when."""

    surveyed_on: date
    surveyor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRow:
    """A survey whose areas were taken over."""

    surveyed_on: date
    surveyor: str
    homes: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visit of the specialist's."""

    id: UUID
    visited_on: date
    by: UUID
    findings: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """A change of what the file says: term → what it said before, what it says now."""

    changes: Mapping[str, tuple[str, str]]
    reason: str
    by: UUID
    at: datetime
