"""The re-match in a browser: a family's wishes, two officers' signatures, everybody's list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.operations import HouseholdKey, create_household_accounts
from anju.foundation.core.clock import read_clock
from anju.foundation.ledger.queries import entries_of
from anju.resettlement.rematch.queries import find_own_wishes, running_round
from anju_rules.rematch_records import verify_rematch
from tests.support.access import PASSWORD, SYSTEM, Family, Person, open_officer, open_tier
from tests.support.eligibility import finish_on_paper
from tests.support.pages import look, press
from tests.support.rematches import (
    QUARTER,
    ended_project,
    freeze_and_carry_out,
    open_round,
    turn_at,
    wish,
    wishable,
)
from tests.support.selections import Selected, scored_project
from tests.support.site import DISTRICT, serve_site, sign_in_family, sign_in_officer

if TYPE_CHECKING:
    from tests.support.databases import Database

pytestmark = pytest.mark.req("MAT-3")

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}
"""A folder for pictures of every page, for people who look at them."""


@pytest.fixture
def project(database: Database) -> Selected:
    assert database.name
    return ended_project(code="YJ-2026")


@pytest.fixture
def site(project: Selected) -> Iterator[str]:
    del project
    with serve_site() as address:
        yield address


def open_pages(browser: Browser, *, javascript: bool = True) -> list[Page]:
    """Give a page on a phone and one on a desktop; both say nothing wrong of themselves."""
    pages = []
    for size in (PHONE, WIDE):
        page = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            reduced_motion="reduce",
        ).new_page()
        pages.append(page)
    return pages


def family_of(project: Selected, place: int) -> Family:
    return open_account(project, turn_at(project, place).household_id)


def open_account(project: Selected, household_id: UUID) -> Family:
    code, pin = new_household_code(), new_pin()
    (account_id,) = create_household_accounts(
        project_id=project.id,
        keys=[HouseholdKey(household_id=household_id, code=code, pin=pin)],
        by=SYSTEM,
        at=read_clock(),
    )
    return Family(id=household_id, account_id=account_id, project_id=project.id, code=code, pin=pin)


def officers() -> tuple[Person, Person]:
    district = open_tier(DISTRICT)
    first, second = (
        open_officer(login, role="district-officer", organisation_id=district)
        for login in ("zhao", "qian")
    )
    return first, second


@pytest.mark.req("SEC-5")
def test_a_family_hands_its_wishes_in_by_phone_and_the_desk_for_another(
    project: Selected, site: str, browser: Browser
) -> None:
    officer, _ = officers()
    phone, wide = open_pages(browser, javascript=False)
    sign_in_officer(wide, site, officer)
    wide.goto(f"{site}/desk/YJ-2026/rematch/")
    look(wide, "desk-before")
    wide.fill("#quarter", QUARTER)
    wide.click("text=开始收志愿")
    expect(wide.locator("h1")).to_have_text("2026 年第三季度动态调剂：正在收志愿")

    family = family_of(project, 1)
    sign_in_family(phone, site, family)
    phone.click("text=正在收志愿，您家还没有交")
    own = turn_at(project, 1).unit_ids[0]
    look(phone, "family-holder")
    vacant = wishable(project, 1, offers=own)
    phone.select_option("#wish-1", str(vacant[0]))
    phone.select_option("#wish-2", str(turn_at(project, 4).unit_ids[0]))
    phone.check("text=我知道截止后志愿按签号公开")
    phone.click("text=交上去")
    expect(phone.locator("h1")).to_have_text("志愿已经交了，截止前还能改")
    look(phone, "family-handed-in")
    running = running_round(project_id=project.id)
    assert running is not None
    told: dict[str, Any] = {
        "project_id": project.id,
        "round_id": running.id,
        "by": project.officer,
    }
    kept = find_own_wishes(household_id=turn_at(project, 1).household_id, **told)
    assert kept is not None
    assert kept.offered_id == own
    assert kept.unit_ids == (vacant[0], *turn_at(project, 4).unit_ids)

    third = turn_at(project, 3).household_id
    number = next(told for told, known in project.households.items() if known == third)
    wide.fill("[name=household]", number)
    wide.click("text=找")
    wide.select_option("#wish-1", str(own))
    look(wide, "desk-form")
    wide.check("text=已告诉家庭")
    press(wide.locator("text=交上去").first)
    at_desk = find_own_wishes(household_id=third, **told)
    assert at_desk is not None
    assert (at_desk.unit_ids, at_desk.offered_id) == ((own,), None)

    # Whatever a household does is told of the one account that its one code opens (SEC-5).
    (entry,) = entries_of(str(running.id))[1:2]
    assert (entry.actor_id, entry.actor_role) == (family.account_id, "household")
    press(phone.locator("button:has-text('收回志愿')").first)
    assert find_own_wishes(household_id=turn_at(project, 1).household_id, **told) is None


def test_two_officers_carry_a_frozen_list_out_and_everybody_may_check_it(
    project: Selected, site: str, browser: Browser
) -> None:
    first, second = officers()
    opened = read_clock() - timedelta(days=20)
    own = turn_at(project, 1).unit_ids[0]
    better = wishable(project, 1, offers=own)[0]
    open_round(project, at=opened)
    wish(project, 1, better, offers=own, at=opened)
    wish(project, 3, own, better, at=opened)
    wish(project, 2, better, at=opened)
    phone, wide = open_pages(browser)
    sign_in_officer(wide, site, first)
    wide.goto(f"{site}/desk/YJ-2026/rematch/")
    wide.click("text=封存名单")
    expect(wide.locator("h1")).to_contain_text("名单已封存，等执行")
    look(wide, "desk-frozen")
    phone.goto(f"{site}/p/YJ-2026/rematch/")
    expect(phone.locator("#list tbody tr")).to_have_count(3)
    assert turn_at(project, 3).unit_ids == ()

    wide.fill("#second-login-carry", second.login)
    wide.fill("#second-password-carry", PASSWORD)
    wide.fill("#second-code-carry", second.code(read_clock()))
    wide.click("text=两人签字，执行")
    expect(wide.locator("h1")).to_have_text("可以开新一季的调剂")
    look(wide, "desk-done")
    assert turn_at(project, 3).unit_ids == (own,)
    assert turn_at(project, 1).unit_ids == (better,)
    for page in open_pages(browser, javascript=False):
        page.goto(f"{site}/p/YJ-2026/rematch/")
        expect(page.locator("h1")).to_have_text("2026 年第三季度动态调剂已执行")
        expect(page.locator("#list tbody tr")).to_have_count(3)
        expect(page.locator("#list")).to_contain_text("这次没有等到")
        look(page, "public")
    sign_in_family(phone, site, family_of(project, 3))
    expect(phone.locator("h1")).to_contain_text("调剂给了您家 1 号楼 1 单元 104")
    look(phone, "family-home")
    phone.goto(f"{site}/me/rematch/")
    expect(phone.locator("main")).to_contain_text("您家现在的房")
    look(phone, "family-done")


def test_the_file_of_a_re_match_checks_from_the_command_line(
    project: Selected, tmp_path: Path
) -> None:
    from typer.testing import CliRunner

    from anju.cli.app import app

    open_round(project)
    wish(project, 3, *wishable(project, 3)[:2])
    client = Client(SERVER_NAME="localhost")
    address = f"/p/YJ-2026/rematch/{QUARTER}.json"
    assert client.get(address).status_code == 404
    done = freeze_and_carry_out(project)
    raw = client.get(address).content
    assert all(check.met for check in verify_rematch(raw))
    file = tmp_path / "rematch.json"
    file.write_bytes(raw)
    runner = CliRunner()
    told = runner.invoke(app, ["verify-rematch", str(file), "--digest", done.list_digest])
    assert told.exit_code == 0, told.output
    assert "成立" in told.output
    file.write_bytes(raw.replace(b'"vacant"', b'"none"', 1))
    told = runner.invoke(app, ["verify-rematch", str(file), "--json"])
    assert told.exit_code == 1
    assert '"valid": false' in told.output.replace('"valid":false', '"valid": false')
    assert runner.invoke(app, ["verify-rematch", str(tmp_path / "none")]).exit_code != 0


@pytest.mark.req("PLN-1")
def test_a_home_by_agreement_goes_through_three_hands_and_everybody_sees_why(
    database: Database, browser: Browser
) -> None:
    assert database.name
    agreed = scored_project(mode="negotiated", households=4, homes=8, code="XY-2026")
    finish_on_paper(agreed.id)
    district = open_tier(DISTRICT)
    officer = open_officer("sun", role="district-officer", organisation_id=district)
    supervisor = open_officer("li", role="supervisor", organisation_id=district)
    household_id = agreed.households["H0001"]
    family = open_account(agreed, household_id)
    reason = "行动不便，经街道和家庭协商，住二楼"
    with serve_site() as site:
        phone, wide = open_pages(browser, javascript=False)
        sign_in_officer(wide, site, officer)
        wide.goto(f"{site}/desk/XY-2026/agreed/")
        wide.fill("#household", "H0001")
        wide.fill("#units", "1-1-201")
        wide.fill("#reason", reason)
        press(wide.locator("button:has-text('提出')").first)
        sign_in_family(phone, site, family)
        phone.click("text=给您家提出了房屋，请签字")
        look(phone, "agreed-family")
        phone.click("button:has-text('同意，签字')")
        expect(phone.locator("h1")).to_have_text("您家已签字，等监督员签字")
        _, other = open_pages(browser, javascript=False)
        sign_in_officer(other, site, supervisor)
        other.goto(f"{site}/desk/XY-2026/agreed/")
        expect(other.locator("h1")).to_have_text("1 户等监督员签字")
        look(other, "agreed-desk")
        press(other.locator("button:has-text('签字给房')").first)
        for page in (phone, wide):
            page.goto(f"{site}/p/XY-2026/rematch/")
            expect(page.locator("h1")).to_have_text("已按协议给出 1 户")
            expect(page.locator("table")).to_contain_text(reason)
            look(page, "agreed-public")
            page.goto(f"{site}/p/XY-2026/plan/")
            expect(page.locator("main")).to_contain_text("协议分配")
            look(page, "agreed-plan")
