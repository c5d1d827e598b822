"""Rows of documents into what others see, and their seals."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from anju.foundation.core.sealing import (
    FieldPlace,
    PlainField,
    SealedField,
    open_fields,
    open_unless_erased,
    seal_field,
    seal_fields,
)
from anju.foundation.documents.kinds import DocumentKind
from anju.foundation.documents.models import DocumentRecord, PrereviewRecord
from anju.foundation.documents.types import Channel, DocumentRow, NotedPreReview, OwnerKind
from anju_rules.prereview.types import PaperKind, Place, PointFinding, PreReview, Stance

_TABLE = "documents_document"
_PREREVIEWS = "documents_prereview"
_FINDINGS = "findings_sealed"


def subject_of(*, project_id: UUID, household_id: UUID | None) -> UUID:
    """Give whose key seals a document: the household's, else the project's."""
    return household_id or project_id


def seal_documents(*, told: Sequence[tuple[UUID, UUID, str, bytes]]) -> list[tuple[bytes, bytes]]:
    """Seal names and contents together: subject, document, name, content.

    Each is bound to its document.
    """
    fields = []
    for subject_id, document_id, name, content in told:
        texts = {"name_sealed": name, "content": b64encode(content).decode("ascii")}
        fields += [
            PlainField(place=FieldPlace(subject_id, _TABLE, document_id, column), text=text)
            for column, text in texts.items()
        ]
    sealed = seal_fields(fields=fields)
    return list(zip(sealed[::2], sealed[1::2], strict=True))


def unseal_content(*, subject_id: UUID, document_id: UUID, sealed: bytes) -> bytes:
    """Open a document's content; what was changed or moved refuses ``crypto.not-authentic``."""
    place = FieldPlace(subject_id, _TABLE, document_id, "content")
    return b64decode(open_fields(fields=[SealedField(place=place, sealed=sealed)])[0])


def documents_from(records: list[DocumentRecord]) -> tuple[DocumentRow, ...]:
    """Give frozen rows, their names unsealed together."""
    names = open_fields(
        fields=[
            SealedField(
                place=FieldPlace(
                    subject_of(project_id=kept.project_id, household_id=kept.household_id),
                    _TABLE,
                    kept.id,
                    "name_sealed",
                ),
                sealed=bytes(kept.name_sealed),
            )
            for kept in records
        ]
    )
    return tuple(row_from(kept, name) for kept, name in zip(records, names, strict=True))


def row_from(kept: DocumentRecord, name: str) -> DocumentRow:
    """Give the frozen row of a document whose name is known."""
    return DocumentRow(
        id=kept.id,
        project_id=kept.project_id,
        owner_kind=cast("OwnerKind", kept.owner_kind),
        owner_id=kept.owner_id,
        household_id=kept.household_id,
        kind=DocumentKind(kept.kind),
        name=name,
        size=kept.size,
        pages=kept.pages,
        digest=kept.digest,
        arrived_digest=kept.arrived_digest,
        scanned_by=kept.scanned_by,
        channel=cast("Channel", kept.channel),
        handed_in_by=kept.handed_in_by,
        handed_in_role=kept.handed_in_role,
        handed_in_at=kept.handed_in_at,
        withdrawn_at=kept.withdrawn_at,
    )


def seal_findings(
    *, subject_id: UUID, prereview_id: UUID, findings: tuple[PointFinding, ...]
) -> bytes:
    """Seal what was found, with the key of the document's owner."""
    told = [
        {
            "code": one.code,
            "point": str(one.point),
            "stance": one.stance.value,
            "clause": one.clause,
            "certainty": one.certainty,
            "page": one.place.page if one.place else 0,
            "corners": one.place.corners if one.place else (),
            "facts": dict(one.facts),
        }
        for one in findings
    ]
    return seal_field(
        subject_id=subject_id,
        table=_PREREVIEWS,
        row_id=prereview_id,
        column=_FINDINGS,
        text=json.dumps(told, ensure_ascii=False),
    )


def prereview_from(kept: PrereviewRecord) -> NotedPreReview:
    """Give what was noted; of an erased household only that it was."""
    place = FieldPlace(
        subject_of(project_id=kept.project_id, household_id=kept.household_id),
        _PREREVIEWS,
        kept.id,
        _FINDINGS,
    )
    sealed = SealedField(place=place, sealed=bytes(kept.findings_sealed))
    text = open_unless_erased(fields=[sealed])[0]
    findings = tuple(
        PointFinding(
            code=one["code"],
            point=one["point"],
            stance=Stance(one["stance"]),
            clause=one["clause"],
            certainty=one["certainty"],
            place=Place(page=one["page"], corners=tuple((x, y) for x, y in one["corners"]))
            if one["page"]
            else None,
            facts=one["facts"],
        )
        for one in (json.loads(text) if text else ())
    )
    review = PreReview(
        kind=PaperKind(kept.kind), reader=kept.reader, pages=kept.pages, findings=findings
    )
    return NotedPreReview(document_id=kept.document_id, review=review, at=kept.noted_at)
