"""Homes to look at: the building, a home's file, the comparison; solid, flat, without script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID
from xml.etree import ElementTree

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect

from anju.resettlement.inventory.types import (
    DefectRow,
    QualityFile,
    ResponsibleRow,
    SignatureRow,
    UnitRow,
)
from anju.resettlement.selection.queries import selection_board
from anju.resettlement.selection.types import Board, BuildingRow
from anju.web.public import compare, home_quality, home_words, map_amenities, tour, tour_rooms
from anju.web.public.towers import SIGNS, draw_towers, in_order, query_of
from anju_rules.quality import Part, QualityTrace, Signer, Stage, judge_delivery
from anju_rules.values import AreaSqm, Home, UnitNumber
from tests.support.chromium import CHROMIUM, SWITCHES
from tests.support.site import Seeds, seed_project, serve_site

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 1000}
SOFT_GRAPHICS = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_GRAPHICS = ("--disable-gpu", "--disable-3d-apis")
ATTRIBUTES = 20
"""INV-1 counts twenty of them."""


def make_unit(number: str = "5-1-03-02", **more: Any) -> UnitRow:
    home = Home(
        number=UnitNumber(number),
        area_sqm=AreaSqm(Decimal("86.40")),
        community="柳岸新村",
        building="5号楼",
        stair="1",
        floor=3,
        total_floors=18,
        room="02",
        layout="三室一厅",
        orientation="南北",
        has_lift=True,
    )
    home = replace(home, **{key: more.pop(key) for key in list(more) if hasattr(home, key)})
    return UnitRow(project_id=UUID(int=1), id=UUID(int=2), home=home, place=1, state="free", **more)


@pytest.fixture
def seeds(database: object, tmp_path: Path) -> Seeds:
    """Give a project whose homes are in the register, and nothing else."""
    del database
    seeds = seed_project(tmp_path / "example")
    seeds.register("units")
    return seeds


@pytest.fixture
def site(seeds: Seeds) -> Iterator[str]:
    """Serve it."""
    del seeds
    with serve_site() as address:
        yield address


def open_page(browser: Browser, **more: Any) -> Page:
    return browser.new_context(**more).new_page()


def feed_once(news: dict[str, object]) -> Any:
    """Stand for the peak server: its stream says one thing and stays silent."""

    def answer(route: Route) -> None:
        body = f"event: wall\nid: 1\ndata: {json.dumps(news)}\n\n"
        route.fulfill(
            status=200,
            content_type="text/event-stream",
            headers={"Access-Control-Allow-Origin": "*"},
            body=body,
        )

    return answer


@pytest.mark.req("INV-1")
def test_a_file_shows_every_attribute_and_says_what_nobody_filled_in() -> None:
    facts = home_words.say_facts(
        make_unit(quality_grade="good", location_tier="core", handover_on=date(2027, 6, 1))
    )
    assert len(facts) >= ATTRIBUTES
    told = {fact.label: fact.value for fact in facts}
    assert (told["品质等级"], told["区位"], told["交房日期"]) == (
        "良好",
        "核心区",
        "2027 年 6 月 1 日",
    )
    assert told["学区"] == "没有填"
    assert {fact.label for fact in facts if not fact.is_known} >= {"学区", "车位", "医院"}


@pytest.mark.req("INV-7")
@pytest.mark.parametrize(
    ("orientation", "floor", "top", "said"),
    [
        ("南北", 3, 18, ("南北通透", "楼层低")),
        ("南", 18, 18, ("朝南", "顶层")),
        ("东南", 15, 18, ("朝南", "早上", "楼层高")),
        ("西", 8, 18, ("西晒", "居中")),
        ("北", 1, 6, ("基本晒不到", "楼层低")),
        ("", 8, 18, ("没有填朝向",)),
        ("南", None, None, ("朝南",)),
    ],
)
def test_the_sun_is_a_hint_in_plain_words(
    orientation: str, floor: int | None, top: int | None, said: tuple[str, ...]
) -> None:
    words = home_words.say_sun(orientation=orientation, floor=floor, total_floors=top)
    assert all(word in words for word in said)
    assert "到现场看" in words, "a hint that does not say it is one is a promise"


@pytest.mark.req("INV-7")
def test_the_amenity_map_keeps_its_scale_and_its_edge() -> None:
    assert map_amenities.draw_amenities(make_unit()) is None
    drawn = map_amenities.draw_amenities(
        make_unit(transit_distance_m=500, commerce_distance_m=1000, hospital_distance_m=40_000)
    )
    assert drawn is not None
    transit, commerce, hospital = drawn.places
    assert [ring.label for ring in drawn.rings] == [
        "3 公里",
        "2500 米",
        "2 公里",
        "1500 米",
        "1 公里",
        "500 米",
    ]
    assert drawn.centre - transit.y == drawn.rings[-1].radius, "500 m lie on the ring of 500 m"
    assert commerce.x > drawn.centre
    assert (hospital.is_beyond, hospital.told) == (True, "40.0 公里")


@pytest.mark.req("INV-6")
def test_the_quality_trace_names_who_signed_what_is_wrong_and_who_answers() -> None:
    at = datetime(2026, 6, 1, 2, 30, tzinfo=UTC)
    defect = DefectRow(id=UUID(int=3), unit_id=UUID(int=2), what="窗台渗水", reported_at=at)
    mended = replace(defect, mending="重做防水", mended_at=at, accepted_at=at)
    answers = ResponsibleRow(
        community="",
        building="",
        part=Part.DESIGN,
        organisation="柳岸设计院",
        responsible="赵工",
        named_at=at,
    )
    trace = QualityTrace(
        signed=frozenset({(Stage.DESIGN, Signer.BUILDER)}),
        open_defects=1,
        answered=frozenset({Part.DESIGN}),
    )
    told = home_quality.lay_out_quality(
        QualityFile(
            trace=trace,
            signatures=(SignatureRow(stage=Stage.DESIGN, party=Signer.BUILDER, signed_at=at),),
            defects=(defect, mended),
            responsible=(answers,),
            delivery=judge_delivery(trace=trace),
        )
    )
    assert (told.signed, told.wanted, told.is_passed) == (1, 9, False)
    assert told.stages[0].parties[0].when == "2026 年 6 月 1 日 10:30"
    assert [line.is_open for line in told.defects] == [True, False]
    assert told.defects[1].told.endswith("验收通过")
    assert told.answers[0].organisation == "柳岸设计院"


@pytest.mark.req("INV-7")
def test_the_comparison_marks_what_differs_and_nothing_else() -> None:
    units = [
        make_unit("1", floor=3),
        make_unit("2", floor=9, price_fen_per_sqm=523_050),
        make_unit("3"),
    ]
    rows = {row.label: row for row in compare.compare_units(units)}
    assert rows["楼层"].differs
    assert rows["单价"].differs
    assert [value.fact.value for value in rows["单价"].values] == ["—", "每平方米 5,230.50 元", "—"]
    assert not rows["户型"].differs
    assert compare.compare_units([]) == []


@pytest.mark.req("INV-7")
def test_a_drawn_room_is_one_picture_all_around() -> None:
    # Our own drawing, not a stranger's.
    drawn = ElementTree.fromstring(tour_rooms.draw_panorama(layout="<两室>", area_sqm=65))  # noqa: S314
    assert (drawn.get("width"), drawn.get("height")) == ("2048", "1024"), "equirectangular is 2:1"
    assert "<两室> · 示意图，不是实景" in "".join(drawn.itertext())
    assert tour_rooms.look_at((0.0, 0.0, 2.0)) == (1024.0, 512.0), "south is the middle"
    assert tour_rooms.look_at((2.0, 0.0, 0.0))[0] == 512.0, "who looks south has the east left"


def assert_every_home_stands_once(board: Board) -> None:
    """Check that the storey tables show the wall's homes, each with its own sign."""
    rows = in_order(board.buildings)
    _, signs = draw_towers(board.buildings)
    seen = {}
    for row in rows:
        for storey in tour.lay_out_building(rows, wanted=row).storeys:
            for cell in storey.cells:
                if cell is not None:
                    assert signs[cell.sign_at] == SIGNS[cell.state]
                    seen[cell.number] = cell.sign_at
    assert len(seen) == board.counts.homes
    assert sorted(seen.values()) == list(range(board.counts.homes))


