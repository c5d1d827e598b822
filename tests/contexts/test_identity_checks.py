"""Who files from home is met: from afar with a consent of its own, or by a person (TTL-8)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext, override_settings

from anju.foundation.access.context import reading
from anju.foundation.casework.queries import case_file
from anju.foundation.casework.types import CaseRow
from anju.foundation.exchange.identity import IdentityChecker, known_checker
from anju.foundation.exchange.signed_post import SIGNATURE, sign
from anju.jobs.identity import check_identities
from anju.titles.cases.identity.operations import ask_identity_check, settle_identity_check
from anju.titles.cases.identity.queries import identity_checks_of, people_to_meet
from anju.titles.cases.operations import open_title_case
from anju_rules.identity import (
    IdentityAnswer,
    IdentityQuestion,
    Outcome,
    Way,
    judge_answers,
    read_answer,
    show_answer,
)
from anju_rules.values import Refusal
from tests.support.access import SYSTEM, Family
from tests.support.communities import AT, Town, open_town
from tests.support.title_cases import default_papers, file_first
from tests.web.test_title_batch_pages import signed_in

KEY = bytes(range(32))
LATER = AT + timedelta(minutes=5)


def filed(town: Town, family: Family, *, home: int = 0) -> CaseRow:
    """Have the owner file from home, without a proof of identity."""
    return open_title_case(
        project_id=town.project_id,
        kind="transfer",
        home_id=town.homes[home].id,
        materials=default_papers("title-6-steps", without=["identity-proof"]),
        by=family.actor,
        at=AT,
    )


def is_proven(town: Town, case: CaseRow) -> bool:
    with reading(by=SYSTEM):
        file = case_file(project_id=town.project_id, case_id=case.id, by=SYSTEM, at=LATER)
    return any(one.code == "identity-proof" and one.state == "held" for one in file.materials)


@pytest.fixture
def start(database: object) -> tuple[Town, Family, CaseRow]:
    assert database
    town = open_town(homes=2)
    file_first(town)
    family = town.owner(town.homes[0])
    return town, family, filed(town, family)


def answers(outcome: Outcome) -> IdentityChecker:
    def check(*, question: IdentityQuestion) -> IdentityAnswer:
        assert question.identity_number
        return IdentityAnswer(outcome=outcome, method="视频", checked_at=LATER)

    return check


@pytest.mark.req("TTL-8")
def test_an_officer_meets_who_wants_no_machine(start: tuple[Town, Family, CaseRow]) -> None:
    town, family, case = start
    told: dict[str, Any] = {"project_id": town.project_id, "case_id": case.id}
    row = ask_identity_check(**told, way=Way.VISIT, consents=False, by=family.actor, at=AT)
    with pytest.raises(Refusal, match=r"identity\.asked-already"):
        ask_identity_check(**told, way=Way.VIDEO, consents=False, by=family.actor, at=AT)
    with reading(by=town.officer()):
        assert [one.id for one in people_to_meet()] == [row.id]
    own: dict[str, Any] = {"project_id": town.project_id, "check_id": row.id, "at": LATER}
    with pytest.raises(Refusal, match=r"access\.not-permitted"):
        settle_identity_check(**own, outcome=Outcome.SAME, method="自己", by=family.actor)
    with pytest.raises(Refusal, match=r"identity\.not-yours"):
        settle_identity_check(**own, outcome=Outcome.SAME, method="机器", by=SYSTEM)
    settle_identity_check(**own, outcome=Outcome.SAME, method="上门", by=town.officer())
    assert is_proven(town, case)
    with pytest.raises(Refusal, match=r"identity\.settled-already"):
        settle_identity_check(**own, outcome=Outcome.OTHER, method="上门", by=town.officer())
    with pytest.raises(Refusal, match=r"identity\.met-already"):
        ask_identity_check(**told, way=Way.VIDEO, consents=False, by=family.actor, at=LATER)


def test_the_desk_takes_as_many_statements_for_many_who_wait_as_for_one(
    start: tuple[Town, Family, CaseRow],
) -> None:
    town, family, case = start
    desk = signed_in(town.people["district-officer"].id)

    @override_settings(ALLOWED_HOSTS=["testserver"])
    def wait(family: Family, case: CaseRow) -> int:
        told: dict[str, Any] = {"project_id": town.project_id, "case_id": case.id}
        ask_identity_check(**told, way=Way.VISIT, consents=False, by=family.actor, at=AT)
        desk.get("/desk/titles/identity/")
        with CaptureQueriesContext(connections["default"]) as captured:
            page = desk.get("/desk/titles/identity/").content.decode()
        assert case.number in page
        return len(captured)

    one = wait(family, case)
    other = town.owner(town.homes[1])
    assert wait(other, filed(town, other, home=1)) == one


@pytest.mark.req("TTL-8")
def test_from_afar_only_with_a_consent_of_its_own_and_never_the_only_way(
    start: tuple[Town, Family, CaseRow],
) -> None:
    town, family, case = start
    told: dict[str, Any] = {"project_id": town.project_id, "case_id": case.id}
    told |= {"by": family.actor, "at": AT}
    with pytest.raises(Refusal, match=r"identity\.consent-missing"):
        ask_identity_check(**told, way=Way.REMOTE, consents=False)
    ask_identity_check(**told, way=Way.REMOTE, consents=True)
    assert check_identities(at=LATER) == 0, "nobody checks from afar here"
    # The owner of this home has no identity number in the file: nothing can be asked.
    assert check_identities(at=LATER, checker=answers(Outcome.SAME)) == 1
    with reading(by=SYSTEM):
        (row,) = identity_checks_of(project_id=town.project_id, case_id=case.id)
    assert (row.state, is_proven(town, case)) == ("unclear", False)
    ask_identity_check(**told, way=Way.WINDOW, consents=False)


@pytest.mark.req("TTL-8")
@pytest.mark.threat("T-23")
def test_nobody_asks_about_anothers_case(start: tuple[Town, Family, CaseRow]) -> None:
    town, _, case = start
    stranger = town.owner(town.homes[1])
    with pytest.raises(Refusal, match=r"titlecases\.unknown-case"):
        ask_identity_check(
            project_id=town.project_id,
            case_id=case.id,
            way=Way.VIDEO,
            consents=False,
            by=stranger.actor,
            at=AT,
        )


@contextmanager
def provider(*, key: bytes, forged: bool = False, other: bool = False) -> Iterator[str]:
    """Answer questions over HTTP as a provider does."""

    class Line(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers[SIGNATURE] == sign(key, body)
            told = json.loads(body)
            answer = show_answer(
                question_id="another" if other else told["id"],
                answer=IdentityAnswer(outcome=Outcome.SAME, method="视频", checked_at=AT),
            )
            self.send_response(200)
            self.send_header(SIGNATURE, sign(bytes(32) if forged else key, answer))
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Line)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/check"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.req("TTL-8")
@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({}, ""),
        ({"forged": True}, "identity.provider-forged"),
        ({"other": True}, "identity.answer-of-another"),
    ],
)
def test_a_provider_speaks_the_published_contract_or_is_not_believed(
    tmp_path: Path, how: dict[str, bool], code: str
) -> None:
    question = IdentityQuestion(
        id="1", name="王一", identity_number="11010519491231002X", asked_at=AT
    )
    assert known_checker(tmp_path) is None
    with provider(key=KEY, **how) as url:
        told = f'url = "{url}"\nkey = "{KEY.hex()}"\n'
        (tmp_path / "identity.toml").write_text(told, encoding="utf-8")
        checker = known_checker(tmp_path)
        assert checker is not None
        if code:
            with pytest.raises(Refusal, match=code):
                checker(question=question)
        else:
            assert checker(question=question).outcome is Outcome.SAME
    with pytest.raises(Refusal, match=r"identity\.provider-away"):
        checker(question=question)


@pytest.mark.req("TTL-8")
def test_all_owners_must_be_who_they_say_and_what_is_no_answer_is_none() -> None:
    same, other, unclear = Outcome.SAME, Outcome.OTHER, Outcome.UNCLEAR
    assert judge_answers([same, same]) is same
    assert judge_answers([same, other, unclear]) is other
    question = IdentityQuestion(id="1", name="王", identity_number="1", asked_at=AT)
    answer = IdentityAnswer(outcome=same, method="x" * 61, checked_at=AT)
    for raw in (b"", b"{}", b"[]", show_answer(question_id="1", answer=answer)):
        with pytest.raises(Refusal, match=r"identity\.answer-malformed"):
            read_answer(raw, question=question)
