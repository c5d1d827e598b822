"""Absences: a household stays away, and its wishes are followed when it is called (SEL-2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.preferences.queries import wishes_of_household
from anju.resettlement.selection.attendance import find_absence
from anju.resettlement.selection.attendance_models import AbsenceRecord
from anju.resettlement.selection.attendance_types import AbsenceRow
from anju.resettlement.selection.operations.acting import lay_signed_paper, refuse_proxy
from anju_rules.values import Refusal

CLAUSES = ("plan/selection",)


@operation(
    permits="selection.choose",
    action="selection.absence.declared",
    clauses=CLAUSES,
    level=Secrecy.INTERNAL,
)
def declare_absence(
    *,
    project_id: UUID,
    household_id: UUID,
    by: Actor,
    at: datetime,
    paper_name: str = "",
    paper: bytes = b"",
) -> AbsenceRow:
    """Have a household's wishes followed when it is called: the first that is lawful and free.

    By the household itself, or at the window with the paper that it signed. It may take this back
    until it is called, and may still come and choose itself. Refuses with
    ``selection.not-by-proxy``, ``selection.absence-without-paper``,
    ``selection.absence-without-wishes``, ``selection.absence-stands``,
    ``households.unknown-household``, and as
    :func:`~anju.foundation.documents.operations.lay_document` does.
    """
    refuse_proxy(by)
    household_by_id(project_id=project_id, household_id=household_id)
    if not wishes_of_household(project_id=project_id, household_id=household_id):
        raise Refusal("selection.absence-without-wishes")
    if find_absence(project_id=project_id, household_id=household_id) is not None:
        raise Refusal("selection.absence-stands")
    document_id = None
    if by.kind != "household":
        if not paper:
            raise Refusal("selection.absence-without-paper")
        document_id = lay_signed_paper(
            project_id=project_id,
            household_id=household_id,
            name=paper_name,
            content=paper,
            by=by,
            at=at,
        ).id
    absence_id = new_id()
    receipt = record(
        target=absence_id,
        project_id=project_id,
        household_id=household_id,
        body={
            "household": str(household_id),
            "document": None if document_id is None else str(document_id),
        },
    )
    AbsenceRecord.objects.create(
        project_id=project_id,
        id=absence_id,
        household_id=household_id,
        document_id=document_id,
        declared_at=at,
        declared_by=by.id,
        event_id=receipt.event_id,
    )
    return AbsenceRow(
        id=absence_id,
        household_id=household_id,
        declared_at=at,
        event_id=receipt.event_id,
        is_by_paper=document_id is not None,
    )


@operation(
    permits="selection.choose",
    action="selection.absence.ended",
    clauses=CLAUSES,
    level=Secrecy.INTERNAL,
)
def end_absence(*, project_id: UUID, household_id: UUID, by: Actor, at: datetime) -> None:
    """Take back that a household's wishes are to be followed; it comes itself.

    Refuses with ``selection.absence-unknown`` where it declared none, and with
    ``selection.not-by-proxy``.
    """
    refuse_proxy(by)
    kept = (
        AbsenceRecord.objects.select_for_update()
        .filter(project_id=project_id, household_id=household_id, ended_at__isnull=True)
        .first()
    )
    if kept is None:
        raise Refusal("selection.absence-unknown")
    receipt = record(
        target=kept.id,
        project_id=project_id,
        household_id=household_id,
        body={"household": str(household_id)},
    )
    kept.ended_at, kept.ended_by, kept.ended_event_id = at, by.id, receipt.event_id
    kept.save(update_fields=["ended_at", "ended_by", "ended_event_id"])
