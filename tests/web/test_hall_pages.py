"""The hall's screen, the wall for everybody, and the look-up of one's own place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, Request, expect

from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.launcher import Cluster
from anju.jobs.calls import look_for_calls
from anju.jobs.publishing import publish_wall
from anju.resettlement.selection.lookup import FoundRow
from anju.resettlement.selection.operations.batches import open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.pausing import pause_selection
from anju.resettlement.selection.operations.turns import call_next
from anju.resettlement.selection.queries import selection_board, turn_by_id
from anju.web.public.find import lay_out_shards
from anju_rules.lookup import FEWEST, name_shard, name_ticket
from tests.contexts.test_watching import serve_file
from tests.support.databases import Database
from tests.support.pages import overhang
from tests.support.peaks import serve_peak
from tests.support.selections import Selected, drawn_project, free_homes
from tests.support.site import Seeds, serve_site, sign_in_officer
from tests.support.stages import Stage, staged_project
from tests.web.test_wall_pages import PHONE, Running

WIDE = {"width": 1440, "height": 1000}


@pytest.fixture
def running(database_cluster: Cluster) -> Iterator[Running]:
    """Serve a site: registered, scored, drawn, and the first batch open."""
    with staged_project(database_cluster, Stage.CHOOSING) as seeds, serve_site() as site:
        yield Running(site=site, seeds=seeds)


def open_page(browser: Browser, size: dict[str, int], *, script: bool = True) -> Page:
    context = browser.new_context(viewport=size, java_script_enabled=script)  # type: ignore[arg-type]
    return context.new_page()


def note_address(asked: list[str], request: Request) -> None:
    asked.append(request.url)


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    folder = os.environ.get("ANJU_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def row(place: int) -> FoundRow:
    return FoundRow(
        place=place,
        ticket=f"A{place:05d}",
        batch=1 + place // 30,
        stratum="普通户",
        state="waiting",
        homes=(),
        event_id=None,
    )


@pytest.mark.req("PUB-4", "PUB-3")
def test_every_household_stands_in_one_shard_that_it_shares_with_many() -> None:
    for count, digits in ((0, 0), (30, 0), (700, 1), (12_000, 2)):
        published = lay_out_shards([row(place) for place in range(count)], code="XF")
        assert published.index["digits"] == digits
        files = published.files()
        assert len(files) == len(published.shards) + 1
        told = [
            (shard, one["ticket"])
            for shard, content in published.shards.items()
            for one in content["rows"]  # type: ignore[index]
        ]
        assert len(told) == count == len({ticket for _, ticket in told})
        for shard, ticket in told:
            assert shard == name_shard(name_ticket(code="XF", ticket=ticket), digits=digits)
        sizes = [len(content["rows"]) for content in published.shards.values()]  # type: ignore[index]
        assert digits == 0 or min(sizes) >= FEWEST


@pytest.mark.req("PUB-4")
def test_a_household_finds_itself_and_nobody_learns_which(
    running: Running, browser: Browser
) -> None:
    running.seeds.choose_next()
    code = running.seeds.code
    publish_wall(code)
    choice = selection_board(project_id=running.seeds.project_id).choices[0]
    with serve_peak(Path(settings.HOME)) as port:
        for size in (PHONE, WIDE):
            page = open_page(browser, size)
            asked: list[str] = []
            page.on("request", partial(note_address, asked))
            page.goto(f"http://127.0.0.1:{port}/live/{code}/find/index.html")
            page.get_by_label("我的签号").fill(choice.ticket.lower())
            page.get_by_role("button", name="查找").click()
            expect(page.locator("[data-place]")).to_have_text(str(choice.place))
            expect(page.locator("[data-homes]")).to_contain_text(choice.homes[0].number)
            expect(page.locator("[data-words]")).to_have_text("已选定")
            link = page.locator("[data-proof]").get_attribute("href") or ""
            assert str(choice.event_id) in link
            keep_picture(page, f"find-{size['width']}")
            page.get_by_label("我的签号").fill("ZZ999")
            page.get_by_role("button", name="查找").click()
            expect(page.locator("[data-found]")).to_contain_text("没有这个签号")
            assert any(url.endswith("/find/all.json") for url in asked)
            assert not any(choice.ticket.lower() in url.lower() for url in asked)
            page.route("**/find/*.json", lambda route: route.abort())
            page.get_by_role("button", name="查找").click()
            expect(page.locator("[data-found]")).to_contain_text("现在取不到清单")
            page.context.close()
    live = Path(settings.PUBLIC_FOLDER) / "live" / code / "find"
    stamps = {file.name: file.stat().st_mtime_ns for file in live.glob("*.json")}
    assert set(stamps) == {"all.json", "index.json"}
    (live / "0.json").write_text("{}", encoding="ascii")
    publish_wall(code)
    assert {file.name: file.stat().st_mtime_ns for file in live.glob("*.json")} == stamps
    rows = json.loads((live / "all.json").read_bytes())["rows"]
    assert len(rows) == 40


@pytest.mark.req("PUB-4")
def test_without_script_the_list_is_turned_over_and_nobody_is_asked_for_a_ticket(
    running: Running, browser: Browser
) -> None:
    running.seeds.choose_next()
    choice = selection_board(project_id=running.seeds.project_id).choices[0]
    page = open_page(browser, PHONE, script=False)
    page.goto(f"{running.site}/p/{running.seeds.code}/find/")
    assert page.locator(".find-form:visible").count() == 0
    line = page.locator("tr", has_text=choice.ticket)
    assert choice.homes[0].number in line.inner_text()
    assert overhang(page) <= 0
    keep_picture(page, "find-list-390")
    page.context.close()


def test_before_the_draw_the_look_up_says_that_there_is_no_order(
    database_cluster: Cluster,
) -> None:
    with staged_project(database_cluster, Stage.SCORED) as seeds:
        text = read(seeds, "find/")
    assert "还没有选房顺序" in text


def read(seeds: Seeds, path: str) -> str:
    client = Client(headers={"host": "127.0.0.1"})
    return client.get(f"/p/{seeds.code}/{path}").content.decode()


HALL, HALL_4K = {"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}


@pytest.fixture
def hall(database: Database) -> Selected:
    """Give a hall with three desks: one has chosen, one has named, one is called, one is called."""
    assert database.name
    project = drawn_project(homes=120, households=48, batch_size=12, turns="desks = 3")
    open_batch(project_id=project.id, batch=1, by=project.officer, at=read_clock())
    for _ in range(3):
        call_next(project_id=project.id, by=project.officer, at=read_clock())
    first = selection_board(project_id=project.id).called[0]
    take_first(project, first.turn_id)
    call_next(project_id=project.id, by=project.officer, at=read_clock())
    return project


def take_first(project: Selected, turn_id: UUID) -> None:
    """Let a called household choose the first home that it may have, at the desk."""
    turn = turn_by_id(project_id=project.id, turn_id=turn_id)
    choose_homes(
        project_id=project.id,
        turn_id=turn_id,
        unit_ids=free_homes(project, turn.household_id)[:1],
        by=project.officer,
        at=read_clock(),
    )


@pytest.mark.req("SEL-2", "SEL-4")
def test_the_hall_shows_every_desk_calls_aloud_and_says_when_it_stands_still(
    hall: Selected, browser: Browser
) -> None:
    code = hall.plan.project.code
    publish_wall(code)
    board = selection_board(project_id=hall.id)
    with serve_peak(Path(settings.HOME)) as port:
        address = f"http://127.0.0.1:{port}/live/{code}/hall.html"
        for size in (HALL, HALL_4K):
            page = open_page(browser, size)
            page.goto(address)
            expect(page.locator("[data-call]")).to_have_count(3)
            for called in board.called:
                call = page.locator("[data-call]").nth(called.desk - 1)
                expect(call).to_contain_text(f"{called.desk} 号台")
                expect(call).to_contain_text(called.ticket)
                ticket = call.locator("h2").bounding_box()
                assert ticket is not None
                assert ticket["height"] >= size["height"] // 25, "read at ten metres"
            expect(page.locator(".next-tickets li")).to_have_text(list(board.next_tickets[:3]))
            expect(page.locator("[data-line]")).to_have_text("直播中")
            assert page.evaluate("document.documentElement.scrollHeight") <= size["height"]
            keep_picture(page, f"hall-{size['width']}")
            page.context.close()

        page = open_page(browser, HALL)
        page.add_init_script(
            "window.said = []; speechSynthesis.speak = (one) => window.said.push(one.text)"
        )
        page.goto(address)
        expect(page.locator("[data-line]")).to_have_text("直播中")
        assert page.evaluate("window.said") == [], "silent until somebody wants it"
        page.get_by_role("button", name="开启语音叫号").click()
        assert len(page.evaluate("window.said")) == 6, "every desk, twice"
        take_first(hall, board.called[0].turn_id)
        newest = call_next(project_id=hall.id, by=hall.officer, at=read_clock())
        publish_wall(code)
        expect(page.locator("[data-call]").nth(newest.desk - 1)).to_contain_text(newest.ticket)
        assert f"第 {newest.place} 位" in page.evaluate("window.said.at(-1)")

        pause_selection(project_id=hall.id, reason="network", by=hall.officer, at=read_clock())
        publish_wall(code)
        expect(page.locator(".trouble.paused")).to_contain_text("选房暂停：网络故障")
        expect(page.locator("[data-said]").first).to_have_text("计时停止，还剩")
        stands = page.locator("[data-left]").first.inner_text()
        page.wait_for_timeout(1_500)
        assert page.locator("[data-left]").first.inner_text() == stands
        keep_picture(page, "hall-paused")
    expect(page.locator("[data-stale]")).to_contain_text("画面停在")
    expect(page.locator("[data-stale]")).to_contain_text("正在重新连接")
    keep_picture(page, "hall-stale")
    page.context.close()


@pytest.mark.req("SEL-4")
def test_a_hall_that_misses_the_stream_still_takes_what_is_new(
    hall: Selected, browser: Browser
) -> None:
    """A line may be dead and say nothing: the screen asks by itself."""
    code = hall.plan.project.code
    publish_wall(code)
    with serve_peak(Path(settings.HOME)) as port:
        page = open_page(browser, HALL)
        page.route("**/events*", lambda _: None)  # open for ever, and never a word
        page.goto(f"http://127.0.0.1:{port}/live/{code}/hall.html", wait_until="commit")
        expect(page.locator("[data-call]")).to_have_count(3)
        board = selection_board(project_id=hall.id)
        take_first(hall, board.called[0].turn_id)
        publish_wall(code)
        expect(page.locator("[data-call]")).to_have_count(2)
        page.context.close()


@pytest.mark.req("PUB-1")
def test_the_wall_is_read_line_by_line_without_styles_or_script(hall: Selected) -> None:
    code = hall.plan.project.code
    publish_wall(code)
    page = (Path(settings.PUBLIC_FOLDER) / "live" / code / "wall.html").read_text(encoding="utf-8")
    lines = read_as_text(page)
    board = selection_board(project_id=hall.id)
    for called in board.called:
        assert any(called.ticket in line for line in lines), lines
    assert any(line.endswith(f"余 {board.counts.homes_free} / 120") for line in lines), lines
    assert "各户型的套数、剩余和去化" in lines
    assert any(line.startswith("两居 ") for line in lines)
    headings = {line.removeprefix("# ") for line in lines if line.startswith("# ")}
    assert headings >= {"房源一览", "剩余房源", "刚刚选定", "本次摇号"}
    bare = [line for line in lines if line.replace(",", "").isdigit()]
    assert len(bare) <= 8, "no façade is spelled out as a column of storeys"


class Lines(HTMLParser):
    """A text browser's view: words a block on a line, headings marked; nothing hidden by style."""

    BLOCKS = frozenset(
        {"p", "div", "section", "h1", "h2", "h3", "li", "tr", "caption", "article", "dt", "dd"}
    ) | {"figcaption"}

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self._skips = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line with a block, and pass over what no text browser shows."""
        del attrs
        self._skips += tag in {"script", "head", "svg"}
        if tag in self.BLOCKS:
            self.lines.append("# " if tag in {"h1", "h2"} else "")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        self._skips -= tag in {"script", "head", "svg"}
        if tag in self.BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        """Take words."""
        if not self._skips and data.strip():
            self.lines[-1] += f"{data.strip()} "


def read_as_text(page: str) -> list[str]:
    parser = Lines()
    parser.feed(page)
    return [" ".join(line.split()) for line in parser.lines if line.strip()]


@pytest.mark.req("SEL-2")
def test_the_desk_pauses_goes_on_and_shows_the_proof_of_every_call(
    running: Running, browser: Browser
) -> None:
    seeds = running.seeds
    seeds.choose_next()
    seeds.call()
    publish_wall(seeds.code)
    look_for_calls(at=read_clock(), fetch=serve_file)
    page = open_page(browser, WIDE)
    sign_in_officer(page, running.site, seeds.city)
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"{running.site}/desk/{seeds.code}/hall/")
        expect(page.locator("h1")).to_have_text("选房正在进行")
        call = page.locator(".calls li").first
        expect(call).to_contain_text("公示墙第")
        expect(call).to_contain_text("短信：还没有发出")
        keep_picture(page, f"desk-hall-{size['width']}")
        page.get_by_label("停电").check()
        page.get_by_role("button", name="暂停选房").click()
        expect(page.locator("h1")).to_have_text("选房已暂停")
        page.get_by_role("button", name="恢复选房").click()
        expect(page.locator("h1")).to_have_text("选房正在进行")
        assert overhang(page) <= 0, size
    page.context.close()
