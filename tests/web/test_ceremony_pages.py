"""The ceremony at the desk, in a browser: four people, eleven steps. Asks for a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from anju.foundation.access.context import reading
from anju.foundation.draws.operations import scan_secret, sign_street_count
from anju.foundation.draws.types import CeremonyRow
from anju.resettlement.households.queries import household_numbers, masked_households
from anju.resettlement.selection.queries import batches_of
from anju.web.officer import ceremony_acts
from anju.web.officer.ceremony_cards import CardKind
from anju_rules.ceremony import Step
from anju_rules.draws import Scheme
from tests.support.access import open_officer, open_tier
from tests.support.ceremonies import open_play
from tests.support.halls import Hall, Minutes, gather_at
from tests.support.site import serve_site
from tests.support.stages import Stage, staged_project

pytestmark = pytest.mark.long

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from anju.foundation.core.postgres.launcher import Cluster

BALLS, CLOSE, TURNOVER = "07 41 58 03 96 22", "3361.79", "512345678901"
RULE = "balls:6x00-99;sse:close,turnover"
PATIENCE = 120_000
"""Milliseconds: the first PDF of a process loads its fonts, maybe on a busy machine."""


@pytest.fixture
def hall(
    database_cluster: Cluster, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hall]:
    clock = Minutes()
    monkeypatch.setattr(ceremony_acts, "read_clock", clock)
    project = staged_project(database_cluster, Stage.OPENED, homes=24, households=16)
    with project as seeds, serve_site() as site:
        cast = gather_at(seeds)
        made = Hall(site=site, seeds=seeds, cast=cast, clock=clock, browser=browser)
        yield made
        for context in made.contexts:
            context.close()


@contextmanager
def served_rehearsal(hall: Hall) -> Iterator[CeremonyRow]:
    """Open a small rehearsal without the register: for what is no matter of names."""
    play = open_play(hall.cast, scheme=Scheme.REHEARSAL)
    hall.ceremony_id = play.row.id
    yield play.row


def open_by_form(hall: Hall) -> None:
    """Open the ceremony as the city officer does: times, rule, parties by account."""
    hall.seeds.register()
    hall.seeds.freeze()
    hall.seeds.score()
    page = hall.page("operator")
    assert page.locator("h1").inner_text() == "还没有开过摇号"
    page.fill("#freeze_at", "2026-06-05T17:00")
    page.fill("#beacon_at", "2026-05-29T15:00")
    page.fill("#beacon_rule", RULE)
    for party in ("operator", "notary", "supervisor"):
        account = hall.cast.parties[party]
        page.select_option(f'[name="{party}"]', str(account.id))
    page.check(f'[value="{hall.cast.parties["representative-1"].id}"]')
    with page.expect_navigation():
        page.get_by_role("button", name="开场").click()
    hall.ceremony_id = hall.row().id
    # The only representative is called as the party is.
    people = dict(hall.cast.parties)
    people["representative"] = people.pop("representative-1")
    hall.cast = replace(hall.cast, parties=people)


@pytest.mark.req("DRW-1")
@pytest.mark.req("DRW-2")
def test_four_people_play_a_rehearsal_through_their_pages(hall: Hall) -> None:
    open_by_form(hall)
    numbers = [draw.draw_number for draw in hall.row().draws]
    parties = ("operator", "notary", "supervisor", "representative")
    hall.shoot("operator", "freeze")

    # Out of turn: no form, and the form sent past the page is refused.
    assert hall.page("representative").locator("#now form").count() == 0
    status, told = hall.post("representative", "beacon", **{"part-1": BALLS})
    assert status == 409
    assert "没有办成" in told
    hall.sign(Step.FROZEN, "operator", "notary")

    for number, street in enumerate(hall.row().streets):
        officer = open_officer(
            f"street-count-{number}",
            role="street-officer",
            organisation_id=open_tier(f"370105{number + 11:03}"),
            project_id=hall.seeds.project_id,
        )
        if number == 0:
            hall.cast = replace(hall.cast, streets={**hall.cast.streets, "street": officer})
            hall.shoot("street", "count")
            page = hall.page("street")
            page.select_option("#street", street.street)
            page.fill("#count", str(street.listed))
            page.fill("#code-count", hall.clock.next_code(officer))
            with page.expect_navigation():
                page.get_by_role("button", name="核数签字").click()
            continue
        sign_street_count(
            project_id=hall.seeds.project_id,
            ceremony_id=hall.row().id,
            street=street.street,
            count=street.listed,
            by=replace(officer.actor, stepped_up_at=hall.clock.at),
            at=hall.clock.at,
        )
    hall.shoot("supervisor", "counted")
    hall.sign(Step.COUNTED, "supervisor", "operator")

    hall.shoot("representative", "commit")
    for who in parties:
        cards = {f"card-{n}": hall.card(who, n, CardKind.COMMITMENT) for n in numbers}
        hall.press(who, "登记承诺", **cards)
    assert hall.row().step is Step.COMMITTED
    hall.shoot("notary", "announce")
    hall.sign(Step.ANNOUNCED, "operator", "notary")
    announced = hall.page("notary").request.get(f"{hall.address}announcement.pdf", timeout=PATIENCE)
    assert announced.body().startswith(b"%PDF-")

    hall.shoot("operator", "beacon")
    parts = {"part-1": BALLS, "part-2": CLOSE, "part-3": TURNOVER}
    hall.press("operator", "录入", **parts)
    assert hall.page("operator").locator("#now form").count() == 0
    assert "等另一个人" in hall.page("operator").locator("#now").inner_text()
    hall.press("supervisor", "录入", **parts)
    assert hall.row().step is Step.BEACON

    hall.shoot("notary", "scan")
    for draw in hall.row().draws:
        for card in parties:
            for who in ("notary", "representative"):
                if (draw.position, card) == (1, "operator"):
                    scanned = hall.card(card, draw.draw_number, CardKind.SECRET)
                    hall.press(who, "开这张卡", card=scanned)
                    continue
                scan_secret(
                    project_id=hall.seeds.project_id,
                    ceremony_id=hall.row().id,
                    draw_id=draw.id,
                    who=card,
                    secret=hall.secret(card, draw.draw_number).hex(),
                    by=hall.person(who).actor,
                    at=hall.clock.at,
                )
    assert hall.row().step is Step.REVEALED
    hall.sign(Step.DERIVED, "notary", "representative")

    hall.shoot("operator", "verify")
    for who in ("operator", "supervisor", "notary"):
        shown = hall.page(who).locator("#now").inner_text()
        # Who runs another program does not see what it should find.
        assert ("平台算出的结果指纹" in shown) is (who == "operator")
        digests = hall.row().result_digest.split(" ")
        given = {f"digest-{n}": one for n, one in zip(numbers, digests, strict=True)}
        hall.press(who, "报核对结果", **given)
    hall.sign(Step.PUBLISHED, "operator", "supervisor")
    hall.sign(Step.LOCKED, "notary", "representative")
    hall.shoot("operator", "locked")

    page = hall.page("operator")
    assert page.locator("h1").first.inner_text() == "摇号已经完成并锁定"
    assert page.locator(".eleven .done").count() == 11
    with page.expect_navigation():
        page.get_by_role("button", name="按这个顺序分批").click()
    with reading(by=hall.seeds.officer):
        assert batches_of(project_id=hall.seeds.project_id)
    assert hall.complaints == []
    assert names_shown(hall) == []


def names_shown(hall: Hall) -> list[str]:
    """Give every masked name and household number on the pages of the ceremony."""
    with reading(by=hall.seeds.officer):
        rows = masked_households(project_id=hall.seeds.project_id)
        numbers = household_numbers(project_id=hall.seeds.project_id)
    known = {row.masked_name for row in rows} | {str(number) for number in numbers}
    found = []
    for who in hall.pages:
        page = hall.page(who)
        told = page.content()
        found += [f"{who}: {one}" for one in known if one in told]
    return found


@pytest.mark.req("DRW-2")
def test_control_a_name_on_a_page_of_the_ceremony_is_found(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.seeds.register()
    with served_rehearsal(hall):
        assert names_shown(hall) == []
        hall.page("operator")
        with reading(by=hall.seeds.officer):
            row = masked_households(project_id=hall.seeds.project_id)[0]
        monkeypatch.setattr(
            "anju.web.officer.ceremony_page.say_party", lambda *_: f"经办 {row.masked_name}"
        )
        assert any(row.masked_name in told for told in names_shown(hall))


@pytest.mark.threat("T-06")
def test_a_mistaken_card_is_told_apart_before_it_is_entered(hall: Hall) -> None:
    with served_rehearsal(hall):
        play = open_play(hall.cast, scheme=Scheme.REHEARSAL, batch="2")
        play.play(until=Step.COUNTED)
        hall.ceremony_id = play.row.id
        number = play.row.draws[0].draw_number
        name = f"card-{number}"
        commitment = hall.card("notary", number, CardKind.COMMITMENT)
        for card, words in (
            (hall.card("notary", number, CardKind.SECRET), "这是密钥卡"),
            (hall.card("operator", number, CardKind.COMMITMENT), "这张卡不是这一项的"),
            (f"{commitment[:-4]}0000", "校验四位对不上"),
            (commitment[:-20], "六十四位"),
        ):
            status, told = hall.post("notary", "commit", **{name: card})
            assert status == 422
            assert words in told
            assert hall.secret("notary", number).hex() not in told
        assert not hall.row().draws[0].commitments
        page = hall.page("notary")
        page.fill(f"#{name}", hall.card("notary", number, CardKind.SECRET))
        assert page.input_value(f"#{name}") == ""  # gone before it can be sent


@pytest.mark.threat("T-13")
def test_a_beacon_that_is_spelled_in_another_way_is_refused_in_plain_words(hall: Hall) -> None:
    play = open_play(hall.cast, scheme=Scheme.REHEARSAL)
    play.play(until=Step.ANNOUNCED)
    hall.ceremony_id = play.row.id
    for part, text in (
        ("part-1", "07 41 58 03 96"),
        ("part-1", "7 41 58 03 96 22"),
        ("part-1", "07  41 58 03 96 22"),
        ("part-2", "3,361.79"),
        ("part-2", "3361.8"),
        ("part-3", "5123.4亿"),
    ):
        status, told = hall.post("operator", "beacon", **{part: text})
        assert status == 409
        assert "只有一种写法" in told
    assert all(part.entries == 0 for part in hall.row().beacon)
    parts = {"part-1": BALLS, "part-2": CLOSE, "part-3": TURNOVER}
    assert hall.post("operator", "beacon", **parts)[0] == 200
    assert hall.post("notary", "beacon", **{**parts, "part-1": "08 41 58 03 96 22"})[0] == 409
    assert hall.row().beacon[0].entries == 0  # both are gone
    # Typed anew: the page asks both of them again, and only for this part.
    for who in ("operator", "notary"):
        assert hall.page(who).locator('#now [name="part-1"]').count() == 1
    assert hall.page("operator").locator('#now [name="part-2"]').count() == 0


def test_a_void_takes_three_signatures_and_stays_on_every_page(hall: Hall) -> None:
    play = open_play(hall.cast, scheme=Scheme.REHEARSAL)
    play.play(until=Step.ANNOUNCED)
    hall.ceremony_id = play.row.id
    status, _ = hall.post("operator", "void", cause="disliked")
    assert status == 409
    for who in ("operator", "notary", "representative-1"):
        assert hall.row().step is Step.ANNOUNCED
        page = hall.page(who)
        page.click("summary:has-text('作废')")
        page.check('[name="cause"][value="custody"]')
        page.fill("#code-void", hall.clock.next_code(hall.person(who)))
        with page.expect_navigation():
            page.get_by_role("button", name="签字作废").click()
    assert hall.row().step is Step.VOID
    hall.shoot("operator", "void")
    again = open_play(hall.cast, scheme=Scheme.REHEARSAL)
    hall.ceremony_id = again.row.id
    told = hall.page("notary").locator(".counting").inner_text()
    assert "第 2 次，共 2 次" in told
    assert "第 1 次作废" in told
    hall.ceremony_id = None
    assert "第 1 次作废" in hall.page("notary").locator("main").inner_text()
    hall.shoot("notary", "list")


def test_a_line_is_struck_by_two_and_the_draw_postponed_by_two(hall: Hall) -> None:
    play = open_play(hall.cast, scheme=Scheme.REHEARSAL)
    play.play(until=Step.ANNOUNCED)
    hall.ceremony_id = play.row.id
    hall.shoot("operator", "more")
    for who in ("operator", "notary"):
        assert hall.post(who, "strike", ticket="t1-0003", reason="重复登记")[0] == 200
        assert hall.post(who, "postpone", to="2026-06-12T15:00", reason="交易所推迟公布")[0] == 200
    row = hall.row()
    assert row.draws[0].struck == ("T1-0003",)
    assert row.postponed_to == datetime(2026, 6, 12, 7, 0, tzinfo=UTC)


@pytest.mark.req("SEC-2")
def test_a_signature_asks_for_a_fresh_code_each_time(hall: Hall) -> None:
    with served_rehearsal(hall):
        page = hall.page("operator")
        code = hall.clock.next_code(hall.person("operator"))
        page.fill("#code-sign", "000000" if code != "000000" else "111111")
        page.get_by_role("button", name=re.compile("签字")).first.click()
        page.wait_for_selector("#told .refusal")
        assert hall.row().signatures == ()
        page.fill("#code-sign", "12")
        # Another's signature is told, and nothing typed is lost; who signs needs no JavaScript.
        hall.page("notary", javascript=False)
        hall.press("notary", "签字")
        page.wait_for_selector("text=公证员签字")
        assert page.input_value("#code-sign") == "12"
        page.fill("#code-sign", hall.clock.next_code(hall.person("operator")))
        with page.expect_navigation():
            page.get_by_role("button", name=re.compile("签字")).first.click()
        assert len(hall.row().signatures) == 2
        assert hall.row().step is Step.FROZEN
        hall.cast = replace(hall.cast, streets={"stranger": hall.seeds.stranger})
        assert hall.page("stranger").locator("h1").inner_text() == "没有这一页"


def test_sheets_and_the_device_page_are_given(hall: Hall) -> None:
    play = open_play(hall.cast, scheme=Scheme.REHEARSAL)
    hall.ceremony_id = play.row.id
    request = hall.page("notary").request
    device = request.get(f"{hall.address}device.html")
    assert "attachment" in device.headers["content-disposition"]
    assert request.get(f"{hall.address}announcement.pdf").status == 409
    play.play(until=Step.COMMITTED)
    card = request.get(f"{hall.address}card/notary.pdf", timeout=PATIENCE)
    assert card.headers["content-type"] == "application/pdf"
    assert card.body().startswith(b"%PDF-")
    assert request.get(f"{hall.address}card/nobody.pdf").status == 404
    assert request.get(f"{hall.address}bundle/{play.row.draws[0].draw_number}.json").status == 409
