"""The confirmation sheet of a choice (选房确认单): what was chosen, by which rules, who signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from anju.foundation.ledger.queries import find_entry
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.selection import mapping
from anju.resettlement.selection.models import SignatureRecord, TurnRecord
from anju.resettlement.selection.queries import find_choice, find_place
from anju.resettlement.selection.types import HomeTile, SignSide
from anju_rules.entitlement import price_homes
from anju_rules.signing import Side, signatures_needed
from anju_rules.values import Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSide:
    """One side that signed, and when."""

    side: SignSide
    at: datetime
    is_automatic: bool
    """Given by the platform, in a rehearsal that plays itself."""
    document_id: UUID | None
    """The picture of the signature, in the household's keeping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationSheet:
    """Everything a confirmation sheet says; the household stands masked in it."""

    number: str
    """The household's number in the register."""
    masked_name: str
    place: int
    ticket: str
    stratum: str
    budget: str
    homes: tuple[HomeTile, ...]
    area_sqm: Decimal
    price_fen: Fen | None
    """None where the rules state no price."""
    chosen_at: datetime
    sides: tuple[SheetSide, ...]
    rules_version: str
    clauses: tuple[str, ...]
    """The clauses that the choice was judged by, as its entry names them."""
    is_rehearsal: bool
    event_id: UUID


def find_sheet(*, project_id: UUID, household_id: UUID) -> ConfirmationSheet | None:
    """Give the confirmation sheet of a household's choice; None before it is complete.

    Inside a reading: of the household itself, or of an officer who has it in sight.
    """
    choice = find_choice(project_id=project_id, household_id=household_id)
    place = find_place(project_id=project_id, household_id=household_id)
    if choice is None or place is None or not choice.is_made:
        return None
    household = household_by_id(project_id=project_id, household_id=household_id)
    units = units_by_ids(project_id=project_id, unit_ids=[home.unit_id for home in choice.homes])
    rules = mapping.rules_of(project_id)
    entry = find_entry(event_id=choice.event_id)
    return ConfirmationSheet(
        number=str(household.number),
        masked_name=choice.masked_name,
        place=choice.place,
        ticket=choice.ticket,
        stratum=place.stratum,
        budget=place.budget,
        homes=choice.homes,
        area_sqm=choice.area_sqm,
        price_fen=price_homes(
            household=household.household, homes=[unit.home for unit in units], rules=rules
        ),
        chosen_at=choice.chosen_at,
        sides=_sides(project_id, household_id),
        rules_version=rules.version,
        clauses=entry.clauses if entry is not None else (),
        is_rehearsal=mapping.is_rehearsal(project_id),
        event_id=choice.event_id,
    )


def sides_asked(*, project_id: UUID) -> frozenset[Side]:
    """Give the sides that sign every choice of a project; none: one signature is enough."""
    return signatures_needed(
        terms=mapping.rules_of(project_id).turn_terms,
        is_rehearsal=mapping.is_rehearsal(project_id),
        wish_counts=(),
    )


def _sides(project_id: UUID, household_id: UUID) -> tuple[SheetSide, ...]:
    """Give the signatures that stand under a household's choice, in the order of the sides."""
    turn = TurnRecord.objects.get(project_id=project_id, household_id=household_id)
    given = {
        record.side: record
        for record in SignatureRecord.objects.filter(
            project_id=project_id,
            turn_id=turn.id,
            call=turn.times_called,
            voided_at__isnull=True,
        )
    }
    return tuple(
        SheetSide(
            side=side.value,
            at=given[side].signed_at,
            is_automatic=given[side].is_automatic,
            document_id=given[side].document_id,
        )
        for side in Side
        if side in given
    )
