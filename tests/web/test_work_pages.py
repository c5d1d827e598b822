"""The officer's day: queue, case, board, plan, reviews; by keyboard, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser, ViewportSize, expect

import anju
from anju.foundation.casework.queries import case_file
from anju.foundation.casework.types import CaseRow
from anju.foundation.core.crypto import new_id
from anju.jobs.departments import ask_departments
from anju.resettlement.planning.queries import is_in_force, plan_of
from anju.web.household.facts_form import answers_from
from anju.web.officer import (
    agreements,
    board,
    case_forms,
    case_page,
    plan,
    policies,
    reviews,
    work,
    work_many,
)
from anju_rules.departments.kinds import SHARE_LIMIT
from tests.support.access import PASSWORD, Person
from tests.support.departments import ask_about, open_departments
from tests.support.desks import NOW, Morning, open_desks, open_morning
from tests.support.eligibility import STREET, Reviews
from tests.support.hostile_files import plain_pdf
from tests.support.pages import look
from tests.support.planning import Approval
from tests.support.site import client_of, serve_site, sign_in_officer
from tests.support.statements import statement_of

SIZES: tuple[ViewportSize, ...] = ({"width": 390, "height": 844}, {"width": 1440, "height": 1000})
"""A folder for pictures of the pages, for a person to look at."""
LAWS = Path(anju.__file__).parent / "policies"
PAGES = (agreements, board, case_forms, case_page, plan, policies, reviews, work, work_many)


@pytest.fixture
def desk_day(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give a database, and let the pages take Sunday 7 June 2026 for today."""
    request.getfixturevalue("database")
    cache.clear()
    monkeypatch.setattr(settings, "SCANNER", "off")
    turn_to(monkeypatch, days=0)
    hosts = ["testserver", "127.0.0.1"]
    with override_settings(ALLOWED_HOSTS=hosts):
        yield


def turn_to(monkeypatch: pytest.MonkeyPatch, *, days: float) -> None:
    """Let the pages take another day for today, so many after 7 June."""
    for module in PAGES:
        monkeypatch.setattr(module, "read_clock", lambda: NOW + timedelta(days=days))


@pytest.fixture
def morning(desk_day: None, monkeypatch: pytest.MonkeyPatch) -> Morning:
    """Lay a morning out."""
    del desk_day
    return open_morning(monkeypatch)


def words_of(answer: Any) -> str:
    """Give the words of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def act(client: Client, case: CaseRow, kind: str, **told: object) -> Any:
    """Send a form of a case's page, as a browser without JavaScript does."""
    return client.post(f"/desk/cases/{case.id}/act/", {"kind": kind, **told})


def signs(person: Person, *, days: float = 0) -> dict[str, str]:
    """Give the fields in which a second officer signs."""
    return {
        "second_login": person.login,
        "second_password": PASSWORD,
        "second_code": person.code(NOW + timedelta(days=days)),
    }


def paper(name: str) -> SimpleUploadedFile:
    """Give a paper as a form sends it."""
    return SimpleUploadedFile(f"{name}.pdf", plain_pdf(), content_type="application/pdf")


