"""An older community in a browser: from triage to a frozen plan that everybody may check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from anju.foundation.access.queries import find_actor
from anju.foundation.core.clock import read_clock
from anju_rules.triage.plan_records import digest_plan
from anju_rules.triage.types import OwedBy
from tests.support.access import PASSWORD
from tests.support.communities import Town
from tests.support.hostile_files import plain_pdf
from tests.support.legacy import answer, old_yard, problem, rows_of, second_officer, solve
from tests.support.pages import SHOTS, look
from tests.support.site import serve_site, sign_in_officer

if TYPE_CHECKING:
    from tests.support.databases import Database

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}
"""A folder for pictures of every page, for people who look at them."""
DESK = "/desk/titles/communities/HY-01/legacy/"


@pytest.fixture
def town(database: Database, monkeypatch: pytest.MonkeyPatch) -> Town:
    assert database.name
    monkeypatch.setattr(settings, "SCANNER", "off")
    return old_yard(homes=24)


@pytest.fixture
def site(town: Town) -> Iterator[str]:
    del town
    with serve_site() as address:
        yield address


def open_window(browser: Browser, size: dict[str, int], *, javascript: bool = True) -> Page:
    """Give a window in which nothing moves by itself."""
    return browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        java_script_enabled=javascript,
        reduced_motion="reduce",
    ).new_page()


@pytest.mark.req("LEG-2")
@pytest.mark.req("LEG-4")
def test_a_legacy_community_from_triage_to_plan(town: Town, site: str, browser: Browser) -> None:
    second = second_officer(town)
    desk = open_window(browser, WIDE)
    sign_in_officer(desk, site, town.people["district-officer"])
    desk.goto(f"{site}/desk/titles/legacy/")
    # Nobody has answered anything yet: what might be a dispute frees no home.
    expect(desk.locator("h1")).to_have_text("先把各楼的问题问清楚")
    desk.click("text=槐苑小区")
    expect(desk.locator("h1")).to_have_text("24 套没有证，现在都办不了")
    look(desk, "nothing-answered")

    desk.click("li:has-text('1 号楼') >> text=回答")
    for kind in ("planning-check", "land-papers", "developer-gone"):
        desk.check(f"[name=stands-{kind}][value=yes]")
        desk.fill(f"#facts-{kind}", "现场核实，没有资料")
    desk.check("[name=stands-ownership-dispute][value=yes]")
    desk.fill("#facts-ownership-dispute", "村集体主张土地")
    desk.fill("#homes-ownership-dispute", "1-101、1-102")
    for kind in (
        "completion",
        "land-price-or-tax",
        "encumbrance",
        "registers-disagree",
        "across-parcels",
        "area-difference",
        "archive-lost",
        "land-kind",
    ):
        desk.check(f"[name=stands-{kind}][value=no]")
    look(desk, "questions")
    desk.click("text=记下；有问题的当即立案")
    expect(desk.locator("#kind-ownership-dispute")).to_contain_text("有争议，停办")
    answer(town, "2", land_price_or_tax=problem("土地出让金没缴清", owed_by=OwedBy.DEVELOPER))
    desk.reload()
    expect(desk.locator(".picture .box")).to_have_count(5)
    expect(desk.locator("#kind-planning-check")).to_contain_text("要等：用地手续不完善")
    look(desk, "problems")

    # What if: with six days of staff the second building is freed by separation alone.
    desk.fill("#staff", "6")
    desk.check("#plan [name=separated]")
    desk.click("#plan >> button:text-is('推演')")
    expect(desk.locator("h1")).to_have_text("24 套没有证，12 套现在就能办")
    expect(desk.locator("#plan")).to_contain_text("还有 10 套")
    desk.goto(f"{site}{DESK}")
    expect(desk.locator("h1")).to_have_text("24 套没有证，现在都办不了")

    row = rows_of(town)["1/land-papers"]
    solve(town, row, remedy="complete-land-papers", second=second, at=read_clock())
    desk.goto(f"{site}{DESK}?asked=1&staff=60&separated=1#plan")
    desk.click("text=冻结成一小区一方案")
    desk.fill("#second-login-freeze", second.login)
    desk.fill("#second-password-freeze", PASSWORD)
    desk.fill("#second-code-freeze", second.code(read_clock()))
    look(desk, "before-freezing")
    desk.click("text=两人签字，冻结并公开")
    expect(desk.locator("#plan")).to_contain_text("第 1 版 现行")
    expect(desk.locator("h1")).to_have_text("24 套没有证，12 套现在就能办")
    desk.goto(f"{site}/desk/titles/legacy/")
    expect(desk.locator("h1")).to_have_text("想办法能再办 10 套")
    desk.fill("#staff", "20")
    desk.click("button:text-is('推演')")
    look(desk, "backlog")

    stranger = open_window(browser, PHONE, javascript=False)
    stranger.goto(f"{site}/titles/HY-01/plan/")
    expect(stranger.locator("h1")).to_have_text("24 套没有证，12 套现在就能办")
    expect(stranger.locator("main")).to_contain_text("已决定证缴分离")
    assert "1-101" not in stranger.content()
    digits = stranger.locator("#check ~ .mono").inner_text().replace(" ", "")
    look(stranger, "public-plan")
    told = Client(SERVER_NAME="localhost").get("/titles/HY-01/plan/1.json").json()
    assert digest_plan(told) == digits
    told["now"]["homes"] += 1
    assert digest_plan(told) != digits


@pytest.mark.req("LEG-5")
@pytest.mark.req("LEG-3")
def test_the_team_spends_claims_rebuilds_and_hears_at_the_desk(
    town: Town, site: str, browser: Browser
) -> None:
    second = second_officer(town)
    answer(town, "1", developer_gone=problem("企业已吊销"))
    row = rows_of(town)["1/developer-gone"]
    desk = open_window(browser, WIDE)
    sign_in_officer(desk, site, town.people["district-officer"])
    desk.goto(f"{site}{DESK}")
    desk.click("#team >> text=记一笔垫付")
    desk.select_option("#spent-on", "survey")
    desk.fill("#words", "重新测绘 1 幢，付给市测绘院")
    desk.fill("#amount", "60000")
    desk.fill("#paid-on", "2026-09-10")
    desk.click("#team >> button:has-text('记下')")
    expect(desk.locator("#team")).to_contain_text("垫付 60,000 元")
    desk.click("#team >> text=向开发企业追偿")
    desk.fill("#claim", "泉办追〔2026〕1 号")
    desk.fill("#second-login-claim", second.login)
    desk.fill("#second-password-claim", PASSWORD)
    desk.fill("#second-code-claim", second.code(read_clock()))
    desk.click("text=两人签字，追偿")
    expect(desk.locator("#team")).to_contain_text("已追偿 60,000 元")
    desk.fill("#team [name=amount][placeholder]", "20000.50")
    desk.click("#team >> button:text-is('收回')")
    expect(desk.locator("#team")).to_contain_text("收回 20,000.50 元")
    desk.click("#archive >> text=登记一份材料")
    desk.fill("#paper", "竣工图")
    desk.fill("#source", "城建档案馆")
    files = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": plain_pdf()}
    desk.set_input_files("#file", files)  # type: ignore[arg-type]
    desk.click("#archive >> button:has-text('登记')")
    expect(desk.locator("#archive")).to_contain_text("城建档案馆")
    expect(desk.locator("#disputes")).to_contain_text("还没有人提出")
    look(desk, "team")
    desk.goto(f"{site}/desk/cases/{row.case_id}/")
    expect(desk.locator("main")).to_contain_text("查明企业状态、成立专班")
    look(desk, "case")


@pytest.mark.req("LEG-2")
def test_the_desk_prints_a_plan_and_says_no_to_whoever_may_not(town: Town) -> None:
    second = second_officer(town)
    answer(town, "1")
    answer(town, "2", archive_lost=problem())
    officer, developer, anybody = (Client(SERVER_NAME="localhost") for _ in range(3))
    for client, role in ((officer, "district-officer"), (developer, "developer")):
        found = find_actor(account_id=town.people[role].id)
        assert found is not None
        client.force_login(found[0])
    told = {
        "asked": "1",
        "second_login": second.login,
        "second_password": PASSWORD,
        "second_code": second.code(read_clock()),
    }
    assert anybody.get("/titles/HY-01/plan/").status_code == 200
    assert anybody.get("/titles/HY-01/plan/1.json").status_code == 404
    assert anybody.get("/titles/NO-SUCH/plan/").status_code == 404
    assert officer.post(f"{DESK}freeze/", told).status_code == 303
    again = officer.post(f"{DESK}freeze/", told)
    assert again.status_code in (403, 409)
    sheet = officer.get(f"{DESK}plans/1.pdf")
    assert sheet.content.startswith(b"%PDF")
    if SHOTS:
        (Path(SHOTS) / "plan.pdf").write_bytes(sheet.content)
    assert officer.get(f"{DESK}plans/9.pdf").status_code == 404
    assert officer.post(f"{DESK}nothing/", told).status_code == 404
    assert officer.get(f"{DESK}?asked=1&staff=many").status_code == 422
    assert officer.post(f"{DESK}answer/", {"building": "1"}).status_code == 409
    # A developer sees its community's plan, and changes nothing.
    assert developer.get(DESK).status_code == 200
    assert developer.post(f"{DESK}freeze/", told).status_code == 404
    assert "冻结成一小区一方案" not in developer.get(DESK).content.decode()
    shown = json.loads(anybody.get("/titles/HY-01/plan/1.json").content)
    assert shown["now"] == {"homes": 12}
