"""Two sides sign a choice, on phone, tablet and at the desk; nothing is done twice or half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import expect

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.queries import documents_of
from anju.foundation.ledger.queries import entries_of, read_body
from anju.resettlement.households.queries import household_file
from anju.resettlement.projects.queries import project_by_id
from anju.resettlement.selection.operations.choosing import name_homes
from anju.resettlement.selection.queries import find_choice, selection_board
from anju.resettlement.selection.sheets import find_sheet
from anju.titles.partners.types import Service
from anju.web.rating_codes import address_of_rating
from anju.web.sheets import print_sheet
from tests.support.days import SEVERAL_HOMES, Day, run_day, write_name
from tests.support.pages import PAPER_MS, look

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from playwright.sync_api import Route as Asked

    from anju.foundation.core.postgres.launcher import Cluster

pytestmark = pytest.mark.long
SIGN = "签字，就选"
RATE = "今天选房办得怎么样"


@pytest.fixture
def day(database_cluster: Cluster, browser: Browser) -> Iterator[Day]:
    """Give a day at two desks, where two sign; a budget for up to two homes."""
    with run_day(database_cluster, browser, edits=SEVERAL_HOMES) as running:
        yield running
        assert running.complaints == []


def name_for(day: Day, household_id: UUID, homes: list[UUID], **told: object) -> None:
    """Name homes for the called household at the desk, past the page."""
    name_homes(
        project_id=day.seeds.project_id,
        turn_id=day.turn(household_id).id,
        unit_ids=homes,
        by=day.seeds.officer,
        at=read_clock(),
        **told,  # type: ignore[arg-type]
    )


def acts_of(day: Day, household_id: UUID) -> list[str]:
    """Give what the ledger tells of a household's turn, refusals with their code."""
    return [
        entry.action if entry.outcome == "done" else entry.outcome
        for entry in entries_of(str(day.turn(household_id).id))
    ]


def sign_by_hand(page: Page) -> None:
    write_name(page)
    page.get_by_role("button", name=SIGN).click()


@pytest.mark.req("SEL-3", "CRT-3")
def test_a_family_names_and_signs_and_an_officer_checks(day: Day) -> None:
    household_id = day.seeds.call()
    phone, desk = day.at_home(household_id), day.at_desk()
    phone.click("text=现在选房")
    phone.locator(".home-card").first.click()
    expect(phone.locator("[data-picked]")).to_contain_text("还剩")
    phone.click("[data-go]")
    phone.click("text=去签字")
    expect(phone.locator("h1")).to_have_text("看清楚，再签字")
    expect(desk.locator("h1")).to_contain_text("等家庭签字")
    look(phone, "family-sign")
    phone.get_by_role("button", name=SIGN).click()
    expect(phone.locator("#told")).to_contain_text("还没有签名")
    sign_by_hand(phone)
    expect(phone.locator("h1")).to_contain_text("待复核")
    assert_signature_is_kept(day, household_id)
    expect(desk.locator("h1")).to_contain_text("待复核：等工作人员签字")
    assert selection_board(project_id=day.seeds.project_id).counts.chosen == 0, "one side signed"
    desk.get_by_role("button", name="核对无误，签字").click()
    expect(desk.locator("h1")).to_have_text("等您叫下一户")
    expect(phone.locator("h1")).to_have_text("选房完成")
    phone.click("text=看选房确认单")
    expect(phone.locator("#sealing h2")).to_contain_text("存证：")
    look(phone, "family-choice")

    with reading(by=day.seeds.officer):
        choice = find_choice(project_id=day.seeds.project_id, household_id=household_id)
        name = household_file(project_id=day.seeds.project_id, household_id=household_id).name
    assert choice is not None
    proof = phone.locator("#sealing a.seal").get_attribute("href")
    assert proof == f"/proof/{choice.event_id}/"
    own = read_sheet(phone, f"{day.site}/me/choice/sheet.pdf")
    office = read_sheet(desk, day.address(f"turns/{day.turn(household_id).id}/sheet.pdf"))
    for told in (own, office):
        assert choice.homes[0].number in told
        assert "家庭一方" in told
        assert "办理机构一方" in told
        assert str(choice.event_id)[:8] in told
        assert RATE not in told, "a rehearsal serves nobody"
    assert name in own
    assert name not in office
    rate_the_choice(day, household_id, phone)


