"""What a home will come to: taxes and fees, its area settlement, and the day it is due."""

from __future__ import annotations

from datetime import date

from anju.foundation.core.rates import title_fees
from anju.foundation.exchange.faults import Fault, fault_from_refusal
from anju.titles.cases.batches.reading import CONTRACT
from anju.titles.cases.batches.terms import procedure_of, stated_terms
from anju.titles.cases.batches.types import BatchTerms, Forecast, HomeEntry
from anju_rules.area import AreaSheet, choose_terms, settle_area
from anju_rules.calendar import STATE_COUNCIL, Deadline
from anju_rules.clocks import Clock, Unit, find_deadline
from anju_rules.fees.reckoning import FeeSheet, reckon_fee
from anju_rules.fees.types import FeeKind
from anju_rules.values import Fact, Refusal


def forecast_home(*, entry: HomeEntry, terms: BatchTerms, on: date, file: str) -> Forecast:
    """Predict what filing ``entry`` on a day comes to; what cannot be reckoned is never nought.

    A prediction: the tax office's proof and the settlement that is signed stand above it.
    """
    fees, unknown = _reckon(entry, terms, on=on, file=file)
    settlement, silent = _settle(entry, terms, file=file)
    return Forecast(
        fees=fees,
        unknown=(*unknown, *silent),
        settlement=settlement,
        due=due_of(terms, on=on),
    )


def due_of(terms: BatchTerms, *, on: date) -> Deadline | None:
    """Give the last day of a case that is accepted on ``on`` and never stands still."""
    budget = procedure_of(terms).limit.binding
    if budget is None or budget.unit is Unit.HOURS:
        return None
    return find_deadline(Clock(started_on=on, budget=budget), calendar=STATE_COUNCIL)


def _reckon(
    entry: HomeEntry, terms: BatchTerms, *, on: date, file: str
) -> tuple[tuple[FeeSheet, ...], tuple[Fault, ...]]:
    facts: dict[str, Fact] = {
        "area_sqm": entry.registered_sqm or entry.contracted_sqm,
        "price_fen": entry.price_fen,
        "homes_owned": entry.homes_owned,
        "is_home": True,
        "is_parking": False,
        "is_first_sale": terms.is_first_sale,
        "further_copies": 0,
        "is_allocated_land": terms.is_allocated_land,
        "is_for_expropriated": False,
        "signed_early": False,
    }
    if terms.construction_cost_fen_per_sqm is not None:
        facts["construction_cost_fen_per_sqm"] = terms.construction_cost_fen_per_sqm
    sheets, unknown = [], []
    for kind in FeeKind:
        try:
            sheets.append(reckon_fee(kind=kind, policy=title_fees(), facts=facts, on=on))
        except Refusal as refusal:
            unknown.append(
                fault_from_refusal(refusal, file=file, row=entry.place, column=kind.value)
            )
    return tuple(sheets), tuple(unknown)


def _settle(
    entry: HomeEntry, terms: BatchTerms, *, file: str
) -> tuple[AreaSheet | None, tuple[Fault, ...]]:
    if entry.registered_sqm is None:
        return None, ()
    own = stated_terms(
        word=entry.area,
        clause=f"contract/{entry.contract_number}",
        is_resettled=terms.is_resettled,
    )
    try:
        sheet = settle_area(
            contracted_sqm=entry.contracted_sqm,
            registered_sqm=entry.registered_sqm,
            price_fen_per_sqm=entry.price_fen_per_sqm,
            terms=choose_terms(is_resettled=terms.is_resettled, stated=own or terms.area),
        )
    except Refusal as refusal:
        note = fault_from_refusal(refusal, file=file, row=entry.place, column=CONTRACT)
        return None, (note,)
    return sheet, ()
