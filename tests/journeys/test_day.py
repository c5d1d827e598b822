"""A day of choosing in a browser: two desks, a phone, a tablet, a third check, a missed turn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import expect

from anju.foundation.core.clock import read_clock
from anju.jobs.publishing import publish_wall
from anju.resettlement.selection.operations.absences import declare_absence
from anju.resettlement.selection.queries import places_of, selection_board
from tests.support.days import SEVERAL_HOMES, Day, run_day, write_name
from tests.support.pages import look
from tests.support.peaks import serve_peak
from tests.support.stages import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from anju.foundation.core.postgres.launcher import Cluster

pytestmark = pytest.mark.long


@pytest.fixture
def day(database_cluster: Cluster, browser: Browser) -> Iterator[Day]:
    """Give the morning: the order is drawn, no batch is open yet."""
    with run_day(database_cluster, browser, edits=SEVERAL_HOMES, stage=Stage.DRAWN) as running:
        yield running
        assert running.complaints == []


@pytest.mark.req("SEL-2", "SEL-3", "CRT-3", "PUB-1")
def test_a_day_from_the_first_call_to_the_third_check(day: Day) -> None:
    publish_wall(day.seeds.code)
    with serve_peak(Path(settings.HOME)) as port:
        wall = day.window()
        wall.goto(f"http://127.0.0.1:{port}/live/{day.seeds.code}/", wait_until="domcontentloaded")
        expect(wall.locator("[data-line]")).to_have_text("直播中")
        one, two = day.at_desk(1), day.at_desk(2, who=day.officer("two"))
        third = day.at_page("checks/", who=day.officer("third", role="supervisor"))
        one.get_by_role("button", name="开始第 1 批").click()
        one.get_by_role("button", name="叫下一户").click()
        expect(one.locator("h1")).to_have_text("第 1 户正在选")
        expect(two.locator(".desks")).to_contain_text("第 1 户正在选")
        two.get_by_role("button", name="叫下一户").click()
        expect(two.locator("h1")).to_have_text("第 2 户正在选")
        look(two, "day-desk-two")
        choose_on_the_phone(day, one, wall)
        choose_a_wanted_home_on_the_tablet(day, two, third, wall)
        miss_one(day, one)
        choose_for_one_who_is_absent(day, one)
        look(wall, "day-wall")


def expect_on_the_wall(day: Day, wall: Page, *, taken: int, named: int = 0) -> None:
    """Publish as the publisher does, and see it arrive by the stream."""
    publish_wall(day.seeds.code)
    expect(wall.locator(".storey i.taken")).to_have_count(taken)
    expect(wall.locator(".storey i.named")).to_have_count(named)


def choose_on_the_phone(day: Day, desk: Page, wall: Page) -> None:
    household_id = day.called(1).household_id
    phone = day.at_home(household_id)
    phone.click("text=现在选房")
    home = day.homes_for(household_id)[0]
    phone.check(f'input[name="unit"][value="{home}"]')
    phone.click("[data-go]")
    phone.click("text=去签字")
    expect(phone.locator("h1")).to_have_text("看清楚，再签字")
    expect_on_the_wall(day, wall, taken=0, named=1)
    write_name(phone)
    phone.get_by_role("button", name="签字，就选").click()
    expect(phone.locator("h1")).to_have_text("待复核：等工作人员签字")
    desk.goto(day.address("checks/"))
    desk.get_by_role("button", name="核对无误，签字").click()
    expect(phone.locator("h1")).to_have_text("选房完成")
    expect_on_the_wall(day, wall, taken=1)
    ticket = selection_board(project_id=day.seeds.project_id).choices[0].ticket
    expect(wall.locator(".feed li").first).to_contain_text(ticket)
    desk.goto(day.address("turns/"))


def choose_a_wanted_home_on_the_tablet(day: Day, desk: Page, third: Page, wall: Page) -> None:
    household_id = day.called(2).household_id
    home = day.homes_for(household_id, hot=True)[0]
    desk.check(f'input[name="home"][value="{home}"]')
    desk.get_by_role("button", name="核对所选房屋").click()
    desk.get_by_role("button", name="确认并签字").click()
    expect(desk.locator(".hot")).to_contain_text("热门房，要第三人复核")
    # Who has signed signs no more.
    expect(desk.get_by_role("button", name="签字")).to_have_count(0)
    look(desk, "day-hot")
    desk.click("text=请家庭签字")
    desk.click("text=把平板交给家庭")
    desk.wait_for_url("**/sign-in/**")
    assert "sign-in" in desk.request.get(day.address("turns/")).url, "the officer is gone"
    family = day.family(household_id)
    desk.fill("#login", family.code)
    desk.fill("#password", family.pin)
    desk.get_by_role("button", name="进入").click()
    expect(desk.locator("h1")).to_have_text("看清楚，再签字")
    look(desk, "day-tablet")
    write_name(desk)
    desk.get_by_role("button", name="签字，就选").click()
    expect(desk.locator("h1")).to_have_text("待第三人复核")
    look(third, "day-third")
    third.get_by_role("button", name="第三人复核，签字").click()
    expect(desk.locator("h1")).to_have_text("选房完成")
    desk.get_by_role("button", name="退出，交还平板").click()
    desk.wait_for_url(f"{day.site}/")
    assert "sign-in" in desk.request.get(f"{day.site}/me/").url, "so is the family"
    expect_on_the_wall(day, wall, taken=2)


def miss_one(day: Day, desk: Page) -> None:
    day.seeds.call(seconds=60, at=read_clock() - timedelta(seconds=90))
    expect(desk.locator("h1")).to_have_text("第 3 户正在选")
    desk.get_by_role("button", name="过号").click()
    expect(desk.locator(".batch-list")).to_contain_text("过号")
    expect(desk.locator("h1")).to_have_text("等您叫下一户")


def choose_for_one_who_is_absent(day: Day, desk: Page) -> None:
    """Follow the wishes of a household that did not come; a representative signs for it."""
    following = find_household(day, place=4)
    declare_absence(
        project_id=day.seeds.project_id,
        household_id=following,
        by=day.family(following).actor,
        at=read_clock(),
    )
    desk.get_by_role("button", name="叫下一户").click()
    expect(desk.locator("h1")).to_have_text("第 4 户正在选")
    desk.click("text=未到场，按志愿")
    look(desk, "day-wishes")
    desk.get_by_role("button", name="确认并签字").click()
    expect(desk.locator("h1")).to_contain_text("等家庭签字")
    elected = day.at_page("checks/", who=day.officer("elected", role="representative"))
    elected.get_by_role("button", name="代未到场家庭签字").click()
    expect(desk.locator("h1")).not_to_contain_text("等家庭签字")


def find_household(day: Day, *, place: int) -> UUID:
    places = places_of(project_id=day.seeds.project_id, batch=1)
    return next(one.household_id for one in places if one.place == place)