def rate_the_choice(day: Day, household_id: UUID, phone: Page) -> None:
    """Print the sheet as it is when it counts, and follow its second code."""
    with reading(by=day.seeds.officer):
        sheet = find_sheet(project_id=day.seeds.project_id, household_id=household_id)
        project = project_by_id(project_id=day.seeds.project_id)
        assert sheet is not None
        printed = print_sheet(
            sheet=replace(sheet, is_rehearsal=False), project=project, host=day.site
        )
    assert RATE in words_of(printed)
    service = Service(project_id=day.seeds.project_id, kind="selection", id=sheet.event_id)
    phone.goto(f"{day.site}{address_of_rating(service)}")
    expect(phone.get_by_text("选房现场服务").first).to_be_visible()


def assert_signature_is_kept(day: Day, household_id: UUID) -> None:
    """Ask for the picture, sealed for the household, and for the entry that binds it."""
    with reading(by=day.seeds.officer):
        (kept,) = documents_of(
            project_id=day.seeds.project_id, owner_kind="household", owner_id=household_id
        )
        entry = entries_of(str(day.turn(household_id).id))[-1]
        signatures = read_body(event_id=entry.event_id)["signatures"]
    assert (kept.household_id, kept.kind.value, kept.pages) == (household_id, "png", 1)
    assert isinstance(signatures, list)
    assert [(one["side"], one["document"]) for one in signatures] == [("household", str(kept.id))]


def read_sheet(page: Page, address: str) -> str:
    """Give the words of a sheet; what says that it is no PDF fails."""
    answer = page.request.get(address, timeout=PAPER_MS)
    assert answer.status == 200
    return words_of(answer.body())


def words_of(printed: bytes) -> str:
    """Give the words of a PDF."""
    with closing(import_module("pypdfium2").PdfDocument(printed)) as paper:
        return "\n".join(leaf.get_textpage().get_text_bounded() for leaf in paper)


@pytest.mark.req("CRT-3", "SEL-3")
def test_who_cannot_write_types_the_registered_name_and_signs_nothing_unseen(day: Day) -> None:
    household_id = day.seeds.call()
    first, second = day.homes_for(household_id)[:2]
    name_for(day, household_id, [first])
    phone = day.at_home(household_id, javascript=False)
    with reading(by=day.seeds.officer):
        name = household_file(project_id=day.seeds.project_id, household_id=household_id).name
    for typed, ticked, told in (
        ("张三丰", True, "和户册上登记的不一样"),
        (name, False, "还没有勾选"),
        (name, True, "换了"),
        (name, True, ""),
    ):
        phone.goto(f"{day.site}/me/sign/")
        if told == "换了":
            name_for(day, household_id, [second])
        phone.fill("#typed", typed)
        phone.set_checked('[name="typed_sure"]', ticked)
        phone.get_by_role("button", name=SIGN).click()
        if told:
            expect(phone.locator(".refusal h1")).to_have_text("没有签成")
            if told != "换了":
                expect(phone.locator(".refusal")).to_contain_text(told)
    expect(phone.locator("h1")).to_contain_text("待复核")
    assert acts_of(day, household_id)[-3:] == [
        "selection.homes.named",
        "refused:selection.naming-changed",
        "selection.choice.signed",
    ]


@pytest.mark.req("SEL-2", "SEL-3")
def test_homes_are_held_step_by_step_and_signed_as_one(day: Day) -> None:
    desk = day.at_desk()
    desk.keyboard.press("n")
    expect(desk.locator("h1")).to_have_text("第 1 户正在选")
    household_id = day.called().household_id
    first, second = day.homes_for(household_id)[:2]
    desk.check(f'input[name="home"][value="{first}"]')
    desk.get_by_role("button", name="核对所选房屋").click()
    desk.get_by_role("button", name="先留住，再加选").click()
    expect(desk.locator("h1")).to_contain_text("等家庭签字")
    assert day.states()["named"] == 1
    desk.click("text=再加一套房屋")
    desk.check(f'input[name="home"][value="{second}"]')
    desk.get_by_role("button", name="核对所选房屋").click()
    expect(desk.locator("main .pill")).to_have_text("已留住")
    look(desk, "desk-two-homes")
    desk.get_by_role("button", name="确认并签字").click()
    expect(desk.locator(".naming tbody tr")).to_have_count(3)
    assert day.states()["named"] == 2
    phone = day.at_home(household_id)
    expect(phone.locator("h1")).to_have_text("请您家签字")
    phone.click("text=看清楚，去签字")
    expect(phone.locator(".home-name")).to_have_count(2)
    sign_by_hand(phone)
    expect(phone.locator("h1")).to_have_text("选房完成")
    assert day.states()["taken"] == 2
    assert acts_of(day, household_id).count("selection.home.chosen") == 1


