"""What the approval of a version brought forth and publishes: records, legal opinions, comments."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.casework.types import CaseFile
from anju.foundation.documents.queries import documents_of, read_document
from anju.foundation.documents.types import DocumentRow
from anju.resettlement.planning.models import VersionRecord
from anju.resettlement.planning.types import AnnexRow
from anju.resettlement.planning.versions import papers_stored
from anju_rules.values import Refusal

_TEXT = "draft-plan"


def annexes_from(file: CaseFile) -> tuple[AnnexRow, ...]:
    """Give the published materials that a case holds, beside the plan's text itself."""
    return tuple(
        AnnexRow(
            code=line.code,
            title=line.title,
            document_id=line.document_id,
            received_at=line.received_at,
        )
        for line in file.materials
        if line.is_published and line.state == "held" and line.code != _TEXT
    )


def read_public_paper(version: VersionRecord, document_id: UUID) -> tuple[DocumentRow, bytes]:
    """Give a paper of a version or of its case, with its content.

    Refuses with ``planning.paper-unknown`` anything else: no slip of the hand publishes a family's
    paper.
    """
    rows = papers_stored(version.project_id)
    if version.case_id is not None:
        found = documents_of(
            project_id=version.project_id, owner_kind="case", owner_id=version.case_id
        )
        rows |= {row.id: row for row in found if row.withdrawn_at is None}
    row = rows.get(document_id)
    if row is None or row.household_id is not None:
        raise Refusal("planning.paper-unknown", paper=str(document_id))
    return read_document(project_id=version.project_id, document_id=document_id)
