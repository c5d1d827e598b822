"""The API: the same operations, the same refusals, one JSON shape."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.exchange.queries import import_row
from anju.foundation.ledger.sequencing import drain_inbox
from anju.resettlement.selection.queries import called_turn, options_of
from tests.support.askers import Asker, asker
from tests.support.site import Seeds


def refused(answer: Any) -> list[str]:
    """Give the codes of an answer that says no."""
    return [told["code"] for told in answer.json()["refused"]]


@pytest.fixture
def officer(seeds: Seeds) -> Asker:
    return asker(seeds.officer)


def lawful_homes(seeds: Seeds) -> list[str]:
    turn = called_turn(project_id=seeds.project_id)
    assert turn is not None
    options = options_of(
        project_id=seeds.project_id, household_id=turn.household_id, by=seeds.officer
    )
    return [option.tile.number for option in options if option.is_lawful]


@pytest.mark.usefixtures("database")
def test_without_a_token_nobody_comes_in() -> None:
    answer = Client().get("/api/projects")
    assert answer.status_code == 401
    assert refused(answer) == ["api.token-needed"]
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["", "anju_" + "0" * 64, "钥", "a" * 5000])
@pytest.mark.usefixtures("database")
def test_a_token_that_is_none_is_refused(token: str) -> None:
    answer = Client().get("/api/projects", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_a_session_opens_nothing_here(seeds: Seeds) -> None:
    client = Client()
    signed = client.post(
        "/sign-in/",
        {
            "login": "city",
            "password": "correct horse battery",
            "code": seeds.city.code(read_clock()),
        },
    )
    assert signed.status_code == 302
    assert client.get("/api/projects").status_code == 401


def test_a_project_and_its_registers_are_told(seeds: Seeds, officer: Asker) -> None:
    listed = officer.get("/projects")
    assert [project["code"] for project in listed.json()] == [seeds.code]
    homes = officer.get(f"/projects/{seeds.code}/homes?size=7&page=2")
    assert (homes.json()["total"], len(homes.json()["homes"])) == (60, 7)
    number = homes.json()["homes"][0]["number"]
    one = officer.get(f"/projects/{seeds.code}/homes/{number}")
    assert one.json() == homes.json()["homes"][0]


@pytest.mark.req("SEC-2")
def test_households_are_masked(seeds: Seeds, officer: Asker) -> None:
    answer = officer.get(f"/projects/{seeds.code}/households?size=500")
    households = answer.json()["households"]
    assert len(households) == 40
    register = seeds.table("households").decode("utf-8-sig").splitlines()
    names = {line.split(",")[1] for line in register[1:]}
    told = answer.content.decode()
    assert not any(name in told for name in names)
    assert all("*" in household["masked_name"] for household in households)


def test_a_score_is_told_by_its_lines(seeds: Seeds, officer: Asker) -> None:
    households = officer.get(f"/projects/{seeds.code}/households")
    number = households.json()["households"][0]["number"]
    answer = officer.get(f"/projects/{seeds.code}/households/{number}/score")
    score = answer.json()
    assert score["total_tenths"] == sum(line["tenths"] for line in score["lines"])


def test_the_called_household_is_given_its_home(seeds: Seeds, officer: Asker) -> None:
    turn = called_turn(project_id=seeds.project_id)
    assert turn is not None
    home = lawful_homes(seeds)[0]
    path = f"/projects/{seeds.code}/turns/{turn.id}/choose"
    chosen = officer.post(path, {"homes": [home]})
    assert chosen.status_code == 200
    assert [given["number"] for given in chosen.json()["homes"]] == [home]
    again = officer.post(path, {"homes": [home]})
    assert again.status_code == 409
    assert refused(again) == ["selection.not-your-turn"]
    board = officer.get(f"/projects/{seeds.code}/board")
    assert board.json()["counts"]["chosen"] == 1
    proof_path = f"/api/proofs/{chosen.json()['event_id']}"
    assert Client().get(proof_path).status_code == 404  # it has no place yet
    drain_inbox(at=read_clock())
    assert Client().get(proof_path).json()["header"]["action"] == "selection.home.chosen"


@pytest.mark.req("SEL-2", "SEL-3")
def test_homes_are_named_dropped_and_signed_and_a_key_does_each_once(
    seeds: Seeds, officer: Asker
) -> None:
    turn = called_turn(project_id=seeds.project_id)
    assert turn is not None
    homes = lawful_homes(seeds)
    path = f"/projects/{seeds.code}/turns/{turn.id}"
    once = {"Idempotency-Key": "desk-1-0001"}
    named = officer.post(f"{path}/name", {"homes": homes[:1], "call": 1}, **once)
    assert (named.status_code, named.json()["missing"]) == (200, ["household"])
    again = officer.post(f"{path}/name", {"homes": homes[:1], "call": 1}, **once)
    assert again.json() == named.json()
    other = officer.post(f"{path}/name", {"homes": homes[1:2], "call": 1}, **once)
    assert refused(other) == ["selection.key-reused"]
    assert refused(officer.post(f"{path}/drop", {"call": 2})) == ["selection.call-outdated"]
    (called,) = officer.get(f"/projects/{seeds.code}/board").json()["called"]
    assert (called["desk"], [home["state"] for home in called["named"]]) == (1, ["named"])
    dropped = officer.post(f"{path}/drop", {})
    assert (dropped.json()["state"], dropped.json()["named_at"]) == ("called", None)
    assert refused(officer.post(f"{path}/sign", {})) == ["selection.nothing-named"]
    step = officer.post(f"{path}/name", {"homes": homes[1:2]}).json()["step"]
    assert refused(officer.post(f"{path}/sign", {"step": step - 1})) == ["selection.naming-changed"]
    signed = officer.post(f"{path}/sign", {"step": step})
    assert (signed.status_code, signed.json()["missing"]) == (200, [])
    assert refused(officer.post(f"/projects/{seeds.code}/turns/next", {"desk": 9})) == [
        "selection.no-such-desk"
    ]


def test_a_refusal_is_told_in_the_readers_language(seeds: Seeds, officer: Asker) -> None:
    path = f"/projects/{seeds.code}/turns/next"
    answer = officer.post(path)
    told = answer.json()["refused"][0]
    assert (answer.status_code, told["code"]) == (409, "selection.turn-running")
    english = officer.post(path, None, **{"Accept-Language": "en-GB"})
    assert english.json()["refused"][0]["message"] != told["message"]
    assert english.json()["refused"][0]["message"].isascii() or "“" in str(english.json())


@pytest.mark.threat("T-23")
def test_another_districts_project_answers_as_one_that_does_not_exist(seeds: Seeds) -> None:
    stranger = asker(seeds.stranger.actor)
    for rest in ("", "/homes", "/households", "/board", "/turns", "/imports"):
        hidden = stranger.get(f"/projects/{seeds.code}{rest}")
        absent = stranger.get(f"/projects/NO-SUCH{rest}")
        assert hidden.status_code == absent.status_code == 404
        assert hidden.content == absent.content
    listed = stranger.get("/projects")
    assert listed.json() == []


def test_a_table_is_sent_and_waits_for_the_worker(seeds: Seeds, officer: Asker) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    answer = officer.client.post(
        f"/api/projects/{seeds.code}/imports",
        {
            "kind": "units",
            "dry_run": "1",
            "table": SimpleUploadedFile("units.xlsx", seeds.table("units")),
        },
        headers=officer.headers,
    )
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["is_dry_run"]) == ("received", True)
    job = ProcrastinateJob.objects.get()
    assert job.args["import_id"] == told["id"]
    assert job.queue_name == "imports"


def test_a_worker_reads_what_waits(seeds: Seeds) -> None:
    from procrastinate.contrib.django import app

    from anju.jobs import tasks

    row = seeds.send("units", seeds.table("units"), is_dry_run=True)
    assert row.counts.unchanged == 60
    # A job that is run twice, as after a crash, changes nothing.
    tasks.run_import(
        project_id=str(seeds.project_id), import_id=str(row.id), account_id=str(seeds.city.id)
    )
    assert "imports.run" in app.tasks
    with reading(by=seeds.officer):
        assert import_row(import_id=row.id) == row


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/projects", {"plan": ""}),
        ("/projects", {"plan": "[project]\n"}),
        ("/projects", {"plan": "x = ", "more": 1}),
        ("/projects/LA-2026/turns/00000000-0000-4000-8000-000000000000/choose", {"homes": []}),
        ("/projects/LA-2026/turns/not-a-uuid/choose", {"homes": ["1"]}),
        ("/projects/la-2026/turns/next", None),
    ],
)
def test_what_cannot_be_read_is_refused_with_where(officer: Asker, path: str, body: object) -> None:
    answer = officer.post(path, body)
    assert answer.status_code == 422
    assert refused(answer)


@pytest.mark.usefixtures("database")
def test_the_description_and_its_page_are_there() -> None:
    described = Client().get("/api/openapi.json")
    assert described.json()["info"]["title"] == "安居 Anju"
    assert Client().get("/api/docs").status_code == 200
