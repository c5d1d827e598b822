"""Title cases at the desk, and the reform as everybody sees it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser, ViewportSize

from anju.foundation.core.clock import read_clock
from anju.titles.cases.operations import freeze_sample, register_restriction
from anju.titles.cases.types import TRANSFERS
from anju.web.title_process import lay_out_process
from anju_rules.procedures.states import Status
from anju_rules.restrictions import RestrictionKind
from tests.contexts.test_title_cases import states
from tests.support.access import PASSWORD
from tests.support.communities import Town, open_town
from tests.support.pages import overhang
from tests.support.site import client_of, serve_site, sign_in_officer
from tests.support.title_cases import (
    accept,
    case_now,
    decide,
    default_papers,
    file_first,
    file_transfer,
    open_registry,
    walk,
)

SIZES: tuple[ViewportSize, ...] = ({"width": 390, "height": 844}, {"width": 1440, "height": 1000})
SHOTS = os.environ.get("ANJU_SHOTS", "")
"""A folder for pictures of the pages, for a person to look at."""
HOUR = timedelta(hours=1)


@pytest.fixture
def town(database: object) -> Iterator[Town]:
    del database
    cache.clear()
    with override_settings(ALLOWED_HOSTS=["testserver", "127.0.0.1"], SCANNER="off"):
        yield open_town(homes=4)


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def signed(town: Town) -> dict[str, str]:
    second = town.people["supervisor"]
    return {
        "second_login": second.login,
        "second_password": PASSWORD,
        "second_code": second.code(read_clock()),
    }


@pytest.mark.req("TTL-1", "TTL-9")
def test_an_owner_is_taken_from_filing_to_the_register_at_the_desk(town: Town) -> None:
    at = read_clock() - 3 * HOUR
    walk(town, file_first(town, at=at).id, at=at)
    row = file_transfer(town, town.homes[0], at=at + HOUR, is_joint=False)
    desk, company = (
        client_of(town.people["district-officer"].id),
        client_of(town.people["developer"].id),
    )
    case = f"/desk/cases/{row.id}/"
    mine = f"/desk/titles/cases/{row.id}"
    page = shown(desk, case)
    assert "开发企业还没确认" in page
    assert "王*1" in page
    assert 'id="fees"' in page
    assert 'id="limits"' in page
    seen = shown(company, case)
    assert "王*" not in seen, "a company sees no owner"
    assert 'id="fees"' not in seen, "nor what an owner pays"
    assert 'id="limits"' not in seen, "nor what stands against an owner's home"
    assert company.post(f"{mine}/join/").status_code == 303
    accept(town, row.id, at=at + HOUR)
    decide(town, row.id, "intake", "taken-in", at=at + HOUR)
    told = {"step": "payment", "outcome": "settled", "paper": "税务〔2026〕8号"}
    assert desk.post(f"{mine}/departments/", told).status_code == 409, "no proof of tax yet"
    facts = {"homes_owned": "1", "cost": "3000"}
    assert desk.post(f"{mine}/facts/", facts).status_code == 303
    assert "向税务部门查契税" in shown(desk, case)
    refused = desk.post(f"{mine}/tax-office/")
    assert "没有登记证件号" in refused.content.decode(), "nobody is asked about without a number"
    receipt = {
        "kind": "deed-tax",
        "says": "paid",
        "number": "SP-2026-1",
        "yuan": "7080",
        "paid_on": at.date().isoformat(),
    }
    assert desk.post(f"{mine}/receipts/", receipt).status_code == 303
    page = shown(desk, case)
    assert "SP-2026-1" in page
    assert "按凭证录入" in page
    assert "7,080" in page
    for step, outcome in (("payment", "settled"), ("planning-check", "passed")):
        form = {"step": step, "outcome": outcome, "paper": "文〔2026〕9号"}
        assert desk.post(f"{mine}/departments/", form).status_code == 303
    form = {"step": "survey", "outcome": "passed", "paper": ""}
    assert desk.post(f"{mine}/departments/", form).status_code == 422
    assert desk.post(f"{mine}/departments/", {**form, "paper": "测〔2026〕1号"}).status_code == 303
    told = {"kind": "decide", "step": "review", "outcome": "approved"}
    assert desk.post(f"{case}act/", {**told, **signed(town)}).status_code == 303
    assert "登簿发证" in shown(desk, case)
    told = {"kind": "decide", "step": "issue", "outcome": "issued"}
    assert desk.post(f"{case}act/", told).status_code == 409, "not without its certificate"
    open_registry(town, at=read_clock())
    assert desk.post(f"{mine}/issue/").status_code == 303
    assert case_now(town, row.id).status is Status.DONE
    assert states(town)["1-101"] == "titled"
    overview = shown(desk, "/desk/titles/cases/")
    assert "2 件里 0 件超期" in overview
    assert "0.0%（0 ÷ 2）" in overview


@pytest.mark.req("TTL-1")
def test_a_restriction_is_registered_and_lifted_on_the_page_of_the_case(town: Town) -> None:
    at = read_clock() - 3 * HOUR
    walk(town, file_first(town, at=at).id, at=at)
    row = file_transfer(town, town.homes[0], at=at)
    accept(town, row.id, at=at)
    desk = client_of(town.people["district-officer"].id)
    mine = f"/desk/titles/cases/{row.id}/restrictions"
    form = {"kind": "seizure", "paper": "执1号", "from_on": at.date().isoformat()}
    assert desk.post(f"{mine}/", {**form, "kind": "spell"}).status_code == 422
    assert desk.post(f"{mine}/", form).status_code == 303
    page = shown(desk, f"/desk/cases/{row.id}/")
    assert "因限制停办" in page
    restriction = page.split('name="restriction" value="')[1].split('"')[0]
    told = {"restriction": restriction, "why": "解封裁定"}
    assert desk.post(f"{mine}/lift/", told).status_code == 303
    assert "解除：解封裁定" in shown(desk, f"/desk/cases/{row.id}/")
    stranger = client_of(town.people["manager"].id)
    assert stranger.post(f"{mine}/", form).status_code == 404


@pytest.mark.req("TTL-3")
def test_commitments_are_sampled_and_checked_at_the_desk(town: Town) -> None:
    at = read_clock() - 3 * HOUR
    walk(town, file_first(town, at=at).id, at=at)
    row = file_transfer(town, town.homes[0], at=at)
    desk = client_of(town.people["district-officer"].id)
    page = f"/desk/titles/checks/{town.community.code}/"
    assert "1 份承诺，1 份待抽" in shown(desk, page)
    form = {"count": "1", "beacon_at": "2099-01-01T09:00"}
    assert desk.post(f"{page}freeze/", {**form, "beacon_at": "soon"}).status_code == 422
    assert desk.post(f"{page}freeze/", form).status_code == 303
    assert "等公开号码：从 1 份里抽 1 份" in shown(desk, page)
    case = shown(desk, f"/desk/cases/{row.id}/")
    commitment = case.split('name="commitment" value="')[1].split('"')[0]
    told = {"commitment": commitment, "found": "false", "finding": "另有两套"}
    address = f"/desk/titles/cases/{row.id}/commitments/"
    assert desk.post(address, told).status_code == 403, "two people sign"
    second = town.people["city-officer"]
    told |= {"second_login": second.login, "second_password": PASSWORD}
    assert desk.post(address, told | {"second_code": second.code(read_clock())}).status_code == 303
    assert "核查不实" in shown(desk, page)


@pytest.mark.req("TTL-1")
def test_everybody_reads_what_became_of_each_step_with_its_clause_and_source() -> None:
    process = lay_out_process()
    assert [one.code for one in process.pictures] == list(TRANSFERS)
    assert [(one.steps, one.materials, one.days) for one in process.pictures] == [
        (12, 15, 25),
        (8, 7, 5),
        (6, 4, 5),
    ]
    assert [len(one.steps) for one in process.changes] == [12, 8]
    assert [len(one.materials) for one in process.changes] == [15, 7]
    for change in process.changes:
        for row in (*change.steps, *change.materials):
            assert row.clause
            assert row.new or row.why
            assert bool(row.source) == (row.fate == "shared")
    for picture in process.pictures:
        assert len(picture.boxes) == picture.steps
        taken = [(box.x, box.y) for box in picture.boxes]
        assert len(set(taken)) == picture.steps, "no step covers another"
        assert all(box.x >= 0 and box.x + box.width <= picture.width for box in picture.boxes)
    rows = {
        code: len({box.y for box in one.boxes})
        for code, one in zip(TRANSFERS, process.pictures, strict=True)
    }
    assert rows == {"title-12-steps": 12, "title-8-steps": 5, "title-6-steps": 4}


@pytest.mark.req("TTL-1", "OPS-3")
def test_the_pages_fit_a_telephone_and_a_desk(town: Town, browser: Browser) -> None:
    at = read_clock() - 3 * HOUR
    walk(town, file_first(town, at=at).id, at=at)
    row = file_transfer(
        town,
        town.homes[0],
        at=at,
        materials=default_papers("title-6-steps", without=("floor-sketch",)),
    )
    accept(town, row.id, at=at)
    decide(town, row.id, "intake", "taken-in-owing", at=at)
    file_transfer(town, town.homes[1], at=at, version="title-8-steps")
    register_restriction(
        project_id=town.project_id,
        home_id=town.homes[0].id,
        kind=RestrictionKind.ADVANCE_NOTICE,
        paper="预告〔2026〕3号",
        from_on=at.date(),
        for_household=town.homes[0].household_id,
        by=town.officer(),
        at=at,
    )
    freeze_sample(
        project_id=town.project_id,
        count=1,
        beacon_rule="balls:6x00-99",
        beacon_at=at + 100 * HOUR,
        by=town.officer(),
        at=at,
    )
    pages = {
        "cases": "/desk/titles/cases/",
        "case": f"/desk/cases/{row.id}/",
        "checks": f"/desk/titles/checks/{town.community.code}/",
        "desk-process": "/desk/titles/process/",
        "process": "/titles/process/",
    }
    with serve_site() as site:
        context = browser.new_context()
        page = context.new_page()
        sign_in_officer(page, site, town.people["district-officer"])
        page.wait_for_load_state()
        for size in SIZES:
            page.set_viewport_size(size)
            for name, address in pages.items():
                page.goto(f"{site}{address}")
                if SHOTS:
                    path = Path(SHOTS) / f"title-{name}-{size['width']}.png"
                    page.screenshot(path=path, full_page=True)
                assert overhang(page) <= 0, f"{name} at {size['width']}"
        context.close()