@pytest.mark.req("INV-1")
@pytest.mark.req("INV-7")
def test_files_buildings_and_comparisons_answer_and_what_is_unknown_does_not(
    database: object, tmp_path: Path
) -> None:
    del database
    client = Client(headers={"host": "127.0.0.1"})
    seeds = seed_project(tmp_path / "example")
    assert "还没有可以看的楼" in client.get(f"/p/{seeds.code}/building/").content.decode()
    seeds.register("units")
    board = selection_board(project_id=seeds.project_id)
    assert_every_home_stands_once(board)
    homes = [tile for floor in board.buildings[0].floors for tile in floor.homes]
    home = homes[0]
    at = f"/p/{seeds.code}"
    page = client.get(f"{at}/homes/{home.number}/").content.decode()
    for words in (
        "一房一档",
        "朝向",
        "太阳",
        "柳岸小学",
        'class="amenities"',
        "房源表导入",
        "还没有签",
        'class="seal small"',
    ):
        assert words in page
    assert f"{at}/rooms/{quote(home.layout)}.svg" in page
    drawn = client.get(f"{at}/rooms/{quote(home.layout)}.svg")
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    asked = "&".join(f"home={quote(tile.number)}" for tile in homes[:4])
    compared = client.get(f"{at}/compare/?{asked}&home=").content.decode()
    assert "3 套房放在一起" in compared
    assert "一次最多比三套" in compared
    assert "没有找到“9-9”" in client.get(f"{at}/compare/?home=9-9").content.decode()
    assert client.get(f"{at}/building/").status_code == 200
    for nowhere in (
        f"{at}/homes/9-9-99/",
        f"{at}/rooms/{quote('十室十厅')}.svg",
        f"{at}/building/?building=nowhere",
        f"/p/nobody/homes/{home.number}/",
    ):
        assert client.get(nowhere).status_code == 404, nowhere


