"""Writes of documents: handed in, withdrawn, destroyed with their household."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from anju.foundation.access.operations import on_erasure, operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id, new_secret
from anju.foundation.documents.cleaning import make_harmless
from anju.foundation.documents.mapping import documents_from, seal_content, seal_name, subject_of
from anju.foundation.documents.models import DocumentRecord
from anju.foundation.documents.scanning import read_scanner
from anju.foundation.documents.storage import FolderStorage, Storage
from anju.foundation.documents.types import Channel, DocumentRow, OwnerKind
from anju_rules.hashing import digest
from anju_rules.values import Refusal

MOST_OF_AN_OWNER = 200
"""Documents that one case may hold: nobody fills the disk through one form."""
_LONGEST_NAME = 120


def storage() -> Storage:
    """Give where this installation keeps documents."""
    return FolderStorage(Path(settings.HOME) / "documents")


@operation(
    permits="documents.store",
    action="documents.document.handed-in",
    clauses=("pipl#6",),
    level=Secrecy.INTERNAL,
)
def store_document(
    *,
    project_id: UUID,
    owner_kind: OwnerKind,
    owner_id: UUID,
    name: str,
    content: bytes,
    channel: Channel,
    by: Actor,
    at: datetime,
    household_id: UUID | None = None,
) -> DocumentRow:
    """Take a document in: scanned, made harmless, sealed, with its provenance.

    Refuses as :func:`~.cleaning.make_harmless` and :func:`~.scanning.read_scanner` do, and with
    ``documents.too-many`` beyond :data:`MOST_OF_AN_OWNER`.
    """
    row = lay_document(
        project_id=project_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        household_id=household_id,
        name=name,
        content=content,
        channel=channel,
        by=by,
        at=at,
    )
    record(
        target=row.id,
        project_id=project_id,
        household_id=household_id,
        body={
            "owner": str(owner_id),
            "owner_kind": owner_kind,
            "kind": row.kind.value,
            "pages": row.pages,
            "digest": row.digest,
            "arrived_digest": row.arrived_digest,
            "scanned_by": row.scanned_by,
            "channel": channel,
        },
    )
    return row


def lay_document(
    *,
    project_id: UUID,
    owner_kind: OwnerKind,
    owner_id: UUID,
    household_id: UUID | None,
    name: str,
    content: bytes,
    channel: Channel,
    by: Actor,
    at: datetime,
) -> DocumentRow:
    """Keep a document inside the caller's operation; refuses like :func:`store_document`."""
    held = DocumentRecord.objects.filter(
        project_id=project_id, owner_kind=owner_kind, owner_id=owner_id
    )
    if held.count() >= MOST_OF_AN_OWNER:
        raise Refusal("documents.too-many", most=MOST_OF_AN_OWNER)
    # Judged before it is scanned: what is far too large never reaches the scanner.
    harmless = make_harmless(content)
    scanner = read_scanner(settings.SCANNER)
    scanner.require_clean(content)
    document_id, stored_as = new_id(), new_secret().hex()
    subject_id = subject_of(project_id=project_id, household_id=household_id)
    kept = DocumentRecord(
        project_id=project_id,
        id=document_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        household_id=household_id,
        kind=harmless.kind.value,
        name_sealed=seal_name(subject_id=subject_id, document_id=document_id, name=_own_name(name)),
        size=len(harmless.content),
        pages=harmless.pages,
        digest=digest(harmless.content).hex(),
        arrived_digest=digest(content).hex(),
        stored_as=stored_as,
        scanned_by=scanner.name,
        channel=channel,
        handed_in_by=by.id,
        handed_in_role=by.role,
        handed_in_at=at,
    )
    # The file first: a row without its file would be a lie, a file without a row harms nobody.
    storage().put(
        name=stored_as,
        sealed=seal_content(
            subject_id=subject_id, document_id=document_id, content=harmless.content
        ),
    )
    kept.save(force_insert=True)
    return documents_from([kept])[0]


@operation(
    permits="documents.store",
    action="documents.document.withdrawn",
    level=Secrecy.INTERNAL,
)
def withdraw_document(*, project_id: UUID, document_id: UUID, by: Actor, at: datetime) -> None:
    """Take a document back; it stays in the file, marked, for what was decided on it stands.

    Refuses with ``documents.unknown`` and ``documents.withdrawn-already``.
    """
    kept = (
        DocumentRecord.objects.select_for_update()
        .filter(project_id=project_id, id=document_id)
        .first()
    )
    if kept is None:
        raise Refusal("documents.unknown")
    if by.kind == "household" and kept.handed_in_by != by.id:
        raise Refusal("documents.unknown")
    if kept.withdrawn_at is not None:
        raise Refusal("documents.withdrawn-already")
    kept.withdrawn_at = at
    kept.save(update_fields=["withdrawn_at"])
    record(
        target=document_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"digest": kept.digest},
    )


@on_erasure
def forget_documents(household_id: UUID) -> None:
    """Destroy the files of an erased household; their rows and digests stay as evidence."""
    for name in DocumentRecord.objects.filter(household_id=household_id).values_list(
        "stored_as", flat=True
    ):
        storage().drop(name=name)


def _own_name(name: str) -> str:
    own = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in own if sign.isprintable()).strip()[:_LONGEST_NAME] or "未命名"
