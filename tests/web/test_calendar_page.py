"""The holidays that deadlines are counted by: looked at by every officer, loaded by the city."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test.utils import override_settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.casework.calendars import current_calendar, find_notice
from anju.web.officer.calendar import NEXT_YEAR
from anju_rules.calendar import LAST_NOTICE_YEAR
from tests.support.databases import Database
from tests.support.desks import Desks, open_desks
from tests.support.pages import look
from tests.support.site import client_of, serve_site, sign_in_officer

PHONE = {"width": 390, "height": 844}


def say(day: date, *, weekday: date | None = None) -> str:
    return f"{day.month}月{day.day}日（周{'一二三四五六日'[(weekday or day).weekday()]}）"


def notice_for(year: int) -> str:
    """Write a notice as the State Council would: New Year, and a week in October."""
    first, last = date(year, 10, 1), date(year, 10, 7)
    worked = last + timedelta(days=1)
    while worked.weekday() != 5:
        worked += timedelta(days=1)
    return (
        f"一、元旦：{say(date(year, 1, 1))}放假，共1天。\n"
        f"二、国庆节：{say(first)}至{say(last)}放假调休，共7天。{say(worked)}上班。\n"
        "节假日期间，各地区、各部门要妥善安排好值班。"
    )


@pytest.fixture
def desks(database: Database) -> Iterator[Desks]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["testserver", "127.0.0.1"]):
        yield open_desks(households=4)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.mark.req("TTL-4")
def test_the_city_pastes_the_notice_and_looks_before_it_is_loaded(desks: Desks, page: Page) -> None:
    city = desks.people["city-officer1"]
    with serve_site() as site:
        sign_in_officer(page, site, city)
        expect(page.locator("nav[aria-label=主要]")).to_be_visible()
        page.goto(f"{site}/desk/calendar/")
        expect(page.locator("h1")).to_have_text(f"{NEXT_YEAR} 年的放假安排还没有载入")
        expect(page.get_by_text(f"{LAST_NOTICE_YEAR} 年 放假")).to_be_visible()
        look(page, "calendar")

        stale = notice_for(LAST_NOTICE_YEAR)
        page.fill("#text", stale)
        page.get_by_role("button", name="读出来看看").click()
        expect(page.get_by_text("是不是贴了别的年份的通知")).to_be_visible()
        expect(page.locator("#text")).to_have_value(stale)

        page.fill("#text", notice_for(NEXT_YEAR))
        page.get_by_role("button", name="读出来看看").click()
        expect(page.locator("h1")).to_have_text(f"{NEXT_YEAR} 年：放假 8 天，调休上班 1 天")
        expect(page.locator(".now .off")).to_have_count(8)
        expect(page.locator(".now .worked")).to_have_count(1)
        look(page, "calendar-read")
        assert find_notice(year=NEXT_YEAR, by=city.actor) is None

        page.get_by_role("button", name="核对无误，载入").click()
        expect(page.locator("h1")).to_have_text(f"放假安排已知到 {NEXT_YEAR} 年")
        expect(page.locator("#text")).to_have_count(0)
        look(page, "calendar-loaded")
    kept = find_notice(year=NEXT_YEAR, by=city.actor)
    assert kept is not None
    assert len(kept.off_days) == 8


@pytest.mark.threat("T-23")
def test_a_street_officer_looks_and_loads_nothing(desks: Desks) -> None:
    street = client_of(desks.people["street-officer1"].id)
    shown = street.get("/desk/calendar/")
    assert shown.status_code == 200
    assert "通知正文" not in shown.content.decode()
    told = {"text": notice_for(NEXT_YEAR)}
    for act in ("read", "load"):
        assert street.post(f"/desk/calendar/{act}/", told).status_code == 404
    city = desks.people["city-officer1"]
    assert find_notice(year=NEXT_YEAR, by=city.actor) is None
    assert client_of(city.id).post("/desk/calendar/load/", {"text": "x"}).status_code == 422


def test_the_loaded_notice_is_what_deadlines_are_counted_by(desks: Desks) -> None:
    new_years_day = date(NEXT_YEAR, 1, 1)
    assert current_calendar().is_working_day(new_years_day) == (new_years_day.weekday() < 5)
    city = client_of(desks.people["city-officer1"].id)
    told = {"text": notice_for(NEXT_YEAR)}
    assert city.post("/desk/calendar/load/", told).status_code == 303
    assert not current_calendar().is_working_day(new_years_day)
