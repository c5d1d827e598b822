"""The wall and the other public pages: live, without script, on a phone, in the hall."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.ledger.queries import latest_checkpoint
from anju.foundation.ledger.sequencing import drain_inbox
from anju.jobs.publishing import publish_wall, publish_walls
from anju.resettlement.selection.queries import selection_board
from anju.web.public import wall
from anju.web.public.views import site_url
from tests.support.pages import overhang
from tests.support.peaks import serve_peak
from tests.support.site import Seeds, serve_site
from tests.support.stages import Stage, staged_project

PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A site with a project whose first batch is open."""

    site: str
    seeds: Seeds

    @property
    def wall(self) -> str:
        """The wall's address on the site."""
        return f"{self.site}/p/{self.seeds.code}/"


@pytest.fixture
def running(database_cluster: Cluster) -> Iterator[Running]:
    """Serve a site: registered, scored, drawn, and the first batch open."""
    with staged_project(database_cluster, Stage.CHOOSING) as seeds, serve_site() as site:
        yield Running(site=site, seeds=seeds)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page that complains of nothing."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.mark.parametrize(("seconds", "is_told"), [(0, False), (2, False), (3, True), (90, True)])
def test_a_gap_that_no_hall_has_is_left_out(seconds: int, *, is_told: bool) -> None:
    """Choices of a demo are made in a burst: a wall that boasts of it would be laughed at."""
    begun = read_clock()
    choices = [SimpleNamespace(chosen_at=begun + timedelta(seconds=seconds) * n) for n in range(5)]
    counts = SimpleNamespace(homes_free=1, homes=9, chosen=5, households=8)
    board: Any = SimpleNamespace(counts=counts, batch=None, choices=choices)
    labels = [figure.label for figure in wall._figures(board)]
    assert ("相邻两户间隔（中位）" in labels) is is_told


@pytest.mark.req("PUB-1")
def test_the_wall_says_whose_turn_it_is_and_shows_every_home(running: Running, page: Page) -> None:
    running.seeds.choose_next()
    running.seeds.call()
    board = selection_board(project_id=running.seeds.project_id)
    assert board.called
    page.goto(running.wall, wait_until="domcontentloaded")
    expect(page.locator("h1")).to_contain_text(f"第 {board.called[0].place} 户正在选")
    expect(page.locator("[data-part=now]")).to_contain_text(board.called[0].ticket)
    expect(page.locator(".turn-clock [data-left]")).to_have_text(re.compile(r"^[0-2]:\d\d$"))
    assert page.locator(".storey i:not(.gap)").count() == board.counts.homes
    assert page.locator(".storey i.taken").count() == 1
    choice = board.choices[0]
    first = page.locator(".feed li").first
    expect(first).to_contain_text(choice.ticket)
    assert str(choice.event_id) in (first.locator("a.seal").get_attribute("href") or "")


@pytest.mark.req("PUB-1")
def test_a_seal_opens_a_proof_that_the_browser_checks(running: Running, page: Page) -> None:
    running.seeds.choose_next()
    page.goto(running.wall, wait_until="domcontentloaded")
    page.locator(".feed a.seal").first.click()
    expect(page.locator("body")).to_contain_text("这条记录正在编号")
    drain_inbox(at=read_clock())
    page.reload()
    expect(page.locator("[data-verdict]")).to_contain_text("没有被改过")
    expect(page.locator("[data-step=leaf]")).to_have_class("good")
    expect(page.locator("[data-step=path]")).to_have_class("good")
    expect(page.locator("body")).to_contain_text("防篡改存证（默克尔日志）")
    expect(page.locator("body")).to_contain_text("不是")


@pytest.mark.req("PUB-1")
def test_a_forged_proof_is_not_believed_by_the_browser(running: Running, page: Page) -> None:
    running.seeds.choose_next()
    drain_inbox(at=read_clock())
    event_id = selection_board(project_id=running.seeds.project_id).choices[0].event_id

    def forge(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]
        text = answer.text().replace("selection.home.chosen", "selection.home.gifted_")
        route.fulfill(response=answer, body=text)  # type: ignore[attr-defined]

    page.route("**/proof/**", forge)
    page.goto(f"{running.site}/proof/{event_id}/")
    expect(page.locator("[data-verdict]")).to_contain_text("对不上")
    expect(page.locator("[data-step=leaf]")).to_have_class("bad")


def test_every_public_page_is_read_without_script_and_without_signing_in(
    running: Running, browser: Browser
) -> None:
    running.seeds.choose_next()
    drain_inbox(at=read_clock())
    event_id = selection_board(project_id=running.seeds.project_id).choices[0].event_id
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    for path, words in (
        ("/", running.seeds.code),
        (f"/p/{running.seeds.code}/", "剩余房源"),
        (f"/p/{running.seeds.code}/homes/", "房源：找到"),
        (f"/p/{running.seeds.code}/draw/", "选房顺序"),
        (f"/proof/{event_id}/", "记录了什么"),
        ("/verify/", "怎么自己核验"),
    ):
        page.goto(f"{running.site}{path}", wait_until="domcontentloaded")
        assert words in page.inner_text("body"), path
        assert overhang(page) <= 0, path
    context.close()


