"""A community's first registration: one at a time, about what was filed, and undisturbed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError

from anju.foundation.access.context import reading
from anju.foundation.core.crypto import new_id
from anju.titles.cases.models import TitleCaseRecord
from anju.titles.communities import changing
from anju.titles.communities.operations import enter_homes
from anju.titles.communities.queries import home_by_id
from anju.titles.communities.types import HomeRow
from tests.contexts.test_title_cases import code_of, states
from tests.support.access import SYSTEM, recorded
from tests.support.communities import AT, Town, new_homes, open_town
from tests.support.community_tables import bring, rules, survey, table
from tests.support.title_cases import accept, file_first, file_transfer, register_first, walk

pytestmark = pytest.mark.usefixtures("database")


def enter_later(town: Town) -> HomeRow:
    """Enter a home of a later phase into the file."""
    (home,) = enter_homes(
        project_id=town.project_id, homes=new_homes(1, first=9), by=town.officer(), at=AT
    )
    return home


def state_of(town: Town, home: HomeRow) -> str:
    with reading(by=SYSTEM):
        return home_by_id(project_id=town.project_id, home_id=home.id).title_state


@pytest.mark.req("TTL-1")
def test_two_first_registrations_of_the_same_homes_never_run_together() -> None:
    town = open_town(homes=2)
    first = file_first(town)
    assert code_of(file_first, town) == "titlecases.open-already"
    accept(town, first.id)
    assert code_of(file_first, town) == "titlecases.open-already"
    with reading(by=SYSTEM):
        kept = TitleCaseRecord.objects.get(project_id=town.project_id, id=first.id)
    kept.id = new_id()
    # Two windows at the same moment: the database lets one of them in.
    with (
        pytest.raises(IntegrityError, match="titlecases_case_first_once"),
        recorded(project_id=town.project_id),
    ):
        kept.save(force_insert=True)


@pytest.mark.req("TTL-1")
def test_a_home_that_comes_into_the_file_later_is_not_swept_along_and_gets_one_of_its_own() -> None:
    town = open_town(homes=2)
    first = file_first(town)
    later = enter_later(town)
    # Its owners may file: what is decided waits for a first registration that is about it.
    transfer = file_transfer(town, later)
    walk(town, first.id)
    assert set(states(town).values()) == {"first", "none"}
    assert state_of(town, later) == "none"
    assert code_of(walk, town, transfer.id) == "titlecases.no-first-registration"
    register_first(town)
    assert state_of(town, later) == "first"
    assert code_of(file_first, town) == "titlecases.nothing-to-register"


@pytest.mark.req("TTL-1", "LEG-1")
@pytest.mark.parametrize("is_guarded", [True, False])
def test_what_is_being_registered_stays_as_filed_while_owners_may_change(
    is_guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_guarded:
        monkeypatch.setattr(changing, "_registering", [])
    town = open_town(homes=2)
    first = file_first(town)
    header = ("楼栋", "房号", "用途")
    home = town.homes[0].number
    told = bring(town, table(["1", home, "商铺"], header=header))
    assert [rule for _, _, rule in rules(told)] == ["communities.first-under-way"] * is_guarded
    titled: Any = table(["1", home, "已首次登记"], header=("楼栋", "房号", "办证状态"))
    assert bool(bring(town, titled).faults) is is_guarded
    if not is_guarded:
        return
    area = survey(town, table(["1", home, "99.5"], header=("楼栋", "房号", "实测面积")))
    assert [rule for _, _, rule in rules(area)] == ["communities.first-under-way"]
    owners = table(["1", home, "钱新"], header=("楼栋", "房号", "权利人"))
    assert bring(town, owners).counts.changed == 1
    walk(town, first.id)
    assert [
        rule for _, _, rule in rules(bring(town, table(["1", home, "商铺"], header=header)))
    ] == ["communities.home-registered"]
