"""Reads of questions to departments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connections

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.exchange.departments.mapping import (
    answers_from,
    open_request,
)
from anju.foundation.exchange.departments.pacing import silence_noted_from
from anju.foundation.exchange.departments.types import (
    Answer,
    DepartmentRecord,
    DueQuestion,
    QuestionState,
)
from anju.foundation.exchange.models import (
    AnswerRecord,
    AttemptRecord,
    BreachRecord,
    QuestionRecord,
)
from anju_rules.departments.kinds import department_by_code

MOST_AT_ONCE = 1_000
"""Questions sent in one run: the rest waits for the next, a minute later."""


def answers_of(*, project_id: UUID, subject_kind: str, subject_id: UUID) -> tuple[Answer, ...]:
    """Give what departments said of a subject, or are asked; the newest question of each kind.

    Call it while reading or writing.
    """
    newest = (
        QuestionRecord.objects.filter(
            project_id=project_id, subject_kind=subject_kind, subject_id=subject_id
        )
        .order_by("kind", "-asked_at", "id")
        .distinct("kind")
    )
    return _answers_to(project_id, list(newest))


def _answers_to(project_id: UUID, questions: Sequence[QuestionRecord]) -> tuple[Answer, ...]:
    ids = [question.id for question in questions]
    given: dict[UUID, list[AnswerRecord]] = defaultdict(list)
    for record in AnswerRecord.objects.filter(project_id=project_id, question_id__in=ids).order_by(
        "place"
    ):
        given[record.question_id].append(record)
    late = set(
        BreachRecord.objects.filter(project_id=project_id, question_id__in=ids).values_list(
            "question_id", flat=True
        )
    )
    return tuple(
        answer
        for question in questions
        for answer in answers_from(question, given[question.id], is_late=question.id in late)
    )


def due_questions(*, by: Actor, at: datetime, size: int = MOST_AT_ONCE) -> tuple[DueQuestion, ...]:
    """Give the questions whose turn it is to be sent, with what is sent; the platform's own read.

    Needs ``departments.take``. What was asked of an erased family is left out.
    """
    require_permission(by, "departments.take")
    with reading(by=by):
        attempts = {
            attempt.question_id: attempt.attempts
            for attempt in AttemptRecord.objects.filter(next_at__lte=at).order_by(
                "next_at", "question_id"
            )[:size]
        }
        kept = QuestionRecord.objects.filter(id__in=attempts).order_by("asked_at", "id")
        found = [(one, open_request(one)) for one in kept]
    return tuple(
        DueQuestion(
            project_id=one.project_id,
            id=one.id,
            department=one.department,
            silence_noted_from=silence_noted_from(
                answer_by=one.answer_by, is_late=one.state == QuestionState.LATE
            ),
            answer_by=one.answer_by,
            attempts=attempts[one.id],
            is_received=one.received_at is not None,
            request=request,
        )
        for one, request in found
        if request is not None
    )


def department_record(
    *, department: str, by: Actor, project_id: UUID | None = None
) -> DepartmentRecord:
    """Give how a department keeps its limits, in a project or over all in sight (GOV-2).

    Needs ``departments.see``; refuses with ``departments.unknown``.
    """
    require_permission(by, "departments.see")
    title = department_by_code(department).title
    with reading(by=by), connections["default"].cursor() as cursor:
        cursor.execute(_RECORD, {"department": department, "project": project_id})
        counts = dict(
            zip((column.name for column in cursor.description), cursor.fetchone(), strict=True)
        )
    return DepartmentRecord(department=department, title=title, **counts)


_RECORD = """
SELECT count(*) AS asked,
  count(*) FILTER (WHERE is_answered) AS answered,
  count(*) FILTER (WHERE is_answered AND b.question_id IS NULL) AS within_limit,
  count(*) FILTER (WHERE q.finished_at IS NULL) AS waiting,
  count(*) FILTER (WHERE q.state = 'contradictory') AS contradictory,
  count(*) FILTER (WHERE q.state = 'failed') AS failed,
  count(b.question_id) AS breaches,
  count(b.question_id) FILTER (WHERE b.is_urgent) AS urgent_breaches,
  count(b.question_id) FILTER (WHERE b.fault = 'departments.away') AS unreachable,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY q.finished_at - q.asked_at)
    FILTER (WHERE is_answered) AS typical
FROM (
  SELECT *, state IN ('answered', 'contradictory') AS is_answered FROM exchange_question
  WHERE department = %(department)s
    AND (%(project)s::uuid IS NULL OR project_id = %(project)s)
) q LEFT JOIN exchange_breach b ON (b.project_id, b.question_id) = (q.project_id, q.id)
"""
