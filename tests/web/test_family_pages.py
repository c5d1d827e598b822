"""A family's pages on a phone: the question first, its score, its place, its choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.launcher import Cluster
from anju.resettlement.scoring.queries import score_sheet
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.queries import find_place, find_turn, options_of, selection_board
from anju_rules.values import points_from_tenths
from tests.support.pages import overhang
from tests.support.site import Seeds, serve_site, sign_in_family
from tests.support.stages import Stage, staged_project

PHONE = {"width": 390, "height": 844}
is_scored = pytest.mark.parametrize("running", [Stage.SCORED], ids=["scored"], indirect=True)
is_drawn = pytest.mark.parametrize("running", [Stage.DRAWN], ids=["drawn"], indirect=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A site with a project."""

    site: str
    seeds: Seeds


@pytest.fixture
def running(request: pytest.FixtureRequest, database_cluster: Cluster) -> Iterator[Running]:
    """Serve a site with a project whose first batch is open, or that is not so far."""
    stage = getattr(request, "param", Stage.CHOOSING)
    with staged_project(database_cluster, stage) as seeds, serve_site() as site:
        yield Running(site=site, seeds=seeds)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Open a phone's page that complains of nothing."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def enter(phone: Page, running: Running, household_id: UUID) -> None:
    """Sign a family in on the phone."""
    sign_in_family(phone, running.site, running.seeds.family(household_id))
    phone.goto(f"{running.site}/me/")


@is_scored
def test_before_the_draw_the_page_says_what_is_waited_for(running: Running, phone: Page) -> None:
    enter(phone, running, running.seeds.household_ids()[0])
    expect(phone.locator("h1")).to_have_text("等待摇号")


@pytest.mark.req("SCO-3")
@is_scored
def test_a_family_reads_every_line_of_its_score_with_its_clause(
    running: Running, phone: Page
) -> None:
    household_id = running.seeds.household_ids()[3]
    enter(phone, running, household_id)
    phone.goto(f"{running.site}/me/score/")
    with reading(by=running.seeds.officer):
        sheet = score_sheet(project_id=running.seeds.project_id, household_id=household_id)
    assert sheet is not None
    text = phone.inner_text("main")
    assert f"{points_from_tenths(sheet.total_tenths)} 分" in text
    for line in sheet.lines:
        assert line.label in text
        assert line.clause in text


@is_drawn
def test_a_family_sees_its_place_and_the_next_thing_to_do(running: Running, phone: Page) -> None:
    household_id = running.seeds.household_ids()[5]
    place = find_place(project_id=running.seeds.project_id, household_id=household_id)
    assert place is not None
    enter(phone, running, household_id)
    expect(phone.locator("h1")).to_contain_text(f"排第 {place.place} 位")
    expect(phone.locator(".steps .now")).to_have_count(1)
    assert phone.locator(".card.go .btn").count() == 1


@pytest.mark.req("SEL-2")
def test_a_family_chooses_from_its_phone(running: Running, phone: Page) -> None:
    seeds = running.seeds
    household_id = seeds.call()
    enter(phone, running, household_id)
    expect(phone.locator("h1")).to_have_text("轮到您家选房了")
    phone.click("text=现在选房")
    expect(phone.locator("[data-go]")).to_be_disabled()
    phone.locator(".home-card").first.click()
    where = phone.locator(".home-card b").first.inner_text()
    phone.click("[data-go]")
    expect(phone.locator(".home-name")).to_have_text(where)
    phone.click("text=就选这套")
    expect(phone.locator("h1")).to_contain_text(where)
    expect(phone.locator("#standing a.seal").first).to_be_visible()
    board = selection_board(project_id=seeds.project_id)
    assert board.counts.chosen == 1
    assert str(board.choices[0].event_id) in (
        phone.locator("#standing a.seal").first.get_attribute("href") or ""
    )


@pytest.mark.pitfall("P10")
def test_a_home_taken_at_the_desk_meanwhile_is_refused_in_words(
    running: Running, phone: Page
) -> None:
    seeds = running.seeds
    household_id = seeds.call()
    enter(phone, running, household_id)
    phone.goto(f"{running.site}/me/choose/")
    phone.locator(".home-card").first.click()
    phone.click("[data-go]")
    expect(phone.locator("button.btn")).to_contain_text("就选这套")
    turn = find_turn(project_id=seeds.project_id, household_id=household_id)
    assert turn is not None
    options = options_of(project_id=seeds.project_id, household_id=household_id, by=seeds.officer)
    other = [option.tile for option in options if option.is_lawful][-1]
    choose_homes(
        project_id=seeds.project_id,
        turn_id=turn.id,
        unit_ids=[other.unit_id],
        by=seeds.officer,
        at=read_clock(),
    )
    phone.wait_for_load_state()  # without its script a refusal would be a page of its own
    phone.click("text=就选这套")
    expect(phone.locator("#told .refusal h2")).to_have_text("没有选成")
    expect(phone.locator(".refusal")).to_contain_text("接下来")
    assert selection_board(project_id=seeds.project_id).counts.homes_taken == 1


def test_after_its_time_a_family_is_sent_to_the_desk(running: Running, phone: Page) -> None:
    seeds = running.seeds
    household_id = seeds.call(seconds=60, at=read_clock() - timedelta(seconds=90))
    enter(phone, running, household_id)
    expect(phone.locator("h1")).to_contain_text("时间已到")
    assert phone.locator(".card.go .btn").count() == 0


@pytest.mark.threat("T-23")
def test_a_family_can_not_choose_in_anothers_turn(running: Running, phone: Page) -> None:
    seeds = running.seeds
    called = seeds.call()
    stranger = next(one for one in seeds.household_ids() if one != called)
    turn = find_turn(project_id=seeds.project_id, household_id=called)
    assert turn is not None
    options = options_of(project_id=seeds.project_id, household_id=called, by=seeds.officer)
    home = next(option.tile for option in options if option.is_lawful)
    enter(phone, running, stranger)
    phone.goto(f"{running.site}/me/choose/")
    token = phone.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    answer = phone.request.post(
        f"{running.site}/me/choose/confirm/",
        form={
            "turn": str(turn.id),
            "unit": str(home.unit_id),
            "csrfmiddlewaretoken": token or "",
        },
    )
    assert answer.status in {404, 409}
    assert selection_board(project_id=seeds.project_id).counts.homes_taken == 0


def test_type_is_large_and_targets_are_big_on_a_phone(running: Running, phone: Page) -> None:
    seeds = running.seeds
    enter(phone, running, seeds.call())
    for path in ("/me/", "/me/choose/", "/me/score/"):
        phone.goto(f"{running.site}{path}")
        size = phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert size >= 17, path
        assert overhang(phone) <= 0, path
        heights = phone.evaluate(
            "[...document.querySelectorAll('.btn, .home-card, .bottom-nav a, select')]"
            ".map(one => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44, path


def test_a_family_chooses_without_script(running: Running, browser: Browser) -> None:
    seeds = running.seeds
    household_id = seeds.call()
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    enter(page, running, household_id)
    page.goto(f"{running.site}/me/choose/")
    page.locator(".home-card input").first.check()
    page.click("[data-go]")
    page.click("text=就选这套")
    expect(page.locator("h1")).to_contain_text("您家选定了")
    context.close()