@pytest.mark.req("SEC-2")
def test_no_public_page_shows_a_name_or_an_identity_number(running: Running) -> None:
    running.seeds.choose_next()
    drain_inbox(at=read_clock())
    rows = (running.seeds.folder / "households.csv").read_text(encoding="utf-8-sig").splitlines()
    header, *people = [row.split(",") for row in rows]
    names = {person[header.index("户主")] for person in people}
    numbers = {person[header.index("身份证号")] for person in people}
    assert names
    assert numbers
    event_id = selection_board(project_id=running.seeds.project_id).choices[0].event_id
    client = Client(headers={"host": "127.0.0.1"})
    code = running.seeds.code
    paths = ["/", f"/p/{code}/", f"/p/{code}/homes/", f"/p/{code}/draw/", f"/proof/{event_id}/"]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        text = answer.content.decode()
        assert not [name for name in names if name in text], path
        assert not [number for number in numbers if number in text], path


def test_the_hall_has_larger_type_and_nothing_to_press(running: Running, page: Page) -> None:
    page.goto(f"{running.wall}?hall=1", wait_until="domcontentloaded")
    size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    assert size >= 20
    assert page.locator("nav:visible, .btn:visible, footer:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('main')).pointerEvents") == "none"


@pytest.mark.req("PUB-1")
def test_a_choice_appears_on_the_wall_by_itself(running: Running, page: Page) -> None:
    code = running.seeds.code
    publish_wall(code)
    with serve_peak(Path(settings.HOME)) as port:
        page.goto(f"http://127.0.0.1:{port}/live/{code}/", wait_until="domcontentloaded")
        expect(page.locator("[data-line]")).to_have_text("直播中")
        page.evaluate("window.untouched = true")
        taken = page.locator(".storey i.taken")
        expect(taken).to_have_count(0)
        running.seeds.choose_next()
        publish_wall(code)
        expect(taken).to_have_count(1)
        expect(page.locator(".storey i.fresh-home")).to_have_count(1)
        choice = selection_board(project_id=running.seeds.project_id).choices[0]
        expect(page.locator(".feed li").first).to_contain_text(choice.ticket)
        link = page.locator(".feed a.seal").first.get_attribute("href")
        assert link == f"{site_url()}/proof/{choice.event_id}/"
        assert page.evaluate("window.untouched")


def test_publishing_writes_only_what_changed(running: Running) -> None:
    code = running.seeds.code
    live = Path(settings.PUBLIC_FOLDER) / "live" / code
    first = publish_wall(code)
    stamp = (live / "wall.json").stat().st_mtime_ns
    assert publish_wall(code) == first
    assert (live / "wall.json").stat().st_mtime_ns == stamp
    before = json.loads((live / "wall.json").read_bytes())
    running.seeds.choose_next()
    assert publish_walls() == {code: first + 1}
    after = json.loads((live / "wall.json").read_bytes())
    changed = [old != new for old, new in zip(before["homes"], after["homes"], strict=True)]
    assert sum(changed) == 1
    assert after["parts"]["feed"] != before["parts"]["feed"]
    assert after["parts"]["draw"] == before["parts"]["draw"]
    page = (live / "wall.html").read_text(encoding="utf-8")
    assert f"{site_url()}/proof/" in page
    assert "<style" not in page
    assert 'style="' not in page
    assert not list(live.glob(".wall.*"))


def test_the_site_shows_what_was_published_until_the_ledger_moves(running: Running) -> None:
    client = Client(headers={"host": "127.0.0.1"})
    code = running.seeds.code
    running.seeds.choose_next()
    drain_inbox(at=read_clock())
    publish_wall(code)
    board = Path(settings.PUBLIC_FOLDER) / "live" / code / ".board.json"
    told = json.loads(board.read_bytes())
    board.write_text(json.dumps({**told, "html": "<p>as published</p>"}), encoding="utf-8")
    assert "as published" in client.get(f"/p/{code}/").content.decode()
    running.seeds.choose_next()
    drain_inbox(at=read_clock())
    text = client.get(f"/p/{code}/").content.decode()
    assert "as published" not in text
    assert selection_board(project_id=running.seeds.project_id).choices[0].ticket in text


@pytest.mark.usefixtures("running")
def test_an_unknown_proof_is_not_found_and_the_form_says_so() -> None:
    client = Client(headers={"host": "127.0.0.1"})
    unknown = "00000000-0000-4000-8000-000000000000"
    assert client.get(f"/proof/{unknown}/").status_code == 404
    answer = client.get("/verify/", {"event": unknown})
    assert answer.status_code == 404
    assert "日志里没有这个编号" in answer.content.decode()


@pytest.mark.usefixtures("running")
def test_the_verify_page_shows_the_log_as_it_stands() -> None:
    drain_inbox(at=read_clock())
    checkpoint = latest_checkpoint()
    assert checkpoint is not None
    text = Client(headers={"host": "127.0.0.1"}).get("/verify/").content.decode()
    assert checkpoint.root.hex() in text
    assert f"{checkpoint.size:,}" in text


def test_homes_are_found_by_state_and_building(running: Running) -> None:
    running.seeds.choose_next()
    client = Client(headers={"host": "127.0.0.1"})
    path = f"/p/{running.seeds.code}/homes/"
    assert "找到 1 套" in client.get(path, {"state": "taken"}).content.decode()
    assert "没有符合条件的房子" in client.get(path, {"building": "nowhere"}).content.decode()
    assert client.get(path, {"page": "999999"}).status_code == 200
