"""Rows of questions and answers into what others see; messages sealed and opened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from anju.foundation.core.sealing import FieldPlace, SealedField, open_fields, seal_field
from anju.foundation.exchange.departments.types import Answer, QuestionRow, QuestionState
from anju.foundation.exchange.models import AnswerRecord, QuestionRecord
from anju_rules.departments.kinds import QuestionKind, differing_facts
from anju_rules.departments.messages import Signed
from anju_rules.hashing import canonical
from anju_rules.values import Refusal

QUESTION, REQUEST_COLUMN, RECEIPT_COLUMN = (
    "exchange_question",
    "request_sealed",
    "receipt_sealed",
)
ANSWER, ANSWER_COLUMN = "exchange_answer", "answer_sealed"
_NOTHING: Mapping[str, Any] = {"facts": {}, "source": "", "reason": ""}


def subject_of(kept: QuestionRecord) -> UUID:
    """Give whose key seals a question: the family's, else the project's."""
    return kept.household_id or kept.project_id


def seal_message(
    signed: Signed, *, subject_id: UUID, table: str, row_id: UUID, column: str
) -> bytes:
    """Seal a signed message; it names a person."""
    return seal_field(
        subject_id=subject_id,
        table=table,
        row_id=row_id,
        column=column,
        text=canonical(signed.write()).decode(),
    )


def open_messages(places: Sequence[tuple[FieldPlace, bytes]]) -> list[Signed | None]:
    """Open sealed messages, in their order; ``None`` for all where a family was erased."""
    fields = [SealedField(place=place, sealed=bytes(sealed)) for place, sealed in places]
    try:
        texts = open_fields(fields=fields) if fields else []
    except Refusal as refusal:
        if refusal.code != "sealing.key-destroyed":
            raise
        return [None for _ in places]
    opened = [json.loads(text) for text in texts]
    return [
        Signed(message=told["message"], signature=bytes.fromhex(told["signature"]))
        for told in opened
    ]


def open_request(kept: QuestionRecord) -> Signed | None:
    """Give the request that was signed; ``None`` of an erased family."""
    place = FieldPlace(subject_of(kept), QUESTION, kept.id, REQUEST_COLUMN)
    return open_messages([(place, bytes(kept.request_sealed))])[0]


def open_answers(kept: QuestionRecord, records: Sequence[AnswerRecord]) -> list[Signed | None]:
    """Give the signed answers to a question, as they came."""
    subject_id = subject_of(kept)
    return open_messages(
        [
            (FieldPlace(subject_id, ANSWER, one.id, ANSWER_COLUMN), bytes(one.answer_sealed))
            for one in records
        ]
    )


def question_from(kept: QuestionRecord) -> QuestionRow:
    """Give a question's frozen row."""
    return QuestionRow(
        id=kept.id,
        project_id=kept.project_id,
        subject_kind=kept.subject_kind,
        subject_id=kept.subject_id,
        household_id=kept.household_id,
        kind=QuestionKind(kept.kind),
        department=kept.department,
        is_urgent=kept.is_urgent,
        commitment=bytes(kept.commitment).hex(),
        state=QuestionState(kept.state),
        asked_at=kept.asked_at,
        answer_by=kept.answer_by,
        received_at=kept.received_at,
        finished_at=kept.finished_at,
    )


def answers_from(
    kept: QuestionRecord, records: Sequence[AnswerRecord], *, is_late: bool
) -> tuple[Answer, ...]:
    """Give what was said to a question; without an answer, that it is asked."""
    if not records:
        return (_answer_from(kept, None, None, first={}, is_late=is_late),)
    said = open_answers(kept, records)
    first = said[0].message["facts"] if said[0] else {}
    return tuple(
        _answer_from(kept, record, signed, first=first, is_late=is_late)
        for record, signed in zip(records, said, strict=True)
    )


def _answer_from(
    kept: QuestionRecord,
    record: AnswerRecord | None,
    signed: Signed | None,
    *,
    first: Mapping[str, str],
    is_late: bool,
) -> Answer:
    message: Mapping[str, Any] = signed.message if signed else _NOTHING
    return Answer(
        question_id=kept.id,
        kind=QuestionKind(kept.kind),
        department=kept.department,
        state=QuestionState(kept.state),
        facts=dict(message["facts"]),
        source=message["source"],
        reason=message["reason"],
        asked_at=kept.asked_at,
        answer_by=kept.answer_by,
        answered_at=record.answered_at if record else None,
        is_late=is_late,
        differing=differing_facts(first, message["facts"]),
    )
