"""What others see of households."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from anju_rules.values import Fact, Household, HouseholdNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """A household as the rules see it, with where it lives; no name, no number of a person."""

    project_id: UUID
    id: UUID
    household: Household
    place: int
    """Where it stands in the register, from 1."""
    street: str
    lottery_number: int | None

    @property
    def number(self) -> HouseholdNumber:
        """Its number in the register."""
        return self.household.number

    @property
    def stratum(self) -> str:
        """The stratum in which it chooses."""
        return self.household.stratum

    @property
    def facts(self) -> Mapping[str, Fact]:
        """The facts that the rules ask for."""
        return self.household.facts


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedRow:
    """A household with its name as others may see it (张**)."""

    row: HouseholdRow
    masked_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdFile:
    """Everything that the register holds of a household: for a sensitive reading alone."""

    row: HouseholdRow
    name: str = field(repr=False)
    identity_number: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdDraft:
    """A household as an import would write it."""

    id: UUID
    number: HouseholdNumber
    stratum: str
    street: str
    name: str = field(repr=False)
    identity_number: str = field(repr=False)
    phone: str = field(repr=False)
    facts: Mapping[str, object] = field(repr=False)
    """As values of JSON; areas as text."""
    needs: tuple[str, ...] = field(repr=False)
    lottery_number: int | None
    identity_index: bytes | None = field(repr=False)
    content_index: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdChanges:
    """What an import would do to the register of a project."""

    added: tuple[HouseholdDraft, ...]
    changed: tuple[HouseholdDraft, ...]
    unchanged: int
    staying: int
    """Households that the file does not name: they stay as they are."""
    same_person: tuple[tuple[HouseholdNumber, HouseholdNumber], ...]
    """(in the file, in the register): two households with one identity number."""
