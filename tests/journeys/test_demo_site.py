"""The whole platform in a browser: from the import to the public wall, and a choice on a phone."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from anju.cli.demo_accounts import DemoAccount, account_of, read_accounts
from tests.support.chromium import CHROMIUM, SWITCHES
from tests.support.pages import press
from tests.support.running import Platform, run_platform, wait_until

pytestmark = pytest.mark.long

PATIENCE = 60_000
"""Milliseconds: the machine may be busy with other tests."""
DESK = {"width": 1440, "height": 1000}
PHONE = {"width": 390, "height": 844}
SECOND = "LA-2027"


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with run_platform(homes=80, households=60) as running:
        yield running


def in_browser(journey: Callable[[Browser], None]) -> None:
    """Run a journey in a thread of its own: another test's browser may hold this one's loop."""

    def run() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, headless=True, args=SWITCHES
            )
            journey(browser)
            browser.close()

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(run).result()


def open_page(browser: Browser, *, phone: bool = False) -> Page:
    context = browser.new_context(
        viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


def sign_in(page: Page, site: str, account: DemoAccount) -> None:
    page.goto(f"{site}/sign-in/")
    page.fill("#login", account.login)
    page.fill("#password", account.password)
    if account.totp:
        page.fill("#code", account.code_now())
    press(page.locator("form button.btn.wide").first)


def press_words(page: Page, words: str) -> None:
    """Press the button whose words begin so, and be on the page that follows."""
    press(page.get_by_role("button", name=words).first)


def peak_page(platform: Platform, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", platform.peak_port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    told = answer.read().decode("utf-8")
    connection.close()
    return told if answer.status == 200 else ""


@pytest.mark.req("INV-8", "SEL-2", "PUB-1")
def test_from_the_import_to_the_public_wall(platform: Platform, tmp_path: Path) -> None:
    plan = platform.home / "plan"
    second = tmp_path / "plan.toml"
    text = (plan / "plan.toml").read_text(encoding="utf-8")
    second.write_text(text.replace('"LA-2026"', f'"{SECOND}"'), encoding="utf-8")

    def journey(browser: Browser) -> None:
        page = open_page(browser)
        sign_in(page, platform.site, account_of(platform.home, login="city"))
        page.goto(f"{platform.site}/desk/")
        page.locator("details:has(#plan) > summary").click()
        page.set_input_files("#plan", second)
        page.locator("form:has(#plan) button").click()
        page.wait_for_url(f"**/desk/{SECOND}/**")
        for kind, name in (
            ("units", "units.xlsx"),
            ("households", "households.csv"),
            ("wishes", "wishes.csv"),
        ):
            page.goto(f"{platform.site}/desk/{SECOND}/import/")
            page.check(f'input[name="kind"][value="{kind}"]')
            page.set_input_files("#table", plan / name)
            page.set_checked('input[name="dry"]', checked=False)
            press_words(page, "上传并核对")
            expect(page.locator("main")).to_contain_text("已写入", timeout=PATIENCE)
        page.goto(f"{platform.site}/desk/{SECOND}/scores/")
        press_words(page, "冻结规则")
        press_words(page, "给全部家庭评分")
        page.goto(f"{platform.site}/desk/{SECOND}/draw/")
        press_words(page, "演练摇号")
        page.goto(f"{platform.site}/desk/{SECOND}/turns/")
        press_words(page, "开始第 1 批")
        page.goto(f"{platform.site}/desk/{SECOND}/turns/")
        press_words(page, "叫下一户")
        assert wait_until(lambda: "正在选房" in peak_page(platform, f"/live/{SECOND}/"), seconds=60)
        stranger = open_page(browser)
        stranger.goto(f"{platform.site}/p/{SECOND}/")
        expect(stranger.locator("main")).to_contain_text("第 1 批")

    in_browser(journey)


@pytest.mark.req("SEL-2", "SEL-4")
def test_a_family_chooses_from_its_phone_and_the_wall_shows_it(platform: Platform) -> None:
    family = next(one for one in read_accounts(platform.home) if "第 2 位" in one.title)
    path = "/api/projects/LA-2026/turns"
    _, turns = platform.ask("GET", path)
    first, mine = turns[0], turns[1]
    assert platform.ask("POST", f"{path}/{first['id']}/waive", {})[0] == 200
    status, called = platform.ask("POST", f"{path}/next")
    assert (status, called["id"]) == (200, mine["id"])

    def journey(browser: Browser) -> None:
        page = open_page(browser, phone=True)
        sign_in(page, platform.site, family)
        page.goto(f"{platform.site}/me/choose/")
        page.locator('#pick input[name="unit"]').first.check()
        page.get_by_role("button", name="下一步").click()
        page.get_by_role("button", name="就选").click()
        expect(page.locator("main")).to_contain_text("您家选定了", timeout=PATIENCE)

    in_browser(journey)
    _, after = platform.ask("GET", path)
    assert next(turn for turn in after if turn["id"] == mine["id"])["state"] == "chosen"
    assert wait_until(lambda: mine["ticket"] in peak_page(platform, "/live/LA-2026/"), seconds=60)
