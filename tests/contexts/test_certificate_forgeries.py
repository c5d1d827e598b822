"""Every forgery is told, by the command's judge and by the page in a browser; a control is not."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test.utils import override_settings
from playwright.sync_api import Browser
from typer.testing import CliRunner

from anju.cli.app import app
from anju.foundation.access.context import reading
from anju.foundation.core.crypto import new_key_pair
from anju.jobs.publishing import publish_verifier
from anju.titles.cases.operations import register_restriction
from anju.titles.certificates import checking, operations, papers, queries
from anju.titles.certificates.types import EndGround
from anju.web.papers import set_paper
from anju.web.public.certificate_sheets import print_certificate, public_keys, verifier_page
from anju_rules.certificates import handing
from anju_rules.certificates.handing import open_told, show_handed_over, show_state
from anju_rules.certificates.judging import CertificateVerdict
from anju_rules.restrictions import RestrictionKind
from anju_rules.values import Refusal
from tests.support.archival import archive_faults
from tests.support.certificates import CLAUSE, Office, open_office, seal_log
from tests.support.communities import AT
from tests.support.databases import fresh_database
from tests.support.forged_certificates import NEIGHBOUR, Forgery, Genuine, forgeries

NOW = AT + timedelta(minutes=30)
JUDGE = """async ([file, state, at]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (x) => x.charCodeAt(0));
  const told = await judgeFiles([bytes(file), ...(state ? [bytes(state)] : [])], at);
  return [told.intact.answer, told.force.answer, told.whom.answer];
}"""
PLACES = ("intact", "force", "whom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """What a verifier holds: the keys and the page, and what forgers start from."""

    genuine: Genuine
    pins: dict[str, object]
    page: bytes
    forged: tuple[Forgery, ...]


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with fresh_database(request.getfixturevalue("database_cluster")):
        yield open_shop(open_office())


def open_shop(office: Office) -> Shop:
    rows = [office.issue(home) for home in (1, 2, 3, 4)]
    seal_log()
    with reading(by=office.clerk):
        early = show_state(queries.verify_state(certificate_id=rows[2].id, at=AT))
    operations.revoke_certificate(
        project_id=office.project_id,
        certificate_id=rows[2].id,
        ground=EndGround.UNTRUE,
        clause=CLAUSE,
        reason="错登",
        by=office.clerk,
        second=office.chief,
        at=AT + timedelta(minutes=1),
    )
    register_restriction(
        project_id=office.project_id,
        home_id=office.town.homes[3].id,
        kind=RestrictionKind.SEIZURE,
        paper="（2026）鲁0105执1号",
        from_on=AT.date(),
        by=office.clerk,
        at=AT + timedelta(minutes=1),
    )
    seal_log()
    with reading(by=office.clerk):
        handed = [queries.handed_over(certificate_id=row.id, at=NOW) for row in rows]
    paper = print_certificate(
        handed[0], certificate_id=rows[0].id, host="https://anju.example", at=NOW
    )
    told, other, revoked, limited = (
        json.loads(json.dumps(show_handed_over(one))) for one in handed
    )
    genuine = Genuine(
        told=told,
        other=other,
        revoked=revoked,
        replayed=json.dumps(early).encode(),
        limited=limited,
        paper=paper,
        neighbour=new_key_pair(),
    )
    pins, page = with_neighbour(genuine.neighbour.public.hex(), verifier_page(at=NOW))
    return Shop(
        genuine=genuine,
        pins=pins,
        page=page,
        forged=tuple(forgeries(genuine)),
    )


def with_neighbour(public: str, page: bytes) -> tuple[dict[str, object], bytes]:
    """Make the verifier know the next county's registry as well, which has a key of its own."""
    pins: dict[str, Any] = public_keys(at=NOW)
    own = json.dumps(pins["issuers"], ensure_ascii=False, sort_keys=True).encode()
    (here,) = pins["issuers"]
    next_one = {**here, "authority": NEIGHBOUR, "county": "370202", "public": public}
    pins["issuers"] = [here, next_one]
    both = json.dumps(pins["issuers"], ensure_ascii=False, sort_keys=True).encode()
    assert page.count(own) == 1
    return pins, page.replace(own, both)


