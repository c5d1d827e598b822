"""The officer's desk in a browser: import, rules, scores, draw, turns. Asks for a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test.utils import override_settings
from playwright.sync_api import expect
from procrastinate.contrib.django.models import ProcrastinateJob

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.core.switches import AUTOPLAY, add_switch, is_on
from anju.foundation.exchange.queries import imports_of
from anju.jobs import tasks
from anju.jobs.queues import IMPORTS
from anju.resettlement.intake.operations import run_import
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.choosing import choose_homes
from tests.support.pages import overhang, press
from tests.support.site import Seeds, serve_site, sign_in_officer
from tests.support.stages import Stage, staged_project

pytestmark = pytest.mark.long

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from anju.foundation.core.postgres.launcher import Cluster


is_registered = pytest.mark.parametrize(
    "open_desk", [Stage.REGISTERED], ids=["registered"], indirect=True
)
is_choosing = pytest.mark.parametrize(
    "open_desk", [Stage.CHOOSING], ids=["choosing"], indirect=True
)


@dataclass(slots=True)
class Desk:
    """A signed-in officer's browser at a live site."""

    site: str
    seeds: Seeds
    page: Page
    complaints: list[str]

    def go(self, rest: str = "") -> None:
        self.page.goto(f"{self.site}/desk/{self.seeds.code}/{rest}")

    def says(self, headline: str) -> None:
        """See that the page that is there, or comes now, has this headline."""
        expect(self.page.locator("h1")).to_have_text(headline)

    def press(self, name: str) -> None:
        """Press the button whose words begin so."""
        self.page.get_by_role("button", name=name).click()

    def send(self, kind: str, name: str, data: bytes, *, is_dry_run: bool) -> None:
        self.go("import/")
        self.page.check(f'input[name="kind"][value="{kind}"]')
        self.page.set_input_files(
            "#table", {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )
        self.page.set_checked('input[name="dry"]', is_dry_run)
        press(self.page.locator("text=上传并核对").first)

    def read(self) -> None:
        """Do what a worker does: read what waits."""
        officer = self.seeds.officer
        with reading(by=officer):
            waiting = [
                row for row in imports_of(project_id=self.seeds.project_id) if not row.is_finished
            ]
        for row in waiting:
            run_import(import_id=row.id, by=officer, at=read_clock())


@pytest.fixture
def open_desk(
    request: pytest.FixtureRequest, database_cluster: Cluster, browser: Browser
) -> Iterator[Callable[..., Desk]]:
    contexts = []
    stage = getattr(request, "param", Stage.OPENED)
    with staged_project(database_cluster, stage) as seeds, serve_site() as site:

        def open_one(*, phone: bool = False, javascript: bool = True) -> Desk:
            size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 1000}
            context = browser.new_context(
                viewport=size,  # type: ignore[arg-type]
                java_script_enabled=javascript,
                reduced_motion="reduce",
            )
            contexts.append(context)
            desk = Desk(site=site, seeds=seeds, page=context.new_page(), complaints=[])
            desk.page.on("pageerror", lambda error: desk.complaints.append(str(error)))
            desk.page.on(
                "console",
                lambda told: (
                    desk.complaints.append(told.text)
                    if "Content Security Policy" in told.text
                    else None
                ),
            )
            sign_in_officer(desk.page, site, seeds.city)
            return desk

        yield open_one
        # Before the server ends: an open desk goes on asking.
        for context in contexts:
            context.close()


