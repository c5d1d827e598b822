"""Notices on their pages: may one still object, what it says, when it was seen; and the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, ViewportSize, expect

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.notices.operations import publish_notice, withdraw_notice
from anju.foundation.notices.types import NoticeRow
from anju.jobs.notices import watch_notices
from anju.web.officer import notices as desk_notices
from anju.web.officer.notices import read_table
from anju.web.public import notices as public_notices
from anju_rules.notices import CellKind
from tests.support.notices import DAY, PUBLISHED_AT, nothing_there, notice, watch
from tests.support.pages import look
from tests.support.site import Seeds, serve_site, sign_in_officer
from tests.support.stages import Stage, staged_project

SIZES: tuple[ViewportSize, ...] = ({"width": 390, "height": 844}, {"width": 1440, "height": 1000})
"""A folder for pictures of the pages, for a person to look at."""


@dataclass(slots=True, kw_only=True)
class Shown:
    """A site with a running notice that missed a day, and a withdrawn one."""

    site: str
    seeds: Seeds
    running: NoticeRow
    withdrawn: NoticeRow


@pytest.fixture
def shown(database_cluster: Cluster) -> Iterator[Shown]:
    """Publish two notices and serve the site as on the fifth day."""
    cache.clear()
    with staged_project(database_cluster, Stage.OPENED) as seeds, serve_site() as site:

        def publish(title: str) -> NoticeRow:
            told = notice(title=title)
            return publish_notice(
                project_id=seeds.project_id, notice=told, by=seeds.officer, at=PUBLISHED_AT
            )

        withdrawn, running = publish("第一批名单（有误）"), publish("第一批名单")
        watch(2)
        watch_notices(at=PUBLISHED_AT + 2 * DAY, fetch=nothing_there)
        withdraw_notice(
            project_id=seeds.project_id,
            notice_id=withdrawn.id,
            reason="漏列两户，改正后重新公示",
            by=seeds.officer,
            at=PUBLISHED_AT + 2 * DAY,
        )
        watch(2, first=PUBLISHED_AT + 3 * DAY)
        yield Shown(site=site, seeds=seeds, running=running, withdrawn=withdrawn)


@pytest.fixture
def _fifth_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages take the fifth day for today."""

    def fifth() -> datetime:
        return PUBLISHED_AT + 4 * DAY

    monkeypatch.setattr(public_notices, "read_clock", fifth)
    monkeypatch.setattr(desk_notices, "read_clock", fifth)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page that complains of nothing."""
    context = browser.new_context(viewport=SIZES[-1], reduced_motion="reduce")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    yield opened
    context.close()
    assert errors == []


@pytest.mark.req("PUB-2")
@pytest.mark.usefixtures("_fifth_day")
def test_the_list_says_first_what_one_can_still_object_to(shown: Shown, page: Page) -> None:
    page.goto(f"{shown.site}/p/{shown.seeds.code}/notices/")
    expect(page.locator("h1")).to_have_text("有 1 份公示可以提意见")
    cards = page.locator(".notice-door")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("可以提意见，到 9 月 28 日（周一）为止")
    expect(cards.last).to_contain_text("漏列两户")
    expect(cards.first.locator("rect.pause")).to_have_count(1)
    look(page, "notices")


@pytest.mark.req("PUB-2")
@pytest.mark.req("PUB-3")
@pytest.mark.usefixtures("_fifth_day")
def test_a_notice_shows_its_days_its_list_and_its_proof(shown: Shown, page: Page) -> None:
    page.goto(f"{shown.site}/notices/{shown.running.id}/")
    main = page.locator("main")
    expect(main).to_contain_text("9 月 19 日（周六）看不到，公示期因此顺延")
    expect(main).to_contain_text("欧阳**")
    expect(main).not_to_contain_text("欧阳娜娜")
    expect(page.locator(".seen-row")).to_have_count(5)
    expect(page.locator(".seen-row.is-fault")).to_contain_text("不在了")
    assert shown.running.digest[:4] in page.locator(".digests").inner_text()
    look(page, "notice")
    page.locator("input[name=q]").fill("H0003")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("张*")
    page.goto(f"{shown.site}/notices/{shown.withdrawn.id}/")
    expect(page.locator("main")).to_contain_text("漏列两户，改正后重新公示")
    look(page, "notice-withdrawn")


@pytest.mark.usefixtures("_fifth_day")
def test_a_stranger_finds_no_notice_that_is_none(shown: Shown, browser: Browser) -> None:
    page = browser.new_page()
    answer = page.goto(f"{shown.site}/notices/{shown.seeds.project_id}/")
    assert answer is not None
    assert answer.status == 404
    page.close()


@pytest.mark.req("PUB-2")
def test_an_officer_looks_at_a_notice_publishes_it_and_takes_it_back(
    shown: Shown, page: Page
) -> None:
    sign_in_officer(page, shown.site, shown.seeds.city)
    page.goto(f"{shown.site}/desk/{shown.seeds.code}/notices/")
    page.get_by_text("发一份公示").click()
    page.fill("#title", "得分公示")
    page.fill("#issuer", "柳岸街道办事处")
    page.fill("#paragraphs", "各户得分如下。")
    page.fill("#table", "户号\t户主姓名\t得分\nH0009\t李桂芳\t12.6")
    page.fill("#channel", "街道 3 号窗口，0531-88881234")
    look(page, "desk-notices")
    page.get_by_role("button", name="先看看").click()
    expect(page.locator("h1")).to_have_text("发出去就是这个样子")
    expect(page.locator("main")).to_contain_text("李*芳")
    look(page, "desk-notices-check")
    page.get_by_label("我看过了").check()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("h1")).to_have_text("公示 3 份")
    card = page.locator("section.card").first
    expect(card).to_contain_text("得分公示")
    expect(card).to_contain_text("公示期还没有起算")
    card.get_by_text("撤回这份公示").click()
    card.get_by_label("为什么撤回").fill("写错了")
    card.get_by_role("button", name="撤回").click()
    expect(page.locator("section.card").first).to_contain_text("撤回：写错了")
    look(page, "desk-notices-after")


@pytest.mark.usefixtures("_fifth_day")
def test_the_static_copy_reads_from_a_stick(shown: Shown, page: Page) -> None:
    from anju.foundation.notices.copies import folder_of

    page.goto((folder_of(shown.running.digest) / "index.html").as_uri())
    expect(page.locator("h1")).to_have_text("第一批名单")
    expect(page.locator("tbody tr")).to_have_count(3)
    look(page, "notice-copy")


@pytest.mark.req("PUB-3")
def test_a_pasted_table_says_what_is_masked() -> None:
    columns, rows = read_table("户号,户主姓名,身份证号,联系电话,家庭住址,得分\nH1,王兰,1,2,3,4\n")
    assert [column.kind for column in columns] == [
        CellKind.TEXT,
        CellKind.NAME,
        CellKind.IDENTITY,
        CellKind.PHONE,
        CellKind.ADDRESS,
        CellKind.TEXT,
    ]
    assert rows == [["H1", "王兰", "1", "2", "3", "4"]]
    assert read_table(" \n") == ([], [])
