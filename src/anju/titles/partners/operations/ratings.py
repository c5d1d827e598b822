"""Giving a rating: once a service; a bad one opens a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_case
from anju.foundation.casework.types import ActingAs
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import FieldPlace, PlainField, seal_fields
from anju.titles.partners.mapping import COMMENTS, WORDS, rating_from, told_words
from anju.titles.partners.models import CommentRecord, RatingRecord
from anju.titles.partners.services import service_of
from anju.titles.partners.tokens import read_token
from anju.titles.partners.types import CHANNELS, Channel, RatingRow, RatingWords
from anju_rules.ratings import CLAUSE, LONGEST_COMMENT, Level
from anju_rules.values import Refusal

COMPLAINT = "service-complaint"
SUBJECT = "rating"
LONGEST_CONTACT = 40
_SERIES = "HCP"
_AS_APPLICANT = ActingAs(role="household", tier="outside")
_SAID = {Level.BAD: "评价：不满意", Level.VERY_BAD: "评价：非常不满意"}


@operation(
    permits="ratings.give",
    action="partners.rating.given",
    clauses=(CLAUSE, "service-rating/bad"),
    level=Secrecy.INTERNAL,
)
def give_rating(
    *,
    token: str,
    level: Level,
    words: RatingWords,
    wants_visit: bool,
    channel: Channel,
    by: Actor,
    at: datetime,
) -> RatingRow:
    """Take the one rating of the service that ``token`` names; nobody is asked who they are.

    A bad level opens a case of its own, which says nothing of the words: these stay sealed.
    Refuses with ``ratings.token-unknown``, ``ratings.given-already``, ``ratings.too-long`` and
    ``ratings.channel-unknown``.
    """
    if len(words.comment) > LONGEST_COMMENT:
        raise Refusal("ratings.too-long", field="comment", most=LONGEST_COMMENT)
    if len(words.contact) > LONGEST_CONTACT:
        raise Refusal("ratings.too-long", field="contact", most=LONGEST_CONTACT)
    if channel not in CHANNELS:
        raise Refusal("ratings.channel-unknown")
    row = service_of(read_token(token))
    if row.is_rated:
        raise Refusal("ratings.given-already", clause=CLAUSE)
    project_id = row.service.project_id
    rating_id, case_id = new_id(), None
    if level.is_bad:
        case_id = lay_case(
            project_id=project_id,
            procedure=COMPLAINT,
            subject_kind=SUBJECT,
            subject_id=rating_id,
            household_id=row.household_id,
            division=row.office,
            series=_SERIES,
            why=_SAID[level],
            acting_as=_AS_APPLICANT,
            by=by,
            at=at,
        ).id
    kept = RatingRecord(
        project_id=project_id,
        id=rating_id,
        service_kind=row.service.kind,
        service_id=row.service.id,
        level=level.value,
        matter=row.matter,
        office=row.office,
        officer_id=row.officer_id,
        channel=channel,
        wants_visit=wants_visit,
        case_id=case_id,
        given_at=at,
    )
    try:
        # Two at once: the constraint decides, and the second is told so.
        with transaction.atomic():
            kept.save(force_insert=True)
    except IntegrityError as error:
        if "partners_rating_service_once" in str(error):
            raise Refusal("ratings.given-already", clause=CLAUSE) from None
        raise
    _seal_words(kept, words, subject_id=row.household_id or project_id)
    record(
        target=rating_id,
        project_id=project_id,
        body={
            "service": str(row.service.id),
            "level": level.value,
            "matter": row.matter,
            "office": row.office,
            "channel": channel,
            "case": str(case_id) if case_id else "",
        },
    )
    return rating_from(kept, is_left_out=False, is_case_open=case_id is not None)


def _seal_words(kept: RatingRecord, words: RatingWords, *, subject_id: UUID) -> None:
    if not (words.comment.strip() or words.contact.strip()):
        return
    told = RatingWords(comment=words.comment.strip(), contact=words.contact.strip())
    (sealed,) = seal_fields(
        fields=[
            PlainField(
                place=FieldPlace(subject_id, COMMENTS, kept.id, WORDS), text=told_words(told)
            )
        ]
    )
    CommentRecord.objects.create(
        project_id=kept.project_id, id=kept.id, subject_id=subject_id, words_sealed=sealed
    )
