"""A family's case on its phone: what to do now, its papers, the clock with its stops, answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings
from PIL import Image

from anju.foundation.access.operations import open_organisation
from anju.foundation.access.types import Actor, Tier
from anju.foundation.casework.operations import ask_correction, open_case, take_action
from anju.foundation.casework.queries import case_file
from anju.foundation.casework.types import AskedPoint, CaseRow, HandedIn, NewAction
from anju.web.household import case, case_facts, case_objection, case_papers, case_reply
from anju.web.household.facts_form import QUESTIONS, answers_from
from anju_rules.procedures.states import ActionKind
from tests.support.access import SYSTEM, Family, open_officer
from tests.support.cases import actor_with_code
from tests.support.planning import take_over
from tests.support.site import DISTRICT, Seeds, seed_project
from tests.support.statements import statement_of

STREET = f"{DISTRICT}002"
FIRST_DAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
"""Monday, nine in the morning in China."""


@dataclass(slots=True, kw_only=True)
class Town:
    """A project with a street, a district, a family at its phone, and a day that is moved."""

    seeds: Seeds
    street: Actor
    district: Actor
    family: Family
    phone: Client
    today: datetime = FIRST_DAY
    pages: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        """Give the moment that the pages take for now."""
        return self.today

    def pass_days(self, days: int) -> None:
        """Let days go by."""
        self.today += timedelta(days=days)

    def see(self, address: str, *, status: int = 200) -> str:
        """Open one of the family's pages."""
        answer = self.phone.get(address)
        assert answer.status_code == status, address
        return answer.content.decode()

    def open_review(self, *materials: str) -> CaseRow:
        """Open the family's review at the street's window."""
        return open_case(
            project_id=self.seeds.project_id,
            procedure="eligibility-review",
            subject_kind="household",
            subject_id=self.family.id,
            household_id=self.family.id,
            division=STREET,
            series="YS-ELG",
            materials=[HandedIn(code=code) for code in materials],
            by=self.street,
            at=self.today,
        )

    def act(self, row: CaseRow, kind: ActionKind, *, by: Actor, **told: str) -> CaseRow:
        """Do something at the desk."""
        act = NewAction(kind=kind, **told)  # type: ignore[arg-type]
        own = {"project_id": row.project_id, "case_id": row.id}
        return take_action(**own, act=act, by=by, at=self.today)  # type: ignore[arg-type]


@pytest.fixture
def town(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    """Open a project with the offices of one street, and sign a family in."""
    request.getfixturevalue("database")
    with override_settings(SCANNER="off"):
        seeds = seed_project(tmp_path / "example", homes=20, households=20)
        seeds.register("households")
        offices = {
            role: open_officer(
                role,
                role=role,
                organisation_id=_open_office(division, tier),
                project_id=seeds.project_id,
            )
            for role, division, tier in (
                ("street-officer", STREET, Tier.STREET),
                ("district-officer", DISTRICT, Tier.DISTRICT),
            )
        }
        family = seeds.family(seeds.household_ids()[0])
        town = Town(
            seeds=seeds,
            street=actor_with_code(offices["street-officer"].id),
            district=actor_with_code(offices["district-officer"].id),
            family=family,
            phone=sign_in(family),
        )
        for module in (case, case_facts, case_objection, case_papers, case_reply):
            monkeypatch.setattr(module, "read_clock", town.now)
        yield town


def _open_office(division: str, tier: Tier) -> UUID:
    return open_organisation(
        division=division, name=f"办事处{division}", tier=tier, by=SYSTEM, at=FIRST_DAY
    ).id


def sign_in(family: Family) -> Client:
    """Sign a family in."""
    phone = Client(headers={"host": "localhost"})
    answer = phone.post("/sign-in/", {"login": family.code, "password": family.pin})
    assert answer.status_code in {302, 303}
    return phone


def photo() -> SimpleUploadedFile:
    """Give a photograph as a phone sends it."""
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "white").save(drawn, "JPEG")
    return SimpleUploadedFile("承诺书.jpg", drawn.getvalue(), content_type="image/jpeg")


@pytest.mark.req("ELG-1")
def test_a_family_reads_where_its_case_stands_and_hands_in_what_is_missing(town: Town) -> None:
    assert "现在没有要办的事" in town.see("/me/case/")
    review = town.open_review("agreement")
    page = town.see("/me/case/")
    assert "还差 1 样材料" in page
    assert "由公安提供，不用您交" in page
    papers = f"/me/case/{review.id}/papers/"
    assert "要交的是哪一样？" in town.see(papers)
    assert 'type="file"' in town.see(f"{papers}?what=residence-declaration")

    refused = town.phone.post(papers, {"what": "household-register", "file": photo()})
    assert refused.status_code == 409
    nothing = town.phone.post(papers, {"what": "residence-declaration"})
    assert "没有交成" in nothing.content.decode()
    taken = town.phone.post(papers, {"what": "residence-declaration", "file": photo()})
    assert "收到了" in taken.content.decode()
    page = town.see(f"/me/case/{review.id}/")
    assert "街道正在看齐不齐" in page
    document = page.partition(papers)[2].partition('"')[0]
    picture = town.phone.get(papers + document)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")

    other = sign_in(town.seeds.family(town.seeds.household_ids()[1]))
    for address in (f"/me/case/{review.id}/", papers, papers + document):
        assert other.get(address).status_code == 404, address


