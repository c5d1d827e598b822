"""Writes of questions to departments: asked, answers taken, silence noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.exchange.departments.addresses import known_addresses
from anju.foundation.exchange.departments.events import DepartmentEvent, tell
from anju.foundation.exchange.departments.judging import judge_reply
from anju.foundation.exchange.departments.laying import lay_question, tell_question
from anju.foundation.exchange.departments.mapping import (
    ANSWER,
    ANSWER_COLUMN,
    QUESTION,
    RECEIPT_COLUMN,
    answers_from,
    open_answers,
    open_request,
    question_from,
    seal_message,
    subject_of,
)
from anju.foundation.exchange.departments.pacing import GIVE_UP_AFTER, last_fault, stop_asking
from anju.foundation.exchange.departments.types import QuestionRow, QuestionState
from anju.foundation.exchange.models import AnswerRecord, BreachRecord, QuestionRecord
from anju_rules.departments.kinds import (
    SHARE_CLAUSE,
    URGENT_CLAUSE,
    QuestionKind,
    differing_facts,
)
from anju_rules.departments.messages import Reply, Said, Signed, read_moment
from anju_rules.values import Refusal

__all__ = ["ask_department", "lay_question", "note_silence", "take_reply", "tell_question"]

_Said = tuple[str, str, dict[str, str]]
"""The register it comes from, whether it is an answer, and the facts."""


@operation(
    permits="departments.ask",
    action="exchange.department.asked",
    clauses=(SHARE_CLAUSE, "pipl#13"),
    level=Secrecy.INTERNAL,
)
def ask_department(
    *,
    project_id: UUID,
    kind: QuestionKind,
    subject_kind: str,
    subject_id: UUID,
    fields: Mapping[str, str],
    by: Actor,
    at: datetime,
    household_id: UUID | None = None,
    is_urgent: bool = False,
) -> QuestionRow:
    """Ask a department about one subject; refuses as :func:`lay_question` does."""
    row = lay_question(
        project_id=project_id,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        fields=fields,
        household_id=household_id,
        is_urgent=is_urgent,
        by=by,
        at=at,
    )
    _record(row)
    return row


@operation(
    permits="departments.take",
    action="exchange.department.answered",
    clauses=(SHARE_CLAUSE,),
    level=Secrecy.INTERNAL,
)
def take_reply(
    *, project_id: UUID, question_id: UUID, reply: Reply, by: Actor, at: datetime
) -> QuestionRow:
    """Take in what a department sent: its receipt, and the answers that are new.

    Every message is held to the department's key and to the very request. Answers that say
    different things are all kept, and the question is then contradictory. Refuses with
    ``departments.unknown-question``, ``departments.not-listed``, ``departments.signature-wrong``,
    ``departments.answer-of-another``, ``departments.time-wrong``, ``departments.facts-differ``.
    """
    kept = _lock(project_id=project_id, question_id=question_id)
    request = _request_of(kept)
    address = known_addresses().get(kept.department)
    if address is None:
        raise Refusal("departments.not-listed", department=kept.department)
    received_at = judge_reply(reply, request=request.message, key=address.public_key, at=at)
    _keep_receipt(kept, reply.receipt, received_at=received_at)
    known, fresh = _keep_answers(kept, reply.answers, at=at)
    if kept.state == QuestionState.ASKED and _are_late(fresh, answer_by=kept.answer_by):
        # Late by its own clock, though nobody here looked at the limit: the platform stood still.
        _lay_breach(kept, fault="", at=at)
    if known:
        kept.state = _state_of(known).value
        kept.finished_at = kept.finished_at or at
        stop_asking(question_id=kept.id)
    kept.save(force_update=True)
    row = question_from(kept)
    _record(row, answers=[answer.message for answer in fresh])
    if fresh:
        _tell(kept, by=by, at=at)
    return row


@operation(
    permits="departments.take",
    action="exchange.department.silent",
    clauses=(SHARE_CLAUSE, URGENT_CLAUSE),
    level=Secrecy.INTERNAL,
)
def note_silence(*, project_id: UUID, question_id: UUID, by: Actor, at: datetime) -> QuestionRow:
    """Note that the limit passed without an answer: a breach, once; and at last give it up.

    Refuses with ``departments.unknown-question``, ``departments.answered-already`` and, before the
    limit has passed, ``departments.in-time``.
    """
    kept = _lock(project_id=project_id, question_id=question_id)
    state = QuestionState(kept.state)
    if not state.is_open:
        raise Refusal("departments.answered-already")
    if at < kept.answer_by:
        raise Refusal("departments.in-time")
    if state is QuestionState.ASKED:
        _lay_breach(kept, fault=last_fault(question_id=question_id), at=at)
    is_given_up = at >= kept.answer_by + GIVE_UP_AFTER
    kept.state = (QuestionState.FAILED if is_given_up else QuestionState.LATE).value
    if is_given_up:
        kept.finished_at = at
        stop_asking(question_id=question_id)
    kept.save(force_update=True)
    row = question_from(kept)
    _record(row)
    _tell(kept, by=by, at=at)
    return row


def _lay_breach(kept: QuestionRecord, *, fault: str, at: datetime) -> None:
    BreachRecord(
        project_id=kept.project_id,
        question_id=kept.id,
        household_id=kept.household_id,
        department=kept.department,
        is_urgent=kept.is_urgent,
        clause=URGENT_CLAUSE if kept.is_urgent else SHARE_CLAUSE,
        fault=fault,
        due_at=kept.answer_by,
        noted_at=at,
    ).save(force_insert=True)


def _lock(*, project_id: UUID, question_id: UUID) -> QuestionRecord:
    kept = (
        QuestionRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, id=question_id)
        .first()
    )
    if kept is None:
        raise Refusal("departments.unknown-question")
    return kept


def _request_of(kept: QuestionRecord) -> Signed:
    request = open_request(kept)
    if request is None:
        raise Refusal("sealing.key-destroyed")
    return request


def _said(answer: Signed) -> _Said:
    """Give what an answer says and from which register: sent again, it is the same answer."""
    message = answer.message
    return message["source"], message["state"], dict(message["facts"])


def _are_late(answers: Sequence[Signed], *, answer_by: datetime) -> bool:
    moments = [read_moment(answer.message["answered_at"]) for answer in answers]
    return bool(moments) and min(moments) > answer_by


def _state_of(said: Sequence[_Said]) -> QuestionState:
    facts = [facts for _, state, facts in said if state == Said.ANSWERED]
    if not facts:
        return QuestionState.FAILED
    if any(differing_facts(facts[0], other) for other in facts[1:]):
        return QuestionState.CONTRADICTORY
    return QuestionState.ANSWERED


def _keep_receipt(kept: QuestionRecord, receipt: Signed, *, received_at: datetime) -> None:
    """Keep the first receipt; the department's later ones say nothing new."""
    if kept.receipt_sealed is not None:
        return
    kept.received_at = received_at
    kept.receipt_sealed = seal_message(
        receipt,
        subject_id=subject_of(kept),
        table=QUESTION,
        row_id=kept.id,
        column=RECEIPT_COLUMN,
    )


