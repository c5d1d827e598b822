"""Rubbish in the forms of titles: refused with the field and the rule in Chinese, never a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.context import reading
from anju.foundation.access.queries import find_actor
from anju.foundation.core.clock import read_clock
from anju.titles.cases.queries import fees_of, restrictions_of
from anju.titles.communities.queries import list_communities
from anju.titles.partners.board import rating_token
from tests.support.access import SYSTEM
from tests.support.communities import Town, open_town
from tests.support.title_cases import file_first, file_transfer

OPEN = "/desk/titles/open/"
FILE: Mapping[str, str] = {"code": "HY-02", "name": "柳园小区", "division": "370105013"}
RAW = re.compile(r"[a-z]{3,}[._-][a-z]{3,}")
LONG = "安" * 5_000


@pytest.fixture
def town(database: object) -> Iterator[Town]:
    del database
    with override_settings(ALLOWED_HOSTS=["testserver"], SCANNER="off"):
        yield open_town(homes=2)


def desk_of(town: Town) -> Client:
    found = find_actor(account_id=town.people["district-officer"].id)
    assert found is not None
    # What the server would answer is looked at, a fault's page too.
    client = Client(raise_request_exception=False)
    client.force_login(found[0])
    return client


def refused(client: Client, address: str, told: Mapping[str, str]) -> str:
    """Send a form as the page does; gives why it was refused, in words that are no codes."""
    answer = client.post(address, dict(told), headers={"HX-Request": "true"})
    _, is_told, page = answer.content.decode().partition("没有办成")
    assert answer.status_code in {409, 422}, (address, answer.status_code, str(told)[:80])
    assert is_told
    # Some pages come back whole, with the form as it was typed.
    words = re.sub(r"<[^>]*>", " ", page.partition("<form")[0])
    assert not RAW.search(words), words
    assert len(words) < 400, words
    return words


WRONG = (
    ("division", "", "区划代码"),
    ("division", "３７０１０５", "区划代码"),
    ("division", "370105'; DROP", "区划代码"),
    ("code", "H" * 40, "编号超过 24 个字"),
    ("code", "../../x", "编号只能用"),
    ("code", "<b>1</b>", "编号只能用"),
    ("code", "guide", "编号只能用"),
    ("name", LONG, "名称超过 120 个字"),
    ("address", LONG, "地址超过 200 个字"),
    ("built_year", "二〇一二", "建成年份应在"),
    ("built_year", "-5", "建成年份应在"),
    ("built_year", "9999", "建成年份应在"),
    ("accepted_on", "2026-02-30", "竣工验收日“2026-02-30”不是日期"),
    ("accepted_on", "2026-W01-1", "竣工验收日"),
    ("accepted_on", "0001-01-01", "竣工验收日"),
    ("handed_over_on", "2099-01-01", "交付日写的是 2099-01-01，还没有到"),
    ("handed_over_on", LONG, "交付日"),
    ("parcel", "370105", "宗地代码应为 19 位"),
    ("developer_credit", "123", "GB 32100"),
    ("name", "柳\x00园", "控制字符"),
    ("developer_name", "置业\u202e司公", "控制字符"),
)
"""Field, what is put in, and what the page answers."""


@pytest.mark.req("LEG-1")
def test_a_community_s_file_with_rubbish_is_not_opened_and_the_page_says_which_field(
    town: Town,
) -> None:
    desk = desk_of(town)
    for field, value, rule in WRONG:
        assert rule in refused(desk, OPEN, {**FILE, field: value}), (field, value[:40])
    with reading(by=SYSTEM):
        assert {row.code for row in list_communities()} == {"HY-01"}


@pytest.mark.req("TTL-1", "TTL-9")
def test_a_case_s_forms_take_no_rubbish(town: Town) -> None:
    file_first(town)
    case = file_transfer(town, town.homes[0])
    desk, at = desk_of(town), read_clock()
    day = (at - timedelta(days=1)).date().isoformat()

    def told(form: str, **fields: str) -> str:
        return refused(desk, f"/desk/titles/cases/{case.id}/{form}/", fields)

    receipt = {"kind": "deed-tax", "says": "paid", "number": "SP-9", "yuan": "1", "paid_on": day}
    assert "票据日期" in told("receipts", **{**receipt, "paid_on": ""})
    assert "票据日期“2026-02-30”" in told("receipts", **{**receipt, "paid_on": "2026-02-30"})
    # Paid with nothing is no proof that anything was paid.
    assert "金额不对" in told("receipts", **{**receipt, "yuan": ""})
    assert "金额太大" in told("receipts", **{**receipt, "yuan": "9" * 30})
    assert "控制字符" in told("receipts", **{**receipt, "number": "S\x00P"})
    assert "家庭住房套数（含本套） 的值不对：两套" in told("facts", homes_owned="两套")
    assert "当地建安造价 的值不对" in told("facts", cost="-5")
    assert "金额太大" in told("facts", cost="9" * 30)
    token = rating_token(project_id=town.project_id, service_id=case.id)
    assert "电话请不超过 40 个字" in refused(
        Client(), f"/rate/{token}/give/", {"level": "1", "contact": "1" * 41}
    )
    seizure = {"kind": "seizure", "paper": "（2026）鲁 0105 执保 1 号", "from_on": day}
    assert "从哪天起" in told("restrictions", **{**seizure, "from_on": ""})
    named = told("restrictions", **{**seizure, "paper": "王某 110101199003070011"})
    assert "文号 里有像身份证号" in named
    with reading(by=SYSTEM):
        assert not fees_of(project_id=town.project_id, case_id=case.id, at=at).receipts
        home = town.homes[0].id
        assert not restrictions_of(project_id=town.project_id, home_id=home, at=at)


@pytest.mark.req("LEG-3")
def test_terms_of_settlement_without_a_clause_do_not_cite_what_was_typed(town: Town) -> None:
    desk, address = desk_of(town), "/desk/titles/settlements/HY-01/terms/"
    assert "依据" in refused(desk, address, {"rule": "actual", "clause": " "})
    assert "随便写的" not in refused(desk, address, {"rule": "nothing", "clause": "随便写的"})


@pytest.mark.req("LEG-1")
def test_control_with_nobody_looking_for_what_nobody_types_a_form_ends_as_our_fault(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, wrong = desk_of(town), {**FILE, "name": "柳\x00园"}
    assert desk.post(OPEN, wrong).status_code == 422
    monkeypatch.setattr("anju.web.routes._refuse_unreadable", lambda *_: None)
    assert desk.post(OPEN, wrong).status_code == 500


@pytest.mark.threat("T-23")
def test_an_address_that_nobody_types_answers_as_a_page_that_is_not_there(town: Town) -> None:
    desk = desk_of(town)
    for address in ("/titles/%00/", "/desk/titles/communities/%00/", "/p/a%00b/"):
        assert desk.get(address).status_code == 404, address


@pytest.mark.req("LEG-1")
def test_who_may_not_know_an_officer_sees_no_number_in_place_of_a_name(town: Town) -> None:
    officer = town.people["district-officer"].id
    page = f"/desk/titles/communities/{town.community.code}/"
    desk_of(town).post(f"{page}specialist/", {"officer": str(officer)})
    found = find_actor(account_id=town.people["developer"].id)
    assert found is not None
    company = Client()
    company.force_login(found[0])
    shown = company.get(page).content.decode()
    assert "专员：已指定" in re.sub(r"<[^>]*>|\s", "", shown)
    assert str(officer) not in shown
