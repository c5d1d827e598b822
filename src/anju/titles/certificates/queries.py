"""Reads of the register: inside a context (``reading`` or an operation), else no row is seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from anju.foundation.access.context import reading
from anju.foundation.access.types import system_actor
from anju.foundation.ledger.keys import read_log_key
from anju.foundation.ledger.queries import proof_of, read_opening
from anju.titles.certificates import mapping
from anju.titles.certificates.keys import sign_message
from anju.titles.certificates.models import LIVING, CertificateRecord, EntryRecord, RegistryRecord
from anju.titles.certificates.types import (
    CertificateRow,
    CertificateSheet,
    HistoryRow,
    RegisterPage,
    Registry,
)
from anju_rules.certificates.content import show_ladm
from anju_rules.certificates.handing import (
    EntryInLog,
    HandedOver,
    SignedState,
    tell_state,
)
from anju_rules.certificates.judging import (
    CertificateFile,
    IssuerKey,
    LedgerProof,
)
from anju_rules.certificates.register import RegisterState, fold_register
from anju_rules.identifiers import check_certificate_number, check_unit_code
from anju_rules.notes import NoteKey
from anju_rules.values import Refusal

A_PAGE = 25
CODE_DIGITS = 16
"""How much of a certificate's digest stands in its code, and is typed by hand: 64 bits."""


def find_on_paper(*, number: str, code: str) -> CertificateRow:
    """Give the certificate that a paper names, for whoever types what stands on it.

    ``code`` is the beginning of the digest printed there, 16 hexadecimal digits: numbers run on
    and could be tried one by one, so the number alone answers nothing. Blanks do not matter.
    Refuses with ``certificates.not-on-paper`` whatever does not fit, and tells no more.
    """
    begins = "".join(code.split()).lower()
    wrong = Refusal("certificates.not-on-paper")
    if len(begins) < CODE_DIGITS:
        raise wrong
    try:
        spelled = check_certificate_number(number).text
    except Refusal as refusal:
        raise wrong from refusal
    with reading(by=system_actor()):
        record = CertificateRecord.objects.filter(number=spelled).first()
    if record is None or not record.digest.startswith(begins):
        raise wrong
    return mapping.row_from(record)


def certificate_by_id(*, certificate_id: UUID) -> CertificateRow:
    """Give the certificate with this random id; refuses with ``certificates.unknown``."""
    return mapping.row_from(_record(certificate_id))


def certificates_of(*, project_id: UUID, household_id: UUID) -> tuple[CertificateRow, ...]:
    """Give a household's certificates, the latest first; those out of force too."""
    records = CertificateRecord.objects.filter(project_id=project_id, household_id=household_id)
    return tuple(mapping.row_from(record) for record in records.order_by("-issued_at", "-serial"))


def certificate_of_unit(*, project_id: UUID, unit_code: str) -> CertificateRow | None:
    """Give a home's living certificate, also a limited or suspended one; None: it has none."""
    records = CertificateRecord.objects.filter(
        project_id=project_id,
        unit_code=check_unit_code(unit_code).text,
        status__in=LIVING,
    )
    record = records.first()
    return None if record is None else mapping.row_from(record)


def sheet_of(*, certificate_id: UUID) -> CertificateSheet:
    """Give a certificate with what it says; refuses with ``certificates.unknown``."""
    return mapping.sheets_from([_record(certificate_id)])[0]


def history_of(*, certificate_id: UUID) -> tuple[HistoryRow, ...]:
    """Give everything that was entered about a certificate, in its order."""
    return mapping.history_from(_entries(certificate_id))


def register_page(*, search: str = "", page: int = 1) -> RegisterPage:
    """Give one page of the register in sight, the latest first.

    ``search``: a certificate's number or a unit code, or the beginning of one; blanks and the
    width of brackets do not matter.
    """
    found = CertificateRecord.objects.all()
    wanted = "".join(search.split()).replace("（", "(").replace("）", ")")
    if wanted:
        by_unit = wanted[0].isascii() and wanted[0].isdigit()
        found = (
            found.filter(unit_code__startswith=wanted.replace("-", "").upper())
            if by_unit
            else found.filter(number__startswith=wanted)
        )
    start = (max(1, page) - 1) * A_PAGE
    records = found.order_by("-issued_at", "-serial")[start : start + A_PAGE]
    return RegisterPage(
        rows=tuple(mapping.row_from(record) for record in records), found=found.count()
    )


