"""Writes of documents: handed in, withdrawn, destroyed with their household."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings

from anju.foundation.access.operations import on_erasure, operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id, new_secret
from anju.foundation.documents.cleaning import make_harmless
from anju.foundation.documents.mapping import (
    row_from,
    seal_documents,
    seal_findings,
    subject_of,
)
from anju.foundation.documents.models import DocumentRecord, PrereviewRecord
from anju.foundation.documents.scanning import read_scanner
from anju.foundation.documents.storage import FolderStorage, Storage
from anju.foundation.documents.types import Channel, DocumentRow, Harmless, OwnerKind
from anju_rules.hashing import digest
from anju_rules.prereview.types import ADVICE_CLAUSE, PreReview
from anju_rules.values import Refusal

MOST_OF_AN_OWNER = 200
"""Documents that one case may hold: nobody fills the disk through one form."""
_LONGEST_NAME = 120
MADE_HERE = "made-here"
"""What stands for a scanner's name where nothing came from outside."""


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
    is_made_here: bool = False,
) -> DocumentRow:
    """Take a document in: scanned, made harmless, sealed, with its provenance.

    ``is_made_here``: drawn or printed by the platform itself from what was judged before; no file
    came from outside, so none is scanned, and signing waits for no scanner. Refuses as
    :func:`~.cleaning.make_harmless` and :func:`~.scanning.read_scanner` do, and with
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
        is_made_here=is_made_here,
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
    clean: Callable[[bytes], Harmless] = make_harmless,
    is_made_here: bool = False,
) -> DocumentRow:
    """Keep a document inside the caller's operation; refuses like :func:`store_document`.

    ``clean`` makes harmless what arrived; another than the usual one refuses in its own words.
    """
    arriving = Arriving(name=name, content=content, clean=clean, is_made_here=is_made_here)
    return lay_documents(
        project_id=project_id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        household_id=household_id,
        arriving=[arriving],
        channel=channel,
        by=by,
        at=at,
    )[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """A file as it arrives."""

    name: str
    content: bytes = field(repr=False)
    clean: Callable[[bytes], Harmless] = make_harmless
    is_made_here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The files of one owner, as they arrive together."""

    owner_id: UUID
    household_id: UUID | None
    arriving: Sequence[Arriving]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPapers:
    """Files that lie sealed in their place, and whose rows are not written yet."""

    rows: tuple[DocumentRow, ...]
    records: tuple[DocumentRecord, ...] = field(repr=False)


def lay_documents(
    *,
    project_id: UUID,
    owner_kind: OwnerKind,
    owner_id: UUID,
    household_id: UUID | None,
    arriving: Sequence[Arriving],
    channel: Channel,
    by: Actor,
    at: datetime,
) -> tuple[DocumentRow, ...]:
    """Keep all the documents of one owner inside the caller's operation, in few statements.

    Gives them in their order; refuses like :func:`store_document`.
    """
    papers = Papers(owner_id=owner_id, household_id=household_id, arriving=arriving)
    (stored,) = put_papers(
        project_id=project_id,
        owner_kind=owner_kind,
        papers=[papers],
        channel=channel,
        by=by,
        at=at,
    )
    lay_papers(stored=[stored])
    return stored.rows


