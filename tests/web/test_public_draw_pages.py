"""The draw as everybody sees it: live, in the hall, on a phone, checked in a browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, ViewportSize, expect

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.draws.operations import sign_void
from anju.foundation.draws.operations.broadcasts import record_broadcast
from anju.foundation.draws.types import NewTerms
from anju.foundation.notices.pages import china_day
from anju.resettlement.planning.queries import is_in_force
from anju.resettlement.selection.operations.ceremonies import open_order_ceremony
from anju.web.public import draws
from anju_rules.ceremony import Step
from anju_rules.draw_slips import judge_slip, read_slip
from anju_rules.draws import Scheme
from anju_rules.recordings import RecordingKind, kept_until
from anju_rules.values import Refusal
from tests.support.access import Person, open_officer, open_tier
from tests.support.ceremonies import (
    BEACON_AT,
    BEACON_RULE,
    FREEZE_AT,
    OPENED_AT,
    ROLES,
    Cast,
    Play,
)
from tests.support.eligibility import finish_on_paper
from tests.support.pages import PAPER_MS, overhang
from tests.support.site import DISTRICT, Seeds, serve_site, sign_in_family
from tests.support.stages import Stage, staged_project
from tests.support.witnesses import known_to_the_installation, witness_all

pytestmark = pytest.mark.long

PHONE: ViewportSize = {"width": 390, "height": 844}
NOTE_MOVES = """() => {
  window.moved = 0;
  document.addEventListener("animationstart", (one) => {
    window.moved += one.animationName === "settle";
  });
}"""
MOVES = "document.getAnimations().filter((one) => one.animationName === 'settle').length"


@dataclass(slots=True, kw_only=True)
class Running:
    """A site with a project whose draw is open, and the ceremony to be played."""

    site: str
    seeds: Seeds
    play: Play
    officer: Callable[[str, str], Person]
    """Open an account, by name and role."""

    @property
    def number(self) -> str:
        """The first draw's number."""
        return self.play.row.draws[0].draw_number

    @property
    def shown(self) -> int:
        """How many of the order the live part shows."""
        return min(30, self.play.row.draws[0].size)

    @property
    def live(self) -> str:
        """The first draw's page."""
        return f"{self.site}/p/{self.seeds.code}/draws/{self.number}/"


def open_draw(seeds: Seeds, cast: Cast, *, later: timedelta = timedelta(0)) -> Play:
    """Open the draw of the project's order."""
    if not is_in_force(seeds.project_id):
        finish_on_paper(seeds.project_id)
    row = open_order_ceremony(
        project_id=seeds.project_id,
        terms=NewTerms(
            freeze_at=FREEZE_AT + later,
            beacon_at=BEACON_AT + later,
            beacon_rule=BEACON_RULE,
            redraw_rule="void-causes-1",
        ),
        parties=cast.new_parties(),
        scheme=Scheme.REAL,
        by=cast.actor("operator", at=OPENED_AT + later),
        at=OPENED_AT + later,
    )
    return Play(cast=cast, row=row, at=OPENED_AT + later)


@pytest.fixture
def running(database_cluster: Cluster) -> Iterator[Running]:
    """Serve a site: registered, scored, and a draw that counts opened over the register."""
    cache.clear()
    with staged_project(database_cluster, Stage.SCORED) as seeds, serve_site() as site:
        yield open_running(site, seeds)


def open_running(site: str, seeds: Seeds) -> Running:
    """Open the accounts and the draw."""
    office = open_tier(f"{DISTRICT}009")

    def officer(name: str, role: str) -> Person:
        return open_officer(name, role=role, organisation_id=office, project_id=seeds.project_id)

    parties = {"operator": seeds.city} | {
        who: officer(who, role) for who, role in ROLES.items() if who != "operator"
    }
    play = open_draw(seeds, Cast(project_id=seeds.project_id, parties=parties, streets={}))
    streets = {
        row.street: officer(f"counts{number}", "street-officer")
        for number, row in enumerate(play.row.streets)
    }
    play.cast = Cast(project_id=seeds.project_id, parties=parties, streets=streets)
    return Running(site=site, seeds=seeds, play=play, officer=officer)


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


def is_wider_than_the_screen(page: Page) -> bool:
    """Whether a reader would have to scroll sideways."""
    return overhang(page) > 0


