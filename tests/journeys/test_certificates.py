"""A stranger checks a certificate: by its code, and offline by one file; a revoked one is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from django.test.utils import override_settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.core import clock
from tests.support.access import PASSWORD, Person
from tests.support.certificates import CLAUSE, Office, open_office, seal_log
from tests.support.communities import AT
from tests.support.pages import PAPER_MS, overhang
from tests.support.site import serve_site, sign_in_family, sign_in_officer

pytestmark = pytest.mark.long

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}


class Calendar:
    """The clock of the whole platform; an officer's code is a fresh one each time it is typed."""

    def __init__(self) -> None:
        self.today = AT

    def now(self, tz: tzinfo) -> datetime:
        """Give the moment that the platform takes for now."""
        return self.today.astimezone(tz)

    def pass_minutes(self, minutes: int = 1) -> None:
        """Let time go by."""
        self.today += timedelta(minutes=minutes)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    made = Calendar()
    monkeypatch.setattr(clock, "datetime", made)
    return made


@pytest.fixture
def office(request: pytest.FixtureRequest, calendar: Calendar) -> Office:
    request.getfixturevalue("database")
    assert calendar.today == AT.astimezone(UTC)
    return open_office()


@pytest.fixture
def site(office: Office) -> Iterator[str]:
    assert office.town.homes
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"]), serve_site() as served:
        yield served


def open_window(browser: Browser, size: dict[str, int], *, offline: bool = False) -> Page:
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        reduced_motion="reduce",
        offline=offline,
    )
    return context.new_page()


def save(page: Page, selector: str, *, folder: Path, name: str) -> Path:
    """Click what downloads, and keep what came."""
    with page.expect_download() as told:
        page.click(selector)
    kept = folder / name
    told.value.save_as(kept)
    return kept


def fetch(page: Page, address: str, *, folder: Path, name: str) -> Path:
    """Fetch with the window's own cookies, as its reader's download does."""
    kept = folder / name
    answer = page.request.get(address, timeout=PAPER_MS)
    assert answer.ok, answer.status
    kept.write_bytes(answer.body())
    return kept


def sign_beside(page: Page, person: Person, of: str) -> None:
    page.fill(f"#second-login{of}", person.login)
    page.fill(f"#second-password{of}", PASSWORD)
    page.fill(f"#second-code{of}", person.code(clock.read_clock()))


@pytest.mark.req("CRT-1", "CRT-2")
def test_a_stranger_checks_a_certificate_and_a_revoked_one_is_told(
    office: Office, site: str, browser: Browser, calendar: Calendar, tmp_path: Path
) -> None:
    home = office.town.homes[0]
    row = office.issue(1)
    seal_log()
    calendar.pass_minutes()

    owner = open_window(browser, PHONE)
    sign_in_family(owner, site, office.town.owner(home))
    owner.goto(f"{site}/me/title/certificates/")
    expect(owner.locator("h1")).to_have_text("您家的证书在这里")
    assert overhang(owner) <= 0
    paper = fetch(
        owner,
        f"{site}/me/title/certificates/{row.id}.pdf",
        folder=tmp_path,
        name="certificate.pdf",
    )

    stranger = open_window(browser, PHONE)
    stranger.goto(f"{site}/verify/certificates/{row.id}/#{row.digest[:16]}")
    expect(stranger.locator(".answer.yes .verdict").first).to_have_text("登记簿上有效")
    expect(stranger.locator("#intact-said")).to_have_text("码对得上，纸还要核")
    assert "张三丰" not in stranger.content()
    assert overhang(stranger) <= 0
    page = save(stranger, "text=存下核验页", folder=tmp_path, name="verify.html")
    early = save(stranger, "text=下载登记簿状态", folder=tmp_path, name="early.json")

    desk = open_window(browser, DESK)
    sign_in_officer(desk, site, office.town.people["district-officer"])
    desk.goto(f"{site}/desk/titles/certificates/?search={row.unit_code[:20]}")
    expect(desk.locator("h1")).to_have_text("找到 1 本")
    desk.click(f"text={row.number}")
    expect(desk.locator(".deed")).to_contain_text("张*丰")
    desk.click("summary:has-text('撤销')")
    desk.click("text=登记错误，或者材料不实")
    desk.fill("#reason-revoke", "登记错误，依法撤销")
    desk.fill("#clause-revoke", CLAUSE)
    calendar.pass_minutes()
    sign_beside(desk, office.town.people["city-officer"], "-revoke")
    desk.click("text=两人签字，注销或者撤销")
    expect(desk.locator(".lead .standing")).to_have_text("已撤销")
    seal_log()
    calendar.pass_minutes()

    stranger.reload()
    expect(stranger.locator(".answer.no .verdict")).to_have_text("没有效，已经撤销")
    late = save(stranger, "text=下载登记簿状态", folder=tmp_path, name="late.json")

    alone = open_window(browser, DESK, offline=True)
    alone.clock.set_fixed_time(calendar.today)
    alone.goto(page.as_uri())
    for files, force in (([paper], "有效"), ([paper, early], "有效"), ([paper, late], "没有效")):
        alone.set_input_files("#file", files)
        expect(alone.locator("#force b")).to_have_text(force)
        expect(alone.locator("#intact b")).to_have_text("是原样")
        expect(alone.locator("#whom b")).to_have_text("登记机构发的")

    stranger.goto(f"{site}/verify/certificates/{row.id}/#{'0' * 16}")
    stranger.reload()
    expect(stranger.locator("#intact-said")).to_have_text("码对不上")
