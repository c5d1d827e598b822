"""A developer's whole way to the register, every step clicked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test.utils import override_settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.core.clock import read_clock
from tests.support.access import PASSWORD
from tests.support.communities import Town, open_town
from tests.support.databases import Database
from tests.support.hostile_files import plain_pdf
from tests.support.pages import look
from tests.support.site import serve_site, sign_in_officer

pytestmark = pytest.mark.long
PATIENCE = 30_000
"""So many milliseconds a page may take where four processes share two cores."""
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}


@pytest.fixture
def site(database: Database) -> Iterator[str]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"], SCANNER="off"), serve_site() as served:
        yield served


def open_window(browser: Browser, size: dict[str, int]) -> Page:
    page = browser.new_context(viewport=size, reduced_motion="reduce").new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    return page


def paper(name: str) -> dict[str, object]:
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": plain_pdf()}


def say(desk: Page, step: str, *, shared: bool = False) -> None:
    """Decide the step that waits, its first outcome, with every paper that has come."""
    form = desk.locator(f".decide form:has(input[name=step][value={step}])")
    form.locator("input[name=outcome]").first.check()
    form.get_by_role("button", name="就这样定").wait_for()  # the form is there to its end
    if shared:
        for box in form.locator("input[name^=got-]").all():
            box.check()
    form.get_by_role("button", name="就这样定").click()
    expect(form).to_have_count(0, timeout=PATIENCE)  # the page that follows


def note_department(desk: Page, step: str, outcome: str) -> None:
    """Note what a department answered."""
    form = desk.locator(f"form:has(input[name=step][value={step}]):has([name=paper])")
    form.locator(f"[name=outcome][value={outcome}]").check()
    form.get_by_role("button", name="记下部门意见").wait_for()
    for box in form.locator("input[name^=got-]").all():
        box.check()
    form.locator("[name=paper]").fill(f"文〔2026〕{len(step)}号")
    form.get_by_role("button", name="记下部门意见").click()
    expect(form).to_have_count(0, timeout=PATIENCE)


def sign_beside(desk: Page, town: Town, role: str = "supervisor") -> None:
    person = town.people[role]
    desk.locator("#second-login").fill(person.login)
    desk.locator("#second-password").fill(PASSWORD)
    desk.locator("#second-code").fill(person.code(read_clock()))


def take_in(desk: Page) -> None:
    """Accept the case that is open, with what departments share, and hand it out."""
    accept = desk.locator("form:has(input[name=kind][value=accept]) button")
    accept.click()
    expect(accept).to_have_count(0, timeout=PATIENCE)  # the page that follows
    say(desk, "intake", shared=True)


def approve(desk: Page, town: Town) -> None:
    form = desk.locator(".decide form:has(input[name=step][value=review])")
    form.locator("input[name=outcome][value=approved]").check()
    sign_beside(desk, town)
    form.get_by_role("button", name="就这样定").click()
    expect(form).to_have_count(0, timeout=PATIENCE)  # the page that follows


@pytest.mark.req("TTL-1", "TTL-5", "LEG-1")
def test_a_developer_registers_its_community_for_the_first_time(
    site: str, browser: Browser
) -> None:
    town = open_town(homes=2)
    company, desk = open_window(browser, WIDE), open_window(browser, WIDE)
    sign_in_officer(company, site, town.people["developer"])
    company.goto(f"{site}/desk/titles/communities/HY-01/")
    look(company, "first-to-file")
    company.set_input_files("#first-first-application", paper("申请书"))  # type: ignore[arg-type]
    company.set_input_files("#first-home-list", paper("分户清单"))  # type: ignore[arg-type]
    company.set_input_files("#first-building-photographs", paper("照片"))  # type: ignore[arg-type]
    company.get_by_role("button", name="申请首次登记").click()
    expect(company.locator("h1")).to_have_text("等窗口受理", timeout=PATIENCE)
    expect(company.locator("#unit")).to_have_text("槐苑小区（整个小区首次登记）")
    expect(company.get_by_text("王乙1")).to_have_count(0)
    look(company, "first-filed")

    sign_in_officer(desk, site, town.people["district-officer"])
    desk.goto(company.url)
    take_in(desk)
    note_department(desk, "planning-check", "passed")
    note_department(desk, "survey", "passed")
    approve(desk, town)
    say(desk, "issue")
    expect(desk.locator(".decide")).to_have_count(0)
    look(desk, "first-registered")

    company.goto(f"{site}/desk/titles/communities/HY-01/")
    expect(company.locator("dl.figures dd").nth(1)).to_have_text("2")
    expect(company.get_by_role("button", name="申请首次登记")).to_have_count(0)
