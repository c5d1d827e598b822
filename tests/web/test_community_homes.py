"""The homes of a large community in its file: building by building, each reachable and found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser, expect

from anju.titles.communities.operations import enter_homes
from tests.support.communities import AT, Town, new_homes, open_town, unit_code
from tests.support.databases import Database
from tests.support.pages import look
from tests.support.site import client_of, serve_site, sign_in_officer

FILE = "/desk/titles/communities/HY-01/"
SMALL = 100_000
"""Bytes of a page that a phone opens at once."""
TWO_LINES = 64
"""Pixels of what was found: its sign, two lines of words and the link side by side."""


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["testserver", "127.0.0.1"], SCANNER="off"):
        yield open_town(homes=8)


def grow(town: Town) -> set[str]:
    """Give the community 2,000 homes in all: 17 buildings, one of them of 552 homes."""
    homes = [
        replace(
            home,
            building=building,
            number=f"{building}-{home.number.removeprefix('1-')}",
            unit_code=unit_code(int(building), order),
            people=(),
        )
        for building, count in [*((str(one), 96) for one in range(2, 17)), ("17", 552)]
        for order, home in enumerate(new_homes(count), start=1)
    ]
    enter_homes(
        project_id=town.project_id, homes=homes, by=town.people["district-officer"].actor, at=AT
    )
    return {home.number for home in homes} | {home.number for home in town.homes}


def drawn(page: str) -> set[str]:
    """Give the numbers of the homes that a page draws."""
    return set(re.findall(r'class="deed [a-z]+" title="([^ "]+) ·', page))


def addresses(page: str) -> set[str]:
    """Give where the page leads: to a building, or to a page of one."""
    return {unescape(one) for one in re.findall(r'href="(\?building=[^"#]+)#homes"', page)}


def shown(client: Client, asked: str = "") -> str:
    answer = client.get(FILE + asked)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.req("LEG-1")
def test_each_of_2000_homes_is_reached_by_links_over_small_pages(town: Town) -> None:
    numbers = grow(town)
    assert len(numbers) == 2_000
    client = client_of(town.people["district-officer"].id)
    waiting, read, seen = {""}, set[str](), set[str]()
    while waiting:
        asked = waiting.pop()
        read.add(asked)
        page = shown(client, asked)
        assert len(page.encode()) < SMALL, asked
        seen |= drawn(page)
        waiting |= addresses(page) - read
    assert seen == numbers


@pytest.mark.req("LEG-1")
def test_a_part_of_a_building_counts_the_whole_building(town: Town) -> None:
    grow(town)
    client = client_of(town.people["district-officer"].id)
    page = shown(client, "?building=17&page=3")
    assert len(drawn(page)) == 552 - 2 * 240
    assert "17 号楼 · 0 / 552 套已办" in page
    assert drawn(shown(client, "?building=99")) == {home.number for home in town.homes}


@pytest.mark.req("LEG-1")
def test_a_home_is_found_by_its_number_and_shown_where_it_stands(town: Town) -> None:
    grow(town)
    client = client_of(town.people["district-officer"].id)
    page = shown(client, "?number=17-13802")
    assert "找到 1 个" in page
    (address,) = (one for one in addresses(page) if "page=" in one)
    assert "17-13802" in drawn(shown(client, address))
    many = shown(client, "?number=-1")
    assert len(many.encode()) < SMALL
    assert "number=-1&amp;page=2" in many
    assert "没有房号含“&lt;b&gt;”的房屋" in shown(client, "?number=%3Cb%3E")


@pytest.mark.req("LEG-1")
def test_a_small_community_is_drawn_whole(town: Town) -> None:
    page = shown(client_of(town.people["district-officer"].id))
    assert drawn(page) == {home.number for home in town.homes}
    assert 'class="blocks"' not in page


@pytest.mark.req("LEG-1")
def test_a_large_community_is_read_on_a_phone_without_scripts(town: Town, browser: Browser) -> None:
    grow(town)
    with serve_site() as site:
        signing = browser.new_context()
        page = signing.new_page()
        sign_in_officer(page, site, town.people["district-officer"])
        state = signing.storage_state()
        signing.close()
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, java_script_enabled=False, storage_state=state
        )
        page = context.new_page()
        page.goto(site + FILE)
        look_at(page.url, browser, state, "community-large")
        page.get_by_role("link", name="17 号楼").click()
        expect(page.locator(".storey .deed")).to_have_count(240)
        look_at(page.url, browser, state, "community-building")
        page.fill("#number", "16-2")
        page.get_by_role("button", name="找房").click()
        found = page.locator(".found-homes > li", has_text="16-2401")
        expect(found.locator(".deed")).to_have_text("未")
        box = found.bounding_box()
        assert box is not None
        assert box["height"] <= TWO_LINES
        look_at(page.url, browser, state, "community-found")
        context.close()


def look_at(address: str, browser: Browser, state: object, name: str) -> None:
    """See that nothing sticks out; measuring needs scripts, the page does not."""
    context = browser.new_context(storage_state=state)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    look(page, name)
    context.close()
