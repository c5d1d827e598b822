"""Homes given by agreement: proposed, signed by the household, given by a supervisor (PLN-1)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.access.types import Actor
from anju.foundation.casework.operations import open_case
from anju.foundation.casework.queries import case_by_id
from anju.foundation.ledger.queries import entries_of
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.negotiation import operations
from anju.resettlement.negotiation.operations import (
    decline_for_household,
    give_homes,
    propose_homes,
    sign_for_household,
    withhold_homes,
)
from anju.resettlement.negotiation.queries import find_gift, gifts_of
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.queries import selection_board
from anju.resettlement.selection.rebuild import compare_project
from anju_rules.values import Refusal
from tests.support.databases import Database
from tests.support.eligibility import finish_on_paper
from tests.support.selections import AT, Selected, drawn_project, officer, scored_project

pytestmark = pytest.mark.req("PLN-1")
REASON = "行动不便，经街道和家庭协商，住一楼"


def in_district(role: str) -> Actor:
    return replace(officer(role), division="370105")


@pytest.fixture
def project(database: Database) -> Selected:
    assert database.name
    selected = scored_project(mode="negotiated", households=6, homes=8)
    finish_on_paper(selected.id)
    return selected


def propose(project: Selected, household: str, *homes: str, reason: str = REASON) -> UUID:
    case = propose_homes(
        project_id=project.id,
        household_id=project.households[household],
        unit_ids=[project.units[home] for home in homes],
        reason=reason,
        by=in_district("district-officer"),
        at=AT,
    )
    return case.id


def sign(project: Selected, household: str) -> None:
    own = project.households[household]
    sign_for_household(project_id=project.id, household_id=own, by=project.household(own), at=AT)


def give(project: Selected, household: str) -> None:
    give_homes(
        project_id=project.id,
        household_id=project.households[household],
        by=officer("supervisor"),
        at=AT,
    )


def state_of(project: Selected, home: str) -> str:
    (unit,) = units_by_ids(project_id=project.id, unit_ids=[project.units[home]])
    return unit.state


def test_three_people_agree_and_the_home_is_given_and_shown_with_its_reason(
    project: Selected,
) -> None:
    case_id = propose(project, "H0001", "1-1-203")
    assert state_of(project, "1-1-203") == "held"
    with pytest.raises(Refusal, match=r"case\."):
        give(project, "H0001")
    sign(project, "H0001")
    give(project, "H0001")
    (gift,) = gifts_of(project_id=project.id)
    assert (gift.state, gift.reason, [unit.number for unit in gift.homes]) == (
        "given",
        REASON,
        ["1-1-203"],
    )
    assert "*" in gift.masked_name
    assert state_of(project, "1-1-203") == "taken"
    entries = {one.event_id: one.action for one in entries_of(str(project.id))}
    assert gift.event_id is not None
    assert entries[gift.event_id] == "negotiation.homes.given"
    board = selection_board(project_id=project.id)
    shown = {
        home.number: home.state
        for building in board.buildings
        for floor in building.floors
        for home in floor.homes
    }
    assert (shown["1-1-203"], shown["1-1-102"]) == ("taken", "reserved")
    assert compare_project(project_id=project.id, by=project.officer) == []
    with reading(by=project.officer):
        assert not case_by_id(project_id=project.id, case_id=case_id).status.is_open


def test_whoever_declines_frees_the_home_for_others(project: Selected) -> None:
    propose(project, "H0001", "1-1-201")
    own = project.households["H0001"]
    with pytest.raises(Refusal, match=r"negotiation\.reason-missing"):
        decline_for_household(
            project_id=project.id, household_id=own, why=" ", by=project.household(own), at=AT
        )
    decline_for_household(
        project_id=project.id, household_id=own, why="想住高层", by=project.household(own), at=AT
    )
    assert state_of(project, "1-1-201") == "free"
    with pytest.raises(Refusal, match=r"negotiation\.none-open"):
        sign(project, "H0001")
    propose(project, "H0002", "1-1-201")
    sign(project, "H0002")
    withhold_homes(
        project_id=project.id,
        household_id=project.households["H0002"],
        why="理由不充分",
        by=officer("supervisor"),
        at=AT,
    )
    assert state_of(project, "1-1-201") == "free"
    propose(project, "H0001", "1-1-201")
    assert [gift.state for gift in gifts_of(project_id=project.id)].count("declined") == 2


def test_what_may_not_be_proposed_or_signed_is_refused(
    project: Selected, database: Database
) -> None:
    propose(project, "H0001", "1-1-201")
    for household, homes, reason, code in (
        ("H0001", ["1-1-202"], REASON, r"negotiation\.household-has-one"),
        ("H0002", ["1-1-201"], REASON, r"negotiation\.home-taken"),
        ("H0002", [], REASON, r"negotiation\.no-home-named"),
        ("H0002", ["1-1-202"], "", r"negotiation\.reason-missing"),
        ("H0002", ["1-1-202"], "身份证 11010519491231002X", r"notices\.personal-text"),
        ("H0002", ["1-1-101"], REASON, r"selection\.home-reserved"),
        ("H0002", ["1-1-202", "1-1-203", "1-1-204"], REASON, r"selection\."),
    ):
        with pytest.raises(Refusal, match=code):
            propose(project, household, *homes, reason=reason)
    # Neither a supervisor alone nor a neighbour, nor a case opened past the proposal.
    own, neighbour = project.households["H0001"], project.households["H0002"]
    told = {"project_id": project.id, "household_id": own, "at": AT}
    with pytest.raises(Refusal, match=r"access\.not-permitted"):
        sign_for_household(by=officer("supervisor"), **told)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"access\.not-found"):
        sign_for_household(by=project.household(neighbour), **told)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"access\.not-permitted"):
        give_homes(by=in_district("district-officer"), **told)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"negotiation\.no-home-named"):
        open_case(
            project_id=project.id,
            procedure="negotiated-allocation",
            subject_kind="household",
            subject_id=neighbour,
            household_id=neighbour,
            division="370105",
            by=in_district("district-officer"),
            at=AT,
        )
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE eligibility_review SET standing = 'refused'")
    with pytest.raises(Refusal, match=r"negotiation\.not-confirmed"):
        propose(project, "H0002", "1-1-202")


def test_a_project_gives_homes_in_turns_or_by_agreement_and_never_both(
    project: Selected,
) -> None:
    with pytest.raises(Refusal, match=r"selection\.given-by-agreement"):
        rehearse_draw(project_id=project.id, by=project.officer, at=AT)
    turns = drawn_project(code="TURNS", households=4, homes=8)
    with pytest.raises(Refusal, match=r"negotiation\.other-mode"):
        propose(turns, "H0001", "1-1-201")


@pytest.mark.pitfall("P11")
def test_a_home_is_in_one_agreement_whoever_races_and_twice_without_the_constraint(
    project: Selected, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "move_units", lambda **_told: None)
    propose(project, "H0001", "1-1-201")
    with pytest.raises(Refusal, match=r"negotiation\.home-taken"):
        propose(project, "H0002", "1-1-201")
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("DROP INDEX negotiation_home_once")
    propose(project, "H0002", "1-1-201")
    assert len(gifts_of(project_id=project.id)) == 2


def test_what_was_given_is_never_rewritten(project: Selected, database: Database) -> None:
    propose(project, "H0001", "1-1-201")
    sign(project, "H0001")
    give(project, "H0001")
    for change in (
        "UPDATE negotiation_gift SET reason = ''",
        "UPDATE negotiation_gift SET state = 'declined'",
        "DELETE FROM negotiation_gift",
    ):
        with (
            psycopg.connect(database.superuser_url) as admin,
            pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="negotiation"),
        ):
            admin.execute(change)
    found = find_gift(project_id=project.id, household_id=project.households["H0001"])
    assert found is not None
    assert found.ended_at == AT
