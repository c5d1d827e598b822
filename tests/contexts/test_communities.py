"""A community's file on the database: what is in it, who sees it, and what it never takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from anju.foundation.access.context import reading
from anju.foundation.access.operations import erase_household
from anju.foundation.access.types import Actor
from anju.titles.communities.operations import (
    change_terms,
    enter_homes,
    name_specialist,
    open_community,
    record_visit,
)
from anju.titles.communities.queries import (
    community_by_code,
    count_titles,
    homes_of,
    homes_of_household,
    list_communities,
    masked_owners,
    people_of,
    revisions_of,
    visits_of,
)
from anju.titles.communities.types import CommunityTerms, NewHome, Person
from anju_rules.values import Refusal
from tests.support.access import SYSTEM
from tests.support.communities import AT, TERMS, new_homes, open_town
from tests.support.databases import Database

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.req("LEG-1")
def test_a_community_has_one_file_with_its_homes_and_owners() -> None:
    town = open_town(homes=6)
    with reading(by=town.officer("street-officer")):
        assert community_by_code(code="HY-01").terms == TERMS
        assert [row.code for row in list_communities(division="370105")] == ["HY-01"]
        assert list_communities(division="370102") == []
        homes = homes_of(project_id=town.project_id)
        assert [home.number for home in homes] == [
            "1-101",
            "1-102",
            "1-103",
            "1-104",
            "1-201",
            "1-202",
        ]
        assert homes[0].unit_code == "370105012002GB00001F00010001"
        counts = count_titles(community_ids=[town.project_id])[town.project_id]
        assert (counts.homes, counts.titled, counts.without) == (6, 0, 6)
        owners = [home.household_id for home in homes if home.household_id]
        assert masked_owners(project_id=town.project_id, household_ids=owners[:1]) == {
            owners[0]: "王*1"
        }


@pytest.mark.req("LEG-1")
def test_what_cannot_stand_in_a_file_is_refused_and_nothing_of_it_is_kept() -> None:
    town = open_town(homes=2)
    officer = town.officer()
    told = {"project_id": town.project_id, "by": officer, "at": AT}

    def refused(**change: object) -> str:
        homes = [*new_homes(1, first=9), replace(new_homes(1, first=10)[0], **change)]  # type: ignore[arg-type]
        with pytest.raises(Refusal) as caught:
            enter_homes(homes=homes, **told)  # type: ignore[arg-type]
        return caught.value.code

    assert refused(number="1-101") == "communities.home-taken"
    assert refused(unit_code=town.homes[0].unit_code) == "communities.home-taken"
    assert refused(unit_code="37010501200").startswith("identifier.")
    assert refused(title_state="titled", people=()) == "communities.titled-without-owner"
    with reading(by=officer):
        assert len(homes_of(project_id=town.project_id)) == 2
    with pytest.raises(Refusal) as caught:
        open_community(terms=TERMS, by=SYSTEM, at=AT)
    assert caught.value.code == "communities.code-taken"


@pytest.mark.req("SEC-3")
@pytest.mark.threat("T-20")
def test_owners_read_their_own_names_and_a_stranger_none(database: Database) -> None:
    town = open_town(homes=4)
    family = town.owner(town.homes[0])
    with reading(by=family.actor):
        mine = homes_of_household(project_id=town.project_id, household_id=family.id)
        assert len(mine) == 1
        everybody = [home.household_id for home in town.homes if home.household_id]
        assert set(people_of(project_id=town.project_id, household_ids=everybody)) == {family.id}
    with database.connect("anju_app") as plain:
        assert plain.execute("SELECT count(*) FROM communities_owner").fetchone() == (0,)


@pytest.mark.req("SEC-3")
def test_erased_owners_name_nobody_any_more(database: Database) -> None:
    town = open_town(homes=2)
    person = Person(name="王甲", identity_number="11010519491231002X")
    (home,) = enter_homes(
        project_id=town.project_id,
        homes=[NewHome(building="2", number="2-101", people=(person,))],
        by=town.officer(),
        at=AT,
    )
    owner = home.household_id
    assert owner is not None
    erase_household(
        project_id=town.project_id,
        household_id=owner,
        ground="本人要求",
        by=town.officer("city-officer"),
        second=town.officer("district-officer"),
        at=AT,
    )
    with reading(by=town.officer()):
        found = people_of(project_id=town.project_id, household_ids=[owner])
        assert found == {owner: ()}
    with psycopg.connect(database.superuser_url) as admin:
        kept = admin.execute(
            "SELECT people_sealed, identity_index FROM communities_owner WHERE id = %s", [owner]
        ).fetchone()
    assert kept == (None, None)


@pytest.mark.req("LEG-1")
def test_what_a_file_says_changes_with_a_reason_and_what_it_said_stays() -> None:
    town = open_town(homes=1)
    told: dict[str, Any] = {"project_id": town.project_id, "by": town.officer(), "at": AT}

    def refused(terms: CommunityTerms, reason: str = "物业换了") -> str:
        with pytest.raises(Refusal) as caught:
            change_terms(terms=terms, reason=reason, **told)
        return caught.value.code

    new = replace(TERMS, manager_name="新物业有限公司", manager_credit="9111 0000 6000 3734 1l")
    assert refused(new, reason=" ") == "communities.no-reason"
    assert refused(new, reason="电话 13812345678") == "notices.personal-text"
    assert refused(TERMS) == "communities.nothing-changed"
    assert refused(replace(TERMS, division="370105013")) == "communities.terms-fixed"
    assert refused(replace(TERMS, code="HY-02")) == "communities.terms-fixed"
    assert refused(replace(TERMS, parcel="370105012002GB00002")) == "communities.other-parcel"
    assert refused(replace(TERMS, parcel="370105")) == "communities.parcel-length"
    changed = change_terms(terms=new, reason="物业换了", **told)
    assert changed.terms.manager_credit == "91110000600037341L"
    with reading(by=town.officer()):
        (revision,) = revisions_of(project_id=town.project_id)
        assert revision.changes["manager_name"] == ("安心物业有限公司", "新物业有限公司")
        assert (revision.reason, revision.by) == ("物业换了", town.officer().id)


@pytest.mark.req("LEG-1")
def test_one_officer_answers_for_a_community_and_records_visits_that_stay(
    database: Database,
) -> None:
    town = open_town(homes=1)
    visit: dict[str, Any] = {"project_id": town.project_id, "visited_on": AT.date(), "at": AT}
    officer, street = town.officer(), town.officer("street-officer")

    def refused(by: Actor, findings: str = "外墙渗水，答应九月底修好", **change: Any) -> str:
        with pytest.raises(Refusal) as caught:
            record_visit(findings=findings, by=by, **visit | change)
        return caught.value.code

    assert refused(street) == "communities.not-the-specialist"
    for role in ("developer", "supervisor"):
        with pytest.raises(Refusal) as caught:
            name_specialist(
                project_id=town.project_id, account_id=town.people[role].id, by=officer, at=AT
            )
        assert caught.value.code == "communities.not-an-officer-here"
    for person in (officer, street):
        named = name_specialist(project_id=town.project_id, account_id=person.id, by=officer, at=AT)
        assert named.specialist_id == person.id
    assert refused(officer) == "communities.not-the-specialist"
    assert refused(street, findings="  ") == "communities.no-findings"
    assert refused(street, findings="找王某 11010519491231002X") == "notices.personal-text"
    ahead = AT.date() + timedelta(days=1)
    assert refused(street, visited_on=ahead) == "communities.visit-ahead"
    record_visit(findings="外墙渗水，答应九月底修好", by=street, **visit)
    with reading(by=officer):
        (kept,) = visits_of(project_id=town.project_id)
        assert (kept.by, kept.findings) == (street.id, "外墙渗水，答应九月底修好")
        assert len(revisions_of(project_id=town.project_id)) == 2
    with database.connect("anju_app") as plain, pytest.raises(InsufficientPrivilege):
        plain.execute("UPDATE communities_visit SET findings = ''")