@pytest.mark.req("INV-8")
def test_a_faulty_table_is_mended_row_by_row_on_a_phone(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(phone=True)
    table = desk.seeds.table("households")
    bad = table.replace("是".encode(), "也许".encode(), 2)
    desk.send("households", "户册.csv", bad, is_dry_run=False)
    desk.read()
    desk.page.wait_for_selector(".faults")
    desk.says("有 2 处要改，没有写入")
    assert desk.page.locator(".faults tbody tr").count() == 2
    assert "看不出是还是否" in desk.page.locator(".faults").inner_text()
    assert overhang(desk.page) <= 0

    desk.send("households", "户册.csv", table, is_dry_run=True)
    desk.read()
    desk.page.wait_for_selector("text=没有错，可以正式导入")
    desk.go()
    assert desk.page.locator(".figures dd").first.inner_text() == "0"

    desk.send("households", "户册.csv", table, is_dry_run=False)
    desk.read()
    desk.page.wait_for_selector("text=已写入登记")
    desk.go()
    assert desk.page.locator(".figures dd").first.inner_text() == "40"
    assert desk.complaints == []


def test_a_sent_table_waits_for_the_worker_which_reads_it(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.send("units", "units.xlsx", desk.seeds.table("units"), is_dry_run=False)
    expect(desk.page.locator("h1")).to_contain_text("……")
    waiting = ProcrastinateJob.objects.filter(status="todo")
    assert [(job.task_name, job.queue_name) for job in waiting] == [
        (tasks.run_import.name, IMPORTS)
    ]
    tasks.run_import(**waiting[0].args)
    desk.page.wait_for_selector("text=已写入登记")


@pytest.mark.req("SEL-2")
@pytest.mark.parametrize("javascript", [True, False])
@is_registered
def test_from_rules_to_a_chosen_home(open_desk: Callable[..., Desk], *, javascript: bool) -> None:
    desk = open_desk(javascript=javascript)
    page = desk.page
    desk.go("scores/")
    press(page.get_by_role("button", name="冻结规则"))
    desk.press("给全部家庭评分")
    desk.says("40 户已评分")
    desk.go("draw/")
    desk.press("演练摇号")
    expect(page.locator("main")).to_contain_text("演练，不作数")
    desk.go("turns/")
    desk.press("开始第 1 批")
    desk.press("叫下一户")
    page.wait_for_selector("text=第 1 户正在选")
    page.locator(".tile.free input").first.check()
    desk.press("核对所选房屋")
    desk.says("请当面念给选房人听，再确认")
    desk.press("确认选定")
    page.wait_for_url("**/turns/")
    desk.says("等您叫下一户")
    board = queries.selection_board(project_id=desk.seeds.project_id)
    assert (board.counts.chosen, board.counts.homes_taken) == (1, 1)
    assert desk.complaints == []


@is_choosing
def test_a_refusal_says_why_and_what_to_do_and_leaves_the_desk_as_it_is(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk()
    desk.seeds.call()
    desk.go("turns/")
    desk.press("过号")
    told = desk.page.wait_for_selector("#told .refusal")
    assert told is not None
    assert "接下来" in told.inner_text()
    desk.says("第 1 户正在选")


@is_choosing
def test_without_javascript_a_refusal_is_a_page_with_the_way_back(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk(javascript=False)
    desk.seeds.call()
    desk.go("turns/")
    desk.press("过号")
    desk.says("没有办成")
    desk.page.click("text=回到上一页")
    desk.says("第 1 户正在选")


@pytest.mark.pitfall("P10")
@is_choosing
def test_the_desk_sees_within_seconds_what_a_phone_has_chosen(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk()
    desk.seeds.call()
    desk.go("turns/")
    with reading(by=desk.seeds.officer):
        turn = queries.called_turn(project_id=desk.seeds.project_id)
    assert turn is not None
    family = desk.seeds.family(turn.household_id)
    options = queries.options_of(
        project_id=turn.project_id, household_id=turn.household_id, by=family.actor
    )
    home = next(option.tile for option in options if option.is_lawful)
    choose_homes(
        project_id=turn.project_id,
        turn_id=turn.id,
        unit_ids=[home.unit_id],
        by=family.actor,
        at=read_clock(),
    )
    desk.page.wait_for_selector("text=等您叫下一户")
    expect(desk.page.locator("#picker .tile")).to_have_count(0)
    # The keys of the desk: N calls the next household.
    desk.page.keyboard.press("n")
    desk.page.wait_for_selector("text=第 2 户正在选")


@is_registered
def test_what_an_officer_may_not_do_is_not_offered(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    with signed_out(desk):
        sign_in_officer(desk.page, desk.site, desk.seeds.clerk)
        desk.go("scores/")
        assert desk.page.get_by_text("冻结规则", exact=True).count() == 0
        desk.go("draw/")
        expect(desk.page.locator("main")).to_contain_text("等待摇号")
        answer = desk.page.goto(f"{desk.site}/desk/{desk.seeds.code}/import/")
        assert answer is not None
        assert answer.status == 404


@pytest.mark.req("PUB-1")
def test_a_result_is_published_from_the_desk_and_its_bundle_is_linked(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk(phone=True)
    desk.go("publication/")
    desk.says("摇号之后才能公布")
    desk.seeds.register()
    desk.seeds.freeze()
    desk.seeds.score()
    desk.seeds.draw()
    desk.go("publication/")
    desk.says("还没有公布")
    desk.press("公布结果")
    desk.says("还没有公布")  # nothing goes out without the tick
    desk.page.get_by_label("我知道").check()
    desk.press("公布结果")
    desk.page.wait_for_selector("text=已公布 1 次")
    published = queries.publications_of(project_id=desk.seeds.project_id)
    told = desk.page.locator("a[href*='/bundles/']").get_attribute("href")
    assert told is not None
    assert told.endswith(f"/bundles/{published[0].digest}/")
    assert (Path(settings.PUBLIC_FOLDER) / "bundles" / published[0].digest).is_dir()
    assert overhang(desk.page) <= 0
    assert desk.complaints == []


def test_the_switch_of_a_demo_is_on_the_desk_of_a_demo_alone(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = open_desk()
    with override_settings(HOME=tmp_path):
        desk.page.goto(f"{desk.site}/desk/")
        assert "自动" not in desk.page.inner_text("main")
        add_switch(tmp_path, AUTOPLAY, on=True)
        desk.page.reload()
        desk.press("停下，我来叫号")
        desk.page.wait_for_selector("text=已停下，由人来选")
        assert not is_on(tmp_path, AUTOPLAY)
        desk.press("让它自动进行")
        desk.page.wait_for_selector("text=选房自动进行")
        assert is_on(tmp_path, AUTOPLAY)


@contextmanager
def signed_out(desk: Desk) -> Iterator[None]:
    """Leave the desk as the city officer."""
    desk.page.click("text=退出")
    desk.page.wait_for_url(f"{desk.site}/")
    yield
