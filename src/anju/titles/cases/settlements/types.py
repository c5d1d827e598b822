"""What others see of area settlements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from anju_rules.area import AreaTerms
from anju_rules.values import AreaSqm, Fen

Choice = Literal["", "keeps", "withdraws"]
DISPUTE = "area-dispute"
"""The procedure by which a settlement is disputed."""
SUBJECT = "settlement"
"""What such a case is about, in casework."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRow:
    """What contracts or the plan state, and since when."""

    id: UUID
    home_id: UUID | None
    terms: AreaTerms
    stated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLineRow:
    """One line of a settlement, as it was reckoned; its words are made at the edge."""

    code: str
    clause: str
    facts: Mapping[str, object]
    fen: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementRow:
    """A home's settlement as it stands."""

    id: UUID
    project_id: UUID
    home_id: UUID
    household_id: UUID | None
    edition: int
    is_standing: bool
    contracted_sqm: AreaSqm
    registered_sqm: AreaSqm
    price_fen_per_sqm: Fen
    source: str
    """``contract``, ``plan`` or ``law``."""
    clause: str
    lines: tuple[SheetLineRow, ...]
    buyer_pays_fen: Fen
    """Negative: what the buyer gets back."""
    is_within: bool
    may_withdraw: bool
    digest: str
    settled_at: datetime
    choice: Choice
    chosen_at: datetime | None
    receipt: str
    cleared_on: date | None

    @property
    def owed_fen(self) -> Fen:
        """What moves, whichever way."""
        return Fen(abs(self.buyer_pays_fen))

    @property
    def is_open(self) -> bool:
        """Whether something is still to be paid, given back or decided."""
        return self.cleared_on is None and self.choice != "withdraws" and self.buyer_pays_fen != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTotals:
    """What all standing settlements of a community come to, and how much of it is done."""

    homes: int
    to_pay: int
    """Homes whose buyer pays more."""
    to_get: int
    even: int
    may_withdraw: int
    withdrawn: int
    due_in_fen: Fen
    paid_in_fen: Fen
    due_out_fen: Fen
    paid_out_fen: Fen


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFigures:
    """How disputes about areas go (LEG-3: nine of ten resolved, within thirty days)."""

    opened: int
    ended: int
    resolved: int
    in_time: int
    """Resolved within thirty calendar days."""
    late: int
    """Open for longer than thirty days."""