@pytest.mark.req("ELG-1")
@pytest.mark.threat("T-23")
def test_a_case_is_worked_without_javascript(morning: Morning) -> None:
    people, offices, cases = morning.desks.people, morning.desks.offices, morning.cases
    street, case = client_of(people["street-officer1"].id), cases["doubtful"]
    address = f"/desk/cases/{case.id}/"
    shown = street.get(address)
    told = words_of(shown)
    assert "街道初审：等您给结论" in told
    assert "申报的面积与登记的面积不一致" in told
    assert "还剩 2 天" in told
    assert "style=" not in shown.content.decode()
    assert 'alt="评价二维码"' in shown.content.decode()

    # The same materials, reasons and clauses that the form shows; what is missing is named.
    refused = act(street, case, "decide", step="street-review", outcome="eligible")
    assert refused.status_code == 409
    assert "步骤 街道初审 缺少材料 低保、残疾等信息" in words_of(refused)
    stopped = act(
        street, case, "stop", step="street-review", reason="survey", why="复核面积", expects=2
    )
    assert stopped.status_code == 303
    assert "正在实地勘察 6 月 7 日停到现在" in words_of(street.get(address))
    moved = act(street, case, "resume", step="street-review", expects=2)
    assert "又有新的办理记录" in words_of(moved)
    assert act(street, case, "resume", step="street-review").status_code == 303

    asked = {"step": "street-review", "point-agreement": "1", "text-agreement": "补盖章的一份"}
    assert act(street, case, "ask-correction", **asked).status_code == 303
    came = {"got-agreement": "1", "paper-agreement": paper("协议")}
    assert act(street, case, "receive-correction", **came).status_code == 303
    again = act(street, case, "ask-correction", **asked)
    assert "再次要求补正须由监督员会签" in words_of(again)
    alone = act(street, case, "ask-correction", **asked, **signs(people["street-officer1"]))
    assert "另一个人" in words_of(alone)
    signed = act(street, case, "ask-correction", **asked, **signs(people["supervisor"]))
    assert signed.status_code == 303
    page = words_of(street.get(address))
    assert "两人会签" in page
    assert "质量缺陷" in page
    reused = act(street, case, "ask-correction", **asked, **signs(people["supervisor"]))
    assert reused.status_code == 403

    # The paper opens for who may see it, and that it was opened is written down.
    found = case_file(project_id=case.project_id, case_id=case.id, by=offices.street, at=NOW)
    document = next(one.document_id for one in found.materials if one.document_id)
    opened = street.get(f"{address}papers/{document}/")
    assert opened.content.startswith(b"%PDF")
    assert opened.headers["Content-Security-Policy"] == "sandbox"
    other = cases["plain"].id
    assert street.get(f"/desk/cases/{other}/papers/{document}/").status_code == 404

    supervisor = client_of(people["supervisor"].id)
    watched = supervisor.get(address)
    assert watched.status_code == 200
    assert b'name="outcome"' not in watched.content
    assert "1 件已超期" in words_of(supervisor.get("/desk/board/"))
    assert street.get("/desk/board/").status_code == 404


def test_the_same_is_done_to_many_and_told_row_by_row(morning: Morning) -> None:
    cases, street = morning.cases, client_of(morning.desks.people["street-officer1"].id)
    queue = street.get("/desk/cases/?kind=office").content.decode()
    keys = {key.split("_")[1]: key for key in re.findall(r'name="line" value="([^"]+)"', queue)}
    ticked = [keys[str(cases[name].id)] for name in ("plain", "other", "doubtful")]
    act(street, cases["other"], "take-up", step="street-review")
    told = words_of(street.post("/desk/cases/many/", {"act": "take-up", "line": ticked}))
    assert "办成 2 件，1 件没办成" in told
    assert "又有新的办理记录" in told
    assert words_of(street.get("/desk/cases/?queue=mine")).count("我在办") == 4

    decision = "eligibility-review_street-review_doubtful"
    keys = dict.fromkeys(re.findall(r'name="line" value="([^"]+)"', queue))
    wanted = {"act": decision, "line": list(keys)[:2]}
    asked = words_of(street.post("/desk/cases/many/", wanted))
    assert "2 件都定为“存疑，入户核查”？" in asked
    empty = street.post("/desk/cases/many/", {"act": decision})
    assert "一件也没有勾选" in words_of(empty)
    assert empty.status_code == 422


def test_a_day_by_keyboard(morning: Morning, browser: Browser) -> None:
    with serve_site() as site:
        context = browser.new_context(viewport=SIZES[-1], reduced_motion="reduce")
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
        sign_in_officer(page, site, morning.desks.people["street-officer1"])
        page.goto(f"{site}/desk/cases/")
        expect(page.locator("h1")).to_have_text("6 件等着办，这一页 1 件已超期")
        look(page, "queue")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator("input[name=line]:checked")).to_have_count(1)
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("街道初审：等您给结论")
        look(page, "case")
        page.wait_for_load_state()  # before its scripts have run a page hears no key
        page.keyboard.press("3")
        page.keyboard.press("r")
        page.keyboard.type("面积对不上，入户看看")
        page.keyboard.press("Control+Enter")
        expect(page.locator("h1")).to_have_text("街道入户核查：等您给结论")
        expect(page.locator(".case-log")).to_contain_text("面积对不上，入户看看")
        page.wait_for_load_state()
        page.keyboard.press("n")
        expect(page.locator(".lead")).not_to_contain_text(morning.cases["late"].number)
        page.wait_for_load_state()
        page.keyboard.press("q")
        expect(page.locator("h1")).to_contain_text("件等着办")
        context.close()
        assert errors == []


