"""Messages between the platform and departments: what is signed, and which answer counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from anju_rules.departments.kinds import (
    DEPARTMENTS,
    QUESTIONS,
    SHARE_LIMIT,
    URGENT_LIMIT,
    QuestionKind,
    are_facts_whole,
    limit_of,
    require_fields,
)
from anju_rules.departments.messages import (
    CLOCKS_APART,
    MOST_ANSWERS,
    Reply,
    Said,
    Signed,
    commit_subject,
    judge_answer,
    judge_receipt,
    judge_request,
    read_moment,
    read_reply,
    read_signed,
    show_answer,
    show_receipt,
    show_request,
    signing_bytes,
)
from anju_rules.hashing import canonical
from anju_rules.values import Refusal

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIELDS = {"identity_number": "370102199003077773", "name": "孙丰峰"}
FACTS = {"found": "yes", "grade": "低保", "valid_until": "2027-12-31"}
Message = dict[str, Any]


def request_of(*, number: int = 1) -> Message:
    return show_request(
        request_id=UUID(int=number),
        department="civil-affairs",
        kind=QuestionKind.HARDSHIP_RECORD,
        fields=FIELDS,
        salt=bytes(range(16)),
        is_urgent=False,
        asked_at=AT,
        answer_by=AT + SHARE_LIMIT,
    )


def answer_to(request: Message, *, facts: dict[str, str] | None = None) -> Message:
    return show_answer(
        request,
        said=Said.ANSWERED,
        facts=FACTS if facts is None else facts,
        source="main",
        answered_at=AT + MINUTE,
    )


def test_an_answer_and_a_receipt_count_for_their_own_request_alone() -> None:
    request, other = request_of(), request_of(number=2)
    assert judge_answer(answer_to(request), request=request, at=AT + MINUTE) == AT + MINUTE
    receipt = show_receipt(request, received_at=AT)
    assert judge_receipt(receipt, request=request, at=AT) == AT
    for judge, message in ((judge_answer, answer_to(request)), (judge_receipt, receipt)):
        with pytest.raises(Refusal, match=r"departments\.answer-of-another"):
            judge(message, request=other, at=AT + MINUTE)
        with pytest.raises(Refusal, match=r"departments\.answer-of-another"):
            judge(message, request={**request, "is_urgent": True}, at=AT + MINUTE)


CHANGES: dict[str, tuple[Callable[[Message], Message], str]] = {
    "another department": (lambda it: {**it, "department": "tax"}, "answer-of-another"),
    "another kind": (lambda it: {**it, "kind": "title-record"}, "answer-of-another"),
    "another subject": (lambda it: {**it, "subject": "00" * 32}, "answer-of-another"),
    "before it was asked": (
        lambda it: {**it, "answered_at": "2026-06-01T00:54:59Z"},
        "time-wrong",
    ),
    "tomorrow": (lambda it: {**it, "answered_at": "2026-06-02T01:00:00Z"}, "time-wrong"),
    "no moment": (lambda it: {**it, "answered_at": "yesterday"}, "message-malformed"),
    "a fact too few": (lambda it: {**it, "facts": {"found": "yes"}}, "facts-differ"),
    "a fact too many": (lambda it: {**it, "facts": {**FACTS, "more": "1"}}, "facts-differ"),
    "not found, with facts": (
        lambda it: {**it, "facts": {**FACTS, "found": "no"}},
        "facts-differ",
    ),
    "cannot, without a reason": (
        lambda it: {**it, "state": "cannot", "facts": {}},
        "facts-differ",
    ),
    "another state": (lambda it: {**it, "state": "perhaps"}, "facts-differ"),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_changed_answer_is_refused(how: str) -> None:
    change, code = CHANGES[how]
    request = request_of()
    with pytest.raises(Refusal, match=rf"departments\.{code}"):
        judge_answer(change(answer_to(request)), request=request, at=AT + MINUTE)


def test_clocks_may_differ_a_little() -> None:
    request = request_of()
    answer = show_answer(
        request, said=Said.CANNOT, facts={}, source="", reason="系统维护", answered_at=AT
    )
    assert judge_answer(answer, request=request, at=AT - CLOCKS_APART) == AT
    with pytest.raises(Refusal, match=r"departments\.time-wrong"):
        judge_answer(answer, request=request, at=AT - CLOCKS_APART - MINUTE)


def test_a_department_takes_a_request_that_is_whole_and_its_own() -> None:
    request = request_of()
    judge_request(request, department="civil-affairs", at=AT)
    faults = {
        "request-elsewhere": {**request, "department": "tax"},
        "subject-differs": {**request, "fields": {**FIELDS, "name": "别人"}},
        "message-malformed": {**request, "salt": "x"},
        "time-wrong": {**request, "asked_at": "2026-06-01T02:00:00Z"},
    }
    for code, faulty in faults.items():
        with pytest.raises(Refusal, match=rf"departments\.{code}"):
            judge_request(faulty, department="civil-affairs", at=AT)


def test_the_same_person_cannot_be_known_again_by_two_commitments() -> None:
    first, second = (commit_subject(salt=bytes([one]) * 16, fields=FIELDS) for one in (1, 2))
    assert first != second
    assert commit_subject(salt=bytes([1]) * 16, fields=dict(reversed(FIELDS.items()))) == first


def test_nothing_signed_under_one_form_can_be_shown_under_another() -> None:
    request = request_of()
    messages = (request, show_receipt(request, received_at=AT), answer_to(request))
    assert len({signing_bytes(message) for message in messages}) == len(messages)
    receipt, answer = (Signed(message=told, signature=bytes(64)) for told in messages[1:])
    whole = Reply(receipt=receipt, answers=(answer,))
    assert read_reply(whole.write()) == whole
    swapped = {"receipt": answer.write(), "answers": [receipt.write()]}
    malformed = [
        canonical(swapped),
        canonical({**json.loads(whole.write()), "more": 1}),
        canonical({"receipt": receipt.write(), "answers": [answer.write()] * (MOST_ANSWERS + 1)}),
        canonical({"receipt": {**receipt.write(), "signature": "xy"}, "answers": []}),
        whole.write()[:-1],
        b"[" * 100_000,
        b"\xff",
        b"null",
    ]
    for raw in malformed:
        with pytest.raises(Refusal, match=r"departments\.message-malformed"):
            read_reply(raw)
    asked = Signed(message=request, signature=bytes(64))
    assert read_signed(canonical(asked.write())) == asked
    with pytest.raises(Refusal, match=r"departments\.message-malformed"):
        read_signed(canonical(answer.write()))


@pytest.mark.req("GOV-2")
def test_limits_and_departments_are_those_of_the_agreements() -> None:
    assert (limit_of(is_urgent=False), limit_of(is_urgent=True)) == (SHARE_LIMIT, URGENT_LIMIT)
    assert (timedelta(hours=24), timedelta(hours=2)) == (SHARE_LIMIT, URGENT_LIMIT)
    assert len(DEPARTMENTS) == 9
    assert {question.department for question in QUESTIONS.values()} <= set(DEPARTMENTS)


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_question_tells_what_it_needs_and_gets_the_facts_it_lists(kind: QuestionKind) -> None:
    needs = dict.fromkeys(QUESTIONS[kind].needs, "x")
    require_fields(kind, needs)
    for faulty in ({}, {**needs, "phone": "1"}, {**needs, "name": ""}):
        with pytest.raises(Refusal, match=r"departments\.fields-differ"):
            require_fields(kind, faulty)
    facts = {"found": "yes", **dict.fromkeys(QUESTIONS[kind].facts, "")}
    assert are_facts_whole(kind, facts)
    assert not are_facts_whole(kind, {**facts, "found": "perhaps"})


def test_moments_have_one_spelling() -> None:
    assert read_moment("2026-06-01T01:00:00Z") == AT
    for text in ("2026-06-01T01:00:00+00:00", "2026-6-1T1:0:0Z", "", "9"):
        with pytest.raises(Refusal, match=r"departments\.message-malformed"):
            read_moment(text)