def put_papers(
    *,
    project_id: UUID,
    owner_kind: OwnerKind,
    papers: Sequence[Papers],
    channel: Channel,
    by: Actor,
    at: datetime,
) -> tuple[StoredPapers, ...]:
    """Judge, scan and seal the files of many owners and put them in their place.

    No row is written: :func:`lay_papers` does, in the same operation, for those owners that are
    taken in. The files first: a row without its file would be a lie, a file without a row harms
    nobody. Refuses like :func:`store_document`.
    """
    _require_room(project_id, owner_kind, papers)
    # Judged before it is scanned: what is far too large never reaches the scanner.
    judged = [
        (
            new_id(),
            one,
            one.clean(one.content),
            MADE_HERE if one.is_made_here else _scan(one.content),
        )
        for owner in papers
        for one in owner.arriving
    ]
    owners = [owner for owner in papers for _ in owner.arriving]
    sealed = seal_documents(
        told=[
            (
                subject_of(project_id=project_id, household_id=owner.household_id),
                one_id,
                _own_name(one.name),
                harmless.content,
            )
            for owner, (one_id, one, harmless, _) in zip(owners, judged, strict=True)
        ],
    )
    records = [
        DocumentRecord(
            project_id=project_id,
            id=one_id,
            owner_kind=owner_kind,
            owner_id=owner.owner_id,
            household_id=owner.household_id,
            kind=harmless.kind.value,
            name_sealed=name_sealed,
            size=len(harmless.content),
            pages=harmless.pages,
            digest=digest(harmless.content).hex(),
            arrived_digest=digest(one.content).hex(),
            stored_as=new_secret().hex(),
            scanned_by=scanned_by,
            channel=channel,
            handed_in_by=by.id,
            handed_in_role=by.role,
            handed_in_at=at,
        )
        for owner, (one_id, one, harmless, scanned_by), (name_sealed, _) in zip(
            owners, judged, sealed, strict=True
        )
    ]
    for kept, (_, content_sealed) in zip(records, sealed, strict=True):
        storage().put(name=kept.stored_as, sealed=content_sealed)
    left = iter(records)
    parted = [tuple(islice(left, len(owner.arriving))) for owner in papers]
    return tuple(
        StoredPapers(
            rows=tuple(
                row_from(kept, _own_name(one.name))
                for kept, one in zip(mine, owner.arriving, strict=True)
            ),
            records=mine,
        )
        for owner, mine in zip(papers, parted, strict=True)
    )


def lay_papers(*, stored: Sequence[StoredPapers]) -> None:
    """Write the rows of files that were put in their place, inside the caller's operation."""
    DocumentRecord.objects.bulk_create([kept for one in stored for kept in one.records])


def _require_room(project_id: UUID, owner_kind: OwnerKind, papers: Sequence[Papers]) -> None:
    held = Counter(
        DocumentRecord.objects.filter(
            project_id=project_id,
            owner_kind=owner_kind,
            owner_id__in=[owner.owner_id for owner in papers],
        ).values_list("owner_id", flat=True)
    )
    if any(held[one.owner_id] + len(one.arriving) > MOST_OF_AN_OWNER for one in papers):
        raise Refusal("documents.too-many", most=MOST_OF_AN_OWNER)


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


@operation(
    permits="documents.store",
    action="documents.document.prereviewed",
    clauses=(ADVICE_CLAUSE,),
    level=Secrecy.INTERNAL,
)
def note_prereview(
    *, project_id: UUID, document_id: UUID, review: PreReview, by: Actor, at: datetime
) -> None:
    """Note what a machine found in a document, for whoever decides: it changes nothing else.

    The entry tells how many findings cite and doubt, never what was read. Refuses with
    ``documents.unknown``.
    """
    kept = DocumentRecord.objects.filter(project_id=project_id, id=document_id).first()
    if kept is None:
        raise Refusal("documents.unknown")
    prereview_id = new_id()
    subject_id = subject_of(project_id=project_id, household_id=kept.household_id)
    PrereviewRecord(
        project_id=project_id,
        id=prereview_id,
        document_id=document_id,
        household_id=kept.household_id,
        kind=review.kind.value,
        reader=review.reader,
        pages=review.pages,
        findings_sealed=seal_findings(
            subject_id=subject_id, prereview_id=prereview_id, findings=review.findings
        ),
        cites=len(review.citations),
        doubts=len(review.doubts),
        noted_for=by.id,
        noted_at=at,
    ).save(force_insert=True)
    record(
        target=document_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={
            "digest": kept.digest,
            "kind": review.kind.value,
            "reader": review.reader,
            "cites": len(review.citations),
            "doubts": len(review.doubts),
        },
    )


@on_erasure
def forget_documents(household_id: UUID) -> None:
    """Destroy the files of an erased household; their rows and digests stay as evidence."""
    for name in DocumentRecord.objects.filter(household_id=household_id).values_list(
        "stored_as", flat=True
    ):
        storage().drop(name=name)


def _scan(content: bytes) -> str:
    """Have a file scanned; gives the scanner's name."""
    scanner = read_scanner(settings.SCANNER)
    scanner.require_clean(content)
    return scanner.name


def _own_name(name: str) -> str:
    own = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in own if sign.isprintable()).strip()[:_LONGEST_NAME] or "未命名"
