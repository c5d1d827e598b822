"""Casework and notices by the API: what the pages do, by the same operations and permissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from anju.foundation.core.clock import read_clock
from anju.foundation.core.crypto import new_id
from anju.foundation.notices.operations import publish_notice, withdraw_notice
from tests.support.access import Person, open_officer, open_tier
from tests.support.askers import Asker, asker
from tests.support.notices import notice
from tests.support.selections import Selected, scored_project

STREET = "370105001"
MATERIALS = [{"code": "agreement"}, {"code": "residence-declaration"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A project, and the programs of its street, its district and another street."""

    project: Selected
    street: Asker
    district: Asker
    elsewhere: Asker
    clerk: Person

    @property
    def cases(self) -> str:
        """Where cases are opened."""
        return f"/projects/{self.project.plan.project.code}/cases"

    def open(self, household: str, **more: object) -> Any:
        """Open a review of a household."""
        told = {"procedure": "eligibility-review", "household": household, "division": STREET}
        return self.street.post(self.cases, {**told, "series": "XF-ELG", **more})


@pytest.fixture
def window(database: object) -> Window:
    del database  # Django leads to it
    project = scored_project()
    street = open_officer(
        "street",
        role="street-officer",
        organisation_id=open_tier(STREET),
        project_id=project.id,
    )
    district = open_officer(
        "district", role="district-officer", organisation_id=open_tier("370105")
    )
    other = open_officer("other", role="street-officer", organisation_id=open_tier("370102001"))
    return Window(
        project=project,
        street=asker(street.actor),
        district=asker(district.actor),
        elsewhere=asker(other.actor),
        clerk=street,
    )


def codes(answer: Any) -> list[str]:
    return [told["code"] for told in answer.json()["refused"]]


@pytest.mark.req("ELG-1")
def test_a_case_is_opened_found_in_the_queue_and_acted_on(window: Window) -> None:
    sent = str(uuid4())
    opened = window.open("H0001", materials=MATERIALS, id=sent)
    assert opened.status_code == 200, opened.content
    case = opened.json()
    assert (case["id"], case["status"], case["title"]["zh"]) == (
        sent,
        "intake",
        "资格审核（三审两公示）",
    )
    assert window.open("H0001", materials=MATERIALS, id=sent).json() == case, (
        "sent twice, done once"
    )
    assert codes(window.open("H0001")) == ["casework.open-already"]
    for number in ("H0002", "H0003"):
        assert window.open(number, materials=MATERIALS).status_code == 200
    path = f"{window.cases}/{sent}"
    case = window.street.post(f"{path}/act", {"kind": "accept"}).json()
    assert (case["status"], case["open_steps"]) == ("in-progress", ["street-review"])

    first = window.street.get("/casework/queue?size=2").json()
    rest = window.street.get(f"/casework/queue?size=2&after={first['after']}").json()
    assert (first["total"], len(first["lines"]), len(rest["lines"]), rest["after"]) == (3, 2, 1, "")
    line = next(row for row in (*first["lines"], *rest["lines"]) if row["case_id"] == sent)
    assert (line["project"], line["step"], line["office"]) == ("XF-2026", "street-review", STREET)
    assert window.district.get("/casework/queue").json()["lines"] == []
    assert window.district.get("/casework/queue?project=NO-SUCH").status_code == 404

    file = window.street.get(path).json()
    assert {"kind": "decide", "step": "street-review", "outcome": "eligible", "reason": None} in (
        file["what_is_lawful"]
    )
    assert [material["code"] for material in file["materials"] if material["state"] == "held"] == [
        "agreement",
        "residence-declaration",
    ]
    act = {
        "kind": "decide",
        "step": "street-review",
        "outcome": "eligible-owing",
        "why": "材料相符",
        "expects": case["length"],
        "id": str(uuid4()),
    }
    assert codes(window.district.post(f"{path}/act", act)) == ["case.wrong-role"]
    moved = window.street.post(f"{path}/act", {**act, "expects": 0})
    assert codes(moved) == ["casework.moved-on"]
    done = window.street.post(f"{path}/act", act)
    assert done.status_code == 200, done.content
    assert done.json()["open_steps"] == ["first-notice"]
    assert window.street.post(f"{path}/act", act).json() == done.json(), "sent twice, done once"
    log = window.street.get(path).json()["actions"]
    assert [(row["kind"], row["why"]) for row in log][-1] == ("decide", "材料相符")


