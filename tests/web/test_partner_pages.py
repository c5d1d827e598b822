"""Companies, ratings and the five years' plan in a browser, on a phone and on a desktop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import override_settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.access.context import reading
from anju.foundation.casework.operations import open_case
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.clock import CHINA, read_clock
from anju.foundation.core.crypto import new_id
from anju.titles.communities.operations import open_community
from anju.titles.partners.board import rating_token, ratings_since
from anju.titles.partners.operations.bases import record_basis
from anju.titles.partners.operations.facts import note_fact, publish_stars
from anju.titles.partners.operations.parties import lay_duty, register_party
from anju.titles.partners.operations.ratings import give_rating
from anju.titles.partners.queries import demands_of, restrictions_of
from anju.titles.partners.types import RatingWords
from anju.web.officer import case_receipt
from anju.web.rating_codes import rating_qr
from anju_rules.partners.bases import Act, LegalBasis, Rank
from anju_rules.partners.stars import FactKind
from anju_rules.ratings import Level
from tests.support.access import PASSWORD, SYSTEM
from tests.support.communities import TERMS, Town, open_town
from tests.support.pages import look
from tests.support.site import client_of, serve_site, sign_in_officer

if TYPE_CHECKING:
    from tests.support.databases import Database

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}
"""A folder for pictures of every page, for people who look at them."""
CREDITS = ("91110000600037341L", "91350100M000100Y43")


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["127.0.0.1", "testserver"]):
        yield open_town(homes=4)


@pytest.fixture
def site(town: Town) -> Iterator[str]:
    del town
    with serve_site() as address:
        yield address


def today() -> date:
    """Give the day in the city, as the pages see it."""
    return read_clock().astimezone(CHINA).date()


def new_page(browser: Browser, size: dict[str, int], *, javascript: bool = True) -> Page:
    return browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        java_script_enabled=javascript,
        reduced_motion="reduce",
    ).new_page()


def serve_owner(town: Town, place: int = 0) -> CaseRow:
    """Open a case of an owner's: a service to rate."""
    household = town.homes[place].household_id
    assert household is not None
    return open_case(
        project_id=town.project_id,
        procedure="objection",
        subject_kind="household",
        subject_id=household,
        household_id=household,
        division="370105012",
        by=town.officer("street-officer"),
        at=read_clock(),
    )


def plant_companies(town: Town) -> tuple[UUID, UUID]:
    """Put a developer with three buildings and a manager with facts on file."""
    by, at = town.officer(), read_clock()
    developer = register_party(
        kind="developer", name="泉城置业有限公司", credit_code=CREDITS[0], by=by, at=at
    )
    manager = register_party(
        kind="manager", name="安心物业有限公司", credit_code=CREDITS[1], by=by, at=at
    )
    for building, handed in (("1 号楼", date(2016, 9, 30)), ("2 号楼", at.date())):
        lay_duty(
            project_id=town.project_id,
            party_id=developer.id,
            building=building,
            accepted_on=None,
            handed_over_on=handed,
            by=by,
            at=at,
        )
    for place in range(12):
        note_fact(
            project_id=town.project_id,
            party_id=manager.id,
            kind=list(FactKind)[place % 3],
            is_met=place != 4,
            on=date(2026, 3, 1),
            about="一单元材料收齐",
            by=by,
            at=at,
        )
    return developer.id, manager.id