def _keep_answers(
    kept: QuestionRecord, answers: Sequence[Signed], *, at: datetime
) -> tuple[list[_Said], list[Signed]]:
    """Keep the answers that are new; gives what is said by now, and the new ones."""
    before = list(AnswerRecord.objects.filter(project_id=kept.project_id, question_id=kept.id))
    known = [_said(one) for one in open_answers(kept, before) if one]
    fresh: list[Signed] = []
    for answer in answers:
        if _said(answer) not in known:
            known.append(_said(answer))
            fresh.append(answer)
    for place, answer in enumerate(fresh, start=len(before) + 1):
        _keep_answer(kept, answer, place=place, at=at)
    return known, fresh


def _keep_answer(kept: QuestionRecord, answer: Signed, *, place: int, at: datetime) -> None:
    answer_id = new_id()
    AnswerRecord(
        project_id=kept.project_id,
        id=answer_id,
        question_id=kept.id,
        household_id=kept.household_id,
        place=place,
        said=answer.message["state"],
        answer_sealed=seal_message(
            answer,
            subject_id=subject_of(kept),
            table=ANSWER,
            row_id=answer_id,
            column=ANSWER_COLUMN,
        ),
        answered_at=read_moment(answer.message["answered_at"]),
        taken_at=at,
    ).save(force_insert=True)


def _record(row: QuestionRow, *, answers: Sequence[Mapping[str, object]] = ()) -> None:
    record(
        target=row.id,
        project_id=row.project_id,
        household_id=row.household_id,
        body={**tell_question(row), "answers": [dict(answer) for answer in answers]},
    )


def _tell(kept: QuestionRecord, *, by: Actor, at: datetime) -> None:
    records = list(
        AnswerRecord.objects.filter(project_id=kept.project_id, question_id=kept.id).order_by(
            "place"
        )
    )
    is_late = BreachRecord.objects.filter(project_id=kept.project_id, question_id=kept.id).exists()
    tell(
        DepartmentEvent(
            question=question_from(kept),
            answers=answers_from(kept, records, is_late=is_late) if records else (),
            by=by,
            at=at,
        )
    )
