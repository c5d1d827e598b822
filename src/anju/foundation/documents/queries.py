"""Reads of documents."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.documents.mapping import (
    documents_from,
    prereview_from,
    subject_of,
    unseal_content,
)
from anju.foundation.documents.models import DocumentRecord, PrereviewRecord
from anju.foundation.documents.operations import storage
from anju.foundation.documents.types import DocumentRow, NotedPreReview, OwnerKind
from anju_rules.hashing import digest
from anju_rules.values import Refusal


def documents_of(
    *, project_id: UUID, owner_kind: OwnerKind, owner_id: UUID
) -> tuple[DocumentRow, ...]:
    """Give what belongs to an owner, in the order it came, the withdrawn ones too."""
    kept = DocumentRecord.objects.filter(
        project_id=project_id, owner_kind=owner_kind, owner_id=owner_id
    ).order_by("handed_in_at", "id")
    return documents_from(list(kept))


def read_document(*, project_id: UUID, document_id: UUID) -> tuple[DocumentRow, bytes]:
    """Give a document with its content; call it inside ``sensitive_reading``.

    Refuses with ``documents.unknown``, ``documents.missing``, and with ``crypto.not-authentic``
    what is no longer what was handed in.
    """
    kept = DocumentRecord.objects.filter(project_id=project_id, id=document_id).first()
    if kept is None:
        raise Refusal("documents.unknown")
    content = unseal_content(
        subject_id=subject_of(project_id=project_id, household_id=kept.household_id),
        document_id=document_id,
        sealed=storage().get(name=kept.stored_as),
    )
    if digest(content).hex() != kept.digest:
        raise Refusal("crypto.not-authentic")
    return documents_from([kept])[0], content


def find_prereview(*, project_id: UUID, document_id: UUID) -> NotedPreReview | None:
    """Give what a machine last found in a document, if one looked; call it while reading."""
    kept = (
        PrereviewRecord.objects.filter(project_id=project_id, document_id=document_id)
        .order_by("-noted_at", "-id")
        .first()
    )
    return prereview_from(kept) if kept is not None else None
