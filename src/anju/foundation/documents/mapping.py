"""Rows of documents into what others see, and their seals."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import cast
from uuid import UUID

from anju.foundation.core.sealing import FieldPlace, SealedField, open_fields, seal_field
from anju.foundation.documents.kinds import DocumentKind
from anju.foundation.documents.models import DocumentRecord
from anju.foundation.documents.types import Channel, DocumentRow, OwnerKind

_TABLE = "documents_document"


def subject_of(*, project_id: UUID, household_id: UUID | None) -> UUID:
    """Give whose key seals a document: the household's, else the project's."""
    return household_id or project_id


def seal_name(*, subject_id: UUID, document_id: UUID, name: str) -> bytes:
    """Seal the name a document came under."""
    return seal_field(
        subject_id=subject_id, table=_TABLE, row_id=document_id, column="name_sealed", text=name
    )


def seal_content(*, subject_id: UUID, document_id: UUID, content: bytes) -> bytes:
    """Seal a document's content, bound to the document."""
    text = b64encode(content).decode("ascii")
    return seal_field(
        subject_id=subject_id, table=_TABLE, row_id=document_id, column="content", text=text
    )


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
    return tuple(
        DocumentRow(
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
        for kept, name in zip(records, names, strict=True)
    )
