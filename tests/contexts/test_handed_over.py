"""A handed-over home sets out for its title by itself, once, with what is known filled in."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from anju.foundation.access.context import reading
from anju.foundation.casework.queries import case_by_id, case_file
from anju.jobs.handed_over import open_titles_of_handed_over
from anju.titles.cases.operations import open_title_case
from anju.titles.cases.queries import title_cases_of
from anju.titles.communities.queries import community_by_id, homes_of, people_of
from tests.support.access import SYSTEM
from tests.support.databases import Database
from tests.support.delivery import HANDED_ON, Held, held_home
from tests.support.title_cases import default_papers

LATER = HANDED_ON + timedelta(hours=1)


def in_county(held: Held, database: Database) -> Held:
    """Have the project lie in a county: the small plan names only its city."""
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE projects_project SET division_code = '370105'")
    return held


def file_first(held: Held) -> None:
    open_title_case(
        project_id=held.project.id,
        kind="first",
        materials=default_papers("title-first"),
        by=SYSTEM,
        at=LATER,
    )


@pytest.mark.req("TTL-10")
def test_a_handed_over_home_opens_its_title_case_by_itself_and_once(database: Database) -> None:
    held = in_county(held_home(), database)
    row = held.hand_over()
    assert open_titles_of_handed_over(at=LATER) == 0, "no first registration is filed yet"
    with reading(by=SYSTEM):
        community = community_by_id(community_id=held.project.id)
        (home,) = homes_of(project_id=held.project.id)
        people = people_of(project_id=held.project.id, household_ids=[held.household_id])
    assert (community.origin, community.code) == ("resettled", held.project.plan.project.code)
    assert (home.household_id, home.title_state) == (held.household_id, "none")
    assert people[held.household_id][0].name
    assert home.contracted_sqm is not None
    file_first(held)
    assert open_titles_of_handed_over(at=LATER) == 1
    assert open_titles_of_handed_over(at=LATER) == 0
    family = held.family
    with reading(by=family):
        case = case_by_id(project_id=held.project.id, case_id=row.id)
        file = case_file(project_id=held.project.id, case_id=row.id, by=family, at=LATER)
        own = title_cases_of(project_id=held.project.id, household_id=held.household_id)
    assert (case.household_id, case.subject_id) == (held.household_id, home.id)
    assert [one.id for one in own] == [row.id]
    held_papers = {one.code for one in file.materials if one.state == "held"}
    assert held_papers >= {"identity-proof", "contract-record", "completion-record"}
    assert own[0].facts["is_for_expropriated"] is True
    assert own[0].is_applied_for, "both sides signed the hand-over"
    with reading(by=SYSTEM):
        assert len(homes_of(project_id=held.project.id)) == 1


@pytest.mark.req("TTL-10")
def test_a_home_not_yet_signed_for_opens_nothing(database: Database) -> None:
    held = in_county(held_home(), database)
    row = held.prepare()
    held.sign(row, held.office())
    assert open_titles_of_handed_over(at=LATER) == 0
    with reading(by=SYSTEM):
        assert homes_of(project_id=held.project.id) == []
