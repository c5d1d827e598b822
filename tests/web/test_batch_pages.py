"""Plans of batches, proxies, absences, deferrals and swaps as people meet them, on both widths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test.utils import override_settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.notices.pages import china_day
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.swaps import SwapOffer, swap_offers
from tests.support.access import PASSWORD, Family
from tests.support.hostile_files import plain_pdf
from tests.support.pages import PAPER_MS, SHOTS, look, press
from tests.support.site import Seeds, serve_site, sign_in_family, sign_in_officer
from tests.support.stages import Stage, staged_project

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}


@dataclass(slots=True)
class Running:
    """A site with a project, and a browser of their own for everybody."""

    site: str
    seeds: Seeds
    browser: Browser
    pages: list[Page] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def window(self, *, javascript: bool = True) -> Page:
        context = self.browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.pages.append(page)
        return page

    def family(self, household_id: UUID) -> Page:
        """Open a family's phone; nothing moves, so it works without JavaScript."""
        page = self.window(javascript=False)
        sign_in_family(page, self.site, self.seeds.family(household_id))
        return page

    def desk(self, path: str) -> Page:
        page = self.window()
        sign_in_officer(page, self.site, self.seeds.city)
        page.goto(f"{self.site}/desk/{self.seeds.code}/{path}")
        return page

    def number(self, household_id: UUID) -> str:
        with reading(by=self.seeds.officer):
            known = household_numbers(project_id=self.seeds.project_id)
        return next(str(number) for number, one in known.items() if one == household_id)


@pytest.fixture
def running(database_cluster: Cluster, browser: Browser) -> Iterator[Running]:
    with (
        override_settings(SCANNER="off"),
        staged_project(database_cluster, Stage.CHOOSING) as seeds,
        serve_site() as site,
    ):
        made = Running(site=site, seeds=seeds, browser=browser)
        yield made
        for page in made.pages:
            page.context.close()
        assert made.complaints == []


@pytest.mark.req("SEL-1")
def test_the_office_publishes_the_plan_of_a_batch_and_its_families_read_it(
    running: Running,
) -> None:
    seeds = running.seeds
    page = running.desk("batches/")
    expect(page.locator("h1")).to_contain_text("0 批公布了安排")
    day = china_day(read_clock()) + timedelta(days=16)
    page.fill("#day", day.isoformat())
    page.fill("#place", "泺口街道文化站一楼大厅（泺安路 5 号）")
    page.fill("#channel", "泺口街道办二楼安置窗口，工作日 9:00—17:00，0531-8888000")
    look(page, "batches-form")
    page.get_by_role("button", name="公布").click()
    expect(page.locator("h1")).to_contain_text("1 批公布了安排")
    expect(page.locator("tbody")).to_contain_text("泺口街道文化站")
    look(page, "batches")
    address = page.get_by_role("link", name="打印").get_attribute("href")
    paper = page.request.get(f"{running.site}{address}", timeout=PAPER_MS)
    assert paper.body().startswith(b"%PDF-")
    if SHOTS:
        Path(SHOTS, "plan.pdf").write_bytes(paper.body())
    households = [
        one.household_id for one in queries.places_of(project_id=seeds.project_id, batch=2)
    ]
    phone = running.family(households[0])
    phone.goto(f"{running.site}/me/")
    expect(phone.locator("main")).to_contain_text("泺口街道文化站")
    phone.goto(f"{running.site}/me/batch/")
    expect(phone.locator(".card.go")).to_contain_text(f"{day.month} 月 {day.day} 日（")
    look(phone, "my-batch")
    phone.get_by_role("link", name="看公告").click()
    expect(phone.locator("main")).to_contain_text("第 2 批选房安排")


@pytest.mark.req("SEL-2")
@pytest.mark.threat("T-23")
def test_a_proxy_is_registered_at_the_window_and_finds_homes_and_nothing_else(
    running: Running,
) -> None:
    seeds = running.seeds
    household_id = seeds.call()
    page = running.desk("attendance/")
    look(page, "attendance-form")
    page.fill("#household", running.number(household_id))
    page.fill("#proxy-name", "赵代理")
    page.fill("#identity", "11010119900307803X")
    page.fill("#until", (china_day(read_clock()) + timedelta(days=30)).isoformat())
    page.set_input_files(
        "#paper", {"name": "mandate.pdf", "mimeType": "application/pdf", "buffer": plain_pdf()}
    )
    page.fill("[name=second_login]", seeds.clerk.login)
    page.fill("[name=second_password]", PASSWORD)
    page.fill("[name=second_code]", seeds.clerk.code(read_clock()))
    page.get_by_role("button", name="两人核对无误").click()
    expect(page.locator("h1")).to_contain_text("代理人登记好了")
    look(page, "proxy-key")
    expect(page.locator(".key-code")).to_have_count(2)
    code, pin = page.locator(".key-code").all_inner_texts()
    page.goto(f"{running.site}/desk/{seeds.code}/attendance/")
    expect(page.locator("main")).to_contain_text("赵")
    assert "赵代理" not in page.inner_text("main")
    assert code not in page.content()
    look(page, "attendance")

    proxy = running.window()
    given = Family(
        id=household_id, account_id=UUID(int=0), project_id=seeds.project_id, code=code, pin=pin
    )
    sign_in_family(proxy, running.site, given)
    proxy.goto(f"{running.site}/me/")
    expect(proxy).to_have_url(re.compile("/me/choose/$"))
    expect(proxy.locator(".bottom-nav a")).to_have_count(1)
    look(proxy, "proxy-homes")
    for path in ("score/", "case/", "draw/", "batch/", "batch/waive/", "plan/"):
        answer = proxy.request.get(f"{running.site}/me/{path}")
        assert answer.status == 404, path

    phone = running.family(household_id)
    phone.goto(f"{running.site}/me/batch/mandate/")
    expect(phone.locator("h1")).to_contain_text("可以替您家选房、签字")
    look(phone, "my-mandate")
    phone.get_by_role("link", name="撤销这份代理").click()
    phone.get_by_role("button", name="是的，撤销").click()
    expect(phone.locator("h1")).to_contain_text("请人代我家选房")
    proxy.goto(f"{running.site}/me/choose/")
    expect(proxy).to_have_url(re.compile("/sign-in/"))


