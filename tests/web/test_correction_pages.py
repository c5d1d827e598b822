"""Corrections on their pages: proposed with a paper, looked at, signed by somebody else, told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import override_settings

from anju.foundation.access.context import reading
from anju.foundation.access.queries import find_actor
from anju.foundation.core.clock import read_clock
from anju.foundation.ledger.queries import entries_of
from anju.resettlement.scoring.queries import corrections_of, totals_of
from anju.web.corrections import lay_out_changes
from anju_rules.values import points_from_tenths
from tests.support.access import Person, open_officer, open_tier
from tests.support.hostile_files import plain_pdf
from tests.support.site import Seeds, seed_project

if TYPE_CHECKING:
    from tests.support.databases import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A scored project; a client of each who has to do with a correction."""

    seeds: Seeds
    household_id: UUID
    clients: dict[str, Client]
    supervisor: Person

    def read(self, who: str, rest: str = "", *, status: int = 200) -> str:
        """Open a page of the project; gives its text."""
        answer = self.clients[who].get(f"/desk/{self.seeds.code}/{rest}")
        assert answer.status_code == status, answer.content.decode()
        return answer.content.decode()

    def send(self, who: str, rest: str, form: dict[str, Any]) -> Any:
        """Send a form of the project."""
        return self.clients[who].post(f"/desk/{self.seeds.code}/{rest}", form)

    def propose(self, persons: str) -> Any:
        """Send the form of a correction, with its paper."""
        paper = SimpleUploadedFile("户口簿.pdf", plain_pdf())
        return self.send(
            "clerk",
            f"scores/{self.household_id}/correct/",
            {"fact-persons": persons, "reason": "漏登一人", "file": paper},
        )

    def total(self) -> int:
        """Give the household's total."""
        with reading(by=self.seeds.officer):
            return int(totals_of(project_id=self.seeds.project_id)[self.household_id])


def signed_in(account_id: UUID) -> Client:
    client, found = Client(), find_actor(account_id=account_id)
    assert found is not None
    client.force_login(found[0])
    return client


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    assert database.name
    monkeypatch.setattr(settings, "SCANNER", "off")
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        seeds = seed_project(tmp_path / "plan", homes=40, households=40)
        seeds.register()
        seeds.freeze()
        seeds.score()
        office = open_tier("370105002")
        people = {
            role: open_officer(role, role=role, organisation_id=office, project_id=seeds.project_id)
            for role in ("street-officer", "supervisor", "representative")
        }
        household_id = seeds.household_ids()[7]
        accounts = {
            "clerk": people["street-officer"].id,
            "supervisor": people["supervisor"].id,
            "representative": people["representative"].id,
            "family": seeds.family(household_id).account_id,
        }
        yield Desk(
            seeds=seeds,
            household_id=household_id,
            clients={who: signed_in(account_id) for who, account_id in accounts.items()},
            supervisor=people["supervisor"],
        )


@pytest.mark.req("SCO-3")
@pytest.mark.req("GOV-1")
def test_a_correction_is_proposed_looked_at_and_signed_by_another(desk: Desk) -> None:
    before = desk.total()
    assert "更正登记事实" in desk.read("clerk", f"scores/{desk.household_id}/")
    form = desk.read("clerk", f"scores/{desk.household_id}/correct/")
    assert 'name="fact-persons"' in form
    proposed = desk.propose("9")
    assert proposed.status_code == 303
    rest = proposed["Location"].removeprefix(f"/desk/{desk.seeds.code}/")
    assert desk.total() == before
    assert "已有一份更正" in desk.read("clerk", f"scores/{desk.household_id}/correct/")

    own = desk.read("clerk", rest)
    assert "同意更正并签字" not in own, "whoever proposed does not sign"
    assert "撤回这份更正" in own
    waiting = "1 份更正等第二人签字"
    assert waiting in desk.read("supervisor", "corrections/")
    shown = desk.read("supervisor", rest)
    assert "户前移" in shown or "户后移" in shown
    assert "漏登一人" in shown

    # A representative signs for what it does, and reads nothing of what the family told.
    folded = desk.read("representative", rest)
    assert "同意更正并签字" in folded
    assert "漏登一人" not in folded
    paper = re.search(rf"{rest}papers/[0-9a-f-]+/", shown)
    assert paper is not None
    desk.read("representative", paper[0], status=404)
    assert desk.clients["supervisor"].get(f"/desk/{desk.seeds.code}/{paper[0]}").status_code == 200
    document_id = paper[0].rstrip("/").rpartition("/")[2]
    (*_, opened) = entries_of(target=document_id)
    assert opened.action == "access.personal-data.read"

    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', shown)
    assert seen is not None
    wrong = desk.send("supervisor", f"{rest}sign/", {"seen": seen[1], "code": "000000"})
    assert wrong.status_code == 403
    code = desk.supervisor.code(read_clock())
    signed = desk.send("supervisor", f"{rest}sign/", {"seen": seen[1], "code": code})
    assert signed.status_code == 303, signed.content.decode()
    assert desk.total() > before

    with reading(by=desk.seeds.officer):
        (row,) = corrections_of(project_id=desk.seeds.project_id)
    (change,) = lay_out_changes(row.facts, names={"persons": "人口"})
    told = desk.clients["family"].get("/me/score/").content.decode()
    assert f"{change.before} → <b>9</b>" in told
    assert f"{points_from_tenths(row.total_before)} → <b>{points_from_tenths(row.total_after)}" in (
        told
    )
    assert f"/proof/{row.event_id}" in told
    assert "已更正" in desk.read("clerk", "corrections/")


def test_what_is_not_signed_says_why_to_the_family(desk: Desk) -> None:
    before = desk.total()
    nothing = desk.send("clerk", f"scores/{desk.household_id}/correct/", {"reason": "x"})
    assert nothing.status_code == 409
    rest = desk.propose("9")["Location"].removeprefix(f"/desk/{desk.seeds.code}/")
    assert "等第二人签字" in desk.clients["family"].get("/me/score/").content.decode()
    assert desk.send("clerk", f"{rest}decline/", {"reason": "x"}).status_code == 404
    declined = desk.send("supervisor", f"{rest}decline/", {"reason": "缺派出所证明"})
    assert declined.status_code == 303
    told = desk.clients["family"].get("/me/score/").content.decode()
    assert "缺派出所证明" in told
    again = desk.propose("8")["Location"].removeprefix(f"/desk/{desk.seeds.code}/")
    assert desk.send("clerk", f"{again}withdraw/", {}).status_code == 303
    assert desk.total() == before
    assert "没有更正在等签字" in desk.read("supervisor", "corrections/")
