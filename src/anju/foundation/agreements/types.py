"""What others see of agreements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from anju.foundation.exchange.departments.types import DepartmentRecord
from anju_rules.procedures.types import Words


class AgreementState(StrEnum):
    """How an agreement stands."""

    NONE = "none"
    DRAFTING = "drafting"
    WITH_DEPARTMENT = "with-department"
    WITH_CITY = "with-city"
    IN_FORCE = "in-force"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """The newest agreement with a department, or that there is none."""

    department: str
    title: Words
    state: AgreementState
    case_id: UUID | None
    number: str
    due_on: date | None
    """The last day of whoever's turn it is."""
    in_force_on: date | None
    """Since when one is in force, also while a new one is being drafted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRecord:
    """What a department agreed to, and how it keeps it."""

    agreement: AgreementRow
    kept: DepartmentRecord
