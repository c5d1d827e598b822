"""A batch of three hundred homes in a browser: sent with faults, taken in, mended, sent again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test.utils import override_settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.access.context import reading
from anju.titles.cases.batches.queries import batches_of
from anju.titles.cases.batches.running import run_batch
from anju.titles.cases.settlements.queries import settlements_of
from anju.titles.cases.settlements.types import SettlementRow
from tests.contexts.test_area_settlements import VECTORS, open_measured
from tests.contexts.test_title_batches import cases, open_registered
from tests.support.batches import Row, make_files, packed
from tests.support.communities import AT, Town
from tests.support.databases import Database
from tests.support.pages import look, press
from tests.support.site import serve_site, sign_in_family, sign_in_officer
from tests.web.test_title_batch_pages import settled

pytestmark = pytest.mark.long
HOMES, FAULTY = 300, 9
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}


@pytest.fixture
def site(database: Database) -> Iterator[str]:
    assert database.name
    with (
        override_settings(ALLOWED_HOSTS=["127.0.0.1", "testserver"], SCANNER="off"),
        serve_site() as address,
    ):
        yield address


def new_page(browser: Browser, size: dict[str, int]) -> Page:
    """Open a page that moves nothing by itself."""
    return browser.new_context(viewport=size, reduced_motion="reduce").new_page()  # type: ignore[arg-type]


WRONG = (
    ("papers", "370105195201010030"),
    ("file:identity-proof", ""),
    ("contracted", "abc"),
    ("owners", "别人"),
)


def spoil(place: int, row: Row) -> None:
    """Make every thirty-seventh row wrong, each in one of four ways."""
    if place % 37 == 3:
        name, value = WRONG[place // 37 % 4]
        row[name] = value


def send(page: Page, files: dict[str, bytes]) -> None:
    page.goto(page.url.split("/desk/")[0] + "/desk/titles/batches/HY-01/")
    page.get_by_label("压缩包（ZIP）").set_input_files(
        {"name": "槐苑.zip", "mimeType": "application/zip", "buffer": packed(files)}
    )
    page.get_by_label("先只核对，不收件").uncheck()
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="正在逐户收件")).to_be_visible()


def work_off(town: Town) -> None:
    """Do what the worker does."""
    by = town.officer()
    with reading(by=by):
        waiting = [row for row in batches_of(project_id=town.project_id) if row.is_moving]
    for row in waiting:
        run_batch(project_id=town.project_id, batch_id=row.id, by=by, at=AT)


@pytest.mark.req("TTL-5")
def test_three_hundred_homes_with_faults_are_taken_in_mended_and_sent_again(
    site: str, browser: Browser
) -> None:
    town = open_registered(HOMES)
    page = new_page(browser, WIDE)
    sign_in_officer(page, site, town.people["district-officer"])
    page.goto(f"{site}/desk/titles/batches/HY-01/")
    look(page, "batches")
    send(page, make_files(HOMES, mend=spoil))
    look(page, "batch-moving")
    work_off(town)
    expect(page.get_by_role("heading", name=f"{FAULTY} 户要改")).to_be_visible()
    expect(page.locator("#batch tbody tr")).to_have_count(FAULTY)
    look(page, "batch-faults")
    assert len(cases(town)) == HOMES - FAULTY
    send(page, make_files(HOMES))
    work_off(town)
    expect(page.get_by_role("heading", name=f"{HOMES} 户全部收下")).to_be_visible()
    expect(page.get_by_text("以前收过").first).to_be_visible()
    look(page, "batch-done")
    assert len(cases(town)) == HOMES


@pytest.mark.req("LEG-3")
def test_officer_and_owner_read_the_same_sheet_line_by_line(site: str, browser: Browser) -> None:
    town = open_measured([measured for measured, _ in VECTORS])
    row: SettlementRow = settled(town)[town.homes[7].id]
    page = new_page(browser, WIDE)
    sign_in_officer(page, site, town.people["district-officer"])
    page.goto(f"{site}/desk/titles/settlements/HY-01/")
    look(page, "settlements")
    page.goto(f"{site}/desk/titles/settlements/HY-01/{row.id}/")
    look(page, "settlement-desk")
    told = page.locator(".area-lines").inner_text()
    mine = new_page(browser, PHONE)
    sign_in_family(mine, site, town.owner(town.homes[7]))
    mine.goto(f"{site}/me/title/settlement/{row.id}/")
    look(mine, "settlement-mine")
    assert mine.locator(".area-lines").inner_text() == told
    mine.get_by_role("link", name="房子留下，按单结算").click()
    look(mine, "settlement-ask")
    press(mine.get_by_role("button", name="是的，留下"))
    with reading(by=town.officer()):
        kept = {one.id: one.choice for one in settlements_of(project_id=town.project_id)}
    assert kept[row.id] == "keeps"
