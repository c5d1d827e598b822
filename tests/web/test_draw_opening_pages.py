"""Opening every other draw at the desk, in a browser: home visits, pools, households in dispute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from anju.foundation.access.context import reading
from anju.foundation.draws.queries import taken_of
from anju.resettlement.households.queries import household_numbers
from anju_rules.ceremony import Step, Use
from tests.support.access import open_officer, open_tier
from tests.support.ceremonies import BEACON_RULE, Play
from tests.support.halls import Hall
from tests.support.pages import look
from tests.web.test_ceremony_pages import hall  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Page

BODIES = [f"JG-{number:02d} 泉城第{number}评估所" for number in range(1, 22)]


def fill_terms(hall: Hall, page: Page, prefix: str) -> None:  # noqa: F811
    """Fill what every form asks: a rehearsal's times, the rule, the four parties."""
    page.fill(f"#{prefix}freeze_at", "2026-06-05T17:00")
    page.fill(f"#{prefix}beacon_at", "2026-05-29T15:00")
    page.fill(f"#{prefix}beacon_rule", BEACON_RULE)
    form = page.locator("form", has=page.locator(f"#{prefix}freeze_at"))
    for party in ("operator", "notary", "supervisor"):
        form.locator(f'[name="{party}"]').select_option(str(hall.cast.parties[party].id))
    form.locator(f'[value="{hall.cast.parties["representative-1"].id}"]').check()


def play(hall: Hall) -> Play:  # noqa: F811
    """Play what the form has opened until its order is derived."""
    row = hall.row()
    people = dict(hall.cast.parties)
    people["representative"] = people.pop("representative-1")
    streets = {
        street.street: open_officer(
            f"street-taken-{number}",
            role="street-officer",
            organisation_id=open_tier(f"370105{number + 11:03}"),
            project_id=hall.seeds.project_id,
        )
        for number, street in enumerate(row.streets)
    }
    cast = replace(hall.cast, parties=people, streets=streets)
    played = Play(cast=cast, row=row, at=hall.clock.at)
    for step in (Step.FROZEN, Step.COUNTED, Step.COMMITTED, Step.ANNOUNCED, Step.BEACON):
        played.do(step)
    played.reveal(hands=("supervisor", "notary"))
    played.sign(Step.DERIVED, "notary", "supervisor")
    return played


@pytest.mark.req("KPI-3", "DRW-1")
def test_an_evaluator_is_drawn_out_of_a_pool_opened_by_a_plain_form(hall: Hall) -> None:  # noqa: F811
    """Without JavaScript; who stands aside is told with the reason, and receipts are shown once."""
    page = hall.page("operator", javascript=False)
    page.click("summary:has-text('抽人或机构')")
    page.check(f'[name="use"][value="{Use.EVALUATORS}"]')
    page.fill("#take", "2")
    page.fill("#pool", "\n".join(BODIES))
    page.fill("#recusals", "JG-03 与被征收人有亲属关系")
    fill_terms(hall, page, "pool-")
    page.get_by_role("button", name="开一场抽选").click()
    page.wait_for_selector(".pool-receipts")
    assert page.locator(".pool-receipts .slip").count() == 20
    told = page.locator(".pool-receipts").inner_text()
    assert "JG-04 泉城第4评估所" in told
    assert "JG-03" not in told
    row = hall.row()
    assert (row.use, row.take, row.draws[0].size) == (Use.EVALUATORS, 2, 20)
    hall.ceremony_id = row.id
    play(hall)
    ((_, drawn),) = taken_of(project_id=row.project_id, ceremony_id=row.id)
    shown = hall.page("operator").locator("#taken").inner_text()
    assert [ticket in shown for ticket in drawn] == [True, True]
    assert "评估所" in shown
    page.goto(f"{hall.site}/p/{hall.seeds.code}/draws/{row.draws[0].draw_number}/")
    assert "抽中的 2 个" in page.locator("#taken").inner_text()
    look(page, "public-taken")


@pytest.mark.req("ELG-4", "DRW-1")
def test_households_are_drawn_for_visits_and_named_as_disputed_by_plain_forms(hall: Hall) -> None:  # noqa: F811
    """One site for both: the sample stands at the desk by ticket alone; unknown ones are named."""
    hall.seeds.register()
    hall.seeds.freeze()
    hall.seeds.score()
    page = hall.page("operator")
    look(page, "opening")
    for words in ("抽入户核查的人家", "抽人或机构"):
        page.click(f"summary:has-text('{words}')")
    look(page, "opening-all")
    # Too small a pool is refused in words, and what was typed stays.
    page.check(f'[name="use"][value="{Use.EVALUATORS}"]')
    page.fill("#take", "1")
    page.fill("#pool", "\n".join(BODIES[:3]))
    fill_terms(hall, page, "pool-")
    page.get_by_role("button", name="开一场抽选").click()
    page.wait_for_selector("#told .refusal")
    assert page.input_value("#pool").count("JG-") == 3
    fill_terms(hall, page, "sample-")
    with page.expect_navigation():
        page.get_by_role("button", name="开一场抽户").click()
    row = hall.row()
    assert (row.use, row.take, row.draws[0].size) == (Use.VISIT_SAMPLE, 2, 16)
    hall.ceremony_id = row.id
    play(hall)
    ((_, drawn),) = taken_of(project_id=row.project_id, ceremony_id=row.id)
    page = hall.page("operator")
    shown = page.locator("#taken").inner_text()
    assert all(ticket in shown for ticket in drawn)
    assert "*" not in shown  # tickets alone at the desk
    look(page, "desk-taken")

    hall.ceremony_id = None
    page = hall.page("operator")
    page.click("summary:has-text('开一场摇号')")
    fill_terms(hall, page, "")
    with reading(by=hall.seeds.officer):
        known = str(min(household_numbers(project_id=hall.seeds.project_id)))
    page.fill("#disputed", f"{known}\n查无此户")
    page.get_by_role("button", name="开场").click()
    page.wait_for_selector("#told .refusal")
    assert "查无此户" in page.locator("#told").inner_text()
    page.fill("#disputed", known)
    with page.expect_navigation():
        page.get_by_role("button", name="开场").click()
    assert sum(draw.disputed for draw in hall.row().draws) == 1
    assert "争议另列 1 户" in page.locator("#status").inner_text()
    assert hall.complaints == []
