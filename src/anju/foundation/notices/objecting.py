"""A family objects to a notice that names nobody: the plan's, the scores', anything but a review.

Objections to the entry of a household are eligibility's; they go through its own operation.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_case
from anju.foundation.casework.types import CaseRow, HandedIn
from anju.foundation.notices.operations import lay_objection
from anju_rules.values import Refusal

PROCEDURE, LETTER, SUBJECT = "objection", "objection-letter", "notice"


@operation(
    permits="casework.open",
    action="notices.objection.lodged",
    clauses=("plan/objection#1",),
    level=Secrecy.INTERNAL,
)
def object_to_notice(
    *,
    project_id: UUID,
    notice_id: UUID,
    household_id: UUID,
    division: str,
    why: str,
    by: Actor,
    at: datetime,
    series: str = "",
    case_id: UUID | None = None,
) -> CaseRow:
    """Open the case of a family's objection to a notice, counted among those of the notice.

    Refuses with ``case.reason-missing``, ``notices.unknown``, ``notices.objection-too-late`` and
    ``casework.open-already``.
    """
    if not why.strip():
        raise Refusal("case.reason-missing", kind=PROCEDURE)
    case = lay_case(
        project_id=project_id,
        procedure=PROCEDURE,
        subject_kind=SUBJECT,
        subject_id=notice_id,
        household_id=household_id,
        division=division,
        series=series,
        materials=(HandedIn(code=LETTER),),
        why=why,
        case_id=case_id,
        by=by,
        at=at,
    )
    lay_objection(project_id=project_id, notice_id=notice_id, case_id=case.id, at=at)
    record(
        target=case.id,
        project_id=project_id,
        household_id=household_id,
        body={"number": case.number, "notice": str(notice_id), "why": why},
    )
    return case
