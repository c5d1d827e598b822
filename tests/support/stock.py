"""A small project with its homes, and somebody of each party, for tests of the stock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.resettlement.inventory.operations import (
    accept_mending,
    note_mending,
    report_defect,
    reserve_units,
)
from anju.resettlement.inventory.queries import unit_numbers
from anju_rules.values import Refusal, UnitNumber
from tests.support.registers import AT, Office, city_officer

GRADES = {"quality_grade": "excellent", "location_tier": "core", "amenity_tier": "basic"}


@dataclass(frozen=True, slots=True)
class Stock:
    """A small project with its homes, and somebody of each party."""

    office: Office

    @property
    def id(self) -> UUID:
        """The project."""
        return self.office.project.id

    @property
    def units(self) -> dict[UnitNumber, UUID]:
        """Every home's id by its number."""
        return unit_numbers(project_id=self.id)

    def unit(self, number: str = "1-101") -> UUID:
        """Give one home's id."""
        return self.units[UnitNumber(number)]

    def somebody(self, role: str) -> Actor:
        """Give somebody of a role."""
        return replace(self.office.officer, id=new_id(), role=role)

    def report(self, number: str = "1-101") -> UUID:
        """Report a defect; gives its id."""
        row = report_defect(
            project_id=self.id,
            unit_id=self.unit(number),
            what="外墙渗水",
            by=self.somebody("representative"),
            at=AT,
        )
        return row.id

    def mend(self, defect_id: UUID) -> None:
        """Note a mending."""
        note_mending(
            project_id=self.id,
            defect_id=defect_id,
            mending="重做防水",
            by=self.somebody("builder"),
            at=AT,
        )

    def accept(self, defect_id: UUID, *, roles: str = "supervisor representative") -> bool:
        """Accept a mending."""
        first, second = roles.split()
        return accept_mending(
            project_id=self.id,
            defect_id=defect_id,
            by=self.somebody(first),
            second=self.somebody(second),
            at=AT,
        )

    def reserve(self, need: str, *numbers: str) -> None:
        """Keep homes for a need, two people signing."""
        reserve_units(
            project_id=self.id,
            unit_ids=[self.unit(number) for number in numbers],
            need=need,
            by=self.office.officer,
            second=city_officer(),
            at=AT,
        )


def refused(act: Callable[[], object]) -> str:
    """Give the code with which an act is refused."""
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code
