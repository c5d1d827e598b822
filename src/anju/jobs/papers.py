"""Papers that a machine looks at first: read for whoever asked, noted for whoever decides."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.context import sensitive_reading
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time
from anju.foundation.documents.operations import note_prereview
from anju.foundation.documents.prereview import prereview_document
from anju.foundation.documents.queries import read_document
from anju.foundation.documents.reading import TextReader
from anju.titles.cases.queries import find_title_case
from anju.titles.communities.queries import homes_by_ids, people_of
from anju_rules.prereview.reviewing import review_paper
from anju_rules.prereview.types import Known, KnownPerson, PaperKind, PaperText, PreReview
from anju_rules.values import Refusal

_NOT_READABLE = "documents.not-readable"


def prereview_paper(
    *,
    project_id: UUID,
    case_id: UUID,
    document_id: UUID,
    kind: PaperKind,
    by: Actor,
    at: datetime,
    reader: TextReader | None = None,
) -> PreReview:
    """Read a paper of a case for an officer, and note what stands on it.

    That the paper was opened for this is written down first. It is read outside any transaction:
    that takes seconds. A paper that cannot be read is noted as such; where no reader is installed
    nothing is, and this refuses with ``documents.no-reader``.
    """
    with sensitive_reading(
        by=by,
        permits="documents.see",
        purpose="机器预审，供经办人参考",
        target=str(document_id),
        at=at,
        project_id=project_id,
    ):
        _, content = read_document(project_id=project_id, document_id=document_id)
        known = known_of_case(project_id=project_id, case_id=case_id, kind=kind, at=at)
    try:
        review = prereview_document(content=content, kind=kind, known=known, reader=reader)
    except Refusal as refusal:
        if refusal.code != _NOT_READABLE:
            raise
        nothing = PaperText(pages=0, lines=(), reader="")
        review = review_paper(paper=nothing, kind=kind, known=known)
    note_prereview(project_id=project_id, document_id=document_id, review=review, by=by, at=at)
    return review


def known_of_case(*, project_id: UUID, case_id: UUID, kind: PaperKind, at: datetime) -> Known:
    """Give what a title case knows that may stand on such a paper; of other cases only the day.

    Whoever asks has entered a sensitive reading. A contract states the area contracted, every
    later paper the area registered.
    """
    today = city_time(at).date()
    case = find_title_case(project_id=project_id, case_id=case_id)
    if case is None or case.home_id is None:
        return Known(today=today)
    home = homes_by_ids(project_id=project_id, home_ids=[case.home_id])[case.home_id]
    owner = case.household_id
    people = people_of(project_id=project_id, household_ids=[owner] if owner else [])
    is_contract = kind is PaperKind.PURCHASE_CONTRACT
    return Known(
        people=tuple(
            KnownPerson(name=one.name, identity_number=one.identity_number)
            for one in (people.get(owner, ()) if owner else ())
        ),
        unit_code=home.unit_code,
        area_sqm=home.contracted_sqm if is_contract else home.registered_sqm,
        today=today,
    )
