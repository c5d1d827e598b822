"""A machine looks at a paper first: noted for whoever decides, shown beside the paper itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from random import Random
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings
from playwright.sync_api import Browser, expect

from anju.foundation.access.context import reading
from anju.foundation.casework.operations import hand_in_material
from anju.foundation.casework.types import CaseRow, HandedIn
from anju.foundation.core.clock import read_clock
from anju.foundation.documents.operations import note_prereview, store_document
from anju.foundation.documents.queries import find_prereview
from anju.jobs.papers import prereview_paper
from anju_rules.prereview.types import PaperKind, PaperText, Place, Stance, TextLine
from anju_rules.values import Refusal
from tests.support.access import open_officer, open_tier
from tests.support.communities import Town, open_town
from tests.support.databases import Database
from tests.support.hostile_files import plain_pdf
from tests.support.pages import look
from tests.support.scan_forms import draw_identity_card, find_font, make_known
from tests.support.site import client_of, serve_site, sign_in_officer
from tests.support.title_cases import file_first, file_transfer

STRANGER = "周小燕"
NUMBER = "11010519491231002X"


@dataclass(frozen=True, slots=True)
class ByHand:
    """A reader that gives what a test says, or refuses."""

    lines: tuple[TextLine, ...] = ()
    refuses: str = ""

    def read_text(self, *, content: bytes) -> PaperText:
        assert content
        if self.refuses:
            raise Refusal(self.refuses)
        return PaperText(pages=1, lines=self.lines, turned=(0,), reader="by hand")


def line(text: str, left: int, top: int, right: int) -> TextLine:
    corners = ((left, top), (right, top), (right, top + 240), (left, top + 240))
    return TextLine(text=text, certainty=970, place=Place(page=1, corners=corners))


CARD = ByHand(
    (
        line(f"姓名  {STRANGER}", 1_560, 1_150, 3_000),
        line(f"公民身份号码   {NUMBER}", 1_560, 3_670, 6_300),
        line("居民身份证", 3_800, 5_860, 6_200),
        line("签发机关  孝感市公安局孝南分局", 2_600, 7_100, 6_500),
        line("有效期限  2016.03.04-2036.03.04", 2_600, 7_460, 6_600),
    )
)


@pytest.fixture(autouse=True)
def _without_a_scanner(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    del database
    monkeypatch.setattr(settings, "SCANNER", "off")
    with override_settings(ALLOWED_HOSTS=["testserver", "127.0.0.1"]):
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A transfer at the window, with the copy of a card in it."""

    town: Town
    case: CaseRow
    document_id: UUID

    @property
    def address(self) -> str:
        return f"/desk/cases/{self.case.id}/papers/{self.document_id}/advice/"

    @property
    def client(self) -> Client:
        return client_of(self.town.people["district-officer"].id)

    def look(self, reader: ByHand = CARD) -> None:
        """Let a machine look at the card."""
        prereview_paper(
            project_id=self.town.project_id,
            case_id=self.case.id,
            document_id=self.document_id,
            kind=PaperKind.IDENTITY_CARD,
            by=self.town.officer(),
            at=read_clock(),
            reader=reader,
        )


def open_window(content: bytes = b"") -> Window:
    town, at = open_town(homes=2), read_clock()
    home = town.homes[0]
    file_first(town)
    case = file_transfer(town, home)
    document = store_document(
        project_id=town.project_id,
        owner_kind="case",
        owner_id=case.id,
        household_id=home.household_id,
        name=f"{STRANGER}.pdf",
        content=content or plain_pdf(),
        channel="desk",
        by=town.officer(),
        at=at,
    )
    hand_in_material(
        project_id=town.project_id,
        case_id=case.id,
        materials=[HandedIn(code="identity-proof", document_id=document.id)],
        by=town.officer(),
        at=at,
    )
    return Window(town=town, case=case, document_id=document.id)


@pytest.mark.req("TTL-7")
def test_what_a_machine_found_is_noted_sealed_and_told_without_a_name(database: Database) -> None:
    window = open_window()
    window.look()
    with reading(by=window.town.officer()):
        noted = find_prereview(project_id=window.town.project_id, document_id=window.document_id)
    assert noted is not None
    found = {one.point: (one.stance, one.code) for one in noted.review.findings}
    assert found["name"] == (Stance.DOUBTS, "prereview.differs")
    assert found["identity-number"] == (Stance.CITES, "prereview.read-only")
    assert noted.review.clause == "pipl#24"
    with psycopg.connect(database.superuser_url) as admin:
        rows = admin.execute("SELECT p::text FROM documents_prereview p").fetchall()
        entries = admin.execute(
            "SELECT e::text FROM ledger_event e WHERE e::text LIKE '%prereviewed%'"
        ).fetchall()
    assert len(rows) == len(entries) == 1
    for secret in (STRANGER, NUMBER, "周*燕", "1101****"):
        assert secret not in str(rows) + str(entries)


