"""An owner at home: sees the home, files for its title with a typed name, follows the case."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.titles.cases.queries import title_cases_of
from tests.support.access import SYSTEM
from tests.support.communities import open_town
from tests.support.pages import look
from tests.support.site import serve_site, sign_in_family, sign_in_officer
from tests.support.title_cases import file_first, file_transfer

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.req("TTL-6", "TTL-8", "CRT-3")
def test_an_owner_files_from_home_and_follows_every_step(browser: Browser) -> None:
    town = open_town(homes=2)
    file_first(town)
    home = town.homes[0]
    family = town.owner(home)
    with serve_site() as site:
        phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        sign_in_family(phone, site, family)
        expect(phone.locator("h1")).to_have_text("在家就能申请办证")
        expect(phone.locator("header b")).to_have_text("王乙1一家")
        look(phone, "owner-titles")
        phone.get_by_role("link", name="申请办证").click()
        expect(phone.locator("h1")).to_contain_text("1-101")
        look(phone, "owner-file")
        phone.check("input[name=homes][value='1']")
        phone.click("text=写不了字？用键盘输入姓名")
        phone.fill("#typed", "王别人")
        phone.check("input[name=typed_sure]")
        phone.get_by_role("button", name="签字，申请办证").click()
        expect(phone.locator(".refusal")).to_contain_text("不一样")
        expect(phone.locator("input[name=homes][value='1']")).to_be_checked()
        phone.click("text=写不了字？用键盘输入姓名")
        # What was filled in is there still, to be mended and not typed anew.
        expect(phone.locator("#typed")).to_have_value("王别人")
        expect(phone.locator("input[name=typed_sure]")).to_be_checked()
        phone.fill("#typed", "王乙1")
        phone.check("input[name=typed_sure]")
        phone.get_by_role("button", name="签字，申请办证").click()
        expect(phone.locator("ol.steps")).to_be_visible()
        look(phone, "owner-case")
        phone.get_by_role("link", name="核对身份").click()
        look(phone, "owner-identity")
        phone.locator("form", has_text="请人上门").get_by_role("button").click()
        expect(phone.locator("h1")).to_have_text("已经约了：请人上门")

        desk = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        sign_in_officer(desk, site, town.people["district-officer"])
        desk.goto(f"{site}/desk/titles/identity/")
        expect(desk.locator("h1")).to_have_text("1 家等着核对是不是本人")
        look(desk, "desk-identity")
        desk.get_by_role("button", name="是本人", exact=True).click()
        expect(desk.locator("h1")).to_have_text("没有等着核对身份的")
        phone.reload()
        expect(phone.locator("h1")).to_have_text("核对好了，是本人")
        phone.goto(f"{site}/me/")
        expect(phone.locator("h1")).to_have_text("1 套房子正在办证")
    with reading(by=SYSTEM):
        (case,) = title_cases_of(project_id=town.project_id, household_id=family.id)
    assert case.facts["homes_owned"] == 1
    assert case.owner_signed_at is not None
    assert case.opened_at <= read_clock()


@pytest.mark.req("TTL-5", "TTL-6", "CRT-3")
def test_owners_join_what_the_developer_has_filed(browser: Browser) -> None:
    town = open_town(homes=2)
    file_first(town)
    home = town.homes[0]
    family = town.owner(home)
    filed = file_transfer(town, home, by=town.officer("developer"), is_joint=False)
    with serve_site() as site:
        phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        sign_in_family(phone, site, family)
        phone.get_by_role("link", name="开发企业已经申请，请您家签字").click()
        look(phone, "owner-join")
        phone.click("text=写不了字？用键盘输入姓名")
        phone.fill("#typed", "王乙1")
        phone.check("input[name=typed_sure]")
        phone.get_by_role("button", name="签字，一起申请").click()
        expect(phone.get_by_role("heading", name="要交的钱")).to_be_visible()
        look(phone, "owner-fees")
    with reading(by=SYSTEM):
        (case,) = title_cases_of(project_id=town.project_id, household_id=family.id)
    assert (case.id, case.is_applied_for) == (filed.id, True)


@pytest.mark.req("TTL-5", "TTL-6")
def test_owners_who_took_their_case_back_owe_nothing_and_may_file_again(browser: Browser) -> None:
    town = open_town(homes=2)
    file_first(town)
    family = town.owner(town.homes[0])
    file_transfer(town, town.homes[0])
    with serve_site() as site:
        phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        sign_in_family(phone, site, family)
        phone.goto(f"{site}/me/case/")
        expect(phone.get_by_role("heading", name="要交的钱")).to_be_visible()
        phone.get_by_role("link", name="撤回").click()
        phone.get_by_role("button", name="撤回这件事").click()
        expect(phone.locator("h1")).to_have_text("这件事您撤回了")
        expect(phone.locator("main")).to_contain_text("可以在“房子和证”里再申请一次")
        expect(phone.get_by_role("heading", name="要交的钱")).to_have_count(0)
        look(phone, "owner-withdrew")
        phone.goto(f"{site}/me/title/")
        phone.get_by_role("link", name="再申请一次").click()
        expect(phone.get_by_role("button", name="签字，申请办证")).to_be_visible()


@pytest.mark.req("TTL-6")
def test_everybody_reads_in_plain_words_what_a_title_asks_for(browser: Browser) -> None:
    with serve_site() as site:
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        page.goto(f"{site}/titles/guide/")
        expect(page.locator("h1")).to_have_text("办不动产证，要带什么、等几天")
        expect(page.locator("main")).to_contain_text("5 个工作日")
        expect(page.locator("ol.plain-list li")).to_have_count(6)
        look(page, "title-guide")
