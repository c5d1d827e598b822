"""Owners at home come from filing to their certificate, every step clicked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from anju.foundation.core.clock import read_clock
from anju.foundation.messages.queries import due_messages
from tests.journeys.test_titles import (
    PATIENCE,
    PHONE,
    WIDE,
    approve,
    note_department,
    open_window,
    paper,
    site,
    take_in,
)
from tests.support.access import SYSTEM
from tests.support.communities import open_town
from tests.support.pages import look, press
from tests.support.site import sign_in_family, sign_in_officer
from tests.support.title_cases import open_registry, register_first

pytestmark = pytest.mark.long
__all__ = ["site"]


@pytest.mark.req("TTL-5", "TTL-6", "TTL-8", "TTL-9", "CRT-1")
def test_an_owner_at_home_comes_from_filing_to_the_certificate(site: str, browser: Browser) -> None:
    town = open_town(homes=2)
    register_first(town)
    open_registry(town, at=read_clock())
    family = town.owner(town.homes[0])
    phone, desk, company = (open_window(browser, size) for size in (PHONE, WIDE, WIDE))
    sign_in_family(phone, site, family)
    phone.get_by_role("link", name="申请办证").click()
    phone.check("input[name=homes][value='1']")
    phone.click("text=写不了字？用键盘输入姓名")
    phone.fill("#typed", "王乙1")
    phone.check("input[name=typed_sure]")
    phone.get_by_role("button", name="签字，申请办证").click()
    expect(phone.locator("ol.steps")).to_be_visible(timeout=PATIENCE)
    mine = phone.url
    phone.get_by_role("link", name="交材料").first.click()
    phone.locator("a.door", has_text="分户图").click()
    phone.set_input_files("#file", paper("分户图"))  # type: ignore[arg-type]
    phone.get_by_role("button", name="交上去").click()
    expect(phone.locator("h1")).to_have_text("收到了", timeout=PATIENCE)
    phone.goto(mine)
    phone.get_by_role("link", name="核对身份").click()
    press(phone.locator("form", has_text="请人上门").get_by_role("button"))

    sign_in_officer(desk, site, town.people["district-officer"])
    desk.goto(f"{site}/desk/titles/identity/")
    is_herself = desk.get_by_role("button", name="是本人", exact=True)
    is_herself.click()
    expect(is_herself).to_have_count(0, timeout=PATIENCE)
    case = f"{site}/desk/cases/{mine.rstrip('/').rsplit('/', 1)[1]}/"
    sign_in_officer(company, site, town.people["developer"])
    company.goto(case)
    company.get_by_role("button", name="我们同意转移，共同申请").click()
    joins = company.get_by_role("button", name="我们同意转移，共同申请")
    expect(joins).to_have_count(0, timeout=PATIENCE)

    desk.goto(case)
    take_in(desk)
    desk.locator("summary", has_text="录入缴费凭证").click()
    desk.fill("#r-number", "SP-2026-1")
    desk.fill("#r-yuan", "7080")
    desk.fill("#r-on", read_clock().date().isoformat())
    desk.get_by_role("button", name="记下凭证").click()
    expect(desk.get_by_text("SP-2026-1")).to_be_visible(timeout=PATIENCE)
    for step, outcome in (("payment", "settled"), ("planning-check", "passed")):
        note_department(desk, step, outcome)
    phone.goto(mine)
    expect(phone.get_by_role("heading", name="要交的钱")).to_be_visible()
    look(phone, "owner-half-way")
    note_department(desk, "survey", "passed")
    approve(desk, town)
    desk.get_by_role("button", name="登簿并发证").click()
    expect(desk.locator("#issue")).to_have_count(0, timeout=PATIENCE)

    phone.goto(f"{site}/me/title/")
    expect(phone.locator("h1")).to_have_text("您家的房子都办好证了")
    phone.get_by_role("link", name="我的证书").click()
    expect(phone.locator("h1")).to_have_text("您家的证书在这里")
    look(phone, "owner-certificate")
    told = {one.kind for one in due_messages(by=SYSTEM, at=read_clock().replace(year=2099))}
    assert {"title-filed", "title-moved", "title-done"} <= told
