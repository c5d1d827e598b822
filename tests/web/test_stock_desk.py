"""The desk's page of the stock: what it says is short, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.core.clock import CHINA, read_clock
from anju.resettlement.inventory.queries import homes_of, open_defects_of, unit_by_number
from tests.support.access import PASSWORD, open_officer, open_tier
from tests.support.site import Seeds, client_of, seed_project

pytestmark = pytest.mark.usefixtures("database")


@dataclass(slots=True)
class Page:
    """The desk's page, asked for by somebody."""

    seeds: Seeds
    client: Client

    def show(self) -> str:
        """Give the page."""
        answer = self.client.get(f"/desk/{self.seeds.code}/stock/")
        assert answer.status_code == 200
        return answer.content.decode()

    def send(self, part: str, **form: str | list[str]) -> int:
        """Send one of its forms; gives the status."""
        answer = self.client.post(f"/desk/{self.seeds.code}/stock/{part}/", form)
        return answer.status_code


@pytest.fixture
def open_desk(tmp_path: Path) -> Callable[..., Page]:
    made = seed_project(tmp_path / "plan")
    made.register()

    def open_one(account_id: UUID = made.city.id) -> Page:
        client = client_of(account_id)
        return Page(made, client)

    return open_one


@pytest.mark.req("INV-2", "INV-4", "INV-5", "INV-9")
def test_the_page_says_everything_that_is_short_and_takes_what_mends_it(
    open_desk: Callable[..., Page],
) -> None:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        page = open_desk()
        before = page.show()
        homes = homes_of(project_id=page.seeds.project_id)
        undated = sum(home.handover_on is None for home in homes)
        assert (f"{undated} 套没有写明交付日期" in before) is (undated > 0)
        for words in ("新建安置房还差", "默认比例，待确认", "放房计划", "老人（电梯）"):
            assert words in before
        day = (read_clock().astimezone(CHINA) - timedelta(days=70)).date().isoformat()
        terms = {"decided_on": day, "clause": "plan/stock#1", "is_core_area": "1"}
        assert page.send("terms", **terms) == 303
        assert page.send("lots", name="一期", source="new-build", homes="40") == 303
        told = page.show()
        for words in ("已迟 40 天", "已迟 10 天", "保障性租赁住房已留 0 套"):
            assert words in told
        assert "新建安置房还差" not in told
        number = homes[0].number
        assert page.send("defects", unit=number, what="卫生间漏水") == 303
        assert page.send("defects", unit="9-9", what="卫生间漏水") == 422
        assert "1 处质量问题" in page.show()
        assert unit_by_number(project_id=page.seeds.project_id, number=number).state == "held"


@pytest.mark.req("INV-4", "INV-6")
def test_two_people_sign_at_one_desk(open_desk: Callable[..., Page]) -> None:
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        page = open_desk()
        seeds = page.seeds
        seeds.freeze()
        tier = open_tier("370105003")
        people = {
            role: open_officer(role, role=role, organisation_id=tier, project_id=seeds.project_id)
            for role in ("supervisor", "representative")
        }
        page.send("defects", unit=homes_of(project_id=seeds.project_id)[0].number, what="漏水")
        (defect,) = open_defects_of(project_id=seeds.project_id)
        assert page.send("mendings", defect=str(defect.id), mending="重做防水") == 303
        party = open_desk(people["supervisor"].id)
        second = {"second_login": "representative", "second_password": PASSWORD}
        form = {"defect": str(defect.id), **second}
        assert party.send("acceptances", **form, second_code="000000") == 403
        code = people["representative"].code(read_clock())
        assert party.send("acceptances", **form, second_code=code) == 303
        assert open_defects_of(project_id=seeds.project_id) == ()
