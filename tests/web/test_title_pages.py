"""The pages of communities: a file opened, a table mended, a specialist's visit; who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser, expect

from anju.titles.communities.operations import name_specialist, open_community, record_visit
from anju.titles.communities.types import CommunityTerms
from anju.titles.partners.board import rating_token, ratings_since
from anju.web.papers import code_image
from anju_rules.ratings import Level
from tests.support.access import SYSTEM, open_officer, open_tier
from tests.support.communities import AT, TERMS, Town, open_town
from tests.support.community_tables import HEADER, row, table
from tests.support.databases import Database
from tests.support.pages import look
from tests.support.site import client_of, serve_site, sign_in_officer

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["testserver", "127.0.0.1"], SCANNER="off"):
        yield open_town(homes=8)


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.req("LEG-1")
def test_a_file_is_opened_its_table_mended_and_its_specialist_visits(
    town: Town, browser: Browser, tmp_path: Path
) -> None:
    complaints: list[str] = []
    good = table(
        *(
            row(f"{floor}0{room}", home=10 * floor + room, 楼栋="2", 楼层=floor)
            for floor in range(1, 5)
            for room in range(1, 5)
        ),
        row("B-1", home=90, 楼栋="车库", 用途="车位", 楼层=-1, 不动产单元号=""),
    )
    bad = table(
        row("101", home=11, 楼栋="2", 份额="1/2"), row("102", home=12, 楼栋="2", 合同面积="大")
    )
    (tmp_path / "bad.csv").write_bytes(bad)
    (tmp_path / "good.csv").write_bytes(good)
    with serve_site() as site:
        context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in_officer(page, site, town.people["district-officer"])
        page.get_by_role("link", name="办证", exact=True).click()
        expect(page.locator("h1")).to_contain_text("还有 8 套没有办证")
        page.wait_for_load_state()  # without its script a refusal would be a page of its own
        page.get_by_text("开一份小区档案").click()
        page.fill("#division", "370105013")
        page.fill("#name", "柳园小区")
        page.fill("#code", "../HY-02")
        page.get_by_role("button", name="开档案").click()
        # The form stands at the foot of a long page: what is wrong is told in sight of it.
        expect(page.locator("#told .refusal")).to_be_in_viewport()
        page.fill("#code", "HY-02")
        look(page, "titles-open")
        page.get_by_role("button", name="开档案").click()
        expect(page.locator("h1")).to_have_text("柳园小区")
        page.get_by_role("link", name="导入房屋登记表").click()
        look(page, "titles-import")
        page.set_input_files("#homes", tmp_path / "bad.csv")
        page.locator("form").filter(has=page.locator("#homes")).locator("button").click()
        expect(page.locator("h1")).to_contain_text("有 2 处要改，没有写入")
        expect(page.locator("tbody tr").first).to_contain_text("各人份额加起来是 1/2")
        look(page, "titles-faults")
        page.get_by_role("link", name="改好了，重新上传").click()
        page.set_input_files("#homes", tmp_path / "good.csv")
        page.locator("form").filter(has=page.locator("#homes")).get_by_label("只试读").uncheck()
        page.locator("form").filter(has=page.locator("#homes")).locator("button").click()
        expect(page.locator("h1")).to_have_text("已写入档案")
        look(page, "titles-imported")
        page.get_by_role("link", name="看档案").click()
        expect(page.locator(".storey .deed")).to_have_count(16)
        page.select_option("#officer", str(town.people["district-officer"].id))
        page.get_by_role("button", name="指定").click()
        page.fill("#findings", "三单元电梯停用，物业答应十月修好")
        page.get_by_role("button", name="记一次走访").click()
        expect(page.locator(".told")).to_have_text("三单元电梯停用，物业答应十月修好")
        look(page, "titles-file")
        page.goto(f"{site}/desk/titles/")
        expect(page.locator(".town li")).to_have_count(2)
        look(page, "titles-list")
        context.close()
    assert complaints == []


@pytest.mark.req("LEG-1")
def test_the_list_narrows_to_a_specialist_or_a_state(town: Town) -> None:
    officer = town.officer()
    name_specialist(project_id=town.project_id, account_id=officer.id, by=officer, at=AT)
    open_community(terms=_other(), by=SYSTEM, at=AT)
    client = client_of(town.people["district-officer"].id)
    page = shown(client, "/desk/titles/")
    assert "槐苑小区" in page
    assert "柳园小区" in page
    mine = shown(client, f"/desk/titles/?specialist={officer.id}")
    assert ("槐苑小区" in mine, "柳园小区" in mine) == (True, False)
    assert "柳园小区" in shown(client, "/desk/titles/?specialist=nobody")
    waiting = shown(client, "/desk/titles/?state=waiting")
    assert ("槐苑小区" in waiting, "柳园小区" in waiting) == (True, False)
    assert "没有符合条件的小区" in shown(client, "/desk/titles/?state=done")


@pytest.mark.req("PRT-3", "LEG-1")
def test_whom_the_specialist_visited_rates_the_visit_by_its_code(town: Town) -> None:
    officer = town.officer()
    told: dict[str, Any] = {"project_id": town.project_id, "by": officer, "at": AT}
    name_specialist(account_id=officer.id, **told)
    visit_id = record_visit(visited_on=AT.date(), findings="电梯停用", **told)
    token = rating_token(project_id=town.project_id, service_id=visit_id, kind="visit")
    page = "/desk/titles/communities/HY-01/"
    code = code_image(f"http://testserver/rate/{token}/")
    assert code in shown(client_of(officer.id), page).replace("&#x27;", "'")
    assert "请住户评一评" not in shown(client_of(town.people["supervisor"].id), page)
    assert Client().post(f"/rate/{token}/give/", {"level": "5"}).status_code == 303
    (row,) = ratings_since(since=AT, by=officer)
    assert (row.level, row.matter) == (Level.VERY_GOOD, "visit")


@pytest.mark.req("LEG-1", "SEC-1")
@pytest.mark.threat("T-23")
def test_a_company_sees_its_own_community_and_another_district_none(town: Town) -> None:
    open_community(terms=_other(), by=SYSTEM, at=AT)
    for role in ("developer", "manager"):
        client = client_of(town.people[role].id)
        assert client.get("/desk/titles/")["Location"] == "/desk/titles/communities/HY-01/"
        page = shown(client, "/desk/titles/communities/HY-01/")
        assert "王*1" not in page
        assert "指定专员" not in page
        assert client.get("/desk/titles/communities/HY-02/").status_code == 404
        assert client.get("/desk/titles/communities/HY-01/import/").status_code == 404
    stranger = open_officer(
        "elsewhere", role="district-officer", organisation_id=open_tier("370102")
    )
    client = client_of(stranger.id)
    assert "还没有小区档案" in shown(client, "/desk/titles/")
    for address in ("", "import/", "import/homes.csv"):
        assert client.get(f"/desk/titles/communities/HY-01/{address}").status_code == 404


@pytest.mark.req("LEG-1")
def test_everybody_reads_how_far_a_community_is_and_no_home_or_person(town: Town) -> None:
    assert len(town.homes) == 8
    assert "槐苑小区" in shown(Client(), "/titles/")
    page = shown(Client(), "/titles/HY-01/")
    assert "0 / 8 套" in page
    assert "1-101" not in page
    assert Client().get("/titles/NO-SUCH/").status_code == 404


@pytest.mark.req("LEG-1")
def test_the_empty_table_has_the_columns_that_are_read(town: Town) -> None:
    client = client_of(town.people["district-officer"].id)
    address = "/desk/titles/communities/HY-01/import/"
    given = client.get(f"{address}homes.csv").content.decode("utf-8-sig")
    assert set(HEADER) < set(given.strip().split(","))
    survey = SimpleUploadedFile(
        "survey.csv", "楼栋,房号,实测面积\n1,101,90.5\n".encode(), content_type="text/csv"
    )
    form = {"kind": "survey", "surveyor": "测绘院", "surveyed_on": "2026-09-01", "table": survey}
    answer = client.post(f"{address}send/", form)
    assert answer.status_code == 200
    assert "91.155" in answer.content.decode()
    assert client.post(f"{address}send/", {"kind": "homes"}).status_code == 422


@pytest.mark.req("LEG-1", "INV-8")
def test_a_list_opens_several_files_or_says_each_fault(town: Town) -> None:
    client = client_of(town.people["district-officer"].id)

    def send(division: str) -> str:
        listed = f"编号,小区名称,区划代码\nHY-03,泉景园,370105013\nHY-04,锦绣苑,{division}\n"
        form = {"table": SimpleUploadedFile("list.csv", listed.encode(), content_type="text/csv")}
        return client.post("/desk/titles/list/", form).content.decode()

    assert "一份档案也没有开" in send("370102001")
    assert "HY-03" not in shown(client, "/desk/titles/")
    assert "开了 2 份档案" in send("370105013")
    assert "HY-04" in shown(client, "/desk/titles/")


def _other() -> CommunityTerms:

    return replace(TERMS, code="HY-02", name="柳园小区", parcel="", division="370105013")