@pytest.mark.req("PRT-3")
def test_a_phone_rates_a_service_without_script_and_without_signing_in(
    town: Town, site: str, browser: Browser
) -> None:
    case = serve_owner(town)
    token = rating_token(project_id=town.project_id, service_id=case.id)
    page = new_page(browser, PHONE, javascript=False)
    page.goto(f"{site}/rate/{token}/?by=window")
    expect(page.get_by_role("heading", name="这次办得怎么样")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(5)
    for face in page.locator(".face").all():
        box = face.bounding_box()
        assert box is not None
        assert box["height"] >= 48, "as high as a thumb"
    look(new_page_like(browser, page.url), "rate")
    look(page, "rate")
    page.get_by_role("button", name="交上去").click()
    expect(page.get_by_role("heading", name="这次办得怎么样")).to_be_visible()
    page.get_by_label("不满意", exact=True).check()
    page.get_by_label("想说的话").fill("材料退了两次，没有一次说清")
    page.get_by_role("button", name="交上去").click()
    expect(page.get_by_role("heading", name="谢谢，评价已收到")).to_be_visible()
    look(page, "rate-done")
    page.goto(f"{site}/rate/{token}/")
    expect(page.get_by_role("radio")).to_have_count(0)
    (row,) = ratings_since(since=read_clock() - timedelta(hours=1), by=town.officer())
    assert (row.level, row.channel, row.is_case_open) == (Level.BAD, "window", True)


def new_page_like(browser: Browser, address: str) -> Page:
    page = new_page(browser, WIDE)
    page.goto(address)
    return page


@pytest.mark.req("PRT-3")
def test_the_same_code_sent_twice_is_refused_and_an_officer_rates_for_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = serve_owner(town)
    request = RequestFactory().get("/")
    code = rating_qr(case, request=request)
    assert code.image.startswith("data:image/svg+xml")
    path = code.address.removeprefix("http://testserver")
    assert rating_qr(case, request=request, channel="window").address == f"{code.address}?by=window"
    assert Client().get("/rate/no-such-token/").status_code == 404
    officer = client_of(town.people["street-officer"].id)
    # What is printed, read before it becomes a paper.
    monkeypatch.setattr(case_receipt, "set_paper", lambda *told: render_to_string(*told).encode())
    receipt = officer.get(f"/desk/cases/{case.id}/receipt.pdf").content.decode()
    assert f"{code.address}?by=window" in receipt
    assert case.number in receipt
    assert officer.post(f"{path}give/", {"level": "5"}).status_code == 409
    assert Client().post(f"{path}give/", {"level": "6"}).status_code == 409
    assert Client().post(f"{path}give/", {"level": "5"}).status_code == 303
    answer = Client().post(f"{path}give/", {"level": "1"})
    assert answer.status_code == 409
    assert "每件只评一次" in answer.content.decode()


@pytest.mark.req("PRT-3")
def test_the_board_counts_by_matter_and_office_and_leads_to_the_case(
    town: Town, site: str, browser: Browser
) -> None:
    for place, level in enumerate((Level.VERY_GOOD, Level.GOOD, Level.VERY_BAD)):
        case = serve_owner(town, place)
        give_rating(
            token=rating_token(project_id=town.project_id, service_id=case.id),
            level=level,
            words=RatingWords(comment="等了两个小时", contact=""),
            wants_visit=False,
            channel="qr",
            by=SYSTEM,
            at=read_clock(),
        )
    page = new_page(browser, PHONE)
    sign_in_officer(page, site, town.people["district-officer"])
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"{site}/desk/titles/ratings/")
        expect(page.get_by_role("heading", level=1)).to_have_text("满意率 66.6%")
        expect(page.get_by_text("前三档 2 / 3")).to_be_visible()
        look(page, "ratings")
    page.get_by_role("button", name="看留言").click()
    expect(page.get_by_text("等了两个小时")).to_be_visible()
    look(page, "rating-words")
    page.go_back()
    page.locator("#bad").locator("..").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="回访核实").first).to_be_visible()


@pytest.mark.req("PRT-1", "PRT-2")
def test_an_act_without_a_basis_is_dead_on_the_page_and_says_why(
    town: Town, site: str, browser: Browser
) -> None:
    developer, manager = plant_companies(town)
    publish_stars(quarter="2026-Q2", by=town.officer(), at=read_clock())
    page = new_page(browser, PHONE)
    sign_in_officer(page, site, town.people["city-officer"])
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"{site}/desk/titles/partners/")
        expect(page.get_by_role("heading", level=1)).to_have_text("首次登记按期率 0%")
        look(page, "partners-desk")
        page.goto(f"{site}/desk/titles/partners/{manager}/")
        look(page, "manager")
        page.goto(f"{site}/desk/titles/partners/{developer}/")
        expect(page.get_by_role("button", name="要求担保")).to_be_disabled()
        expect(page.get_by_role("button", name="限制市场准入")).to_be_disabled()
        expect(page.get_by_text("没有登记法律依据").first).to_be_visible()
        look(page, "developer-disabled")
    on = today()
    basis = LegalBasis(
        act=Act.SECURITY,
        rank=Rank.REGULATION,
        clause="第七条",
        source="某条例（国务院令第 000 号）",
        certainty="C",
        from_on=on,
        until_on=on + timedelta(days=90),
    )
    city = town.officer("city-officer")
    record_basis(basis=basis, by=city, at=read_clock())
    record_basis(basis=replace(basis, act=Act.RESTRICTION), by=city, at=read_clock())
    demand_on(page, town, developer)
    restrict_on(page, town, developer)
    look(page, "developer")
    for size in (PHONE, WIDE):
        public = new_page(browser, size)
        public.goto(f"{site}/titles/partners/")
        expect(public.get_by_text("三次催告仍不申请")).to_be_visible()
        look(public, "partners-public")


