"""The register at the desk: a registry is entered by two, and a certificate is given anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.context import reading
from anju.foundation.access.queries import find_actor
from anju.foundation.core.clock import read_clock
from anju.titles.certificates.queries import (
    CODE_DIGITS,
    certificate_of_unit,
    registries,
    sheet_of,
)
from tests.support.access import PASSWORD, Person
from tests.support.certificates import AUTHORITY, CLAUSE, Office, open_office, seal_log
from tests.support.communities import DISTRICT
from tests.support.databases import Database


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    assert database.name
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        yield open_office()


def sign_in(person: Person) -> Client:
    client, found = Client(), find_actor(account_id=person.id)
    assert found is not None
    client.force_login(found[0])
    return client


def second(person: Person) -> dict[str, str]:
    return {
        "second_login": person.login,
        "second_password": PASSWORD,
        "second_code": person.code(read_clock()),
    }


@pytest.mark.req("CRT-1")
def test_a_registry_is_entered_again_by_two_and_the_earlier_one_ends(office: Office) -> None:
    people = office.town.people
    desk = sign_in(people["district-officer"])
    told = {
        "county": DISTRICT,
        "province": "鲁",
        "place": "济南市",
        "authority": AUTHORITY,
        "authority_name": "天桥区不动产登记中心",
    }
    address = "/desk/titles/certificates/registry/"
    assert desk.post(address, told).status_code >= 400
    assert desk.post(address, {**told, **second(people["city-officer"])}).status_code == 303
    first, now = registries()
    assert first.until_on == now.from_on
    assert now.authority_name == "天桥区不动产登记中心"


@pytest.mark.req("CRT-1")
def test_a_lost_certificate_is_given_anew_at_the_desk(office: Office) -> None:
    old = office.issue(1)
    people = office.town.people
    desk = sign_in(people["district-officer"])
    answer = desk.post(
        f"/desk/titles/certificates/{old.id}/replace/",
        {"ground": "lost", "reason": "报失", "clause": CLAUSE, **second(people["city-officer"])},
    )
    assert answer.status_code == 303, answer.content.decode()
    page = desk.get(answer["Location"]).content.decode()
    assert "第0000002号" in page
    assert "遗失补发：报失" in page
    listed = desk.get("/desk/titles/certificates/").content.decode()
    assert "已被取代" in listed


@pytest.mark.req("CRT-1")
def test_a_wrong_name_is_put_right_at_the_desk_and_the_number_typed_in_full_is_masked(
    office: Office,
) -> None:
    old = office.issue(1)
    people = office.town.people
    desk = sign_in(people["district-officer"])
    form = desk.get(f"/desk/titles/certificates/{old.id}/correct/").content.decode()
    assert 'value="张三丰"' in form, "whoever corrects sees it in full"
    told = {
        "name-1": "张三峰",
        "number-1": "37010519800101002X",
        "ownership": "sole",
        "location": "安居路 1 号 1 幢 1",
        "right": "国有建设用地使用权/房屋所有权",
        "use": "住宅",
        "area_sqm": "89.50",
        "land_until": "2094-03-31",
        "reason": "姓名写错",
        "clause": "civil-code/220",
    }
    address = f"/desk/titles/certificates/{old.id}/reissue/"
    refused = desk.post(address, {**told, "area_sqm": "八十九"})
    assert refused.status_code >= 400
    answer = desk.post(address, {**told, **second(people["city-officer"])})
    assert answer.status_code == 303, answer.content.decode()
    page = desk.get(answer["Location"]).content.decode()
    assert "更正登记" in page
    with reading(by=office.clerk):
        new = certificate_of_unit(project_id=office.project_id, unit_code=old.unit_code)
        assert new is not None
        content = sheet_of(certificate_id=new.id).content
    assert content is not None
    assert content.holders[0].name == "张三峰"
    assert "1980" not in content.holders[0].masked_number
    assert content.replaces == old.number


@pytest.mark.req("CRT-1")
def test_a_stranger_finds_a_certificate_by_number_and_code_and_by_the_number_alone_nothing(
    office: Office,
) -> None:
    row, stranger = office.issue(1), Client()
    seal_log()
    code = row.digest[:CODE_DIGITS]
    assert stranger.get("/verify/certificates/").status_code == 200
    found = stranger.get("/verify/certificates/", {"number": row.number, "code": code})
    assert found["Location"] == f"/verify/certificates/{row.id}/#{code}"
    shown = stranger.get(found["Location"]).content.decode()
    assert "登记簿上有效" in shown
    for told in ({"number": row.number}, {"number": row.number, "code": "0" * 16}):
        answer = stranger.get("/verify/certificates/", told)
        assert answer.status_code == 404
        assert "不要相信这张纸" in answer.content.decode()
        assert str(row.id) not in answer.content.decode()
