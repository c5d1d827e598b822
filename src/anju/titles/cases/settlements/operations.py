"""Writes of settlements: terms are stated, a home is settled, its buyer decides, money moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_case, tell_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.cases.laying import applicant_standing
from anju.titles.cases.settlements.mapping import digest_of_sheet, settlement_from, told_lines
from anju.titles.cases.settlements.models import AreaTermsRecord, SettlementRecord
from anju.titles.cases.settlements.queries import terms_of_home
from anju.titles.cases.settlements.types import (
    DISPUTE,
    SUBJECT,
    Choice,
    SettlementRow,
    TermsRow,
)
from anju.titles.communities.queries import community_by_id, home_by_id
from anju_rules.area import SALES_RULE, AreaSheet, AreaTerms, TermsFrom, choose_terms, settle_area
from anju_rules.procedures.states import ActionKind
from anju_rules.values import AreaSqm, Refusal

_LONGEST_RECEIPT, _LONGEST_REASON = 60, 2_000


@operation(
    permits="titles.decide",
    action="titlecases.area-terms.stated",
    clauses=(SALES_RULE,),
    level=Secrecy.INTERNAL,
)
def state_area_terms(
    *,
    project_id: UUID,
    terms: AreaTerms,
    by: Actor,
    at: datetime,
    home_id: UUID | None = None,
) -> TermsRow:
    """State what contracts, or the plan, say of a difference in area; for one home or for all.

    Terms of the source ``law`` state that nothing is said: the law's rule holds. Earlier terms stay
    in the record; what was settled by them stands until it is settled again. Refuses with
    ``communities.unknown-home`` and, where a buyer's home is told a plan or the other way round,
    with ``area.terms-of-another``.
    """
    if home_id is not None:
        home_by_id(project_id=project_id, home_id=home_id)
    if terms.source is not TermsFrom.LAW:
        choose_terms(is_resettled=_is_resettled(project_id), stated=terms)
    kept = AreaTermsRecord(
        project_id=project_id,
        id=new_id(),
        home_id=home_id,
        source=terms.source.value,
        clause=terms.clause,
        tolerance=terms.tolerance,
        within=terms.within,
        larger_beyond=terms.larger_beyond,
        smaller_beyond=terms.smaller_beyond,
        may_withdraw=terms.may_withdraw,
        stated_by=by.id,
        stated_at=at,
    )
    kept.save(force_insert=True)
    record(
        target=kept.id,
        project_id=project_id,
        body={
            "home": str(home_id) if home_id else None,
            "source": kept.source,
            "clause": kept.clause,
            "tolerance": None if terms.tolerance is None else str(terms.tolerance),
            "times": [kept.within, kept.larger_beyond, kept.smaller_beyond],
            "may_withdraw": kept.may_withdraw,
        },
    )
    return TermsRow(id=kept.id, home_id=home_id, terms=terms, stated_at=at)


@operation(
    permits="titles.decide",
    action="titlecases.home.settled",
    clauses=(SALES_RULE,),
    level=Secrecy.INTERNAL,
)
def settle_home(*, project_id: UUID, home_id: UUID, by: Actor, at: datetime) -> SettlementRow:
    """Draw up the settlement of one home, by its contract, else the community's, else the law.

    Refuses with ``settlements.not-measured``, ``settlements.no-price``, ``settlements.unchanged``
    (what stands says the same), ``settlements.cleared`` or ``settlements.withdrawn-from`` (what
    stands was paid, or its buyer withdrew), ``area.plan-silent`` and as
    :func:`anju_rules.area.settle_area` does.
    """
    home = home_by_id(project_id=project_id, home_id=home_id)
    sheet = _reckon(project_id, home_id)
    lines = told_lines(sheet)
    told = digest_of_sheet(sheet, lines=lines)
    before = (
        SettlementRecord.objects.select_for_update()
        .filter(project_id=project_id, home_id=home_id, is_standing=True)
        .first()
    )
    if before is not None:
        _require_replaceable(before, told=told, number=home.number)
        before.is_standing = False
        before.save(update_fields=["is_standing"])
    kept = SettlementRecord(
        project_id=project_id,
        id=new_id(),
        home_id=home_id,
        household_id=home.household_id,
        edition=1 if before is None else before.edition + 1,
        contracted_sqm=sheet.contracted_sqm,
        registered_sqm=sheet.registered_sqm,
        price_fen_per_sqm=sheet.price_fen_per_sqm,
        source=sheet.terms.source.value,
        clause=sheet.terms.clause,
        lines=lines,
        buyer_pays_fen=sheet.buyer_pays_fen,
        is_within=sheet.is_within,
        may_withdraw=sheet.may_withdraw,
        digest=told,
        settled_by=by.id,
        settled_at=at,
    )
    kept.save(force_insert=True)
    record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        body={
            "home": str(home_id),
            "edition": kept.edition,
            "digest": told,
            "lines": lines,
            "buyer_pays_fen": str(kept.buyer_pays_fen),
            "may_withdraw": kept.may_withdraw,
        },
    )
    return settlement_from(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledHome:
    """What became of one home where many are settled."""

    home_id: UUID
    settlement: SettlementRow | None
    code: str
    """Why not; empty where it was settled."""


def settle_homes(
    *, project_id: UUID, home_ids: Sequence[UUID], by: Actor, at: datetime
) -> tuple[SettledHome, ...]:
    """Settle many homes, each in a transaction and with an entry of its own."""
    return tuple(_settle_one(project_id, home_id, by=by, at=at) for home_id in home_ids)


def _settle_one(project_id: UUID, home_id: UUID, *, by: Actor, at: datetime) -> SettledHome:
    try:
        row = settle_home(project_id=project_id, home_id=home_id, by=by, at=at)
    except Refusal as refusal:
        return SettledHome(home_id=home_id, settlement=None, code=refusal.code)
    return SettledHome(home_id=home_id, settlement=row, code="")


@operation(
    permits="titles.file",
    action="titlecases.withdrawal.decided",
    clauses=(SALES_RULE,),
    level=Secrecy.INTERNAL,
)
def choose_to_keep_or_withdraw(
    *, project_id: UUID, settlement_id: UUID, choice: Choice, by: Actor, at: datetime
) -> SettlementRow:
    """Note whether the buyer keeps the home or withdraws, where the difference lets them.

    The buyers say it themselves, or the window for them with their signed paper. Refuses with
    ``settlements.unknown``, ``settlements.no-choice`` (the difference lies within the bound, or the
    contract gives no such right) and ``settlements.chosen-already``.
    """
    kept = _lock(project_id, settlement_id, by=by)
    if not kept.may_withdraw or choice not in {"keeps", "withdraws"}:
        raise Refusal("settlements.no-choice", clause=kept.clause)
    if kept.choice:
        raise Refusal("settlements.chosen-already")
    kept.choice, kept.chosen_by, kept.chosen_at = choice, by.id, at
    kept.save(update_fields=["choice", "chosen_by", "chosen_at"])
    record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"choice": choice, "digest": kept.digest, "by_window": by.kind == "officer"},
    )
    return settlement_from(kept)


@operation(
    permits="titles.decide",
    action="titlecases.settlement.cleared",
    clauses=(SALES_RULE,),
    level=Secrecy.INTERNAL,
)
def clear_settlement(
    *, project_id: UUID, settlement_id: UUID, receipt: str, on: date, by: Actor, at: datetime
) -> SettlementRow:
    """Note that what a settlement comes to was paid, or given back, by which receipt.

    Refuses with ``settlements.unknown``, ``settlements.receipt-missing``,
    ``settlements.undecided`` (the buyer may still withdraw), ``settlements.withdrawn-from``,
    ``settlements.nothing-owed`` and ``settlements.cleared``.
    """
    kept = _lock(project_id, settlement_id, by=by)
    if not receipt.strip() or len(receipt) > _LONGEST_RECEIPT:
        raise Refusal("settlements.receipt-missing", most=_LONGEST_RECEIPT)
    if kept.may_withdraw and not kept.choice:
        raise Refusal("settlements.undecided", clause=kept.clause)
    if kept.choice == "withdraws":
        raise Refusal("settlements.withdrawn-from")
    if not kept.buyer_pays_fen:
        raise Refusal("settlements.nothing-owed")
    if kept.cleared_on is not None:
        raise Refusal("settlements.cleared", receipt=kept.receipt)
    kept.receipt, kept.cleared_on = receipt.strip(), min(on, city_time(at).date())
    kept.save(update_fields=["receipt", "cleared_on"])
    record(
        target=kept.id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"receipt": kept.receipt, "on": kept.cleared_on.isoformat()},
    )
    return settlement_from(kept)


@operation(
    permits="casework.open",
    action="titlecases.settlement.disputed",
    clauses=("licensing-law/32",),
    level=Secrecy.INTERNAL,
)
def dispute_settlement(
    *,
    project_id: UUID,
    settlement_id: UUID,
    why: str,
    by: Actor,
    at: datetime,
    case_id: UUID | None = None,
) -> CaseRow:
    """Open the dispute over a settlement; it is to be over within thirty days.

    Refuses with ``settlements.unknown``, ``settlements.no-reason`` and as
    :func:`~anju.foundation.casework.laying.lay_case` does.
    """
    kept = _lock(project_id, settlement_id, by=by)
    if not why.strip() or len(why) > _LONGEST_REASON:
        raise Refusal("settlements.no-reason", most=_LONGEST_REASON)
    community = community_by_id(community_id=project_id)
    materials = (HandedIn(code="settlement-sheet"),)
    row = lay_case(
        project_id=project_id,
        procedure=DISPUTE,
        subject_kind=SUBJECT,
        subject_id=settlement_id,
        household_id=kept.household_id,
        division=community.division,
        series=f"{community.code}-ARD",
        materials=materials,
        why=why,
        case_id=case_id,
        acting_as=applicant_standing(DISPUTE, by),
        by=by,
        at=at,
    )
    act = NewAction(kind=ActionKind.OPEN, materials=materials, why=why)
    record(
        target=row.id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"settlement": str(settlement_id), "digest": kept.digest, **tell_action(row, act)},
    )
    return row


def _reckon(project_id: UUID, home_id: UUID) -> AreaSheet:
    home = home_by_id(project_id=project_id, home_id=home_id)
    if home.contracted_sqm is None or home.registered_sqm is None:
        raise Refusal("settlements.not-measured", home=home.number)
    if home.price_fen_per_sqm is None:
        raise Refusal("settlements.no-price", home=home.number)
    found = terms_of_home(project_id=project_id, home_id=home_id)
    stated = None if found is None or found.terms.source is TermsFrom.LAW else found.terms
    return settle_area(
        # As people write them: 100, not 100.0000 as the table keeps it.
        contracted_sqm=AreaSqm(home.contracted_sqm.normalize()),
        registered_sqm=AreaSqm(home.registered_sqm.normalize()),
        price_fen_per_sqm=home.price_fen_per_sqm,
        terms=choose_terms(is_resettled=_is_resettled(project_id), stated=stated),
    )


def _is_resettled(project_id: UUID) -> bool:
    return community_by_id(community_id=project_id).origin == "resettled"


def _require_replaceable(before: SettlementRecord, *, told: str, number: str) -> None:
    if before.digest == told:
        raise Refusal("settlements.unchanged", home=number)
    if before.cleared_on is not None:
        raise Refusal("settlements.cleared", receipt=before.receipt)
    if before.choice == "withdraws":
        raise Refusal("settlements.withdrawn-from")


def _lock(project_id: UUID, settlement_id: UUID, *, by: Actor) -> SettlementRecord:
    kept = (
        SettlementRecord.objects.select_for_update()
        .filter(project_id=project_id, id=settlement_id, is_standing=True)
        .first()
    )
    if kept is None or (by.kind == "household" and kept.household_id != by.household_id):
        raise Refusal("settlements.unknown")
    return kept
