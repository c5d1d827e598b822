"""Pages of titles ask the database as often before many communities as before one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anju.foundation.access.context import reading
from anju.foundation.access.queries import find_actor
from anju.foundation.core.clock import read_clock
from anju.titles.cases.queries import title_cases_of
from anju.titles.communities.operations import enter_homes, open_community
from tests.support.access import SYSTEM
from tests.support.communities import AT, TERMS, Town, new_homes, open_town
from tests.support.title_cases import file_transfer

pytestmark = pytest.mark.usefixtures("database")

OWNERS_PAGE = 10
"""Session, account and its setting, the reader's setting, cases, buildings, homes, owners, key,
community."""


def client_of(account_id: UUID) -> Client:
    """Give a browser in which an account is signed in."""
    found = find_actor(account_id=account_id)
    assert found is not None
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(found[0])
    return client


def statements(client: Client, path: str) -> int:
    """Count what a page asks of the database once everything that lasts is loaded."""
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connections["default"]) as captured:
        assert client.get(path).status_code == 200
    return sum(one["sql"].startswith("SELECT") for one in captured)


def open_more(town: Town, number: int) -> Town:
    """Open one more community of the same district, with a home that its registration covers."""
    parcel = f"370105012002GB{number:05}"
    terms = replace(TERMS, code=f"HY-{number:02}", name=f"槐苑{number}区", parcel=parcel)
    community = open_community(terms=terms, by=SYSTEM, at=AT)
    by = town.officer()  # who sees it from now on
    homes = [replace(one, title_state="first") for one in new_homes(1, parcel=parcel)]
    entered = enter_homes(project_id=community.id, homes=homes, by=by, at=AT)
    return replace(town, community=community, homes=tuple(entered))


@pytest.mark.req("TTL-6")
def test_pages_of_titles_ask_no_more_before_many_communities() -> None:
    town = open_town(homes=0)
    first = open_more(town, 2)
    case = file_transfer(first, first.homes[0], at=read_clock())
    window = client_of(town.officer().id)
    owner = client_of(first.owner(first.homes[0]).account_id)
    queue, own = statements(window, "/desk/cases/"), statements(owner, "/me/title/")
    for number in (3, 4):
        other = open_more(town, number)
        file_transfer(other, other.homes[0], at=read_clock())
    told = window.get("/desk/cases/").content.decode()
    assert all(f"槐苑{number}区" in told for number in (2, 3, 4))
    assert case.number in told
    assert statements(window, "/desk/cases/") == queue
    assert statements(owner, "/me/title/") == own <= OWNERS_PAGE


@pytest.mark.threat("T-26")
def test_who_reads_is_told_once_and_told_again_when_somebody_else_reads() -> None:
    town = open_town(homes=0)
    mine, other = open_more(town, 2), open_more(town, 3)
    for one in (mine, other):
        file_transfer(one, one.homes[0], at=read_clock())
    family = mine.owner(mine.homes[0]).actor

    def seen() -> tuple[int, int]:
        return tuple(len(title_cases_of(project_id=one.project_id)) for one in (mine, other))  # type: ignore[return-value]

    with reading(by=family):
        with CaptureQueriesContext(connections["default"]) as captured, reading(by=family):
            assert seen() == (1, 0)
        assert not any("set_config" in one["sql"] for one in captured)
        with reading(by=SYSTEM):
            assert seen() == (1, 1)
            with reading(by=family):
                assert seen() == (1, 0)
            assert seen() == (1, 1)
        assert seen() == (1, 0)
