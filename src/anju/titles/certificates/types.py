"""What others see of certificates: frozen rows, and what they hand in to have one issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from anju_rules.certificates.content import (
    CertificateContent,
    Ownership,
    RegistrationType,
    RightHolder,
)
from anju_rules.certificates.register import Entry, Status
from anju_rules.values import AreaSqm


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is to be certified, before it has a number: the register's own facts of one home."""

    unit_code: str
    """28 characters; its first six say which registry issues."""
    registration: RegistrationType
    registered_on: date
    right: str
    """国有建设用地使用权/房屋所有权, …"""
    ownership: Ownership
    holders: tuple[RightHolder, ...] = field(repr=False)
    """Names in full, numbers masked."""
    location: str
    use: str
    area_sqm: AreaSqm
    land_until: date | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCertificate:
    """A certificate with its number and signature, not yet laid into the register."""

    project_id: UUID
    id: UUID
    household_id: UUID | None
    series_id: UUID
    content: CertificateContent = field(repr=False)
    public: bytes
    """The issuing key, 65 bytes."""
    signature: bytes
    """64 bytes, SM2 over the content's canonical bytes."""
    replaces_id: UUID | None
    case_id: UUID | None

    @property
    def told(self) -> dict[str, object]:
        """What the issue's ledger entry must say; a stranger who holds the paper sees it.

        Nothing of a person stands in it. A caller may add random ids, no words.
        """
        return {
            "certificate": str(self.id),
            "digest": self.content.digest,
            "key": self.public.hex(),
            "replaces": str(self.replaces_id) if self.replaces_id else "",
            "case": str(self.case_id) if self.case_id else "",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow:
    """One certificate as lists show it; nothing of a person."""

    project_id: UUID
    id: UUID
    household_id: UUID | None
    number: str
    unit_code: str
    status: Status
    issued_at: datetime
    status_at: datetime
    event_id: UUID
    """The ledger entry of its issue."""
    digest: str
    replaces_id: UUID | None
    case_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSheet:
    """One certificate with what it says; for its holder and the registry."""

    row: CertificateRow
    content: CertificateContent | None = field(repr=False)
    """None where the holder's data were erased."""
    public: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One entry of the register about one certificate."""

    id: UUID
    place: int
    """From 1."""
    kind: Entry
    at: datetime
    clause: str
    reason: str = field(repr=False)
    replaced_by: str
    by_id: UUID
    second_id: UUID | None
    event_id: UUID


class Ground(StrEnum):
    """Why a certificate of the same content is given again."""

    LOST = "lost"
    """补发."""
    DAMAGED = "damaged"
    """换发."""


class EndGround(StrEnum):
    """Why a certificate is taken out of force for ever."""

    DESTROYED = "destroyed"
    """The home is gone."""
    GIVEN_UP = "given-up"
    TAKEN = "taken"
    """Confiscated, expropriated or taken back by law."""
    JUDGED = "judged"
    """A court or an arbitrator ended the right."""
    UNTRUE = "untrue"
    """It was registered on what was not true, or by mistake."""


_DETAILS = "不动产登记暂行条例实施细则"
CLAUSES: Mapping[Ground | EndGround, str] = {
    Ground.LOST: f"{_DETAILS} 第 22 条",
    Ground.DAMAGED: f"{_DETAILS} 第 22 条",
    EndGround.DESTROYED: f"{_DETAILS} 第 28 条",
    EndGround.GIVEN_UP: f"{_DETAILS} 第 28 条",
    EndGround.TAKEN: f"{_DETAILS} 第 28 条",
    EndGround.JUDGED: f"{_DETAILS} 第 28 条",
}
"""What each ground rests on, unless whoever signs names another; what is untrue has no such one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A county's registry as it issues, and since when with which key."""

    id: UUID
    county: str
    """Six digits, GB/T 2260."""
    province: str
    """One character: 鲁."""
    place: str
    """Full name of the city or county: 济南市."""
    authority: str
    """Unified social credit code."""
    authority_name: str
    public: bytes
    """65 bytes."""
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """One page of the register, and how many certificates were found in all."""

    rows: tuple[CertificateRow, ...]
    found: int