def test_a_paper_that_cannot_be_read_is_noted_and_without_a_reader_nothing_is() -> None:
    window = open_window()
    window.look(ByHand(refuses="documents.not-readable"))
    with reading(by=window.town.officer()):
        noted = find_prereview(project_id=window.town.project_id, document_id=window.document_id)
    assert noted is not None
    assert [one.code for one in noted.review.findings] == ["prereview.nothing-read"]
    with pytest.raises(Refusal) as refused:
        window.look(ByHand(refuses="documents.no-reader"))
    assert refused.value.code == "documents.no-reader"


@pytest.mark.req("TTL-7")
@pytest.mark.threat("T-23")
def test_an_officer_asks_sees_the_doubts_first_and_decides_elsewhere(database: Database) -> None:
    window = open_window()
    client = window.client
    before = client.get(window.address).content.decode()
    assert "机器还没有看过" in before
    assert (
        f"papers/{window.document_id}/advice/"
        in client.get(f"/desk/cases/{window.case.id}/").content.decode()
    )
    assert client.post(f"{window.address}ask/").status_code == 303
    with psycopg.connect(database.superuser_url) as admin:
        asked = admin.execute(
            "SELECT args->>'kind', queue_name FROM procrastinate_jobs"
            " WHERE task_name = 'papers.prereview'"
        ).fetchall()
    assert asked == [("identity-card", "reading")]
    window.look()
    answer = client.get(window.address)
    page = answer.content.decode()
    assert "有 1 处请您看一下" in page
    assert page.index("请您看一下</h2>") < page.index("读到而且对得上的")
    assert "不下结论" in page
    assert STRANGER not in page
    assert NUMBER not in page
    assert 'points="1560,1150 3000,1150 3000,1390 1560,1390"' in page
    assert "style=" not in page
    picture = client.get(f"{window.address}page/?page=1")
    if picture.status_code == 200:  # a PDF is drawn where the extra ocr is installed
        assert picture.content.startswith(b"\x89PNG")
    assert client.get(f"{window.address}page/?page=77").status_code == 422
    other = open_officer("stranger", role="district-officer", organisation_id=open_tier("320102"))
    for address in (window.address, f"{window.address}page/"):
        assert client_of(other.id).get(address).status_code == 404
    assert (
        client.get(window.address.replace(str(window.document_id), str(window.case.id))).status_code
        == 404
    )


@pytest.mark.req("TTL-7")
def test_a_doubt_changes_nothing_of_the_case() -> None:
    """PIPL 24: with every finding a doubt, the case stands as it stood without any."""
    window = open_window()
    file = window.client.get(f"/desk/cases/{window.case.id}/").content
    window.look(ByHand())
    with reading(by=window.town.officer()):
        noted = find_prereview(project_id=window.town.project_id, document_id=window.document_id)
    assert noted is not None
    assert noted.review.citations == ()
    after = window.client.get(f"/desk/cases/{window.case.id}/").content
    words = [part for part in file.split(b"<section") if b'id="way"' in part]
    assert words == [part for part in after.split(b"<section") if b'id="way"' in part]


def test_only_a_paper_that_is_there_is_noted() -> None:
    window = open_window()
    window.look()
    with reading(by=window.town.officer()):
        noted = find_prereview(project_id=window.town.project_id, document_id=window.document_id)
    assert noted is not None
    with pytest.raises(Refusal) as refused:
        note_prereview(
            project_id=window.town.project_id,
            document_id=window.case.id,
            review=noted.review,
            by=window.town.officer(),
            at=read_clock(),
        )
    assert refused.value.code == "documents.unknown"


@pytest.mark.skipif(find_font() is None, reason="no Chinese font here: fonts-noto-cjk")
@pytest.mark.req("TTL-7")
def test_the_marks_lie_on_the_paper_at_both_widths(browser: Browser) -> None:
    out = BytesIO()
    (sheet,) = draw_identity_card(make_known(Random("a card")), Random("a card"))
    sheet.image.save(out, "PNG")
    window = open_window(out.getvalue())
    window.look()
    with serve_site() as site:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        sign_in_officer(page, site, window.town.people["district-officer"])
        page.goto(f"{site}{window.address}")
        expect(page.locator("h1")).to_have_text("有 1 处请您看一下")
        page.locator(".advice-sheet img").scroll_into_view_if_needed()
        expect(page.locator(".advice-sheet img")).to_have_js_property("naturalWidth", 1240)
        look(page, "advice")
        mark = page.locator("polygon.doubt").bounding_box()
        sheet_box = page.locator(".advice-sheet").bounding_box()
        assert mark is not None
        assert sheet_box is not None
        assert abs(mark["x"] - sheet_box["x"] - sheet_box["width"] * 0.156) < 6
        page.click("text=图上标了")
        assert page.evaluate("document.querySelector('polygon:target') !== null")