def demand_on(page: Page, town: Town, developer: UUID) -> None:
    """Ask for a security on the page, and take a bank guarantee that is not enough yet."""
    until = (today() + timedelta(days=200)).isoformat()
    page.reload()
    page.locator("summary", has_text="要求担保").click()
    page.get_by_label("金额（元）").fill("100000")
    page.get_by_label("保到哪天").fill(until)
    page.get_by_role("button", name="要求担保").click()
    page.get_by_text("登记收到的").click()
    page.get_by_label("金额（元）").fill("60000")
    page.get_by_label("哪天给的").fill(today().isoformat())
    page.get_by_label("银行或收款单位").fill("示例银行")
    page.get_by_label("编号").fill("BH-1")
    page.get_by_label("保函到期日").fill(until)
    page.get_by_role("button", name="登记", exact=True).last.click()
    expect(page.get_by_text("已提供 60000.00 元")).to_be_visible()
    (row,) = demands_of(party_id=developer, on=today(), by=town.officer())
    assert [one.form.value for one in row.given] == ["guarantee"]


def restrict_on(page: Page, town: Town, developer: UUID) -> None:
    """Restrict the company on the page, with a second signature."""
    page.get_by_text("限制市场准入（两人签字）").click()
    page.get_by_label("理由").fill("三次催告仍不申请首次登记")
    page.get_by_label("到哪天").fill((today() + timedelta(days=60)).isoformat())
    second = town.people["district-officer"]
    page.get_by_label("账号").fill("district-officer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("六位数字").fill(second.code(read_clock()))
    page.get_by_role("button", name="两人签字，限制").click()
    expect(page.get_by_role("heading", name="市场准入已限制")).to_be_visible()
    (row,) = restrictions_of(party_ids=[developer], on=today())
    assert row.is_in_force


@pytest.mark.req("MIL-3", "MIL-4")
def test_the_plan_shows_its_bars_and_says_what_nobody_has_counted(
    town: Town, site: str, browser: Browser
) -> None:
    plant_companies(town)
    page = new_page(browser, PHONE)
    sign_in_officer(page, site, town.people["district-officer"])
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(f"{site}/titles/programme/")
        expect(page.locator(".targets > li")).to_have_count(10)
        expect(page.get_by_text("还没有人报数，不算 0").first).to_be_visible()
        look(page, "programme")
        page.goto(f"{site}/desk/titles/programme/")
        expect(page.locator(".target-bar.unknown").first).to_be_visible()
        look(page, "programme-desk")


@pytest.mark.req("PRT-1")
def test_a_form_of_the_list_is_read_into_its_act_or_refused(town: Town) -> None:
    client = client_of(town.people["city-officer"].id)
    at = "/desk/titles/partners/"

    def send(which: str, /, **told: Any) -> int:
        return int(client.post(f"{at}{which}/", told).status_code)

    company = {"kind": "developer", "name": "甲公司", "credit": CREDITS[0]}
    assert send("register", **company) == 303
    assert send("register", **company) == 409
    text = {"act": "security", "rank": "law", "source": "某法", "article": "第一条"}
    assert send("record", **text, **{"from": "2026-01-01"}) == 303
    assert send("record", **text, **{"from": "soon"}) == 422
    assert send("withdraw", basis=str(new_id()), why="废止") == 409
    with reading(by=town.officer()):
        page = client.get("/desk/titles/partners/").content.decode()
    assert "还没有核对原文" in page


@pytest.mark.req("PRT-1")
def test_a_developer_is_asked_in_each_of_its_communities_once(town: Town) -> None:
    developer, _ = plant_companies(town)
    city, at = town.officer("city-officer"), read_clock()
    basis = LegalBasis(
        act=Act.SECURITY,
        rank=Rank.REGULATION,
        clause="第七条",
        source="某条例（国务院令第 000 号）",
        certainty="C",
        from_on=today(),
        until_on=None,
    )
    kept = record_basis(basis=basis, by=city, at=at)
    client = client_of(town.people["city-officer"].id)
    address = f"/desk/titles/partners/{developer}/"

    def ask(community_id: UUID) -> int:
        until = (today() + timedelta(days=200)).isoformat()
        told = {
            "community": str(community_id),
            "basis": str(kept.id),
            "amount": "1",
            "until": until,
        }
        return int(client.post(f"{address}demand/", told).status_code)

    assert ask(town.project_id) == 303
    assert 'name="basis"' not in client.get(address).content.decode()
    terms = replace(TERMS, code="HY-02", name="杏苑小区", parcel="")
    other = open_community(terms=terms, by=town.officer(), at=at)
    page = client.get(address).content.decode()
    offered = page.partition('id="demand-community"')[2].partition("</select>")[0]
    assert str(other.id) in offered
    assert str(town.project_id) not in offered
    assert ask(other.id) == 303


@pytest.mark.req("PRT-3")
def test_an_owner_is_led_from_the_case_to_its_rating(town: Town) -> None:
    owner = town.owner(town.homes[0])
    case = serve_owner(town)
    client = client_of(owner.account_id)
    token = rating_token(project_id=town.project_id, service_id=case.id)
    for address in ("/me/case/", f"/me/case/{case.id}/"):
        assert f"/rate/{token}/?by=online" in client.get(address).content.decode()
    assert "异议复核" in client.get(f"/rate/{token}/").content.decode()
