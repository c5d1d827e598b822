"""The plan on its pages, and objections to notices: what everybody reads, what a family does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.context import reading
from anju.foundation.access.operations import HouseholdKey, create_household_accounts
from anju.foundation.notices.queries import count_objections
from anju.resettlement.planning.operations import count_consent, put_in_force
from anju.resettlement.scoring.queries import score_sheet
from anju.resettlement.selection.queries import places_of
from anju.web.household import case, case_objection
from anju.web.household import plan as own_plan
from anju.web.public import plan as public_plan
from anju_rules.values import points_from_tenths
from tests.support.access import AT, SYSTEM, Family
from tests.support.eligibility import Reviews
from tests.support.planning import DISTRICT, Approval, later, take_over
from tests.support.selections import Selected, drawn_project, register_plan, small_plan
from tests.web.test_case_pages import sign_in

HOUSEHOLDS = 6


@dataclass(slots=True, kw_only=True)
class Shown:
    """A project whose plan is being approved, on a day that is moved."""

    project: Selected
    approval: Approval
    day: float = 0
    anyone: Client

    def now(self) -> datetime:
        """Give the moment that the pages take for now."""
        return later(self.day)

    @property
    def address(self) -> str:
        """Where everybody reads the plan."""
        return f"/p/{self.project.plan.project.code}/plan/"

    def see(self, address: str = "") -> str:
        """Open a page as everybody."""
        answer = self.anyone.get(self.address + address)
        assert answer.status_code == 200, address
        return answer.content.decode()

    def family(self, number: str) -> Family:
        """Open a household's account."""
        key = HouseholdKey(
            household_id=self.project.households[number], code=new_household_code(), pin=new_pin()
        )
        ids = create_household_accounts(project_id=self.project.id, keys=[key], by=SYSTEM, at=AT)
        return Family(
            id=key.household_id,
            account_id=ids[0],
            project_id=self.project.id,
            code=key.code,
            pin=key.pin,
        )


