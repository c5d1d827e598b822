"""What others see of homes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from anju_rules.quality import Part, QualityTrace, Signer, Stage
from anju_rules.values import Home, UnitNumber, Verdict

UnitState = Literal["free", "held", "taken", "reserved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A home's file (一房一档, INV-1): the home itself, its state, and what else is known.

    Homes are public; nothing here tells who chose one.
    """

    project_id: UUID
    id: UUID
    home: Home
    place: int
    """Where it stands in the unit table, from 1."""
    state: UnitState
    position: str = ""
    inner_area_sqm: Decimal | None = None
    decoration: str = ""
    quality_grade: str = ""
    location_tier: str = ""
    amenity_tier: str = ""
    school_district: str = ""
    transit_distance_m: int | None = None
    commerce_distance_m: int | None = None
    hospital_distance_m: int | None = None
    parking: str = ""
    handover_on: date | None = None
    price_fen_per_sqm: int | None = None
    panorama: str = ""
    other: Mapping[str, str] = field(default_factory=dict)
    """The clerk's further columns, by the plan's own names."""
    import_ids: tuple[UUID, ...] = ()
    """The imports that brought or changed it."""

    @property
    def told(self) -> dict[str, str]:
        """The home as an entry of the ledger names it: its id, and the number on paper."""
        return {"id": str(self.id), "number": str(self.number)}

    @property
    def number(self) -> UnitNumber:
        """The home's number in its unit table."""
        return self.home.number


@dataclass(frozen=True, slots=True)
class UnitBrief:
    """A home with its state, and no more of its file than the rules and a façade need."""

    id: UUID
    home: Home
    state: UnitState

    @property
    def number(self) -> UnitNumber:
        """The home's number in its unit table."""
        return self.home.number


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """What one import or one act changed of a home."""

    cause_id: UUID
    """The import, or the ledger's entry of the act."""
    columns: Mapping[str, tuple[str, str]]
    """Column → what it said before, and after; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialRow:
    """A picture or a paper of homes: a layout's panorama, or what lies in one home's file."""

    id: UUID
    document_id: UUID
    title: str
    is_panorama: bool
    community: str
    layout: str
    unit_id: UUID | None
    """The home whose file it lies in; None: it is its layout's."""
    kept_at: datetime
    removed_at: datetime | None = None
    reason: str = ""
    """Why it was taken out; empty where a newer one took its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDraft:
    """A home as an import would write it."""

    id: UUID
    number: UnitNumber
    values: Mapping[str, object]
    """Column to value, for every column that the unit table decides."""
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChanges:
    """What an import would do to the homes of a project."""

    added: tuple[UnitDraft, ...]
    changed: tuple[UnitDraft, ...]
    unchanged: int
    staying: int
    """Homes that the table does not name: they stay as they are."""
    in_use: tuple[UnitNumber, ...]
    """Of the changed, those that a household holds or has taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectRow:
    """A defect of a home and how far its mending is."""

    id: UUID
    unit_id: UUID
    what: str
    reported_at: datetime
    mending: str = ""
    mended_at: datetime | None = None
    accepted_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still keeps the home from being chosen and handed over."""
        return self.accepted_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """A party's signature under a stage of a home."""

    stage: Stage
    party: Signer
    signed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsibleRow:
    """Who answers for a part of a building for life: a company and its person in charge."""

    community: str
    building: str
    part: Part
    organisation: str
    responsible: str
    named_at: datetime

    def covers(self, home: Home) -> bool:
        """Whether the home is theirs: an empty community or building means all."""
        return self.community in {"", home.community} and self.building in {"", home.building}


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityFile:
    """How one home was made: for the home's page, and open to everybody."""

    trace: QualityTrace
    signatures: tuple[SignatureRow, ...]
    defects: tuple[DefectRow, ...]
    """The latest first."""
    responsible: tuple[ResponsibleRow, ...]
    delivery: Verdict
    """Met: it may be handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """How far a project's homes are from being handed over: all of them must pass."""

    homes: int
    passed: int
    missing: Mapping[str, int]
    """Code of what is missing → how many homes miss it."""
    unready: tuple[UnitNumber, ...]
    """In table order."""

    @property
    def is_ready(self) -> bool:
        """Whether every home passes, and there is one."""
        return self.homes > 0 and self.passed == self.homes
