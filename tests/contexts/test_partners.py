"""Partners on the database: no basis, no act; one rating a service; stars from facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.operations import open_case, take_action
from anju.foundation.casework.queries import case_by_id
from anju.foundation.casework.types import NewAction
from anju.foundation.core.crypto import new_id
from anju.titles.partners import services
from anju.titles.partners.board import (
    rating_token,
    ratings_since,
    read_words,
    satisfaction,
    service_by_token,
)
from anju.titles.partners.operations import restrictions, securities
from anju.titles.partners.operations.bases import record_basis, withdraw_basis
from anju.titles.partners.operations.facts import note_fact, publish_stars
from anju.titles.partners.operations.parties import lay_duty, note_duty, register_party
from anju.titles.partners.operations.ratings import give_rating
from anju.titles.partners.operations.restrictions import lift_restriction, restrict_party
from anju.titles.partners.operations.securities import (
    demand_security,
    release_security,
    take_security,
)
from anju.titles.partners.queries import (
    count_duties,
    demands_of,
    list_parties,
    restrictions_of,
    star_so_far,
    stars_of,
)
from anju.titles.partners.types import RatingWords
from anju_rules.partners.bases import Act, LegalBasis, Rank
from anju_rules.partners.duties import DutyState
from anju_rules.partners.securities import Form, Security
from anju_rules.partners.stars import FactKind
from anju_rules.procedures.states import ActionKind, Status
from anju_rules.ratings import Level
from anju_rules.shares import Share
from anju_rules.values import Fen, Refusal, Verdict
from tests.support.access import SYSTEM
from tests.support.communities import AT, Town, open_town
from tests.support.databases import Database

pytestmark = pytest.mark.usefixtures("database")

DAY = AT.date()
CREDIT = "91110000600037341L"
BASIS = LegalBasis(
    act=Act.SECURITY,
    rank=Rank.REGULATION,
    clause="某条例 第七条",
    source="国务院令第 000 号",
    certainty="C",
    from_on=date(2026, 1, 1),
    until_on=date(2026, 12, 31),
)
SILENT = RatingWords(comment="", contact="")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.code


def developer(town: Town) -> UUID:
    return register_party(
        kind="developer",
        name="泉城置业有限公司",
        credit_code=CREDIT,
        by=town.officer(),
        at=AT,
    ).id


def owe(town: Town, party_id: UUID, building: str = "1 号楼") -> UUID:
    return lay_duty(
        project_id=town.project_id,
        party_id=party_id,
        building=building,
        accepted_on=date(2016, 6, 30),
        handed_over_on=date(2016, 9, 30),
        by=town.officer(),
        at=AT,
    ).id


@pytest.mark.req("PRT-1")
def test_a_duty_stands_until_it_is_registered_and_a_day_noted_stays() -> None:
    town = open_town(homes=1)
    party = developer(town)
    duty = owe(town, party)
    assert refused(lambda: owe(town, party)) == "partners.duty-known"
    (line,) = list_parties(kind="developer", on=DAY)
    assert (line.in_time, line.overdue) == (Share(0, 1), 1)
    told: dict[str, Any] = {"project_id": town.project_id, "duty_id": duty, "at": AT}
    by = town.officer()
    row = note_duty(**told, registered_on=DAY, by=by)
    assert row.standing.state is DutyState.LATE
    assert refused(lambda: note_duty(**told, registered_on=DAY, by=by)) == "partners.day-noted"
    ahead = DAY + timedelta(days=1)
    other = {**told, "duty_id": owe(town, party, "2 号楼")}
    assert refused(lambda: note_duty(**other, registered_on=ahead, by=by)) == "partners.day-ahead"
    assert count_duties(on=DAY) == Share(0, 2)


@pytest.mark.req("PRT-1")
def test_a_company_is_on_file_once_by_its_checked_code() -> None:
    town = open_town(homes=1)
    developer(town)
    assert refused(lambda: developer(town)) == "partners.party-known"
    told: dict[str, Any] = {"kind": "developer", "name": "甲", "by": town.officer(), "at": AT}
    wrong = "91110000600037341M"
    assert refused(lambda: register_party(credit_code=wrong, **told)).startswith("identifier.")


def demand(town: Town, party_id: UUID, basis_id: UUID | None) -> UUID:
    return demand_security(
        project_id=town.project_id,
        party_id=party_id,
        basis_id=basis_id,
        amount_fen=Fen(100_000_00),
        covers_until=date(2027, 6, 30),
        by=town.officer(),
        at=AT,
    )


@pytest.mark.req("PRT-1")
def test_without_a_basis_in_force_no_security_is_asked_for() -> None:
    town = open_town(homes=1)
    party = developer(town)
    city = town.officer("city-officer")
    assert refused(lambda: demand(town, party, None)) == "partners.basis-missing"
    assert refused(lambda: demand(town, party, new_id())) == "partners.basis-missing"
    local = record_basis(basis=replace(BASIS, rank=Rank.LOCAL), by=city, at=AT)
    assert refused(lambda: demand(town, party, local.id)) == "partners.basis-too-low"
    over = record_basis(basis=replace(BASIS, until_on=date(2026, 9, 16)), by=city, at=AT)
    assert refused(lambda: demand(town, party, over.id)) == "partners.basis-expired"
    good = record_basis(basis=BASIS, by=city, at=AT)
    withdraw_basis(basis_id=good.id, why="已废止", by=city, at=AT)
    assert refused(lambda: demand(town, party, good.id)) == "partners.basis-withdrawn"


@pytest.mark.req("PRT-1")
def test_control_with_the_basis_unjudged_the_demand_would_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = open_town(homes=1)
    party = developer(town)
    local = record_basis(
        basis=replace(BASIS, rank=Rank.LOCAL), by=town.officer("city-officer"), at=AT
    )
    monkeypatch.setattr(securities, "judge_demand", lambda **_: Verdict(()))
    demand(town, party, local.id)
    assert len(demands_of(party_id=party, on=DAY, by=town.officer())) == 1


@pytest.mark.req("PRT-1")
def test_the_database_itself_takes_no_demand_without_a_basis(database: Database) -> None:
    town = open_town(homes=1)
    party = developer(town)
    with database.connect("anju_app") as connection:
        connection.execute("SELECT set_config('anju.projects', '*', true)")
        with pytest.raises(psycopg.errors.NotNullViolation, match="basis_id"):
            connection.execute(
                "INSERT INTO partners_demand"
                " (project_id, id, party_id, amount_fen, covers_until, demanded_at)"
                " VALUES (%s, %s, %s, 1, '2027-01-01', now())",
                [town.project_id, new_id(), party],
            )
        connection.rollback()


LETTER = Security(
    form=Form.GUARANTEE,
    amount_fen=Fen(100_000_00),
    given_on=DAY,
    valid_until=date(2027, 6, 30),
    issuer="示例银行",
    number="BH-1",
)


@pytest.mark.req("PRT-1")
def test_a_guarantee_does_as_well_as_a_deposit_and_both_go_back() -> None:
    town = open_town(homes=1)
    party, by = developer(town), town.officer()
    basis = record_basis(basis=BASIS, by=by, at=AT)
    asked = demand(town, party, basis.id)
    told: dict[str, Any] = {"project_id": town.project_id, "demand_id": asked, "by": by, "at": AT}
    assert refused(lambda: demand(town, party, basis.id)) == "partners.demand-open"
    early = replace(LETTER, valid_until=date(2027, 6, 29))
    assert refused(lambda: take_security(security=early, **told)) == "partners.guarantee-ends-early"
    undated = replace(LETTER, valid_until=None)
    assert refused(lambda: take_security(security=undated, **told)) == "partners.guarantee-undated"
    half = replace(LETTER, amount_fen=Fen(50_000_00))
    take_security(security=half, **told)
    (row,) = demands_of(party_id=party, on=DAY, by=by)
    assert [finding.code for finding in row.verdict.unmet] == ["partners.security-short"]
    take_security(security=replace(half, form=Form.DEPOSIT, valid_until=None), **told)
    (row,) = demands_of(party_id=party, on=DAY, by=by)
    assert row.verdict.met
    assert not demands_of(party_id=party, on=date(2027, 1, 1), by=by)[0].basis_verdict.met
    withdraw_basis(basis_id=basis.id, why="已废止", by=by, at=AT)
    assert refused(lambda: take_security(security=half, **told)) == "partners.basis-withdrawn"
    release_security(**told)
    assert refused(lambda: release_security(**told)) == "partners.demand-released"


@pytest.mark.req("PRT-1")
def test_a_guarantee_that_is_over_secures_nothing_though_the_demand_is_older() -> None:
    town = open_town(homes=1)
    party, by = developer(town), town.officer("city-officer")
    basis = record_basis(basis=replace(BASIS, until_on=None), by=by, at=AT)
    asked = demand(town, party, basis.id)
    told: dict[str, Any] = {"project_id": town.project_id, "demand_id": asked, "by": by}
    later = AT + timedelta(days=400)
    given_on = later.date()
    over = replace(LETTER, given_on=given_on, valid_until=given_on - timedelta(days=1))
    assert (
        refused(lambda: take_security(security=over, at=later, **told))
        == "partners.guarantee-ends-early"
    )
    take_security(security=replace(over, valid_until=given_on), at=later, **told)


@pytest.mark.req("PRT-1")
def test_a_restriction_takes_two_people_a_national_basis_and_something_overdue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = open_town(homes=1)
    party = developer(town)
    by, second = town.officer("city-officer"), town.officer()
    basis = record_basis(basis=replace(BASIS, act=Act.RESTRICTION), by=by, at=AT)
    told: dict[str, Any] = {
        "party_id": party,
        "basis_id": basis.id,
        "reason": "三次催告仍不申请首次登记",
        "until_on": date(2026, 12, 31),
        "by": by,
        "second": second,
        "at": AT,
    }
    assert refused(lambda: restrict_party(**told)) == "partners.nothing-overdue"
    owe(town, party)
    assert refused(lambda: restrict_party(**{**told, "second": by})) == "access.same-person"
    assert refused(lambda: restrict_party(**{**told, "basis_id": None})) == "partners.basis-missing"
    longer = {**told, "until_on": date(2027, 1, 1)}
    assert refused(lambda: restrict_party(**longer)) == "partners.beyond-basis"
    restriction = restrict_party(**told)
    assert refused(lambda: restrict_party(**told)) == "partners.restricted-already"
    assert list_parties(kind="developer", on=DAY)[0].restriction is not None
    lift_restriction(restriction_id=restriction, why="已完成登记", by=by, at=AT)
    (row,) = restrictions_of(party_ids=[party], on=DAY)
    assert not row.is_in_force
    # With the judging off, a local rule bars the company; what is in force is judged again.
    local = record_basis(basis=replace(BASIS, act=Act.RESTRICTION, rank=Rank.LOCAL), by=by, at=AT)
    assert refused(lambda: restrict_party(**{**told, "basis_id": local.id})) == (
        "partners.basis-too-low"
    )
    monkeypatch.setattr(restrictions, "judge_basis", lambda **_: Verdict(()))
    restrict_party(**{**told, "basis_id": local.id})
    assert list_parties(kind="developer", on=DAY)[0].restriction is None


@pytest.mark.req("PRT-2")
def test_stars_come_from_facts_and_are_published_once_a_quarter() -> None:
    town = open_town(homes=1)
    by = town.officer()
    party = register_party(
        kind="manager", name="安心物业有限公司", credit_code=CREDIT, by=by, at=AT
    ).id
    told: dict[str, Any] = {
        "project_id": town.project_id, "party_id": party, "on": date(2026, 6, 1), "at": AT,
        "about": "5 月底前收齐一单元材料", "by": by,
    }  # fmt: skip
    for place in range(10):
        note_fact(kind=FactKind.MATERIAL, is_met=place < 9, source_id=new_id(), **told)
    again = new_id()
    note_fact(kind=FactKind.ANSWER, is_met=True, source_id=again, **told)
    assert (
        refused(lambda: note_fact(kind=FactKind.ANSWER, is_met=False, source_id=again, **told))
        == "partners.fact-known"
    )
    star = star_so_far(party_id=party, on=DAY)
    assert (star.stars, star.tenths, star.facts) == (5, 933, 11)
    assert refused(lambda: publish_stars(quarter="2026-Q3", by=by, at=AT)) == (
        "partners.quarter-not-over"
    )
    assert publish_stars(quarter="2026-Q2", by=by, at=AT) == 1
    assert refused(lambda: publish_stars(quarter="2026-Q2", by=by, at=AT)) == (
        "partners.stars-published"
    )
    (row,) = stars_of(party_id=party)
    assert (row.quarter, row.stars, row.tenths) == ("2026-Q2", 5, 933)
    assert row.counts[FactKind.MATERIAL] == Share(9, 10)


def served(town: Town) -> UUID:
    """Open a case of an owner's: a service to rate."""
    return open_case(
        project_id=town.project_id,
        procedure="objection",
        subject_kind="household",
        subject_id=town.homes[0].household_id or new_id(),
        household_id=town.homes[0].household_id,
        division="370105012",
        by=town.officer("street-officer"),
        at=AT,
    ).id


