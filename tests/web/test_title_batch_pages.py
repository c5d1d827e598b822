"""Batches and settlements in a browser's requests: desk, owner, paper."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from anju.foundation.access.context import reading
from anju.titles.cases.batches.queries import batches_of
from anju.titles.cases.batches.running import run_batch
from anju.titles.cases.settlements.operations import settle_homes
from anju.titles.cases.settlements.queries import settlements_of
from anju.titles.cases.settlements.types import SettlementRow
from tests.contexts.test_area_settlements import VECTORS, open_measured
from tests.contexts.test_title_batches import open_registered, spoil
from tests.support.batches import make_files, packed
from tests.support.communities import AT, Town
from tests.support.site import client_of

HOMES = 6
BATCHES = "/desk/titles/batches/HY-01/"
SETTLEMENTS = "/desk/titles/settlements/HY-01/"


@dataclass(frozen=True)
class Desk:
    """A community and a browser at its desk."""

    town: Town
    client: Client

    def page(self, address: str) -> str:
        """Give a page's text."""
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.content.decode()

    def send(self, files: dict[str, bytes], *, dry: bool) -> str:
        """Send a pack, work it off, and give its page's address."""
        upload = SimpleUploadedFile("槐苑.zip", packed(files), content_type="application/zip")
        answer = self.client.post(f"{BATCHES}send/", {"pack": upload, "dry": "1" if dry else ""})
        assert answer.status_code == 303
        self.work_off()
        return str(answer.headers["Location"])

    def work_off(self) -> None:
        """Do what the worker does."""
        with reading(by=self.town.officer()):
            waiting = [row for row in batches_of(project_id=self.town.project_id) if row.is_moving]
        for row in waiting:
            run_batch(
                project_id=self.town.project_id, batch_id=row.id, by=self.town.officer(), at=AT
            )


def at_desk(town: Town, role: str = "district-officer") -> Desk:
    return Desk(town, signed_in(town.people[role].id))


def signed_in(account_id: UUID) -> Client:
    return client_of(account_id)


@pytest.fixture
def settings(database: object) -> Iterator[None]:
    del database
    with override_settings(ALLOWED_HOSTS=["testserver"], SCANNER="off"):
        yield


@pytest.mark.req("TTL-5")
@pytest.mark.usefixtures("settings")
def test_a_batch_is_checked_taken_in_mended_and_sent_again_from_the_desk() -> None:
    desk = at_desk(open_registered(HOMES))
    address = desk.send(make_files(HOMES, mend=spoil), dry=True)
    assert ProcrastinateJob.objects.filter(task_name="batches.run").count() == 1
    checked = desk.page(address)
    for words in ("核对完了，2 户要改", "身份证号校验码不符", "缺 身份核验", "收下没有错的 4 户"):
        assert words in checked
    assert desk.client.post(f"{address}take-in/").status_code == 303
    desk.work_off()
    taken = desk.page(f"{address}?show=refused")
    assert "收下 3 户，3 户要改" in taken
    assert "权利人" in taken
    report = desk.client.get(f"{address}report.xlsx")
    with zipfile.ZipFile(BytesIO(report.content)) as book:
        assert "身份证号校验码不符" in book.read("xl/sharedStrings.xml").decode()
    mended = desk.page(desk.send(make_files(HOMES), dry=False))
    assert "6 户全部收下" in mended
    assert "以前收过" in mended
    assert desk.page(BATCHES).count("槐苑.zip") == 2