def moment_of(forgery: Forgery) -> timedelta:
    """A replayed word is two days old by then; its file is otherwise good for ever."""
    return timedelta(days=2) if "replayed" in forgery.name else timedelta(0)


def answers(verdict: CertificateVerdict) -> list[str]:
    return [one.answer.value for one in (verdict.intact, verdict.in_force, verdict.by_whom)]


def judge(shop: Shop, forgery: Forgery) -> list[str]:
    try:
        verdict = checking.judge_file(
            forgery.content,
            pins=checking.read_pins(shop.pins),
            at=NOW + moment_of(forgery),
            state=forgery.state or None,
        )
    except Refusal:
        return ["no", "unknown", "unknown"]
    return answers(verdict)


def is_told(forgery: Forgery, found: list[str]) -> bool:
    """Whether the question that the forgery is about was answered as it must be."""
    answer = found[PLACES.index(forgery.question)]
    return answer == forgery.answer or (forgery.answer == "any" and answer != "yes")


@pytest.mark.req("CRT-1", "CRT-2")
def test_the_genuine_certificate_is_good_as_data_and_as_paper(shop: Shop) -> None:
    for content in (json.dumps(shop.genuine.told).encode(), shop.genuine.paper):
        genuine = Forgery(name="genuine", content=content, question="intact", answer="yes")
        assert judge(shop, genuine) == ["yes", "yes", "yes"]


@pytest.mark.req("CRT-1", "CRT-2")
@pytest.mark.threat("T-20")
def test_every_forgery_is_told(shop: Shop) -> None:
    assert len(shop.forged) >= 40
    believed = {
        one.name: found for one in shop.forged if not is_told(one, found := judge(shop, one))
    }
    assert believed == {}


@pytest.mark.threat("T-20")
def test_control_without_the_signature_check_forgeries_are_believed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "is_held", lambda *_: True)
    monkeypatch.setattr(papers, "_is_untouched", lambda *_: True)
    believed = {one.name for one in shop.forged if not is_told(one, judge(shop, one))}
    assert {"revocation written over", "another's signature", "paper: one bit"} <= believed