def rate(token: str, level: Level, words: RatingWords = SILENT) -> Any:
    return give_rating(
        token=token, level=level, words=words, wants_visit=False, channel="qr", by=SYSTEM, at=AT
    )


@pytest.mark.req("PRT-3")
def test_a_bad_rating_opens_a_case_and_its_words_stay_sealed() -> None:
    town = open_town(homes=1)
    token = rating_token(project_id=town.project_id, service_id=served(town))
    assert service_by_token(token=token).matter == "objection"
    row = rate(token, Level.BAD, RatingWords(comment="等了两小时", contact="13800000000"))
    assert row.case_id is not None
    officer = town.officer()
    with reading(by=officer):
        case = case_by_id(project_id=town.project_id, case_id=row.case_id)
    assert (case.procedure, case.open_steps) == ("service-complaint", ("return-visit",))
    words = read_words(
        project_id=town.project_id, rating_id=row.id, purpose="回访", by=officer, at=AT
    )
    assert words.comment == "等了两小时"
    assert service_by_token(token=token).is_rated
    assert satisfaction() == Share(0, 1)


@pytest.mark.req("PRT-3")
@pytest.mark.threat("T-41")
def test_a_token_serves_once_also_where_two_come_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    town = open_town(homes=1)
    token = rating_token(project_id=town.project_id, service_id=served(town))
    assert rate(token, Level.GOOD).case_id is None
    assert refused(lambda: rate(token, Level.VERY_BAD)) == "ratings.given-already"
    # Both asked before either wrote: the constraint decides.
    blind = services.service_of
    monkeypatch.setattr(
        "anju.titles.partners.operations.ratings.service_of",
        lambda service: replace(blind(service), is_rated=False),
    )
    assert refused(lambda: rate(token, Level.VERY_BAD)) == "ratings.given-already"
    assert satisfaction() == Share(1, 1)
    with psycopg.connect(database.superuser_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE partners_rating DROP CONSTRAINT partners_rating_service_once")
    rate(token, Level.VERY_BAD)
    assert satisfaction() == Share(1, 2), "with both defences off the service is rated twice"


@pytest.mark.req("PRT-3")
def test_a_token_cannot_be_made_up() -> None:
    town = open_town(homes=1)
    case_id = served(town)
    token = rating_token(project_id=town.project_id, service_id=case_id)
    assert len(token) == 60
    forged = [
        "",
        token[:-1],
        f"{token}A",
        *(
            token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            for place in range(60)
        ),
        rating_token(project_id=town.project_id, service_id=new_id()),
        rating_token(project_id=new_id(), service_id=case_id),
        "é" * 60,
    ]
    for one in forged:
        with pytest.raises(Refusal, match=r"ratings\.token-unknown"):
            service_by_token(token=one)
    hall = rating_token(project_id=town.project_id, service_id=new_id(), kind="visit")
    assert service_by_token(token=hall).office == "370105012"
    assert rate(hall, Level.FAIR).matter == "visit"


@pytest.mark.req("PRT-3")
def test_a_rating_found_malicious_by_two_stays_told_and_counts_no_more() -> None:
    town = open_town(homes=1)
    token = rating_token(project_id=town.project_id, service_id=served(town))
    row = rate(token, Level.VERY_BAD)
    city = town.officer("city-officer")
    told: dict[str, Any] = {"project_id": town.project_id, "case_id": row.case_id, "at": AT}
    mistaken = NewAction(
        kind=ActionKind.DECIDE, step="return-visit", outcome="mistaken", why="打电话，说是点错"
    )
    take_action(act=mistaken, by=town.officer(), **told)
    leave = NewAction(kind=ActionKind.DECIDE, step="leave-out", outcome="left-out", why="误评")
    assert refused(lambda: take_action(act=leave, by=city, **told)).startswith(("case.", "access."))
    case = take_action(act=leave, by=city, second=town.officer(), **told)
    assert case.status is Status.REFUSED
    (shown,) = ratings_since(since=AT, by=city)
    assert shown.is_left_out
    assert satisfaction() == Share(0, 0)
