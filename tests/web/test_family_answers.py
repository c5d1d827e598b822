"""What a family's forms take for an answer, and what they do not."""

from __future__ import annotations

import pytest
from django.test.utils import override_settings

from anju.web.household.facts_form import QUESTIONS, Field, judge_answers
from anju_rules.procedures.states import Flag
from anju_rules.values import Refusal
from tests.support.communities import open_town
from tests.support.site import client_of
from tests.support.title_cases import accept, case_now, file_transfer, register_first


@pytest.mark.req("TTL-6")
@pytest.mark.usefixtures("database")
@override_settings(ALLOWED_HOSTS=["testserver"])
@pytest.mark.parametrize("told", [{}, {"kind": ""}, {"kind": "yes"}])
def test_an_answer_that_is_none_takes_no_case_back(told: dict[str, str]) -> None:
    town = open_town(homes=1)
    register_first(town)
    case = file_transfer(town, town.homes[0])
    accept(town, case.id)
    client = client_of(town.owner(town.homes[0]).account_id)
    page = f"/me/case/{case.id}/withdraw/"
    assert "真的不办了吗" in client.post(page, told).content.decode()
    assert Flag.WITHDRAWAL_ASKED not in case_now(town, case.id).flags
    assert client.post(page, {"kind": "ask-withdrawal"}).status_code == 303
    assert Flag.WITHDRAWAL_ASKED in case_now(town, case.id).flags


@pytest.mark.req("ELG-1")
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        *(("area", told) for told in ("1_0", "1e2", "٣٠", "+5", "88.123", "0", "0.00", " 8", ".5")),
        *(("date", told) for told in ("20260101", "2026-W01-1", "2026-1-1", "昨天")),
    ],
)
def test_areas_and_days_are_read_as_people_write_them(kind: str, told: str) -> None:
    question = next(one for one in QUESTIONS if any(field.kind == kind for field in one.fields))
    whole = {field.name: _plain(field) for field in question.fields}
    judge_answers(question, whole)
    name = next(field.name for field in question.fields if field.kind == kind)
    with pytest.raises(Refusal, match=r"web\.not-a"):
        judge_answers(question, whole | {name: told})


def _plain(field: Field) -> str:
    told = {"area": "88.5", "date": "2026-01-01", "lines": "11010519491231002X"}
    return field.options[0][0] if field.options else told.get(field.kind, "甲")