@pytest.mark.threat("T-23")
def test_what_lies_in_another_street_answers_as_what_does_not_exist(window: Window) -> None:
    case = window.open("H0001", materials=MATERIALS).json()
    elsewhere = window.elsewhere
    for path, absent in (
        (f"{window.cases}/{case['id']}", f"/projects/NO-SUCH/cases/{new_id()}"),
        ("/projects/XF-2026/notices", "/projects/NO-SUCH/notices"),
    ):
        hidden = elsewhere.get(path)
        assert (hidden.status_code, hidden.content) == (404, elsewhere.get(absent).content)
    assert elsewhere.get("/casework/queue?scope=tier").json()["lines"] == []
    act = {"kind": "decide", "step": "street-review", "outcome": "eligible"}
    assert elsewhere.post(f"{window.cases}/{case['id']}/act", act).status_code == 404
    assert window.street.get(f"{window.cases}/{new_id()}").status_code == 404


def test_what_cannot_be_read_is_refused(window: Window) -> None:
    review = {"procedure": "eligibility-review", "household": "H0001", "division": STREET}
    act = f"/{new_id()}/act"
    unreadable: list[tuple[str, dict[str, object]]] = [
        ("", {**review, "division": "37010x"}),
        ("", {**review, "procedure": "Eligibility"}),
        ("", {**review, "more": 1}),
        (act, {"kind": "hurry"}),
        (act, {"kind": "decide", "second": "city"}),
        (act, {"kind": "decide", "why": "\0"}),
    ]
    for rest, body in unreadable:
        answer = window.street.post(f"{window.cases}{rest}", body)
        assert (answer.status_code, codes(answer)) == (422, ["api.malformed"]), body
    for asked in (
        "after=2026-13-01.x.1",
        f"after=2026-13-01.{new_id()}.1",
        "size=101",
        "scope=all",
    ):
        assert window.street.get(f"/casework/queue?{asked}").status_code == 422, asked


@pytest.mark.req("PUB-2")
def test_notices_are_told_with_when_they_were_seen(window: Window) -> None:
    project_id, by, at = window.project.id, window.clerk.actor, read_clock()
    withdrawn, standing = (
        publish_notice(project_id=project_id, notice=notice(title=title), by=by, at=at)
        for title in ("第一批（有误）", "第一批")
    )
    withdraw_notice(project_id=project_id, notice_id=withdrawn.id, reason="漏列两户", by=by, at=at)
    listed = window.street.get("/projects/XF-2026/notices").json()
    assert [(row["title"], row["state"]) for row in listed] == [
        ("第一批", "waiting"),
        ("第一批（有误）", "withdrawn"),
    ]
    whole = window.street.get(f"/projects/XF-2026/notices/{standing.id}").json()
    assert (whole["digest"], whole["takes_objections"]) == (standing.digest, True)
    assert whole["rows"][0][:2] == ["H0001", "王*兰"], "masked as it was published"
    assert window.street.get(f"/projects/XF-2026/notices/{new_id()}").status_code == 404


@pytest.mark.req("PLN-2", "ELG-1")
def test_how_a_project_stands_is_told_by_its_plan_and_its_reviews(window: Window) -> None:
    plan = window.street.get("/projects/XF-2026/plan").json()
    assert plan["in_force"] == (plan["versions"][0]["number"] if plan["versions"] else None)
    counts = window.street.get("/projects/XF-2026/reviews").json()
    assert (counts["households"], sum(counts["by_standing"].values())) == (20, 20)
    review = window.street.get("/projects/XF-2026/households/H0001/review").json()
    assert review["standing"] in counts["by_standing"]
    for rest in ("plan", "plan/consents", "reviews", "households/H0001/review"):
        assert window.elsewhere.get(f"/projects/XF-2026/{rest}").status_code == 404