@pytest.fixture
def shown(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """Open a project of six households."""
    request.getfixturevalue("database")
    with override_settings(SCANNER="off"):
        plan, text = small_plan(homes=8, households=HOUSEHOLDS)
        plan = replace(plan, project=replace(plan.project, division=DISTRICT))
        project = register_plan(plan, text)
        shown = Shown(
            project=project,
            approval=Approval(project=project),
            anyone=Client(headers={"host": "localhost"}),
        )
        for module in (public_plan, own_plan, case, case_objection):
            monkeypatch.setattr(module, "read_clock", shown.now)
        yield shown


def open_votes(shown: Shown) -> None:
    """Take the plan to where the households are asked."""
    approval = shown.approval
    approval.draft(1)
    approval.review(2)
    approval.stand(approval.publish(3), 3)
    approval.decide("district-officer", "notice", "answered", 37, brings="comments-report")
    shown.day = 38


@pytest.mark.req("PLN-2", "PUB-4")
def test_a_family_votes_from_its_phone_and_finds_its_vote_in_the_public_list(shown: Shown) -> None:
    assert "方案还没有开始起草" in shown.see()
    open_votes(shown)
    numbers = list(shown.project.households)
    family = shown.family(numbers[0])
    phone = sign_in(family)
    page = phone.get("/me/plan/").content.decode()
    assert "这个方案，您家同意吗？" in page
    assert "是的，我家同意" in phone.get("/me/plan/?answer=for").content.decode()
    assert phone.post("/me/plan/", {"answer": "perhaps"}).status_code == 303
    assert "您家同意吗" in phone.get("/me/plan/").content.decode()
    phone.post("/me/plan/", {"answer": "for"})
    page = phone.get("/me/plan/").content.decode()
    assert "您家同意了" in page
    code = page.partition('check-code">')[2].partition("<")[0]

    page = shown.see()
    assert "到现在 1 户同意" in page
    assert "6 户里要有 4 户同意，还差 3 户" in page
    found = shown.anyone.post(shown.address, {"check": code.lower()}).content.decode()
    assert "找到了：同意" in found
    wrong = shown.anyone.post(shown.address, {"check": "ABC"}).content.decode()
    assert 'role="alert"' in wrong
    assert "1 户表示了意见" in shown.see("consents/")
    assert numbers[0] not in shown.see("consents/")

    phone.post("/me/plan/", {"answer": "against"})
    assert "找到了：不同意" in shown.anyone.post(shown.address, {"check": code}).content.decode()
    for number in numbers[:4]:
        shown.approval.vote(number, 38)
    street, colleague = (
        people["street-officer"] for people in (shown.approval.people, shown.approval.second)
    )
    count_consent(project_id=shown.project.id, by=street, second=colleague, at=later(39))
    shown.day = 39
    assert "清点完了，够三分之二" in shown.see()
    assert "清点以前" not in phone.get("/me/plan/").content.decode()
    late = phone.post("/me/plan/", {"answer": "against"})
    assert "现在不在征求同意期间" in late.content.decode()

    city, other = (
        people["city-officer"] for people in (shown.approval.people, shown.approval.second)
    )
    put_in_force(project_id=shown.project.id, by=city, second=other, at=later(40))
    page = shown.see()
    assert "方案已经生效" in page
    assert "市司法局审查意见" in page
    paper = page.partition("/plan/papers/")[2].partition('"')[0]
    opened = shown.anyone.get(f"{shown.address}papers/{paper}")
    assert (opened.status_code, opened["Content-Type"]) == (200, "application/pdf")
    strange = shown.anyone.get(f"{shown.address}papers/{family.id}")
    assert strange.status_code == 404


@pytest.mark.req("PUB-2")
def test_a_family_objects_to_a_running_notice_and_is_counted(shown: Shown) -> None:
    shown.approval.draft(1)
    shown.approval.review(2)
    notice = shown.approval.publish(3)
    shown.approval.stand(notice, 3, days=2)
    shown.day = 5
    phone = sign_in(shown.family(next(iter(shown.project.households))))
    assert notice.title in phone.get("/me/case/object/").content.decode()
    assert "现在可以提意见" in phone.get("/me/plan/").content.decode()
    form = {"about": f"notice:{notice.id}", "why": "过渡费太低", "sure": "yes"}
    lodged = phone.post("/me/case/object/", form)
    assert lodged.status_code == 303, lodged.content.decode()
    assert count_objections(project_id=shown.project.id, notice_id=notice.id) == 1


@pytest.mark.req("ELG-5")
def test_a_family_objects_to_another_entry_of_a_review_notice(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviews = Reviews(project=shown.project, monkeypatch=monkeypatch)
    own, other, *_ = shown.project.households
    review = reviews.open(other, 1)
    reviews.decide(review, "street-review", "eligible", on=1)
    notice = reviews.publish(first=True, on=2)
    shown.day = 3
    phone = sign_in(shown.family(own))
    form = {"about": f"notice:{notice.id}", "why": "他家去年已经分过房", "number": other}
    assert f"户号 {other}" in phone.post("/me/case/object/", form).content.decode()
    wrong = phone.post("/me/case/object/", {**form, "number": "H9999", "sure": "yes"})
    assert "公示里没有户号 H9999" in wrong.content.decode()
    lodged = phone.post("/me/case/object/", {**form, "sure": "yes"})
    assert lodged.status_code == 303
    assert "他家去年已经分过房" in phone.get(lodged.headers["Location"]).content.decode()


@pytest.mark.req("PLN-2")
def test_a_plan_taken_over_from_paper_says_so_to_everybody(shown: Shown) -> None:
    take_over(shown.project.id)
    page = shown.see()
    assert "方案已经生效" in page
    assert "2026 年 5 月 8 日按纸质程序批准" in page
    assert "平台上线前已由区政府批准公布" in page
    assert "原件在档案室" in page


@pytest.mark.req("SCO-3")
@pytest.mark.req("PLN-4")
def test_every_score_in_the_order_is_published_with_its_sheet_and_the_law(shown: Shown) -> None:
    project = drawn_project(code="DF-2026", homes=8, households=6)
    place = places_of(project_id=project.id, batch=1)[0]
    with reading(by=project.officer):
        sheet = score_sheet(project_id=project.id, household_id=place.household_id)
    assert sheet is not None
    page = shown.anyone.get("/p/DF-2026/score/", {"ticket": place.ticket}).content.decode()
    assert f"{points_from_tenths(sheet.total_tenths)} 分" in page
    assert all(line.label in page for line in sheet.public_lines)
    assert not any(line.label in page for line in sheet.lines if line.sensitive)
    nobody = shown.anyone.get("/p/DF-2026/score/", {"ticket": "XX-1"}).content.decode()
    assert "没有找到签号 XX-1" in nobody

    assert "按 13 部法律法规办" in shown.anyone.get("/policies/").content.decode()
    law = shown.anyone.get("/policies/petition-rules/").content.decode()
    assert "信访记录不得用于评分" in law
    assert shown.anyone.get("/policies/no-such-law/").status_code == 404
