"""Rows of settlements into what others see, and sheets into rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from anju.titles.cases.settlements.models import AreaTermsRecord, SettlementRecord
from anju.titles.cases.settlements.types import Choice, SettlementRow, SheetLineRow, TermsRow
from anju_rules.area import AreaSheet, AreaTerms, TermsFrom
from anju_rules.hashing import canonical, digest
from anju_rules.policy.types import plain
from anju_rules.values import AreaSqm, Fen


def terms_from(record: AreaTermsRecord) -> TermsRow:
    """Give stated terms as the rules take them."""
    tolerance = record.tolerance
    return TermsRow(
        id=record.id,
        home_id=record.home_id,
        terms=AreaTerms(
            source=TermsFrom(record.source),
            clause=record.clause,
            tolerance=None if tolerance is None else tolerance.normalize(),
            within=record.within,
            larger_beyond=record.larger_beyond,
            smaller_beyond=record.smaller_beyond,
            may_withdraw=record.may_withdraw,
        ),
        stated_at=record.stated_at,
    )


def told_lines(sheet: AreaSheet) -> list[dict[str, object]]:
    """Write the lines of a sheet as JSON; exact amounts travel as text."""
    return [
        {
            "code": line.code,
            "clause": line.clause,
            "facts": {name: str(fact) for name, fact in line.facts.items()},
            "fen": None if line.fen is None else plain(line.fen),
        }
        for line in sheet.lines
    ]


def digest_of_sheet(sheet: AreaSheet, *, lines: list[dict[str, object]]) -> str:
    """Give the digest of a sheet: areas, price, terms, every line and the sum."""
    told = {
        "contracted_sqm": plain(sheet.contracted_sqm.normalize()),
        "registered_sqm": plain(sheet.registered_sqm.normalize()),
        "price_fen_per_sqm": str(sheet.price_fen_per_sqm),
        "source": sheet.terms.source.value,
        "clause": sheet.terms.clause,
        "lines": lines,
        "buyer_pays_fen": str(sheet.buyer_pays_fen),
        "may_withdraw": sheet.may_withdraw,
    }
    return digest(canonical(told)).hex()


def settlement_from(record: SettlementRecord) -> SettlementRow:
    """Give a settlement's frozen row."""
    return SettlementRow(
        id=record.id,
        project_id=record.project_id,
        home_id=record.home_id,
        household_id=record.household_id,
        edition=record.edition,
        is_standing=record.is_standing,
        contracted_sqm=AreaSqm(record.contracted_sqm),
        registered_sqm=AreaSqm(record.registered_sqm),
        price_fen_per_sqm=Fen(record.price_fen_per_sqm),
        source=record.source,
        clause=record.clause,
        lines=tuple(_line_from(told) for told in record.lines),
        buyer_pays_fen=Fen(record.buyer_pays_fen),
        is_within=record.is_within,
        may_withdraw=record.may_withdraw,
        digest=record.digest,
        settled_at=record.settled_at,
        choice=cast("Choice", record.choice),
        chosen_at=record.chosen_at,
        receipt=record.receipt,
        cleared_on=record.cleared_on,
    )


def _line_from(told: dict[str, Any]) -> SheetLineRow:
    return SheetLineRow(
        code=str(told["code"]),
        clause=str(told["clause"]),
        facts=told["facts"],
        fen=None if told["fen"] is None else Decimal(told["fen"]),
    )
