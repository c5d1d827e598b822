"""Reads of ratings: a service's page, the officers' board, the words behind a bad one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.casework.queries import cases_by_id
from anju.foundation.core.sealing import FieldPlace, SealedField, open_unless_erased
from anju.titles.partners.mapping import COMMENTS, WORDS, rating_from, words_from
from anju.titles.partners.models import CommentRecord, RatingRecord
from anju.titles.partners.services import service_of
from anju.titles.partners.tokens import read_token, write_token
from anju.titles.partners.types import RatingRow, RatingWords, Service, ServiceKind, ServiceRow
from anju_rules.procedures.states import Status
from anju_rules.ratings import Given, tally_ratings
from anju_rules.shares import Share
from anju_rules.values import Refusal

_SEES = "ratings.see"


def rating_token(*, project_id: UUID, service_id: UUID, kind: ServiceKind = "case") -> str:
    """Give the token of a service, for its code: a case by its id, other things by theirs."""
    return write_token(Service(project_id=project_id, kind=kind, id=service_id))


def service_by_token(*, token: str) -> ServiceRow:
    """Give what a code's page shows before anybody signs in.

    Refuses with ``ratings.token-unknown``, also where the service does not exist (any more).
    """
    service = read_token(token)
    try:
        with reading(by=system_actor()):
            return service_of(service)
    except Refusal as refusal:
        raise Refusal("ratings.token-unknown", clause=refusal.clause) from None


def ratings_since(*, since: datetime, by: Actor) -> list[RatingRow]:
    """Give the ratings in the actor's sight since a moment, the newest first; ``ratings.see``."""
    require_permission(by, _SEES)
    found = RatingRecord.objects.filter(given_at__gte=since).order_by("-given_at")
    if by.projects is not None:
        found = found.filter(project_id__in=by.projects)
    with reading(by=by):
        return _rows(list(found))


def satisfaction() -> Share:
    """Count who is satisfied, among all ratings that count (``satisfied``); public."""
    with reading(by=system_actor()):
        rows = _rows(list(RatingRecord.objects.all()))
    given = [Given(level=row.level, is_left_out=row.is_left_out) for row in rows]
    return tally_ratings(given).satisfied


def read_words(
    *, project_id: UUID, rating_id: UUID, purpose: str, by: Actor, at: datetime
) -> RatingWords:
    """Open what somebody wrote with a rating; the ledger knows first.

    Refuses as :func:`~anju.foundation.access.context.sensitive_reading` does, and with
    ``ratings.no-words``.
    """
    with sensitive_reading(
        by=by,
        permits=_SEES,
        purpose=purpose,
        target=str(rating_id),
        at=at,
        project_id=project_id,
    ):
        kept = CommentRecord.objects.filter(project_id=project_id, id=rating_id).first()
        if kept is None:
            raise Refusal("ratings.no-words")
        place = FieldPlace(kept.subject_id, COMMENTS, rating_id, WORDS)
        (text,) = open_unless_erased(
            fields=[SealedField(place=place, sealed=bytes(kept.words_sealed))]
        )
    return words_from(text)


def _rows(records: list[RatingRecord]) -> list[RatingRow]:
    """Give ratings with what became of their cases, one question a scope."""
    wanted: dict[UUID, list[UUID]] = {}
    for record in records:
        if record.case_id is not None:
            wanted.setdefault(record.project_id, []).append(record.case_id)
    statuses = {
        case_id: case.status
        for project_id, ids in wanted.items()
        for case_id, case in cases_by_id(project_id=project_id, case_ids=ids).items()
    }
    return [
        rating_from(
            record,
            is_left_out=record.case_id is not None
            and statuses.get(record.case_id) is Status.REFUSED,
            is_case_open=record.case_id in statuses and statuses[record.case_id].is_open,
        )
        for record in records
    ]