def believe_words(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Shop:
    monkeypatch.setattr(handing, "open_state", lambda word, **_: open_told(word.told)[0])
    return shop


def believe_the_latest_word(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Shop:
    monkeypatch.setattr(handing, "_weight", lambda state: state.as_of)
    return believe_words(monkeypatch, shop)


def believe_old_words(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Shop:
    defaults = handing.judge_handed_over.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "freshest", timedelta(days=30))
    return shop


def take_counties_for_one(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> Shop:
    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    issuers: Any = shop.pins["issuers"]
    here = issuers[0]["county"]
    return replace(
        shop, pins={**shop.pins, "issuers": [{**one, "county": here} for one in issuers]}
    )


@pytest.mark.threat("T-20")
@pytest.mark.parametrize(
    ("turn_off", "name"),
    [
        (believe_the_latest_word, "a later word of one's own beside the revocation"),
        (believe_words, "seizure written over"),
        (believe_old_words, "the word from before the revocation, replayed"),
        (take_counties_for_one, "a word of the next county's"),
    ],
)
def test_control_each_defence_of_the_registers_word_turned_off_is_fooled(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    turn_off: Callable[[pytest.MonkeyPatch, Shop], Shop],
    name: str,
) -> None:
    forgery = next(one for one in shop.forged if one.name == name)
    assert judge(shop, forgery)[1] == forgery.answer
    assert judge(turn_off(monkeypatch, shop), forgery)[1] != forgery.answer


@pytest.mark.threat("T-30")
def test_an_attachment_that_would_swell_beyond_any_certificate_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bomb = zlib.compress(b" " * (papers.MOST_PAPER_BYTES + 1))
    with pytest.raises(ValueError, match=r"^$"):
        papers._inflate(bomb, is_packed=True)
    monkeypatch.setattr(papers, "MOST_PAPER_BYTES", papers.MOST_PAPER_BYTES + 1)
    assert papers._inflate(bomb, is_packed=True)


@pytest.mark.req("CRT-1", "CRT-2")
@pytest.mark.threat("T-20")
def test_the_page_tells_every_forgery_without_a_net(
    shop: Shop, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "verify.html"
    file.write_bytes(shop.page)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(file.as_uri())

    def ask(content: bytes, state: bytes, after: timedelta) -> list[str]:
        given = [base64.b64encode(one).decode() for one in (content, state)]
        at = int((NOW + after).timestamp() * 1000)
        found: list[str] = page.evaluate(JUDGE, [*given, at])
        return found

    try:
        for content in (json.dumps(shop.genuine.told).encode(), shop.genuine.paper):
            assert ask(content, b"", timedelta(0)) == ["yes", "yes", "yes"]
        believed = {
            one.name: found
            for one in shop.forged
            if not is_told(one, found := ask(one.content, one.state, moment_of(one)))
        }
        assert believed == {}
        page.evaluate("sm2.doVerifySignature = () => true; known.clear()")
        control = next(one for one in shop.forged if one.name == "another's signature")
        assert ask(control.content, b"", timedelta(0))[0] == "yes"
    finally:
        context.close()


@pytest.mark.req("CRT-1")
def test_the_public_folder_holds_the_page_and_the_keys_of_now(shop: Shop, tmp_path: Path) -> None:
    assert shop.page
    with override_settings(PUBLIC_FOLDER=tmp_path):
        assert publish_verifier(at=NOW)
        assert not publish_verifier(at=NOW), "nothing changed"
        page, keys = (
            (tmp_path / "verify" / name).read_bytes()
            for name in ("verify_certificate.html", "certificate-keys.json")
        )
    assert page == verifier_page(at=NOW)
    checking.judge_file(shop.genuine.paper, pins=checking.read_pins(json.loads(keys)), at=NOW)
    text = page.decode()
    for said in ("不是法定电子印章", "那一刻以后才撤销", "断网也能用"):
        assert said in text
    assert not re.search(
        r"(?:src|href)\s*=|https?://|fetch\(|XMLHttp", text.partition("<script>")[0]
    )


@pytest.mark.req("CRT-1")
def test_the_paper_keeps_what_a_pdf_for_the_archive_must_and_a_plain_one_would_not(
    shop: Shop,
) -> None:
    assert archive_faults(shop.genuine.paper) == set()
    plain = set_paper("parts/certificate_sheet.html", {"number": "鲁(2026)济南市不动产权第1号"})
    assert {
        "no metadata",
        "no output intent",
        "no file identifier",
        "not one attachment that belongs to the whole",
    } <= archive_faults(plain)


@pytest.mark.req("CRT-1")
def test_a_key_that_the_verifier_does_not_know_is_no_yes(shop: Shop) -> None:
    pins = checking.read_pins(shop.pins)
    verdict = checking.judge_file(
        shop.genuine.paper, pins=replace(pins, issuers=(), papers=()), at=NOW
    )
    assert answers(verdict) == ["no", "unknown", "unknown"]


@pytest.mark.req("CRT-1")
def test_the_command_checks_a_file_without_a_database(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anju.cli.certificates.read_clock", lambda: NOW)
    keys, good, bad = (tmp_path / name for name in ("keys.json", "good.pdf", "bad.json"))
    keys.write_text(json.dumps(shop.pins), encoding="utf-8")
    good.write_bytes(shop.genuine.paper)
    bad.write_text(json.dumps({**shop.genuine.told, "signature": "00" * 64}), encoding="utf-8")
    runner = CliRunner()
    told = runner.invoke(app, ["certificates", "verify", str(good), "--keys", str(keys)])
    assert told.exit_code == 0, told.output
    assert "现在有没有效：是" in told.output
    assert "2026-09-17" in told.output, "as of when is told plainly"
    told = runner.invoke(app, ["certificates", "verify", str(bad), "--keys", str(keys), "--json"])
    assert told.exit_code == 1
    assert json.loads(told.output)["intact"] == {
        "answer": "no",
        "because": ["certificates.altered"],
    }