@pytest.mark.req("DRW-4")
def test_the_live_page_follows_the_ceremony_to_its_lock(running: Running, page: Page) -> None:
    play = running.play
    page.goto(running.live)
    headline = page.locator("h1")
    expect(headline).to_have_text("等待名单冻结")
    expect(page.locator(".course > .done")).to_have_count(1)
    play.play(until=Step.ANNOUNCED)
    expect(headline).to_have_text("已经公告，等待取数的时刻")
    play.play(until=Step.REVEALED)
    expect(headline).to_have_text("数都亮了，正在算出顺序")
    assert play.secrets[1, "notary"][:8] in page.locator("#stage").inner_text()
    assert page.locator(".drawn li").count() == 0
    with pytest.MonkeyPatch.context() as patch:
        # The ceremony's clock is the test's, the page's is the wall's: take them for one.
        patch.setattr(draws, "read_clock", lambda: play.at)
        # The next news, two seconds on, lets it rest already: who looks later must know it too.
        page.evaluate(NOTE_MOVES)
        play.play(until=Step.DERIVED)
        expect(page.locator(".drawn li")).to_have_count(running.shown)
        page.wait_for_function("window.moved > 0", polling=100)
        page.check("#still")
        assert page.evaluate(MOVES) == 0
        page.reload()
        assert page.is_checked("#still")
        assert page.evaluate(MOVES) == 0
    look_in_the_hall(running, page)
    play.play()
    page.goto(running.live)
    expect(headline).to_have_text("结果已公布并锁定")
    assert page.locator("#places tbody tr").count() == play.row.draws[0].size
    page.set_viewport_size(PHONE)
    assert not is_wider_than_the_screen(page)


def look_in_the_hall(running: Running, page: Page) -> None:
    """On the big screen: large, nothing to press, and still where the system asks for it."""
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{running.live}?hall=1")
    assert page.locator("html").get_attribute("data-audience") == "hall"
    expect(page.locator(".drawn li")).to_have_count(running.shown)
    assert not is_wider_than_the_screen(page)
    assert page.locator("a.btn:visible, button:visible, .top-bar nav a:visible").count() == 0
    assert page.evaluate(MOVES) == 0


@pytest.mark.req("DRW-3")
def test_a_published_draw_is_checked_by_anybody(
    running: Running, page: Page, tmp_path: Path
) -> None:
    """The witnesses' quorum, the bundle in browser and Python, the figures, a family's own slip."""
    page.goto(f"{running.site}/draws/statistics/")
    expect(page.locator("h1")).to_have_text("还没有公布的摇号")
    running.play.play()
    page.goto(running.live)
    expect(page.locator("body")).to_contain_text("够数以前，结果还不作数")
    with known_to_the_installation():
        witness_all()
        page.reload()
        expect(page.locator("body")).to_contain_text("都有够数的见证人联署，作数")
    check_the_bundle(running, page, tmp_path)
    page.goto(f"{running.site}/draws/statistics/")
    assert page.locator("details").count() == len(running.play.row.draws)
    page.locator("details summary").first.click()
    expect(page.locator("details").first).to_contain_text("游程检验")
    page.set_viewport_size(PHONE)
    assert not is_wider_than_the_screen(page)
    check_a_familys_own(running, page)


