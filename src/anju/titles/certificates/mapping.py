"""Rows of certificates into frozen rows, and what is sealed opened for who may read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from anju.foundation.core.sealing import (
    FieldPlace,
    PlainField,
    SealedField,
    open_unless_erased,
    seal_fields,
)
from anju.titles.certificates.models import CertificateRecord, EntryRecord, RegistryRecord
from anju.titles.certificates.types import (
    CertificateRow,
    CertificateSheet,
    HistoryRow,
    Registry,
)
from anju_rules.certificates.content import read_content
from anju_rules.certificates.judging import IssuerKey
from anju_rules.certificates.register import Entry, RegisterEntry, Status

_CERTIFICATES = "certificates_certificate"
_ENTRIES = "certificates_entry"


def subject_of(*, project_id: UUID, household_id: UUID | None) -> UUID:
    """Say whose key seals: the household's, or the community's for a developer's certificate."""
    return household_id or project_id


def seal_content(*, subject_id: UUID, certificate_id: UUID, text: str) -> bytes:
    """Seal the record of a certificate."""
    return _seal(FieldPlace(subject_id, _CERTIFICATES, certificate_id, "content_sealed"), text)


def seal_reason(*, subject_id: UUID, entry_id: UUID, text: str) -> bytes:
    """Seal the words of an entry."""
    return _seal(FieldPlace(subject_id, _ENTRIES, entry_id, "reason_sealed"), text)


def _seal(place: FieldPlace, text: str) -> bytes:
    return seal_fields(fields=[PlainField(place=place, text=text)])[0]


def row_from(record: CertificateRecord) -> CertificateRow:
    """Give a certificate as lists show it."""
    return CertificateRow(
        project_id=record.project_id,
        id=record.id,
        household_id=record.household_id,
        number=record.number,
        unit_code=record.unit_code,
        status=Status(record.status),
        issued_at=record.issued_at,
        status_at=record.status_at,
        event_id=record.event_id,
        digest=record.digest,
        replaces_id=record.replaces_id,
        case_id=record.case_id,
    )


def sheets_from(records: Sequence[CertificateRecord]) -> list[CertificateSheet]:
    """Open certificates, in their order; what was erased stays shut."""
    fields = [
        SealedField(
            place=FieldPlace(
                subject_of(project_id=record.project_id, household_id=record.household_id),
                _CERTIFICATES,
                record.id,
                "content_sealed",
            ),
            sealed=bytes(record.content_sealed),
        )
        for record in records
    ]
    return [
        CertificateSheet(
            row=row_from(record),
            content=read_content(json.loads(text)) if text else None,
            public=bytes(record.public),
            signature=bytes(record.signature),
        )
        for record, text in zip(records, open_unless_erased(fields=fields), strict=True)
    ]


def history_from(records: Sequence[EntryRecord]) -> tuple[HistoryRow, ...]:
    """Give the entries about a certificate, with their reasons."""
    fields = [
        SealedField(
            place=FieldPlace(
                subject_of(project_id=record.project_id, household_id=record.household_id),
                _ENTRIES,
                record.id,
                "reason_sealed",
            ),
            sealed=bytes(record.reason_sealed),
        )
        for record in records
    ]
    return tuple(
        HistoryRow(
            id=record.id,
            place=record.place,
            kind=Entry(record.kind),
            at=record.at,
            clause=record.clause,
            reason=reason,
            replaced_by=record.replaced_by,
            by_id=record.by_id,
            second_id=record.second_id,
            event_id=record.event_id,
        )
        for record, reason in zip(records, open_unless_erased(fields=fields), strict=True)
    )


def entries_from(
    records: Iterable[EntryRecord], *, number: str, digest: str
) -> list[RegisterEntry]:
    """Give the entries about one certificate as the rules fold them."""
    return [
        RegisterEntry(
            kind=Entry(record.kind),
            number=number,
            digest=digest,
            at=record.at,
            clause=record.clause,
            replaced_by=record.replaced_by,
        )
        for record in records
    ]


def registry_from(record: RegistryRecord) -> Registry:
    """Give a registry."""
    return Registry(
        id=record.id,
        county=record.county,
        province=record.province,
        place=record.place,
        authority=record.authority,
        authority_name=record.authority_name,
        public=bytes(record.public),
        from_on=record.from_on,
        until_on=record.until_on,
    )


def issuer_from(registry: Registry) -> IssuerKey:
    """Give a registry's key as a verifier is told it."""
    return IssuerKey(
        public=registry.public,
        authority=registry.authority,
        name=registry.authority_name,
        county=registry.county,
        from_on=registry.from_on,
        until_on=registry.until_on,
    )
