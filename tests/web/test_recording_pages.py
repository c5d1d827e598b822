"""Recordings of the days of choosing as officer and public meet them, on both widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.ledger.sequencing import drain_inbox
from anju.foundation.notices.pages import china_day
from anju.jobs.publishing import publish_wall
from anju.resettlement.selection.operations.batches import close_batch
from anju.resettlement.selection.recordings import recordings_of
from anju.web.public.draw_words import group_hex
from anju_rules.hashing import digest
from anju_rules.recordings import RecordingKind, kept_until
from anju_rules.values import Refusal
from tests.support.pages import look
from tests.support.selections import play_turn
from tests.support.site import Seeds, serve_site, sign_in_officer
from tests.support.stages import Stage, staged_project

FILM, HALL = digest(b"film").hex(), digest(b"hall").hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A site with a project, and a signed-in officer's page."""

    site: str
    seeds: Seeds
    page: Page

    def open(self, path: str = "") -> None:
        self.page.goto(f"{self.site}/desk/{self.seeds.code}/recordings/{path}")

    def fill(self, *, camera: str, told: str, place: str) -> None:
        self.page.fill("#camera", camera)
        self.page.fill("#digest", told)
        self.page.fill("#place", place)

    def send(self, name: str = "登记") -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def running(database_cluster: Cluster, browser: Browser) -> Iterator[Running]:
    with staged_project(database_cluster, Stage.CHOOSING) as seeds, serve_site() as site:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        sign_in_officer(page, site, seeds.city)
        yield Running(site=site, seeds=seeds, page=page)
        page.context.close()
        assert errors == []


def close_first_batch(seeds: Seeds) -> date:
    """Let everybody of the open batch choose, close it, and give the day."""
    at = read_clock()
    while True:
        at += timedelta(seconds=1)
        try:
            close_batch(project_id=seeds.project_id, by=seeds.officer, at=at)
        except Refusal:
            play_turn(project_id=seeds.project_id, by=seeds.officer, at=at)
        else:
            return china_day(at)


def say(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


@pytest.mark.req("DLV-4")
def test_the_desk_enters_recordings_and_everybody_reads_where_and_until_when(
    running: Running,
) -> None:
    page, seeds = running.page, running.seeds
    public = f"{running.site}/p/{seeds.code}/recordings/"
    running.open()
    expect(page.locator("h1")).to_have_text("还没有选完的批次")
    assert page.locator("#digest").count() == 0, "a batch that is open has no form yet"
    look(page, "recordings-empty")
    page.goto(public)
    expect(page.locator("h1")).to_have_text("还没有登记选房录像")
    look(page, "recordings-public-empty")

    day = close_first_batch(seeds)
    running.open()
    expect(page.locator("h1")).to_have_text("第 1 批还没有登记录像")
    look(page, "recordings-form")
    running.fill(camera="1 号台", told="ab12", place="区档案馆 2026-17 卷 3 盘")
    running.send()
    expect(page.locator("#told")).to_contain_text("不是 64 位小写十六进制")
    look(page, "recordings-refused")
    # As it is copied from a terminal.
    running.fill(
        camera="1 号台", told=f"SM3(台1.mp4)= {FILM.upper()}", place="区档案馆 2026-17 卷 3 盘"
    )
    running.send()
    expect(page.locator("h1")).to_have_text("登记了 1 份录像")
    page.get_by_label("过程视频").check()
    running.fill(camera="大厅全景", told=HALL, place="街道档案室 4 柜")
    running.send()
    expect(page.locator("h1")).to_have_text("登记了 2 份录像")

    page.get_by_role("link", name="这一条有错，更正").first.click()
    expect(page.locator("#enter")).to_contain_text("更正第 1 批的一条登记")
    assert page.input_value("#digest") == FILM
    page.fill("#place", "市档案馆 5 卷 1 盘")
    look(page, "recordings-correct")
    running.send("登记更正")
    expect(page.locator("h1")).to_have_text("登记了 2 份录像")
    expect(page.locator("main")).to_contain_text("市档案馆 5 卷 1 盘")
    page.locator("details summary").click()
    look(page, "recordings-desk")

    page.goto(public)
    expect(page.locator("h1")).to_have_text("2 份选房录像存在哪里")
    main = page.locator("main")
    for kind in (RecordingKind.SELECTION, RecordingKind.PROCESS):
        expect(main).to_contain_text(f"至少保存到 {say(kept_until(kind=kind, since=day))}")
    expect(main).to_contain_text(group_hex(FILM))
    expect(main).to_contain_text("更正过 1 次")
    page.locator("details summary").click()
    expect(main).to_contain_text("区档案馆 2026-17 卷 3 盘")
    look(page, "recordings-public")
    rows = recordings_of(project_id=seeds.project_id)
    assert len(rows) == 2
    for row in rows:
        assert page.locator(f"a.seal[href*='{row.event_id}']").count() == 1
    drain_inbox(at=read_clock())
    page.locator("main a.seal").first.click()
    expect(page.locator("main")).to_contain_text("登记一份选房录像存在哪里")

    publish_wall(seeds.code)
    page.goto(f"{running.site}/p/{seeds.code}/")
    card = page.locator("[data-part=recordings]")
    expect(card).to_contain_text("存于市档案馆 5 卷 1 盘，至少保存到")
    look(page, "recordings-wall")
    card.get_by_role("link", name="全部 2 份").click()
    expect(page).to_have_url(public)