@pytest.mark.req("SEL-2")
def test_a_family_stays_away_comes_after_all_and_defers(running: Running) -> None:
    seeds = running.seeds
    household_id = seeds.call()
    phone = running.family(household_id)
    phone.goto(f"{running.site}/me/batch/absence/")
    if phone.get_by_text("您家还没有填志愿").count() == 0:
        phone.get_by_role("link", name="照我家的志愿代选").click()
        look(phone, "my-absence")
        phone.get_by_role("button", name="对，照志愿代选").click()
        expect(phone.locator("h1")).to_contain_text("到时照您家的志愿选")
        phone.get_by_role("button", name="取消").click()
        expect(phone.locator("h1")).to_contain_text("人不来，照志愿选")
    phone.goto(f"{running.site}/me/batch/waive/")
    expect(phone.locator("h1")).to_contain_text("真的放弃")
    look(phone, "my-waive")
    phone.goto(f"{running.site}/me/batch/defer/")
    look(phone, "my-defer")
    phone.get_by_role("button", name="缓到本批最后").click()
    expect(phone.locator("h1")).to_contain_text("马上会再叫您家一次")
    turn = queries.find_turn(project_id=seeds.project_id, household_id=household_id)
    assert turn is not None
    assert (turn.state, turn.has_come_back) == ("returned", True)


@pytest.mark.req("MAT-1")
def test_two_families_swap_on_their_phones_and_the_desk_carries_it_out(running: Running) -> None:
    seeds = running.seeds
    first, second = two_that_may_swap(seeds)
    phone = running.family(first)
    phone.goto(f"{running.site}/me/batch/exchange/")
    expect(phone.locator("h1")).to_contain_text("和本批别的户换")
    look(phone, "my-swap")
    place = queries.find_place(project_id=seeds.project_id, household_id=second)
    assert place is not None
    phone.locator(f'a[href="?ticket={place.ticket}"]').click()
    look(phone, "my-swap-sure")
    phone.get_by_role("button", name="提出互换").click()
    expect(phone.locator(".pill")).to_have_text("等对方答应")
    other = running.family(second)
    other.goto(f"{running.site}/me/batch/exchange/")
    look(other, "my-swap-asked")
    press(other.get_by_role("button", name="我家愿意换"))
    page = running.desk("attendance/")
    expect(page.locator("h1")).to_contain_text("1 件互换等您办")
    look(page, "attendance-swap")
    before = [homes_of(seeds, one) for one in (first, second)]
    page.get_by_role("button", name="核对无误，办互换").click()
    expect(page.locator("main")).to_contain_text("已互换")
    assert [homes_of(seeds, one) for one in (second, first)] == before


def homes_of(seeds: Seeds, household_id: UUID) -> list[str]:
    choice = queries.find_choice(project_id=seeds.project_id, household_id=household_id)
    assert choice is not None
    return [home.number for home in choice.homes]


def two_that_may_swap(seeds: Seeds) -> tuple[UUID, UUID]:
    """Let households of the first batch choose until two of them may have each other's homes."""
    chosen: list[UUID] = []
    while len(chosen) < 12:
        household_id = seeds.call()
        choose_one(seeds, household_id)
        chosen.append(household_id)
        mine = {one.side.household_id for one in offers_of(seeds, household_id)}
        for other in chosen[:-1]:
            theirs = {one.side.household_id for one in offers_of(seeds, other)}
            if other in mine and household_id in theirs:
                return other, household_id
    raise AssertionError(chosen)


def offers_of(seeds: Seeds, household_id: UUID) -> list[SwapOffer]:
    told = {"project_id": seeds.project_id, "household_id": household_id}
    return [one for one in swap_offers(**told, by=seeds.officer) if one.is_lawful]


def choose_one(seeds: Seeds, household_id: UUID) -> None:
    own = {"project_id": seeds.project_id, "household_id": household_id}
    turn = queries.find_turn(**own)
    assert turn is not None
    options = queries.options_of(**own, by=seeds.officer)
    lawful = [one.tile.unit_id for one in options if one.is_lawful]
    choose_homes(
        project_id=seeds.project_id,
        turn_id=turn.id,
        unit_ids=lawful[:1],
        by=seeds.officer,
        at=read_clock(),
    )