@pytest.mark.req("INV-7")
def test_without_script_the_storey_table_stands_alone_on_a_phone(
    seeds: Seeds, site: str, browser: Browser
) -> None:
    page = open_page(browser, viewport=PHONE, java_script_enabled=False)
    page.goto(f"{site}/p/{seeds.code}/building/")
    expect(page.locator("[data-solid]")).to_be_hidden()
    cell = page.locator("a.cell").first
    box = cell.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    cell.click()
    expect(page.locator("h1")).to_contain_text("号楼")
    expect(page.locator("[data-enter]")).to_be_hidden()
    expect(page.locator(".rooms img")).to_be_visible()
    page.get_by_role("link", name="和别的房比").click()
    expect(page.locator("h1")).to_have_text("再选一套来比")
    assert page.evaluate("1") == 1
    page.context.close()


@pytest.mark.req("INV-7")
def test_the_building_stands_solid_or_its_table_says_why_not_and_both_are_live(
    seeds: Seeds, site: str, browser: Browser
) -> None:
    board = selection_board(project_id=seeds.project_id)
    _, signs = draw_towers(board.buildings)
    row = in_order(board.buildings)[0]
    query = query_of(community=row.community, building=row.building)
    address = f"{site}/p/{seeds.code}/building/?{query}"
    news: dict[str, object] = {"revision": 1, "parts": {}, "homes": "tn" + signs[2:]}
    for has_webgl, switches in ((True, SOFT_GRAPHICS), (False, NO_GRAPHICS)):
        started = start_chromium(browser, *switches)
        page = open_page(started, viewport=DESK)
        complaints = note_complaints(page)
        page.route("**/live/*/events*", feed_once(news))
        page.goto(address, wait_until="domcontentloaded")
        how = assert_the_table_is_live(page, row)
        # A machine may have no WebGL at all: then both runs are the second one.
        if has_webgl and how == "drawn":
            assert_it_turns_and_opens(page)
            assert_a_finger_asks_for_it_and_opens(started, address)
        else:
            assert how == "none", how
            expect(page.locator("[data-solid]")).to_be_hidden()
            expect(page.locator("[data-no-solid]")).to_contain_text("画不出立体楼")
        assert complaints == []
        started.close()


def start_chromium(browser: Browser, *switches: str) -> Browser:
    """Start another Chromium with other graphics."""
    args = [switch for switch in SWITCHES if switch != "--disable-gpu"]
    return browser.browser_type.launch(
        executable_path=CHROMIUM, headless=True, args=[*args, *switches]
    )


def assert_a_finger_asks_for_it_and_opens(browser: Browser, address: str) -> None:
    """On a phone the building is fetched when asked; a tap says which home, the next opens it."""
    page = open_page(browser, viewport=PHONE, has_touch=True, is_mobile=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}#home-3", wait_until="load")
    expect(page.locator("[data-building]")).to_have_attribute("data-solid-is", "offered")
    assert not any("three" in url for url in asked)
    page.locator("[data-show-solid]").tap()
    expect(page.locator("[data-building]")).to_have_attribute(
        "data-solid-is", "drawn", timeout=30_000
    )
    view = page.locator("[data-view]")
    view.scroll_into_view_if_needed()
    view.tap()
    expect(page.locator("[data-told]")).to_contain_text("打开档案")
    assert "/building/" in page.url
    view.tap()
    expect(page).to_have_url(re.compile("/homes/"))
    page.context.close()


def note_complaints(page: Page) -> list[str]:
    """Gather what the page does that it may not, or does wrong."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda told: complaints.append(told.text) if "Content Security" in told.text else None,
    )
    return complaints


def assert_the_table_is_live(page: Page, row: BuildingRow) -> str:
    """Check that the stream's sign reached the table; give what became of the solid view."""
    expect(page.locator("[data-at='0']")).to_have_class("cell taken fresh-home")
    expect(page.locator("[data-at='1']")).to_have_class("cell named")
    expect(page.locator("[data-at='1'] [data-state]")).to_have_text("待复核")
    expect(page.locator("[data-free]")).to_have_text(str(row.free - 2))
    both = page.locator("[data-building]")
    expect(both).to_have_attribute("data-solid-is", re.compile("drawn|none"))
    return both.get_attribute("data-solid-is") or ""


def assert_it_turns_and_opens(page: Page) -> None:
    """Turn the building by key, point at a home in the table, and click it open."""
    view = page.locator("[data-view]")
    turned = view.get_attribute("data-turn") or ""
    view.press("ArrowRight")
    expect(view).not_to_have_attribute("data-turn", turned)
    page.locator("[data-at='2']").hover()
    expect(page.locator("[data-told]")).to_contain_text("打开档案")
    view.click()
    expect(page).to_have_url(re.compile("/homes/"))
    page.locator("[data-enter]").click()
    expect(page.locator("[data-rooms]")).to_have_attribute("data-rooms-is", "open", timeout=30_000)
