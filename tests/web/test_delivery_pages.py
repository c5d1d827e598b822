"""Handing a home over, on the desk and on a family's phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.operations import HouseholdKey, create_household_accounts
from anju.resettlement.delivery.queries import hand_overs_of
from anju.resettlement.inventory.queries import unit_briefs
from tests.support.access import SYSTEM, Family, open_officer, open_tier
from tests.support.delivery import HANDED_ON, Held, held_home
from tests.support.pages import look
from tests.support.site import serve_site, sign_in_family, sign_in_officer

pytestmark = pytest.mark.usefixtures("database")


def family_of(held: Held) -> Family:
    code, pin = new_household_code(), new_pin()
    (account_id,) = create_household_accounts(
        project_id=held.project.id,
        keys=[HouseholdKey(household_id=held.household_id, code=code, pin=pin)],
        by=SYSTEM,
        at=HANDED_ON,
    )
    return Family(
        id=held.household_id,
        account_id=account_id,
        project_id=held.project.id,
        code=code,
        pin=pin,
    )


@pytest.mark.req("DLV-1", "TTL-10", "PRT-3")
def test_a_home_is_handed_over_at_the_desk_and_on_the_phone(browser: Browser) -> None:
    held = held_home()
    code = held.project.plan.project.code
    family = family_of(held)
    (number,) = (
        one.number for one in unit_briefs(project_id=held.project.id) if one.id == held.unit_id
    )
    city = open_officer("clerk", role="district-officer", organisation_id=open_tier("370105"))
    with serve_site() as site:
        desk = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        sign_in_officer(desk, site, city)
        desk.goto(f"{site}/desk/{code}/delivery/")
        expect(desk.locator("h1")).to_have_text("1 套可以交房")
        desk.select_option("#unit", label=str(number))
        desk.fill("#accepted", "2026-08-20")
        desk.fill("#keys", "4")
        desk.fill("#water", "十二")
        desk.fill("#power", "301")
        desk.click("text=准备好了，等两方签字")
        expect(desk.locator("#told")).to_contain_text("读数")
        desk.fill("#water", "12.5")
        desk.click("text=准备好了，等两方签字")
        expect(desk.locator(".plain-list .pill")).to_have_text("等双方签字")
        look(desk, "delivery-desk")
        desk.click("text=我签字")
        expect(desk.locator(".plain-list .pill")).to_have_text("等家庭签字")

        phone = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        sign_in_family(phone, site, family)
        phone.click("text=等您家签字")
        expect(phone.locator("h1")).to_have_text("请到房子里看一看，再签字")
        look(phone, "delivery-phone")
        phone.click("text=房子和底数都对，签字")
        expect(phone.locator("h1")).to_have_text("您家的字签好了")
        look(phone, "delivery-signed")
        phone.click("text=评一评")
        expect(phone.get_by_text("交房服务").first).to_be_visible()
        phone.get_by_label("非常不满意", exact=True).check()
        phone.get_by_role("button", name="交上去").click()
        expect(phone.get_by_role("heading", name="谢谢，评价已收到")).to_be_visible()
        phone.goto(f"{site}/me/delivery/")
        phone.click("text=评一评")
        expect(phone.get_by_role("radio")).to_have_count(0)
    (row,) = hand_overs_of(project_id=held.project.id)
    assert row.state == "handed-over"
