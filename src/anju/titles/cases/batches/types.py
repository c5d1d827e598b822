"""What a batch says: its terms, its rows, its shared papers, and what is predicted of each home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from anju.foundation.exchange.faults import Fault
from anju.titles.communities.types import Person
from anju_rules.area import AreaSheet, AreaTerms
from anju_rules.calendar import Deadline
from anju_rules.fees.reckoning import FeeSheet
from anju_rules.policy.types import plain
from anju_rules.values import AreaSqm, Fen

AreaWord = Literal["actual", "fixed", ""]
"""What a contract says of a difference in area; empty: nothing, and the law's rule holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPaper:
    """A paper that counts for every home of a batch and comes once."""

    material: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTerms:
    """What holds for a batch as a whole, from its ``batch.toml``; without one, the defaults."""

    procedure: str = "title-6-steps"
    is_first_sale: bool = True
    is_allocated_land: bool = False
    construction_cost_fen_per_sqm: Fen | None = None
    """The local construction cost, upon which the maintenance fund is reckoned."""
    area: AreaTerms | None = None
    """What all contracts, or the plan, say of a difference in area; a row may say otherwise."""
    is_resettled: bool = False
    """Whether homes are settled by their plan and never by the rule for buyers."""
    shared: tuple[SharedPaper, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeEntry:
    """One row of a manifest: one home, who owns it, and which files belong to it."""

    place: int
    """The row's number as a person sees it in the spreadsheet."""
    number: str
    unit_code: str
    people: tuple[Person, ...] = field(repr=False)
    contract_number: str
    price_fen: Fen
    price_fen_per_sqm: Fen
    contracted_sqm: AreaSqm
    registered_sqm: AreaSqm | None
    homes_owned: int
    tax_proof: str
    area: AreaWord
    files: Mapping[str, tuple[str, ...]]
    """For each material the names of its files in the pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What one home will come to if it is filed on a day; it predicts, and binds nobody."""

    fees: tuple[FeeSheet, ...]
    unknown: tuple[Fault, ...]
    """What could not be reckoned, and which fact is missing for it."""
    settlement: AreaSheet | None
    """None while the home is not measured."""
    due: Deadline | None
    """The last day by the procedure's promise; None where it promises nothing."""

    @property
    def due_fen(self) -> Fen:
        """All taxes and fees together."""
        return Fen(sum(sheet.due_fen for sheet in self.fees))

    @property
    def refund_fen(self) -> Fen:
        """What the city pays back of them."""
        return Fen(sum(sheet.refund_fen for sheet in self.fees))

    @property
    def deed_tax_fen(self) -> Fen:
        """The deed tax alone."""
        return Fen(sum(sheet.due_fen for sheet in self.fees if sheet.kind == "deed-tax"))

    @property
    def is_unconfirmed(self) -> bool:
        """Whether some line rests on what is to be confirmed."""
        return any(sheet.is_unconfirmed for sheet in self.fees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is predicted of a home, as a report shows and a batch keeps it."""

    deed_tax_fen: int
    due_fen: int
    refund_fen: int
    is_unconfirmed: bool
    """Whether some of it is to be confirmed, or could not be reckoned."""
    difference_sqm: str
    """Measured less contracted; empty while the home is not measured."""
    buyer_pays_fen: int | None
    may_withdraw: bool
    due_on: str
    """An ISO date; empty where the procedure promises nothing."""
    is_provisional: bool


def figures_of(forecast: Forecast) -> Figures:
    """Give the figures of a forecast."""
    sheet, due = forecast.settlement, forecast.due
    return Figures(
        deed_tax_fen=int(forecast.deed_tax_fen),
        due_fen=int(forecast.due_fen),
        refund_fen=int(forecast.refund_fen),
        is_unconfirmed=forecast.is_unconfirmed or bool(forecast.unknown),
        difference_sqm=plain(sheet.registered_sqm - sheet.contracted_sqm) if sheet else "",
        buyer_pays_fen=int(sheet.buyer_pays_fen) if sheet else None,
        may_withdraw=bool(sheet and sheet.may_withdraw),
        due_on=due.on.isoformat() if due else "",
        is_provisional=bool(due and due.provisional),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReport:
    """What was found of one row: it is taken in only without a fault; notes stop nothing."""

    place: int
    number: str
    digest: str
    """SM3 over the row, its files and what is shared: equal, and nothing is to be done again."""
    entry: HomeEntry | None
    """None where a cell could not be read."""
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()
    figures: Figures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """What was found of a whole batch."""

    manifest: str
    """The manifest's name."""
    digest: str
    """SM3 over the terms and every row: which content this report is of."""
    terms: BatchTerms
    on: date
    rows: tuple[RowReport, ...]
    faults: tuple[Fault, ...]
    """Of the batch as a whole: with one of them no row is taken in."""
    notes: tuple[Fault, ...] = ()

    @property
    def faulty(self) -> tuple[RowReport, ...]:
        """The rows that are not taken in."""
        return tuple(row for row in self.rows if row.faults)

    @property
    def ready(self) -> tuple[RowReport, ...]:
        """The rows that can be taken in."""
        return () if self.faults else tuple(row for row in self.rows if not row.faults)


BatchState = Literal["received", "checked", "running", "done", "failed"]
RowState = Literal["waiting", "done", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A batch as it stands."""

    id: UUID
    project_id: UUID
    file_name: str
    arrived_digest: str
    size: int
    is_dry_run: bool
    state: BatchState
    procedure: str
    rows_total: int
    waiting: int
    done: int
    refused: int
    unchanged: int
    """Of the done ones, those whose case stood there already."""
    judged: int
    """Rows looked at so far: on a dry run those that wait are looked at too."""
    faults: tuple[Fault, ...] = field(repr=False)
    """Of the pack as a whole."""
    notes: tuple[Fault, ...] = field(repr=False)
    received_by: UUID
    received_at: datetime
    finished_at: datetime | None

    @property
    def is_moving(self) -> bool:
        """Whether something is still to happen to it by itself."""
        return self.state in {"received", "running"}

    @property
    def share_done(self) -> int:
        """How far it is, in per cent."""
        return 100 * self.judged // self.rows_total if self.rows_total else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One row of a batch as it stands."""

    place: int
    number: str
    digest: str
    state: RowState
    is_new: bool
    rule: str
    faults: tuple[Fault, ...] = field(repr=False)
    notes: tuple[Fault, ...] = field(repr=False)
    figures: Figures | None
    home_id: UUID | None
    case_id: UUID | None