def check_the_bundle(running: Running, page: Page, folder: Path) -> None:
    """Download what the page offers, and let both verifiers judge it."""
    draw = running.play.row.draws[0]
    with page.expect_download() as download:
        page.click(f"a[download='{running.number}.json']")
    file = folder / f"{running.number}.json"
    download.value.save_as(file)
    script = folder / "verify_draw.py"
    script.write_bytes(page.request.get(f"{running.site}/draws/verify_draw.py").body())
    told = subprocess.run(
        [sys.executable, str(script), str(file), "--announcement", draw.announcement],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    opened = page.goto(f"{running.site}/draws/verify.html")
    assert opened is not None
    policy = opened.headers["content-security-policy"]
    assert "script-src 'sha256-" in policy
    assert "unsafe-inline" not in policy
    page.set_input_files("#file", str(file))
    page.fill("#pin", draw.announcement)
    page.click("#run")
    expect(page.locator("#verdict")).to_contain_text("有效")
    # The control: the same file with another announcement pinned.
    page.fill("#pin", "0" * 64)
    page.click("#run")
    expect(page.locator("#verdict")).to_contain_text("7")


def check_a_familys_own(running: Running, page: Page) -> None:
    """Its key by one line of a shell, its slip by the page that loads nothing."""
    family = running.seeds.family(running.seeds.household_ids()[7])
    sign_in_family(page, running.site, family)
    page.goto(f"{running.site}/me/draw/")
    expect(page.locator("h1")).to_contain_text("您家排第")
    assert not is_wider_than_the_screen(page)
    key = page.locator(".digests dd.mono").nth(1).inner_text().replace(" ", "")
    command = page.locator("[data-command]").inner_text()
    if shutil.which("openssl") is not None:
        told = subprocess.run(
            ["/bin/sh", "-c", command], capture_output=True, text=True, check=False
        )
        assert told.returncode != 0 or told.stdout.strip().endswith(key)
    slip = page.locator("[data-slip]").text_content() or ""
    assert judge_slip(read_slip(slip)).met
    answer = page.request.get(f"{running.site}/me/draw/slip.pdf", timeout=PAPER_MS)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    page.goto(f"{running.site}/draws/slip.html")
    page.fill("#text", slip)
    page.click("#check")
    expect(page.locator("#result")).to_have_attribute("data-verdict", "valid")
    # The control: another key on the same slip.
    parts = slip.split("*")
    parts[8] = "0" * 64
    page.fill("#text", "*".join(parts))
    page.click("#check")
    expect(page.locator("#result")).to_have_attribute("data-verdict", "invalid")
    expect(page.locator("#checks .bad")).to_have_count(1)


@pytest.mark.req("DLV-4")
@pytest.mark.threat("T-02")
def test_a_void_draw_stays_for_ever_and_says_why(running: Running, browser: Browser) -> None:
    play = running.play
    play.play(until=Step.ANNOUNCED)
    refuse_broadcasts(play)
    tell_broadcast(play, address="https://live.example.cn/ys")
    for who in ("operator", "notary", "supervisor"):
        sign_void(**play.ids, cause="custody", by=play.by(who), at=play.at)
    # What was filmed of a void draw is kept like any other.
    tell_broadcast(play, recording_digest="ab" * 32, recording_place="市档案馆 2026-17 卷")
    parties = dict(play.cast.parties) | {"notary": running.officer("other-notary", "notary")}
    cast = Cast(project_id=play.cast.project_id, parties=parties, streets=play.cast.streets)
    second = open_draw(running.seeds, cast, later=timedelta(days=14))
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{running.site}/p/{running.seeds.code}/draws/")
    expect(page.locator(".door.is-void").first).to_contain_text("第 1 次，共 2 次")
    expect(page.locator(".door.is-void").first).to_contain_text("箱子的封条提前破损")
    page.goto(running.live)
    expect(page.locator("h1")).to_have_text("这次摇号作废")
    expect(page.locator("body")).to_contain_text("市档案馆 2026-17 卷")
    until = kept_until(kind=RecordingKind.DRAW, since=china_day(play.at))
    told = f"至少保存到 {until.year} 年 {until.month} 月 {until.day} 日"
    expect(page.locator("body")).to_contain_text(told)
    # A later line corrects the place; the years run from the day the first was entered.
    play.at += timedelta(days=40)
    tell_broadcast(play, recording_digest="ab" * 32, recording_place="市档案馆 5 卷")
    page.reload()
    expect(page.locator("body")).to_contain_text("录像存于市档案馆 5 卷")
    expect(page.locator("body")).to_contain_text(told)
    number = second.row.draws[0].draw_number
    page.goto(f"{running.site}/p/{running.seeds.code}/draws/{number}/")
    expect(page.locator(".word").first).to_contain_text("第 2 次，共 2 次；第 1 次作废")
    assert not is_wider_than_the_screen(page)
    # Nothing of an order is told, to a family either, before there is one.
    assert page.request.get(f"{running.live}bundle.json").status == 200
    assert page.request.get(f"{page.url}bundle.json").status == 404
    context.close()


def tell_broadcast(play: Play, *, who: str = "operator", **facts: str) -> None:
    """Record where the ceremony is shown or kept."""
    record_broadcast(
        project_id=play.row.project_id,
        ceremony_id=play.row.id,
        address=facts.get("address", ""),
        recording_digest=facts.get("recording_digest", ""),
        recording_place=facts.get("recording_place", ""),
        by=play.by(who),
        at=play.at,
    )


def refuse_broadcasts(play: Play) -> None:
    """Nothing but a whole https address, a whole recording, and a party's own hand."""

    def told(who: str = "operator", **facts: str) -> str:
        with pytest.raises(Refusal) as refused:
            tell_broadcast(play, who=who, **facts)
        return refused.value.code

    assert told(address="http://live.example.cn/") == "draws.broadcast-address"
    assert told(address="javascript:alert(1)") == "draws.broadcast-address"
    assert told() == "draws.recording-too-early"
    digest, kept = "ab" * 32, "市档案馆"
    assert told(recording_digest=digest, recording_place=kept) == "draws.recording-too-early"
    street = next(iter(play.cast.streets))
    assert told(street, address="https://a.cn/") in {"draws.not-a-party", "access.not-permitted"}
