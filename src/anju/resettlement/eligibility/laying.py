"""Reviews opened and statements kept inside the caller's operation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.laying import lay_case
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn
from anju.foundation.core.crypto import new_id
from anju.resettlement.eligibility.mapping import seal_statement
from anju.resettlement.eligibility.meetings import lay_holder_marks, mark_statement
from anju.resettlement.eligibility.models import ReviewRecord, StatementRecord
from anju.resettlement.eligibility.sheets import HOUSEHOLD, newest_statement
from anju.resettlement.eligibility.types import REVIEW
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.projects.queries import project_by_id
from anju_rules.applications import Standing
from anju_rules.eligibility.sheet import Statement
from anju_rules.identifiers import check_identity_number
from anju_rules.values import Refusal

SERIES = "ELG"


def newest_review(*, project_id: UUID, household_id: UUID) -> ReviewRecord | None:
    """Give the last round of a household's review."""
    return (
        ReviewRecord.objects.filter(project_id=project_id, household_id=household_id)
        .order_by("-round")
        .first()
    )


def lay_review(
    *,
    project_id: UUID,
    household_id: UUID,
    by: Actor,
    at: datetime,
    papers: Sequence[HandedIn] = (),
    division: str = "",
    acting_as: ActingAs | None = None,
) -> CaseRow:
    """Open a round of a household's review, and the case it runs on.

    A household that was refused or withdrew may come again; one that is confirmed may not
    (``eligibility.confirmed-already``). Refuses also with ``households.unknown-household`` and as
    :func:`~anju.foundation.casework.laying.lay_case` does.
    """
    household_by_id(project_id=project_id, household_id=household_id)
    project = project_by_id(project_id=project_id)
    last = newest_review(project_id=project_id, household_id=household_id)
    if last is not None and last.standing == Standing.CONFIRMED:
        raise Refusal("eligibility.confirmed-already")
    case = lay_case(
        project_id=project_id,
        procedure=REVIEW,
        subject_kind=HOUSEHOLD,
        subject_id=household_id,
        household_id=household_id,
        division=division or project.division_code,
        series=f"{project.code}-{SERIES}",
        materials=papers,
        by=by,
        at=at,
        acting_as=acting_as,
    )
    ReviewRecord(
        project_id=project_id,
        id=case.id,
        household_id=household_id,
        round=1 if last is None else last.round + 1,
        standing=Standing.OPEN.value,
        opened_at=at,
    ).save(force_insert=True)
    lay_holder_marks(project_id=project_id, household_ids=[household_id])
    return case


def lay_statement(
    *, project_id: UUID, household_id: UUID, statement: Statement, by: Actor, at: datetime
) -> int:
    """Keep what a household states as its newest version; gives the version.

    Refuses with ``identifier.*`` what is no identity number, and with
    ``eligibility.holder-not-among`` a holder who is not among the people.
    """
    for number in (statement.holder, *statement.people):
        if number:
            check_identity_number(number)
    if statement.people and statement.holder not in statement.people:
        raise Refusal("eligibility.holder-not-among")
    last = newest_statement(project_id=project_id, household_id=household_id)
    row_id, version = new_id(), 1 if last is None else last.version + 1
    StatementRecord(
        project_id=project_id,
        id=row_id,
        household_id=household_id,
        version=version,
        stated_sealed=seal_statement(statement, household_id=household_id, row_id=row_id),
        stated_by=by.id,
        stated_at=at,
    ).save(force_insert=True)
    mark_statement(project_id=project_id, household_id=household_id, statement=statement)
    return version