@pytest.mark.req("SEL-3")
def test_either_side_drops_what_is_named_and_the_other_sees_it(day: Day) -> None:
    household_id = day.seeds.call()
    name_for(day, household_id, day.homes_for(household_id)[:1])
    desk, phone = day.at_desk(), day.at_home(household_id)
    phone.goto(f"{day.site}/me/sign/")
    desk.get_by_role("button", name="放开，重新选").click()
    expect(desk.locator("h1")).to_have_text("第 1 户正在选")
    expect(phone.locator("h1")).to_have_text("现在没有要签字的房屋")
    assert "named" not in day.states()
    name_for(day, household_id, day.homes_for(household_id)[1:2])
    expect(phone.locator("h1")).to_have_text("看清楚，再签字")
    phone.get_by_role("button", name="不要了").click()
    expect(phone.locator("h1")).to_contain_text("能选的有")
    expect(desk.locator("h1")).to_have_text("第 1 户正在选")


@pytest.mark.req("SEL-3")
def test_when_the_time_to_sign_is_over_both_pages_say_so(day: Day) -> None:
    began = read_clock() - timedelta(seconds=150)
    household_id = day.seeds.call(at=began)
    home = day.homes_for(household_id)[0]
    name_homes(
        project_id=day.seeds.project_id,
        turn_id=day.turn(household_id).id,
        unit_ids=[home],
        by=day.seeds.officer,
        at=began + timedelta(seconds=5),
    )
    desk, phone = day.at_desk(), day.at_home(household_id)
    expect(phone.locator("h1")).to_have_text("签字时间已过")
    phone.goto(f"{day.site}/me/sign/")
    expect(phone.locator("h1")).to_have_text("这些房屋要放开了")
    expect(desk.locator(".acts")).to_contain_text("签字时间已过")
    desk.get_by_role("button", name="放开，重新选").click()
    expect(phone.locator("h1")).to_have_text("现在没有要签字的房屋")
    assert "named" not in day.states()


def cut_after_commit(page: Page, address: str) -> list[int]:
    """Let the next act reach the server, and lose its answer; gives the statuses nobody saw."""
    lost: list[int] = []

    def lose(asked: Asked) -> None:
        if asked.request.method != "POST" or lost:
            asked.continue_()
            return
        lost.append(asked.fetch().status)
        asked.abort("connectionreset")

    page.route(address, lose)
    return lost


@pytest.mark.req("SEL-2")
@pytest.mark.threat("T-41")
@pytest.mark.parametrize("has_key", [True, False], ids=["with-its-key", "control-without"])
def test_an_act_whose_answer_was_lost_is_asked_again_and_done_once(
    day: Day, *, has_key: bool
) -> None:
    household_id = day.seeds.call()
    name_for(day, household_id, day.homes_for(household_id)[:1])
    phone = day.at_home(household_id)
    phone.goto(f"{day.site}/me/sign/")
    if not has_key:
        phone.evaluate("document.querySelectorAll('[name=key]').forEach((one) => one.remove())")
    lost = cut_after_commit(phone, "**/me/sign/")
    # The page's own news would show what became of it.
    phone.route("**/me/sign/news/*", lambda asked: asked.abort())
    sign_by_hand(phone)
    expect(phone.locator("[data-unsure] h2")).to_have_text("网络断了，不知道有没有办成")
    look(phone, "unsure")
    assert lost == [204], "it was done"
    if has_key:
        expect(phone.locator("h1")).to_contain_text("待复核")
    else:
        expect(phone.locator("#told h2")).to_have_text("没有签成")
    acts = acts_of(day, household_id)
    assert acts.count("selection.choice.signed") == 1
    assert ("refused:selection.same-person" in acts) is not has_key


@pytest.mark.pitfall("P10")
def test_pressed_twice_and_sent_again_by_the_back_button_it_is_done_once(day: Day) -> None:
    household_id = day.seeds.call()
    home = day.homes_for(household_id)[0]
    desk = day.at_desk()
    desk.goto(day.address(f"turns/confirm/?home={home}"))
    desk.get_by_role("button", name="确认并签字").dblclick()
    expect(desk.locator("h1")).to_contain_text("等家庭签字")
    desk.go_back()
    expect(desk.locator(".empty b")).to_have_text("这些房屋已经为这一户留住了")
    expect(desk.get_by_role("button", name="确认并签字")).to_have_count(0)
    assert acts_of(day, household_id).count("selection.homes.named") == 1
