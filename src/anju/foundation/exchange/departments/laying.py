"""Asking inside the caller's operation; the operations here and higher contexts call it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id, new_salt, tested_provider
from anju.foundation.exchange.departments.addresses import exchange_key
from anju.foundation.exchange.departments.mapping import (
    QUESTION,
    REQUEST_COLUMN,
    question_from,
    seal_message,
)
from anju.foundation.exchange.departments.types import QuestionRow
from anju.foundation.exchange.models import AttemptRecord, QuestionRecord
from anju_rules.departments.kinds import (
    OPEN_STATES,
    QUESTIONS,
    QuestionKind,
    limit_of,
    require_fields,
)
from anju_rules.departments.messages import Signed, show_request, signing_bytes
from anju_rules.hashing import digest, encode


def lay_question(
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
    """Ask the department whose answer ``kind`` is, inside the caller's operation.

    ``fields`` are exactly what the question needs of the subject. While the same is asked already,
    that question is given back. It is signed now and sent by the job; the limit runs from now.
    Refuses with ``departments.fields-differ``.
    """
    require_fields(kind, fields)
    topic = _topic_of(subject_kind, subject_id, kind)
    open_one = QuestionRecord.objects.filter(
        project_id=project_id, topic=topic, state__in=OPEN_STATES
    ).first()
    if open_one is not None:
        return question_from(open_one)
    question_id, answer_by = new_id(), at + limit_of(is_urgent=is_urgent)
    department = QUESTIONS[kind].department
    request = show_request(
        request_id=question_id,
        department=department,
        kind=kind,
        fields=fields,
        salt=new_salt(),
        is_urgent=is_urgent,
        asked_at=at,
        answer_by=answer_by,
    )
    signature = tested_provider().sm2_sign(
        private_key=exchange_key().private, message=signing_bytes(request)
    )
    kept = QuestionRecord(
        project_id=project_id,
        id=question_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        household_id=household_id,
        kind=kind.value,
        topic=topic,
        department=department,
        is_urgent=is_urgent,
        commitment=bytes.fromhex(str(request["subject"])),
        request_sealed=seal_message(
            Signed(message=request, signature=signature),
            subject_id=household_id or project_id,
            table=QUESTION,
            row_id=question_id,
            column=REQUEST_COLUMN,
        ),
        asked_by=by.id,
        asked_at=at,
        answer_by=answer_by,
    )
    kept.save(force_insert=True)
    AttemptRecord(
        question_id=question_id, project_id=project_id, household_id=household_id, next_at=at
    ).save(force_insert=True)
    return question_from(kept)


def _topic_of(subject_kind: str, subject_id: UUID, kind: QuestionKind) -> UUID:
    told = encode("anju-topic-1", subject_kind, subject_id.bytes, kind.value)
    return UUID(bytes=digest(told)[:16], version=4)


def tell_question(row: QuestionRow) -> dict[str, object]:
    """Give what the ledger's entry says of a question."""
    return {
        "question": str(row.id),
        "kind": row.kind.value,
        "department": row.department,
        "subject": row.commitment,
        "is_urgent": row.is_urgent,
        "answer_by": row.answer_by.isoformat(),
        "state": row.state.value,
    }