@pytest.mark.req("ELG-1")
def test_the_two_figures_and_every_stop_with_its_clause_are_read_by_the_family(town: Town) -> None:
    review = town.open_review("agreement", "residence-declaration")
    town.pass_days(1)
    town.act(review, ActionKind.ACCEPT, by=town.street)
    town.pass_days(1)
    ask_correction(
        project_id=review.project_id,
        case_id=review.id,
        step="street-review",
        points=[AskedPoint(code="agreement", text="公证书缺第 3 页")],
        by=town.street,
        at=town.today,
    )
    town.pass_days(5)
    page = town.see(f"/me/case/{review.id}/")
    assert "请补 1 样材料" in page
    assert "经公证的补偿安置协议：公证书缺第 3 页" in page
    assert "6 月 3 日停到现在，已停 5 天" in page
    assert "行政许可法 第 32 条" in page
    assert 'class="pause"' in page

    town.phone.post(f"/me/case/{review.id}/papers/", {"what": "agreement", "file": photo()})
    assert "要补的都交齐了吗？" in town.see(f"/me/case/{review.id}/")
    town.phone.post(f"/me/case/{review.id}/all-in/")
    page = town.see(f"/me/case/{review.id}/")
    assert "街道在办：街道初审" in page
    assert "6 月 3 日到 6 月 8 日，停 5 天" in page
    file = case_file(project_id=review.project_id, case_id=review.id, by=town.street, at=town.today)
    assert f"{file.net_working_days} <small>个工作日" in page
    assert f"{file.gross_days} <small>天" in page

    town.act(
        review,
        ActionKind.DECIDE,
        by=town.street,
        step="street-review",
        outcome="not-eligible",
        why="已在滨河苑安置过一套",
    )
    page = town.see("/me/case/")
    assert "资格审核没有通过" in page
    assert "已在滨河苑安置过一套" in page
    assert "方案·资格审核 第 2 条" in page
    about = f"case:{review.id}"
    assert f"/me/case/object/?about={about}" in page
    form = {"about": about, "why": "那一套是我弟弟家的"}
    assert "就这样交上去吗？" in town.phone.post("/me/case/object/", form).content.decode()
    empty = town.phone.post("/me/case/object/", {"about": about})
    assert "还没有写哪里不对" in empty.content.decode()
    lodged = town.phone.post("/me/case/object/", {**form, "sure": "yes"})
    page = town.see(lodged.headers["Location"])
    assert "异议收到了，街道就要登记" in page
    assert "那一套是我弟弟家的" in page
    again = town.phone.post("/me/case/object/", {**form, "sure": "yes"})
    assert again.status_code == 409


@pytest.mark.req("ELG-5")
def test_a_family_answers_the_office_and_may_ask_the_next_level(town: Town) -> None:
    objection = open_case(
        project_id=town.seeds.project_id,
        procedure="objection",
        subject_kind="household",
        subject_id=town.family.id,
        household_id=town.family.id,
        division=STREET,
        materials=[HandedIn(code="objection-letter")],
        by=town.family.actor,
        at=town.today,
    )
    town.act(objection, ActionKind.ACCEPT, by=town.street)
    take_action(
        project_id=objection.project_id,
        case_id=objection.id,
        act=NewAction(
            kind=ActionKind.DECIDE,
            step="street-answer",
            outcome="not-upheld",
            materials=(HandedIn(code="decision-challenged"),),
            why="按户口簿核对，人口没有错",
        ),
        by=town.street,
        at=town.today,
    )
    reply = f"/me/case/{objection.id}/reply/"
    page = town.see("/me/case/")
    assert "街道答复了，您接受吗？" in page
    assert reply in page
    assert "按户口簿核对，人口没有错" in town.see(reply)
    assert "真的接受吗？" in town.see(f"{reply}?answer=accepts")
    town.phone.post(reply, {"answer": "appeals", "why": "孩子是去年出生的"})
    page = town.see("/me/case/")
    assert "区里在办：区级复核" in page
    assert "孩子是去年出生的" in page
    assert "现在没有要您答的" in town.see(reply)


@pytest.mark.req("ELG-3")
def test_a_family_states_its_facts_question_by_question(town: Town) -> None:
    stated = statement_of(1)
    assert town.phone.get("/me/case/facts/").status_code == 409  # no plan binds anybody yet
    take_over(town.seeds.project_id)
    assert "可以申请资格审核了" in town.see("/me/case/")
    assert QUESTIONS[0].title in town.see("/me/case/facts/")
    answers = answers_from(stated)
    for place, question in enumerate(QUESTIONS):
        form = {**answers, "place": str(place)}
        spoilt = {**form, question.fields[0].name: "？"}
        if question.fields[0].kind in {"lines", "choice"}:
            assert town.phone.post("/me/case/facts/", spoilt).status_code == 422, question.title
        following = town.phone.post("/me/case/facts/", form).content.decode()
        title = QUESTIONS[place + 1].title if place + 1 < len(QUESTIONS) else "这样对吗？"
        assert title in following
    back = town.phone.post("/me/case/facts/", {**answers, "place": "2", "turn": "back"})
    assert QUESTIONS[1].title in back.content.decode()
    done = town.phone.post("/me/case/facts/", {**answers, "place": "9", "sure": "yes"})
    assert done.status_code == 303
    page = town.see("/me/case/")
    assert "等部门答复" in page
    assert stated.holder not in page
    changed = {**answers, "place": "9", "sure": "yes", "area": "70"}
    assert town.phone.post("/me/case/facts/", changed).status_code == 303
    assert "<dd>70</dd>" in town.see("/me/case/")
