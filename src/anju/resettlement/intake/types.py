"""What an import reads and finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from anju.foundation.exchange.faults import Fault
from anju.resettlement.households.choosing_tables import WishTable
from anju.resettlement.households.tables import HouseholdTable
from anju.resettlement.inventory.tables import UnitTable
from anju.resettlement.offline.plan import PlanTerms

Table = UnitTable | HouseholdTable | WishTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUpload:
    """A file as read by the plan of its project; where it has a fault, its table is empty."""

    table: Table = field(repr=False)
    terms: PlanTerms = field(repr=False)
    rows_total: int
    faults: tuple[Fault, ...] = field(repr=False)


class RegisterFaults(Exception):
    """A file reads well, but the register forbids what it says: nothing of it is kept."""

    def __init__(self, faults: Sequence[Fault], *, rows_total: int) -> None:
        # No value here: a traceback or log must not carry what stands in a register.
        super().__init__(f"{len(faults)} faults; the first is {faults[0].rule}")
        self.faults = tuple(faults)
        self.rows_total = rows_total
