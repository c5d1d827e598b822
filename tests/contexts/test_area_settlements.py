"""Area settlements on the database: whose terms, what is kept, who decides what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.queries import cases_of_subject
from anju.titles.cases.settlements.operations import (
    choose_to_keep_or_withdraw,
    clear_settlement,
    dispute_settlement,
    settle_home,
    settle_homes,
    state_area_terms,
)
from anju.titles.cases.settlements.queries import (
    count_disputes,
    settlements_of,
    settlements_of_household,
    totals_of,
)
from anju.titles.cases.settlements.types import SUBJECT, SettlementRow
from anju.titles.communities.models import CommunityRecord
from anju.titles.communities.operations import enter_homes
from anju_rules.area import LAW, TermsFrom, settle_at_actual, settle_nothing
from anju_rules.area_terms import read_terms
from anju_rules.values import AreaSqm, Fen, Refusal
from tests.support.access import recorded
from tests.support.communities import AT, Town, new_homes, open_town
from tests.support.databases import Database

pytestmark = pytest.mark.usefixtures("database")
VECTORS = (
    ("102", 1_600_000),
    ("103", 2_400_000),
    ("103.01", 2_400_000),
    ("105", 2_400_000),
    ("98", -1_600_000),
    ("97", -2_400_000),
    ("96.99", -2_416_000),
    ("95", -5_600_000),
)
"""Facts of the sales rules, art. 20: measured area of 100 m² at 8,000 yuan, and what is paid."""


@pytest.fixture
def town() -> Town:
    """Give a community with one home for every vector, 100 m² by contract."""
    return open_measured([measured for measured, _ in VECTORS])


def open_measured(measured: list[str]) -> Town:
    """Open a community whose homes measure as told."""
    opened = open_town(homes=0)
    homes = [
        replace(home, contracted_sqm=AreaSqm(Decimal(100)), registered_sqm=AreaSqm(Decimal(told)))
        for home, told in zip(new_homes(len(measured)), measured, strict=True)
    ]
    entered = enter_homes(project_id=opened.project_id, homes=homes, by=opened.officer(), at=AT)
    return replace(opened, homes=tuple(entered))


def settle(town: Town, place: int) -> SettlementRow:
    return settle_home(
        project_id=town.project_id, home_id=town.homes[place].id, by=town.officer(), at=AT
    )


def settle_all(town: Town) -> list[SettlementRow]:
    homes = [home.id for home in town.homes]
    settle_homes(project_id=town.project_id, home_ids=homes, by=town.officer(), at=AT)
    with reading(by=town.officer()):
        return settlements_of(project_id=town.project_id)


@pytest.mark.req("LEG-3")
@pytest.mark.req("TTL-9")
@pytest.mark.pitfall("P21")
def test_every_home_is_settled_by_the_three_per_cent_rule_exactly(town: Town) -> None:
    owed = {row.home_id: row.buyer_pays_fen for row in settle_all(town)}
    assert [owed[home.id] for home in town.homes] == [fen for _, fen in VECTORS]


@pytest.mark.pitfall("P21")
def test_with_another_constant_the_vectors_are_missed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anju.titles.cases.settlements import operations

    wrong = replace(LAW, tolerance=Decimal("0.05"))
    monkeypatch.setattr(operations, "choose_terms", lambda **_: wrong)
    owed = {row.home_id: row.buyer_pays_fen for row in settle_all(town)}
    assert [owed[home.id] for home in town.homes] != [fen for _, fen in VECTORS]


@pytest.mark.req("LEG-3")
def test_a_contract_stands_above_the_law_and_a_home_above_its_community(town: Town) -> None:
    by = town.officer()
    fixed = settle_nothing(source=TermsFrom.CONTRACT, clause="合同第八条")
    actual = settle_at_actual(source=TermsFrom.CONTRACT, clause="补充协议第二条")
    state_area_terms(project_id=town.project_id, terms=fixed, by=by, at=AT)
    state_area_terms(
        project_id=town.project_id, terms=actual, home_id=town.homes[7].id, by=by, at=AT
    )
    assert settle(town, 0).buyer_pays_fen == 0
    own = settle(town, 7)
    assert (own.buyer_pays_fen, own.source, own.clause) == (
        -4_000_000,
        "contract",
        "补充协议第二条",
    )
    state_area_terms(project_id=town.project_id, terms=LAW, by=by, at=AT.replace(hour=2))
    assert settle(town, 0).buyer_pays_fen == 1_600_000


@pytest.mark.req("LEG-3", "TTL-9")
def test_a_resettled_home_is_settled_by_its_plan_alone() -> None:
    resettled = open_measured(["95"])
    with recorded(project_id=resettled.project_id):
        CommunityRecord.objects.filter(id=resettled.project_id).update(origin="resettled")
    with pytest.raises(Refusal, match=r"^area\.plan-silent"):
        settle(resettled, 0)
    plan = settle_at_actual(source=TermsFrom.PLAN, clause="安置方案第十二条")
    state_area_terms(project_id=resettled.project_id, terms=plan, by=resettled.officer(), at=AT)
    row = settle(resettled, 0)
    assert (row.buyer_pays_fen, row.source, row.clause) == (-4_000_000, "plan", plan.clause)
    assert not row.may_withdraw


@pytest.mark.req("LEG-3")
def test_bounds_of_a_contract_are_kept_and_reckoned_with(town: Town) -> None:
    told = {"rule": "bounds", "clause": "合同第八条", "percent": "2.5", "within": "1"}
    times = {"larger_beyond": "0", "smaller_beyond": "3", "may_withdraw": "yes"}
    terms = read_terms({**told, **times}, source=TermsFrom.CONTRACT)
    state_area_terms(project_id=town.project_id, terms=terms, by=town.officer(), at=AT)
    # 95 of 100: 2.5 within at the price, 2.5 beyond it three times; 105: 2.5 and no more.
    assert [settle(town, place).buyer_pays_fen for place in (7, 3)] == [-8_000_000, 2_000_000]
    assert settle(town, 0).is_within


def test_a_plans_terms_are_refused_for_a_home_that_was_bought(town: Town) -> None:
    plan = settle_at_actual(source=TermsFrom.PLAN, clause="plan/area")
    with pytest.raises(Refusal) as refused:
        state_area_terms(project_id=town.project_id, terms=plan, by=town.officer(), at=AT)
    assert refused.value.code == "area.terms-of-another"


@pytest.mark.req("LEG-3")
def test_the_same_again_is_refused_and_another_measurement_draws_up_another(
    town: Town, database: Database
) -> None:
    first = settle(town, 0)
    with pytest.raises(Refusal) as refused:
        settle(town, 0)
    assert refused.value.code == "settlements.unchanged"
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE communities_home SET registered_sqm = 101 WHERE id = %s", [town.homes[0].id]
        )
    second = settle(town, 0)
    assert (second.edition, second.buyer_pays_fen) == (2, 800_000)
    assert second.digest != first.digest


@pytest.mark.threat("T-12")
def test_a_sheet_cannot_be_changed_afterwards(town: Town, database: Database) -> None:
    row = settle(town, 0)
    with (
        psycopg.connect(database.superuser_url) as admin,
        pytest.raises(psycopg.errors.CheckViolation, match=r"settlements\.kept"),
    ):
        admin.execute("UPDATE titlecases_settlement SET buyer_pays_fen = 1 WHERE id = %s", [row.id])


@pytest.mark.req("LEG-3")
def test_only_beyond_three_per_cent_may_a_buyer_withdraw_and_only_once(town: Town) -> None:
    within, beyond = settle(town, 1), settle(town, 7)
    owner = town.owner(town.homes[7]).actor
    choose(town, within, "withdraws", code="settlements.no-choice")
    with pytest.raises(Refusal) as undecided:
        clear(town, beyond.id)
    assert undecided.value.code == "settlements.undecided"
    chosen = choose_to_keep_or_withdraw(
        project_id=town.project_id, settlement_id=beyond.id, choice="withdraws", by=owner, at=AT
    )
    assert chosen.choice == "withdraws"
    choose(town, beyond, "keeps", code="settlements.chosen-already")
    with pytest.raises(Refusal) as gone:
        clear(town, beyond.id)
    assert gone.value.code == "settlements.withdrawn-from"


def choose(town: Town, row: SettlementRow, choice: str, *, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        choose_to_keep_or_withdraw(
            project_id=town.project_id,
            settlement_id=row.id,
            choice=choice,  # type: ignore[arg-type]
            by=town.officer(),
            at=AT,
        )
    assert refused.value.code == code


def clear(town: Town, settlement_id: UUID) -> SettlementRow:
    return clear_settlement(
        project_id=town.project_id,
        settlement_id=settlement_id,
        receipt="SJ-001",
        on=date(2026, 9, 17),
        by=town.officer(),
        at=AT,
    )


@pytest.mark.req("LEG-3")
def test_what_a_community_pays_in_and_out_is_summed_and_what_is_done_of_it(town: Town) -> None:
    settle_all(town)
    with reading(by=town.officer()):
        row = next(one for one in settlements_of(project_id=town.project_id) if one.is_within)
    clear(town, row.id)
    with reading(by=town.officer()):
        told = totals_of(project_id=town.project_id)
    assert told.due_in_fen == Fen(sum(fen for _, fen in VECTORS if fen > 0))
    assert told.due_out_fen == Fen(-sum(fen for _, fen in VECTORS if fen < 0))
    assert (told.homes, told.to_pay, told.to_get, told.may_withdraw) == (8, 4, 4, 4)
    assert told.paid_in_fen + told.paid_out_fen == row.owed_fen


@pytest.mark.req("LEG-3")
def test_what_is_paid_early_in_the_morning_is_cleared_on_its_own_day(town: Town) -> None:
    row = clear_settlement(
        project_id=town.project_id,
        settlement_id=settle(town, 0).id,
        receipt="SJ-001",
        on=date(2026, 9, 17),
        by=town.officer(),
        at=datetime(2026, 9, 16, 22, 0, tzinfo=UTC),  # six in the morning, the city's time
    )
    assert row.cleared_on == date(2026, 9, 17)


@pytest.mark.req("LEG-3")
def test_owners_dispute_their_own_settlement_and_it_is_due_within_thirty_days(town: Town) -> None:
    row = settle(town, 7)
    owner = town.owner(town.homes[7]).actor
    case = dispute_settlement(
        project_id=town.project_id, settlement_id=row.id, why="没有量过阳台", by=owner, at=AT
    )
    assert (case.procedure, case.household_id) == ("area-dispute", town.homes[7].household_id)
    with reading(by=town.officer()):
        found = cases_of_subject(
            project_id=town.project_id, subject_kind=SUBJECT, subject_id=row.id
        )
        waiting = count_disputes(project_id=town.project_id, at=AT + timedelta(days=30))
        late = count_disputes(project_id=town.project_id, at=AT + timedelta(days=31))
    assert [one.id for one in found] == [case.id]
    assert (waiting.opened, waiting.ended, waiting.late) == (1, 0, 0)
    assert late.late == 1


@pytest.mark.threat("T-23")
def test_a_strangers_settlement_does_not_exist_for_an_owner(town: Town) -> None:
    row = settle(town, 7)
    stranger = town.owner(town.homes[0]).actor
    assert stranger.household_id is not None
    for act in (dispute_settlement, choose_to_keep_or_withdraw):
        more = {"why": "x"} if act is dispute_settlement else {"choice": "keeps"}
        with pytest.raises(Refusal) as refused:
            act(project_id=town.project_id, settlement_id=row.id, by=stranger, at=AT, **more)  # type: ignore[arg-type]
        assert refused.value.code == "settlements.unknown"
    with reading(by=stranger):
        assert settlements_of(project_id=town.project_id) == []
        assert (
            settlements_of_household(project_id=town.project_id, household_id=stranger.household_id)
            == []
        )
