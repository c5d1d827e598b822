"""Questions to departments: asked once, signed, answered within a limit, and held to it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import anju
from anju.foundation.access.context import reading
from anju.foundation.access.operations import erase_household
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.departments import judging
from anju.foundation.exchange.departments.addresses import Address, read_addresses
from anju.foundation.exchange.departments.events import DepartmentEvent, forget, listen
from anju.foundation.exchange.departments.pacing import GIVE_UP_AFTER, next_attempt
from anju.foundation.exchange.departments.queries import department_record
from anju.foundation.exchange.departments.types import QuestionRow
from anju.foundation.exchange.models import QuestionRecord
from anju.jobs.departments import MOST_AWAY, ask_departments
from anju_departments.keys import new_key
from anju_departments.trouble import Failing, Trouble
from anju_rules.departments.kinds import (
    ABOUT_HOUSEHOLDS,
    SHARE_LIMIT,
    URGENT_LIMIT,
    QuestionKind,
)
from anju_rules.departments.messages import Reply, Said, Signed, show_answer
from anju_rules.procedures.reading import read_procedure
from anju_rules.procedures.types import Source
from anju_rules.values import Refusal
from tests.support.access import AT, SYSTEM, Family
from tests.support.cases import Offices, open_offices
from tests.support.databases import Database
from tests.support.departments import (
    PERSON,
    TITLE,
    Departments,
    answers_about,
    ask_about,
    open_departments,
)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PROCEDURES = Path(anju.__file__).parent / "procedures"
FORGED = {"found": "no"}


@pytest.fixture
def offices(database: Database) -> Offices:
    assert database.name
    return open_offices()


@pytest.fixture
def told() -> Iterator[list[DepartmentEvent]]:
    """Listen to what departments say."""
    events: list[DepartmentEvent] = []
    listen(events.append)
    yield events
    forget(events.append)


def ask(
    offices: Offices,
    *,
    family: Family | None = None,
    at: datetime = AT,
    is_urgent: bool = False,
) -> QuestionRow:
    return ask_about(
        project_id=offices.project_id,
        household_id=family.id if family else new_id(),
        by=offices.street,
        at=at,
        is_urgent=is_urgent,
    )


def state_of(question: QuestionRow) -> str:
    with reading(by=SYSTEM):
        return QuestionRecord.objects.get(project_id=question.project_id, id=question.id).state


@pytest.mark.req("GOV-2", "ELG-3")
def test_a_question_is_asked_once_signed_and_seen_by_its_own_family_alone(
    offices: Offices, database: Database, tmp_path: Path, told: list[DepartmentEvent]
) -> None:
    family, stranger = offices.family(), offices.family()
    with open_departments(tmp_path, at=AT) as departments:
        question = ask(offices, family=family)
        assert ask(offices, family=family, at=AT + MINUTE).id == question.id, "asked already"
        assert question.answer_by == AT + SHARE_LIMIT
        (asked,) = answers_about(question)
        assert (asked.state, dict(asked.facts), asked.answered_at) == ("asked", {}, None)

        assert ask_departments(at=AT, port=departments) == {"answered": 1}
        (answer,) = answers_about(question)
        assert (answer.state, answer.facts) == ("answered", {"found": "yes", **TITLE})
        assert not answer.is_late
        assert [event.question.state for event in told] == ["answered"]
        assert ask_departments(at=AT + HOUR, port=departments) == {}, "nothing is left to ask"

    for reader, seen in ((family, 1), (stranger, 0)):
        assert len(answers_about(question, by=reader.actor)) == seen
    with psycopg.connect(database.superuser_url) as admin:
        for table in ("exchange_question", "exchange_answer", "ledger_event"):
            rows = admin.execute(f"SELECT t::text FROM {table} t").fetchall()  # noqa: S608
            assert rows
            assert not any(PERSON["identity_number"] in text for (text,) in rows)
        for change in ("UPDATE exchange_answer SET said = 'cannot'", "DELETE FROM exchange_answer"):
            with pytest.raises(psycopg.errors.IntegrityError, match="kept as it came"):
                admin.execute(change)
            admin.rollback()
        with pytest.raises(psycopg.errors.IntegrityError, match="keeps what was asked"):
            admin.execute("UPDATE exchange_question SET answer_by = answer_by + '1 day'")

    erase_household(
        project_id=offices.project_id,
        household_id=family.id,
        ground="本人申请",
        by=offices.city,
        second=offices.colleagues["city-officer"],
        at=AT + HOUR,
    )
    (erased,) = answers_about(question)
    assert (erased.state, dict(erased.facts)) == ("answered", {})


@pytest.mark.req("GOV-2")
def test_silence_beyond_the_limit_is_a_breach_and_a_late_answer_still_counts(
    offices: Offices, tmp_path: Path, told: list[DepartmentEvent]
) -> None:
    with open_departments(tmp_path, at=AT) as departments:
        calm, urgent = ask(offices), ask(offices, is_urgent=True)
        departments.is_away = True
        assert ask_departments(at=AT, port=departments) == {"departments.away": 2}
        assert ask_departments(at=AT + timedelta(seconds=5), port=departments) == {}, "too soon"

        ask_departments(at=AT + URGENT_LIMIT, port=departments)
        assert (state_of(calm), state_of(urgent)) == ("asked", "late")
        departments.is_away, departments.now = False, AT + SHARE_LIMIT + HOUR
        departments.office.trouble = Trouble(delay=timedelta(days=400))
        ask_departments(at=departments.now, port=departments)
        assert (state_of(calm), state_of(urgent)) == ("late", "late")
        assert [event.question.state for event in told] == ["late", "late"]

        departments.office.trouble = Trouble()
        departments.now += HOUR
        assert ask_departments(at=departments.now, port=departments) == {"answered": 2}
        (answer,) = answers_about(calm)
        assert (answer.state, answer.is_late) == ("answered", True)
        unseen = ask(offices, at=departments.now)
        departments.now += SHARE_LIMIT + HOUR
        assert ask_departments(at=departments.now, port=departments) == {"answered": 1}
        (answer,) = answers_about(unseen)
        assert answer.is_late, "late by its own clock, though nobody looked at the limit"

        lost = ask(offices, at=departments.now)
        departments.is_away = True
        for passed in (SHARE_LIMIT, SHARE_LIMIT + GIVE_UP_AFTER, timedelta(days=30)):
            ask_departments(at=departments.now + passed, port=departments)
    assert state_of(lost) == "failed"
    record = department_record(department="registration", by=offices.supervisor)
    assert (record.asked, record.answered, record.within_limit) == (4, 3, 0)
    assert (record.breaches, record.urgent_breaches, record.unreachable) == (4, 1, 2)
    assert (record.failed, record.waiting, record.contradictory) == (1, 0, 0)
    assert record.typical is not None
    assert department_record(department="tax", by=offices.supervisor).asked == 0
    with pytest.raises(Refusal, match=r"departments\.unknown"):
        department_record(department="weather", by=offices.supervisor)


class Fussy(Trouble):
    """Fails in each way there is, one after the other, and then no more."""

    def failing(self, request_id: str, *, attempt: int) -> Failing | None:
        del request_id
        return dict(enumerate(Failing, start=1)).get(attempt)


def test_errors_of_a_department_are_asked_over(offices: Offices, tmp_path: Path) -> None:
    with open_departments(tmp_path, at=AT, trouble=Fussy()) as departments:
        question = ask(offices)
        seen: list[str] = []
        for minutes in range(0, 16 * 5, 16):
            departments.now = AT + minutes * MINUTE
            seen += ask_departments(at=departments.now, port=departments)
        assert state_of(question) == "answered"
        assert seen == [
            "departments.refused",
            "departments.away",
            "departments.message-malformed",
            "answered",
        ]
        for _ in range(MOST_AWAY + 2):
            ask(offices, at=departments.now)
        departments.is_away = True
        departments.asked.clear()
        found = ask_departments(at=departments.now, port=departments)
        assert found == {"departments.away": MOST_AWAY + 2}
        assert len(departments.asked) == MOST_AWAY, "who is away is not waited for again and again"


@pytest.mark.req("ELG-3")
def test_answers_that_contradict_each_other_are_both_kept_and_flagged(
    offices: Offices, tmp_path: Path, told: list[DepartmentEvent]
) -> None:
    with open_departments(tmp_path, at=AT, trouble=Trouble(contradictions=100)) as departments:
        question = ask(offices)
        ask_departments(at=AT, port=departments)
    first, second = answers_about(question)
    assert first.state == second.state == "contradictory"
    assert (first.differing, second.differing) == ((), ("address",))
    assert first.facts["address"] != second.facts["address"]
    assert first.source != second.source
    assert [len(event.answers) for event in told] == [2]
    record = department_record(department="registration", by=offices.city)
    assert (record.contradictory, record.breaches) == (1, 0)


def forge_answer(told: Signed, request: Signed) -> Signed:
    """Let somebody who has no key of the department say that nothing is on record."""
    del told
    answer = show_answer(
        request.message, said=Said.ANSWERED, facts=FORGED, source="main", answered_at=AT
    )
    return new_key().sign(answer)


def change_answer(told: Signed, request: Signed) -> Signed:
    """Change what a department signed."""
    del request
    return replace(told, message={**told.message, "facts": FORGED})


def believe(signed: object, **told: Any) -> Any:
    """Look at nothing: the defence, switched off."""
    del signed
    return told.get("at")


FORGERIES = {"forged": forge_answer, "changed": change_answer}


class Meddler:
    """Stands in the line and exchanges answers."""

    def __init__(self, departments: Departments, how: str) -> None:
        self.departments = departments
        self.how = how
        self.earlier: Reply | None = None

    def __call__(self, *, address: Address, request: Signed) -> Reply:
        reply = self.departments(address=address, request=request)
        if self.how == "replayed":
            earlier, self.earlier = self.earlier, self.earlier or reply
            return replace(reply, answers=earlier.answers) if earlier else reply
        (answer,) = reply.answers
        return replace(reply, answers=(FORGERIES[self.how](answer, request),))


REFUSED = {
    "forged": "departments.signature-wrong",
    "changed": "departments.signature-wrong",
    "replayed": "departments.answer-of-another",
}


@pytest.mark.threat("T-23")
@pytest.mark.parametrize("is_defended", [True, False])
def test_forged_changed_and_replayed_answers_are_refused_and_nothing_of_them_is_kept(
    offices: Offices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_defended: bool
) -> None:
    if not is_defended:
        monkeypatch.setattr(judging, "require_signature", believe)
        monkeypatch.setattr(judging, "judge_answer", believe)
    with open_departments(tmp_path, at=AT) as departments:
        replayed = Meddler(departments, "replayed")
        ask(offices)
        ask_departments(at=AT, port=replayed)
        found: dict[str, Mapping[str, int]] = {}
        states: dict[str, str] = {}
        for place, how in enumerate(REFUSED, start=1):
            question, at = ask(offices, at=AT + place * HOUR), AT + place * HOUR
            departments.now = at
            meddler: Any = replayed if how == "replayed" else Meddler(departments, how)
            found[how] = ask_departments(at=at, port=meddler)
            states[how] = state_of(question)
            departments.now = at + MINUTE
            ask_departments(at=at + MINUTE, port=departments)
            (answer,) = answers_about(question)
            is_true = answer.facts == {"found": "yes", **TITLE}
            assert is_true is (is_defended or how == "replayed"), how
    if is_defended:
        assert found == {how: {code: 1} for how, code in REFUSED.items()}
        assert set(states.values()) == {"asked"}
    else:
        assert found == {how: {"answered": 1} for how in REFUSED}, "the control must go through"


def test_only_what_a_question_needs_is_told_and_only_over_a_closed_line(offices: Offices) -> None:
    family = offices.family()
    for fields in ({**PERSON, "phone": "13800000000"}, {"name": "孙丰峰"}, {**PERSON, "name": " "}):
        with pytest.raises(Refusal, match=r"departments\.fields-differ"):
            ask_about(
                project_id=offices.project_id,
                household_id=family.id,
                by=offices.street,
                at=AT,
                kind=QuestionKind.HARDSHIP_RECORD,
                fields=fields,
            )
    key = new_key().public.hex()
    listed = read_addresses(f'[tax]\nurl = "https://tax.example/x"\nkey = "{key}"\n')
    assert listed["tax"].public_key.hex() == key
    faulty = {
        f'[tax]\nurl = "http://tax.example/x"\nkey = "{key}"\n': "departments.address-open",
        f'[weather]\nurl = "https://x.example/"\nkey = "{key}"\n': "departments.unknown",
        '[tax]\nurl = "https://x.example/"\nkey = "04ab"\n': "departments.addresses-malformed",
        f'[tax]\nurl = "ftp://x.example/"\nkey = "{key}"\n': "departments.addresses-malformed",
        "[tax": "departments.addresses-malformed",
    }
    for text, code in faulty.items():
        with pytest.raises(Refusal, match=code):
            read_addresses(text)


def test_asking_waits_longer_each_time_and_never_leaps_over_the_limit() -> None:
    at, limit, waits = AT, AT + SHARE_LIMIT, []
    for attempts in range(1, 200):
        following = next_attempt(attempts=attempts, answer_by=limit, at=at)
        waits.append(following - at)
        at = following
        if at >= limit:
            break
    assert at == limit, "asked at the very limit"
    assert waits[0] < HOUR / 60
    assert waits[:-1] == sorted(waits[:-1])
    assert max(waits) <= HOUR / 4


@pytest.mark.req("GOV-2")
def test_kinds_and_limits_are_those_that_the_procedures_name() -> None:
    review, request = (
        read_procedure(tomllib.loads((PROCEDURES / f"{name}.toml").read_text(encoding="utf-8")))
        for name in ("eligibility-review", "department-request")
    )
    shared = {code for code, one in review.materials.items() if one.source is Source.SHARED}
    assert shared == set(ABOUT_HOUSEHOLDS)
    for step, limit in (("share-data", SHARE_LIMIT), ("urgent-response", URGENT_LIMIT)):
        promised = request.steps[step].limit.promised
        assert promised is not None
        assert timedelta(hours=promised.length) == limit
