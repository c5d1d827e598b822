"""School and medical provision of a new district, and the homes that it serves (INV-9).

A new district is built where nothing is yet: so for each home it is on record which school and
which clinic are there for it. A home that either does not serve is counted, and never hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from anju_rules.inventory import StockTerms
from anju_rules.values import Finding, Home, Verdict


class Provision(StrEnum):
    """What a district must have for those who move there."""

    SCHOOL = "school"
    MEDICAL = "medical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A school or a clinic, and the homes it is there for."""

    kind: Provision
    name: str
    community: str = ""
    """Empty: for every community of the project."""
    buildings: tuple[str, ...] = ()
    """Empty: for every building."""
    places: int | None = None
    """Seats of a school, beds or treatments a day of a clinic; None: not told."""
    distance_m: int | None = None
    ready_on: date | None = None
    """None: it is open already."""

    def serves(self, home: Home) -> bool:
        """Whether it is there for a home.

        >>> from decimal import Decimal
        >>> from anju_rules.values import AreaSqm, UnitNumber
        >>> home = Home(number=UnitNumber("1"), area_sqm=AreaSqm(Decimal(60)), building="3")
        >>> Facility(kind=Provision.SCHOOL, name="一小", buildings=("3",)).serves(home)
        True
        """
        return self.community in {"", home.community} and (
            not self.buildings or home.building in self.buildings
        )


def judge_provision(
    *, homes: Collection[Home], facilities: Iterable[Facility], terms: StockTerms
) -> Verdict:
    """Judge whether every home of a new district has a school and a clinic on record.

    Elsewhere nothing is asked, and there is no finding. The facts count the homes left out.
    """
    if not terms.is_new_district:
        return Verdict(())
    told = list(facilities)
    findings = []
    for kind in Provision:
        of_kind = [one for one in told if one.kind is kind]
        left_out = sum(not any(one.serves(home) for one in of_kind) for home in homes)
        findings.append(
            Finding(
                f"inventory.no-{kind}",
                terms.clause,
                left_out == 0,
                {"homes": left_out, "of": len(homes)},
            )
        )
    return Verdict(tuple(findings))