@pytest.mark.req("PLN-2")
@pytest.mark.req("PLN-5")
def test_a_plan_is_brought_into_force_at_the_desk(
    desk_day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del desk_day
    desks = open_desks(households=3)
    project_id, people = desks.project.id, desks.people
    approval = Approval(project=desks.project, people=desks.offices.officers)
    district, street, city = (
        client_of(people[f"{role}1"].id)
        for role in ("district-officer", "street-officer", "city-officer")
    )
    address = "/desk/XF-2026/plan/"
    turn_to(monkeypatch, days=-6)
    assert "还没有方案" in words_of(district.get(address))
    sent = district.post(f"{address}draft/", {"title": "补偿安置方案", "text": paper("方案")})
    assert sent.status_code == 303
    file = plan_of(project_id, at=NOW)
    assert file is not None
    assert file.case is not None
    approval.version = file.newest
    approval.review(1)

    law = LAWS.joinpath("order-590.toml").read_text(encoding="utf-8")
    law = law.replace("edition = 2011-01-21", "edition = 2026-07-01").replace("30 日", "45 日")
    loaded = city.post("/desk/policies/load/", {"edition": SimpleUploadedFile("a", law.encode())})
    assert loaded.status_code == 303
    library = city.get("/desk/policies/").content.decode()
    assert "1 个项目还没有提醒" in library
    edition = re.findall(r'name="edition" value="([^"]+)"', library)
    assert city.post("/desk/policies/prompt/", {"edition": edition[0]}).status_code == 303
    assert "XF-2026-POL-2026-" in city.get("/desk/policies/").content.decode()

    turn_to(monkeypatch, days=-4)
    notice = {"issuer": "历下区征收办", "channel": "3 号窗口", "days": "30"}
    assert district.post(f"{address}notice/", notice).status_code == 303
    standing = plan_of(project_id, at=NOW)
    assert standing is not None
    assert standing.notice is not None
    approval.stand(standing.notice.notice, 3)
    turn_to(monkeypatch, days=31)
    answered = {"step": "notice", "outcome": "answered", "paper-comments-report": paper("答复")}
    assert act(district, file.case, "decide", **answered).status_code == 303

    vote = {"number": "H0001", "answer": "for"}
    unsigned = street.post(f"{address}consent/", vote)
    assert unsigned.status_code == 422
    assert street.post(f"{address}consent/", {**vote, "paper": paper("同意")}).status_code == 303
    approval.vote("H0002", 37.5)
    turn_to(monkeypatch, days=34)
    alone = street.post(f"{address}count/", {"otherwise": "not-reached"})
    assert "两" in words_of(alone)
    case_page_address = f"/desk/cases/{file.case.id}/"
    text = file.newest.papers[0].document_id
    assert street.get(f"{case_page_address}papers/{text}/").status_code == 200
    elsewhere = words_of(street.get(case_page_address))
    assert "到方案页办" in elsewhere
    second = signs(people["street-officer2"], days=34)
    assert street.post(f"{address}count/", second).status_code == 303
    assert "清点完了，够三分之二" in words_of(city.get(address))
    second = signs(people["city-officer2"], days=34)
    assert city.post(f"{address}enact/", second).status_code == 303
    assert is_in_force(project_id)
    assert "方案已经生效" in words_of(street.get(address))


@pytest.mark.req("ELG-1")
@pytest.mark.req("ELG-5")
def test_reviews_are_opened_published_and_objected_to_at_the_desk(
    desk_day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del desk_day
    desks = open_desks(households=5)
    people = desks.people
    street, city = (client_of(people[f"{role}1"].id) for role in ("street-officer", "city-officer"))
    address = "/desk/XF-2026/reviews/"
    assert "方案生效后才能开始审核" in words_of(street.get(address))
    reviews_of = Reviews(
        project=desks.project, monkeypatch=monkeypatch, people=desks.offices.officers
    )
    for place in (1, 2):
        case = reviews_of.open(f"H{place:04d}", place)
        reviews_of.decide(case, "street-review", "eligible", on=1)
    told = words_of(street.get(address))
    assert "还有 3 户没有受理" in told
    assert "2 户等第一次公示" not in told
    opened = street.post(f"{address}open/", {"division": STREET})
    assert "办成 3 件" in words_of(opened)
    assert "H0005" in words_of(opened)
    (fresh,) = set(re.findall(r"/desk/cases/([0-9a-f-]+)/.>H0005", opened.content.decode()))
    assert "还没有申报" in words_of(street.get(f"/desk/cases/{fresh}/"))
    answers = {**answers_from(statement_of(5)), "case": fresh}
    assert "还没有填" in words_of(street.post(f"{address}state/", {"case": fresh}))
    assert street.post(f"{address}state/", answers).status_code == 303
    stated = words_of(street.get(f"/desk/cases/{fresh}/"))
    assert "XY-0005 2026-05-20" in stated
    assert "3701************" in stated
    assert "2 户等第一次公示" in words_of(street.get(address))

    sent = {"issuer": "泺口街道办事处", "channel": "3 号窗口"}
    assert street.post(f"{address}publish-first/", sent).status_code == 303
    page = street.get(address).content.decode()
    assert "安置资格初审结果公示" in page
    assert "发布第一次公示" not in page
    assert "没有等待公示的户" in words_of(street.post(f"{address}publish-first/", sent))
    notice = re.findall(r'name="notice" value="([^"]+)"', page)[0]
    person = {"name": "李四", "contact": "0531-1", "why": "这一户不住在这里"}
    strange = street.post(f"{address}object/", {"notice": notice, "number": "H9", **person})
    assert "公示里没有户号 H9" in words_of(strange)
    lodged = street.post(f"{address}object/", {"notice": notice, "number": "H0001", **person})
    objection = words_of(street.get(lodged.headers["Location"]))
    assert "受理还是不受理" in objection
    assert "窗口代为登记，提出的人没有账号" in objection
    early = words_of(street.post(f"{address}settle/", {"notice": notice}))
    assert "办成 0 件，2 件没办成" in early
    assert city.post(f"{address}take-over/", {"reason": "纸面"}).status_code == 403


@pytest.mark.req("GOV-2")
def test_an_agreement_is_drafted_and_signed_at_the_desk(
    desk_day: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del desk_day
    desks = open_desks(households=1)
    people, city = desks.people, client_of(desks.people["city-officer1"].id)
    address, department = "/desk/XF-2026/agreements/", {"department": "registration"}
    assert 'href="/desk/agreements/"' in city.get("/desk/board/").content.decode()
    assert "9 个部门，0 个已生效" in words_of(city.get("/desk/agreements/"))
    assert city.post(f"{address}draft/", {"department": "weather"}).status_code == 422
    assert city.post(f"{address}draft/", department).status_code == 422
    draft = {**department, "paper": paper("草案")}
    assert city.post(f"{address}draft/", draft).status_code == 303
    told = words_of(city.get(f"{address}?department=registration"))
    assert "不动产登记机构：部门签署" in told

    def sign(act: str, outcome: str, *, days: float, second: str, **more: object) -> Any:
        turn_to(monkeypatch, days=days)
        signed = {**department, "outcome": outcome, **signs(people[second], days=days), **more}
        return city.post(f"{address}{act}/", signed)

    alone = city.post(f"{address}department-signs/", {**department, "outcome": "signed"})
    assert "两" in words_of(alone)
    by_department, by_city = "department-signs", "city-signs"
    bare = sign(by_department, "signed", days=1, second="city-officer2")
    assert "请先上传" in words_of(bare)
    signed = sign(by_department, "signed", days=3, second="city-officer2", paper=paper("签署页"))
    assert signed.status_code == 303
    assert "不动产登记机构：市领导小组签署" in words_of(city.get(address))
    last = sign(by_city, "in-force", days=4, second="city-officer2", paper=paper("责任书"))
    assert last.status_code == 303

    # What it agreed to, beside how it keeps it: 24 hours and, apart, the urgent 2.
    asked_at = NOW + timedelta(days=4)
    with open_departments(tmp_path, at=asked_at) as departments:
        departments.is_away = True
        for is_urgent in (False, True, True):
            ask_about(
                project_id=desks.offices.project_id,
                household_id=new_id(),
                is_urgent=is_urgent,
                by=desks.offices.city,
                at=asked_at,
            )
        for passed in (timedelta(0), SHARE_LIMIT):
            ask_departments(at=asked_at + passed, port=departments)
    page = city.get(address)
    told = words_of(page)
    assert "9 个部门，1 个已生效" in told
    assert "双方签署的责任书 3 1 2" in told
    found = re.findall(r"/desk/cases/[^/]+/papers/[^/]+/(?=\">双方)", page.content.decode())
    assert city.get(found[0]).content.startswith(b"%PDF")
    supervisor, district = (
        client_of(people[one].id) for one in ("supervisor", "district-officer1")
    )
    watched = supervisor.get(address).content
    assert b'name="department"' not in watched
    assert supervisor.post(f"{address}draft/", draft).status_code == 404
    assert district.get(address).status_code == 404