@pytest.mark.usefixtures("settings")
def test_the_same_pack_again_shows_the_first_ones_page_and_a_fragment_its_part() -> None:
    desk = at_desk(open_registered(2))
    first = desk.send(make_files(2), dry=False)
    assert desk.send(make_files(2), dry=False) == first
    part = desk.client.get(first, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="batch"')
    assert desk.client.get(f"{BATCHES}manifest.xlsx").status_code == 200
    assert desk.client.get("/desk/titles/batches/").headers["Location"] == BATCHES


@pytest.mark.threat("T-23")
@pytest.mark.usefixtures("settings")
def test_a_company_without_the_right_and_a_strange_community_see_nothing() -> None:
    town = open_registered(2)
    manager = at_desk(town, "manager")
    assert manager.client.post(f"{BATCHES}send/").status_code == 404
    assert manager.client.get("/desk/titles/batches/NO-SUCH/").status_code == 404


def settled(town: Town) -> dict[UUID, SettlementRow]:
    homes = [home.id for home in town.homes]
    settle_homes(project_id=town.project_id, home_ids=homes, by=town.officer(), at=AT)
    with reading(by=town.officer()):
        return {row.home_id: row for row in settlements_of(project_id=town.project_id)}


@pytest.mark.req("LEG-3")
@pytest.mark.pitfall("P21")
@pytest.mark.usefixtures("settings")
def test_the_vectors_of_the_three_per_cent_rule_stand_on_the_desks_pages() -> None:
    desk = at_desk(open_measured([measured for measured, _ in VECTORS]))
    assert desk.client.post(f"{SETTLEMENTS}all/").status_code == 303
    listed = desk.page(SETTLEMENTS)
    with reading(by=desk.town.officer()):
        rows = {row.home_id: row for row in settlements_of(project_id=desk.town.project_id)}
    for home, (_, fen) in zip(desk.town.homes, VECTORS, strict=True):
        amount = f"{abs(fen) // 100}.00"
        told = desk.page(f"{SETTLEMENTS}{rows[home.id].id}/")
        assert f"{'应补' if fen > 0 else '应退还买受人'} {amount} 元" in told
        assert "商品房销售管理办法" in told
        assert f"{'补' if fen > 0 else '退'} {amount}" in listed


@pytest.mark.usefixtures("settings")
def test_control_a_wrong_constant_shows_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace
    from decimal import Decimal

    from anju.titles.cases.settlements import operations
    from anju_rules.area import LAW

    wrong = replace(LAW, tolerance=Decimal("0.05"))
    monkeypatch.setattr(operations, "choose_terms", lambda **_: wrong)
    desk = at_desk(open_measured(["95"]))
    (row,) = settled(desk.town).values()
    assert "56000.00" not in desk.page(f"{SETTLEMENTS}{row.id}/")


@pytest.mark.req("LEG-3")
@pytest.mark.usefixtures("settings")
def test_an_owner_reads_every_line_keeps_the_home_objects_and_prints() -> None:
    town = open_measured(["95", "102"])
    rows = settled(town)
    mine, other = rows[town.homes[0].id], rows[town.homes[1].id]
    owner = Desk(town, signed_in(town.owner(town.homes[0]).account_id))
    at_list = owner.client.get("/me/title/settlements/")
    address = f"/me/title/settlement/{mine.id}/"
    assert at_list.headers["Location"] == address
    told = owner.page(address)
    for words in ("应退还买受人 56000.00 元", "3% 是 3 ㎡：超过了", "商品房销售管理办法", "退房"):
        assert words in told
    assert "房子留下" in owner.page(f"{address}?ask=keeps")
    assert owner.client.post(f"{address}choose/", {"choice": "keeps"}).status_code == 303
    assert owner.client.post(f"{address}dispute/", {"why": "没有量阳台"}).status_code == 303
    assert "您家的异议" in owner.page(address)
    assert owner.client.get(f"{address}sheet.pdf").content.startswith(b"%PDF")
    assert owner.client.get(f"/me/title/settlement/{other.id}/").status_code == 404


@pytest.mark.req("LEG-3")
@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("told", [{}, {"choice": ""}, {"choice": "withdraw"}, {"choice": "是"}])
def test_an_answer_that_is_none_decides_nothing_for_the_owners(told: dict[str, str]) -> None:
    town = open_measured(["95"])
    mine = settled(town)[town.homes[0].id]
    owner = Desk(town, signed_in(town.owner(town.homes[0]).account_id))
    address = f"/me/title/settlement/{mine.id}/"
    assert owner.client.post(f"{address}choose/", told).status_code == 303
    assert "?ask=withdraws" in owner.page(address), "still theirs to decide"


@pytest.mark.req("LEG-3")
@pytest.mark.usefixtures("settings")
def test_bounds_are_stated_at_the_window_and_a_wrong_one_is_told_with_its_field() -> None:
    desk = at_desk(open_measured(["95"]))
    told = {
        "rule": "bounds",
        "clause": "购房合同第八条",
        "percent": "0.03%",
        "within": "1",
        "larger_beyond": "0",
        "smaller_beyond": "2",
    }
    wrong = desk.client.post(f"{SETTLEMENTS}terms/", told)
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "“界限”填的是“0.03%”" in page
    assert 'value="购房合同第八条"' in page, "nothing is typed twice"
    assert desk.client.post(f"{SETTLEMENTS}terms/", {**told, "percent": "2"}).status_code == 303
    assert "误差 2% 以内据实结算" in desk.page(SETTLEMENTS)


@pytest.mark.req("LEG-3")
@pytest.mark.usefixtures("settings")
def test_the_window_states_terms_notes_choice_and_receipt() -> None:
    town = open_measured(["95", "102"])
    desk = at_desk(town)
    told = {"rule": "actual", "clause": "购房合同第八条"}
    assert desk.client.post(f"{SETTLEMENTS}terms/", told).status_code == 303
    row = settled(town)[town.homes[1].id]
    assert "购房合同第八条" in desk.page(f"{SETTLEMENTS}{row.id}/")
    done = desk.client.post(f"{SETTLEMENTS}{row.id}/clear/", {"receipt": "SJ-1"})
    assert done.status_code == 303
    assert "收据 SJ-1" in desk.page(f"{SETTLEMENTS}{row.id}/")
    assert "16000.00" in desk.page(SETTLEMENTS)
    assert desk.client.get(f"{SETTLEMENTS}{row.id}/sheet.pdf").content.startswith(b"%PDF")