def registries() -> tuple[Registry, ...]:
    """Give who issues and issued, by county and time; public."""
    # Of those that were entered on one day, the one that did not end (null) comes last.
    records = RegistryRecord.objects.order_by("county", "from_on", "until_on", "id")
    return tuple(mapping.registry_from(record) for record in records)


def issuer_keys() -> tuple[IssuerKey, ...]:
    """Give the registries' keys as a verifier is told them."""
    return tuple(mapping.issuer_from(registry) for registry in registries())


def log_key() -> NoteKey:
    """Give the public key of the log."""
    return read_log_key(Path(settings.HOME)).public_keys[0]


def state_of(*, certificate_id: UUID, at: datetime) -> RegisterState:
    """Fold how a certificate stands from what was entered; the column is never asked."""
    state, _ = _fold(_record(certificate_id), at=at)
    return state


def verify_state(*, certificate_id: UUID, at: datetime) -> SignedState:
    """Give the register's signed word on a certificate, for whoever holds its random id.

    It names nobody. Refuses with ``certificates.unknown``, and with ``certificates.not-yet-sealed``
    until the log holds what it rests on.
    """
    with reading(by=system_actor()):
        return _sign_state(_record(certificate_id), at=at)


def handed_over(*, certificate_id: UUID, at: datetime) -> HandedOver:
    """Give a certificate as its holder takes it away: record, proof, the register's word.

    Refuses with ``certificates.unknown``, ``certificates.erased`` and, for the seconds until the
    log is signed, ``certificates.not-yet-sealed``.
    """
    record = _record(certificate_id)
    sheet = mapping.sheets_from([record])[0]
    if sheet.content is None:
        raise Refusal("certificates.erased")
    proof = proof_of(event_id=record.event_id)
    if proof is None or proof.note is None:
        raise Refusal("certificates.not-yet-sealed")
    body, salt = read_opening(event_id=record.event_id)
    return HandedOver(
        file=CertificateFile(
            record=sheet.content.show(),
            public=sheet.public,
            signature=sheet.signature,
            proof=LedgerProof(
                header=dict(proof.header),
                salt=salt,
                body=dict(body),
                index=proof.index,
                path=proof.path,
                note=proof.note,
            ),
        ),
        state=_sign_state(record, at=at),
    )


def export_ladm(*, project_id: UUID) -> tuple[Mapping[str, object], ...]:
    """Give every certificate of a community under the names of LADM; erased ones are left out."""
    records = list(
        CertificateRecord.objects.filter(project_id=project_id).order_by("issued_at", "serial")
    )
    return tuple(
        {**show_ladm(sheet.content), "status": sheet.row.status.value}
        for sheet in mapping.sheets_from(records)
        if sheet.content is not None
    )


def _sign_state(record: CertificateRecord, *, at: datetime) -> SignedState:
    state, last = _fold(record, at=at)
    proof = proof_of(event_id=last.event_id)
    if proof is None or proof.note is None:
        raise Refusal("certificates.not-yet-sealed")
    authority = _authority_of(record.unit_code[:6])
    told = tell_state(
        state, certificate=str(record.id), authority=authority, event=str(last.event_id)
    )
    unsigned = SignedState(told=told, public=b"", signature=b"", proof=None)
    public, signature = sign_message(unsigned.message, home=Path(settings.HOME))
    return SignedState(
        told=told,
        public=public,
        signature=signature,
        proof=EntryInLog(
            header=dict(proof.header),
            commit=proof.commit,
            index=proof.index,
            path=proof.path,
            note=proof.note,
        ),
    )


def _authority_of(county: str) -> str:
    """Give who speaks for a county's register now; a key that changed hands changes nothing."""
    found = [one.authority for one in registries() if one.county == county]
    return found[-1] if found else ""


def _fold(record: CertificateRecord, *, at: datetime) -> tuple[RegisterState, EntryRecord]:
    entries = _entries(record.id)
    state = fold_register(
        mapping.entries_from(entries, number=record.number, digest=record.digest), as_of=at
    )
    if state is None:
        raise Refusal("certificates.unknown")
    return state, [entry for entry in entries if entry.at <= at][-1]


def _record(certificate_id: UUID) -> CertificateRecord:
    record = CertificateRecord.objects.filter(id=certificate_id).first()
    if record is None:
        raise Refusal("certificates.unknown")
    return record


def _entries(certificate_id: UUID) -> list[EntryRecord]:
    return list(EntryRecord.objects.filter(certificate_id=certificate_id).order_by("place"))
