"""Certificates drawn up and laid inside the caller's operation; what stands above calls it.

Three lines in the operation that issues, here for a case at its last step::

    drawn = draw_up_certificate(project_id=…, household_id=…, deed=…, at=at, case_id=case.id)
    receipt = record(target=case.id, action=ISSUE_ACTION, body=drawn.told, household_id=…)
    row = lay_certificate(drawn=drawn, event_id=receipt.event_id, clause=…, by=by, at=at)

The operation declares ``action=ISSUE_ACTION`` or ``also=(ISSUE_ACTION,)``: a certificate's proof is
that very entry, so it goes with the paper to whoever is shown it.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connections

from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import blind_index
from anju.titles.certificates import mapping
from anju.titles.certificates.keys import sign_message
from anju.titles.certificates.models import (
    LIVING,
    CertificateRecord,
    EntryRecord,
    RegistryRecord,
    SeriesRecord,
)
from anju.titles.certificates.types import CertificateRow, Deed, DrawnCertificate, Registry
from anju_rules.certificates.content import CertificateContent, number_next
from anju_rules.certificates.judging import ISSUE_ACTION
from anju_rules.certificates.register import Entry, RegisterState, fold_register
from anju_rules.hashing import canonical
from anju_rules.identifiers import CertificateNumber, check_unit_code
from anju_rules.values import Refusal

__all__ = [
    "ISSUE_ACTION",
    "draw_up_certificate",
    "lay_certificate",
    "lay_entry",
    "lay_limit",
    "lock_certificate",
]


def draw_up_certificate(
    *,
    project_id: UUID,
    household_id: UUID | None,
    deed: Deed,
    at: datetime,
    replaces_id: UUID | None = None,
    case_id: UUID | None = None,
) -> DrawnCertificate:
    """Number and sign a certificate; the county's series stays held until the transaction ends.

    ``household_id`` is None for a developer's first registration. ``replaces_id`` names the
    certificate in whose place it stands: of the same home, and in force. Refuses with
    ``certificates.no-registry`` (nobody issues in that county), ``certificates.key-changed`` (the
    registry was entered with another key), ``certificates.registered-later``,
    ``certificates.unit-certified`` (the home has one in force), ``certificates.unknown``,
    ``certificates.other-unit``, and as :class:`CertificateContent` and the unit code do.
    """
    unit = check_unit_code(deed.unit_code)
    if deed.registered_on > city_time(at).date():
        raise Refusal("certificates.registered-later")
    registry = current_registry(county=unit.county)
    replaced = _replaced(project_id, replaces_id, unit.text)
    _require_free(project_id, unit.text, but=replaces_id)
    series, number = take_number(registry=registry, year=deed.registered_on.year)
    content = CertificateContent(
        number=number,
        unit=unit,
        authority=registry.authority,
        authority_name=registry.authority_name,
        registration=deed.registration,
        registered_on=deed.registered_on,
        right=deed.right,
        ownership=deed.ownership,
        holders=deed.holders,
        location=deed.location,
        use=deed.use,
        area_sqm=deed.area_sqm,
        land_until=deed.land_until,
        replaces=replaced.number if replaced is not None else "",
        notes=deed.notes,
    )
    public, signature = sign_message(content.message, home=Path(settings.HOME))
    if public != registry.public:
        raise Refusal("certificates.key-changed", county=registry.county)
    return DrawnCertificate(
        project_id=project_id,
        id=new_id(),
        household_id=household_id,
        series_id=series,
        content=content,
        public=public,
        signature=signature,
        replaces_id=replaces_id,
        case_id=case_id,
    )


def lay_certificate(
    *,
    drawn: DrawnCertificate,
    event_id: UUID,
    clause: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    second: Actor | None = None,
) -> CertificateRow:
    """Lay a drawn certificate into the register; the one it replaces is out of force from then on.

    What limited the old one limits the new one from its first moment: the home is the same.

    ``event_id``: the entry of the issue, recorded with :attr:`DrawnCertificate.told`. Refuses with
    ``certificates.unlawful-entry`` where the replaced one is no longer in force, or no clause.
    """
    content, subject, limit = drawn.content, _subject(drawn), ""
    if drawn.replaces_id is not None:
        limit = _limit_of(
            lock_certificate(project_id=drawn.project_id, certificate_id=drawn.replaces_id)
        )
        lay_entry(
            project_id=drawn.project_id,
            certificate_id=drawn.replaces_id,
            kind=Entry.REPLACE,
            clause=clause,
            reason=reason,
            event_id=event_id,
            by=by,
            at=at,
            second=second,
            replaced_by=content.number.text,
        )
    record = CertificateRecord(
        project_id=drawn.project_id,
        id=drawn.id,
        household_id=drawn.household_id,
        series_id=drawn.series_id,
        serial=content.number.serial,
        number=content.number.text,
        unit_code=content.unit.text,
        unit_index=_unit_index(content.unit.text),
        content_sealed=mapping.seal_content(
            subject_id=subject,
            certificate_id=drawn.id,
            text=canonical(content.show()).decode(),
        ),
        digest=content.digest,
        public=drawn.public,
        signature=drawn.signature,
        status="in-force",
        status_at=at,
        issued_at=at,
        event_id=event_id,
        replaces_id=drawn.replaces_id,
        case_id=drawn.case_id,
    )
    record.save(force_insert=True)
    _enter(
        record,
        kind=Entry.ISSUE,
        clause=clause,
        reason=reason,
        event_id=event_id,
        by=by,
        at=at,
        second=second,
    )
    if not limit:
        return mapping.row_from(record)
    return lay_entry(
        project_id=drawn.project_id,
        certificate_id=drawn.id,
        kind=Entry.LIMIT,
        clause=limit,
        reason="",
        event_id=event_id,
        by=by,
        at=at,
        second=second,
    )


def lay_entry(
    *,
    project_id: UUID,
    certificate_id: UUID,
    kind: Entry,
    clause: str,
    reason: str,
    event_id: UUID,
    by: Actor,
    at: datetime,
    second: Actor | None = None,
    replaced_by: str = "",
) -> CertificateRow:
    """Enter something about a certificate: limited, suspended, in force again, revoked, replaced.

    Refuses with ``certificates.unknown`` and ``certificates.unlawful-entry``.
    """
    record = lock_certificate(project_id=project_id, certificate_id=certificate_id)
    state = _enter(
        record,
        kind=kind,
        clause=clause,
        reason=reason,
        event_id=event_id,
        by=by,
        at=at,
        second=second,
        replaced_by=replaced_by,
    )
    record.status, record.status_at = state.status.value, state.since
    record.save(force_update=True, update_fields=["status", "status_at"])
    return mapping.row_from(record)


def lay_limit(
    *,
    project_id: UUID,
    unit_code: str,
    limit: str,
    clause: str,
    reason: str,
    event_id: UUID,
    by: Actor,
    at: datetime,
) -> CertificateRow | None:
    """Make a home's certificate say what stands against the home now; None: it says so already.

    ``limit`` is the clause of what stands, empty where nothing does; ``clause`` is what the change
    rests on. A home without a living certificate has nothing to say.
    """
    found = (
        CertificateRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, unit_index=_unit_index(unit_code), status__in=LIVING)
        .first()
    )
    if found is None or _limit_of(found) == limit:
        return None
    return lay_entry(
        project_id=project_id,
        certificate_id=found.id,
        kind=Entry.LIMIT if limit else Entry.RELEASE,
        clause=limit or clause,
        reason=reason,
        event_id=event_id,
        by=by,
        at=at,
    )


def lock_certificate(*, project_id: UUID, certificate_id: UUID) -> CertificateRecord:
    """Give a certificate that nobody else changes until the transaction ends."""
    record = (
        CertificateRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, id=certificate_id)
        .first()
    )
    if record is None:
        raise Refusal("certificates.unknown")
    return record


def current_registry(*, county: str) -> Registry:
    """Give who issues in a county now; refuses with ``certificates.no-registry``."""
    record = RegistryRecord.objects.filter(county=county, until_on=None).first()
    if record is None:
        raise Refusal("certificates.no-registry", county=county)
    return mapping.registry_from(record)


def take_number(*, registry: Registry, year: int) -> tuple[UUID, CertificateNumber]:
    """Take the next number of a county's year: whoever comes second waits, and gets the next.

    What is undone gives its number back with everything else, so there is never a gap. Refuses
    like :func:`anju_rules.certificates.content.number_next`.
    """
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO certificates_series (id, province, place, year, last)"
            " VALUES (%s, %s, %s, %s, 0) ON CONFLICT (province, place, year) DO NOTHING",
            [new_id(), registry.province, registry.place, year],
        )
    series = _held_series(registry, year)
    last = CertificateNumber(
        province=registry.province, year=year, place=registry.place, serial=series.last
    )
    number = number_next(province=registry.province, place=registry.place, year=year, last=last)
    series.last = number.serial
    series.save(force_update=True, update_fields=["last"])
    return series.id, number


def _held_series(registry: Registry, year: int) -> SeriesRecord:
    """Hold the row of a county's year; without the lock two issues would read one number."""
    return SeriesRecord.objects.select_for_update().get(
        province=registry.province, place=registry.place, year=year
    )


def _enter(
    record: CertificateRecord,
    *,
    kind: Entry,
    clause: str,
    reason: str,
    event_id: UUID,
    by: Actor,
    at: datetime,
    second: Actor | None,
    replaced_by: str = "",
) -> RegisterState:
    """Write an entry and judge the whole register of the certificate with it."""
    before = _entries_of(record)
    entry_id = new_id()
    subject = mapping.subject_of(project_id=record.project_id, household_id=record.household_id)
    entry = EntryRecord(
        project_id=record.project_id,
        id=entry_id,
        certificate_id=record.id,
        household_id=record.household_id,
        place=len(before) + 1,
        kind=kind.value,
        at=at,
        clause=clause,
        reason_sealed=mapping.seal_reason(subject_id=subject, entry_id=entry_id, text=reason),
        replaced_by=replaced_by,
        by_id=by.id,
        second_id=second.id if second is not None else None,
        event_id=event_id,
    )
    entries = mapping.entries_from([*before, entry], number=record.number, digest=record.digest)
    state = fold_register(entries, as_of=max(one.at for one in entries))
    if state is None:
        raise Refusal("certificates.unknown")
    entry.save(force_insert=True)
    return state


def _entries_of(record: CertificateRecord) -> list[EntryRecord]:
    found = EntryRecord.objects.filter(project_id=record.project_id, certificate_id=record.id)
    return list(found.order_by("place"))


def _limit_of(record: CertificateRecord) -> str:
    """Give the clause of what limits a certificate now, folded and not from its column."""
    before = _entries_of(record)
    entries = mapping.entries_from(before, number=record.number, digest=record.digest)
    state = fold_register(entries, as_of=max(one.at for one in entries))
    return state.limit if state is not None else ""


def _replaced(
    project_id: UUID, replaces_id: UUID | None, unit_code: str
) -> CertificateRecord | None:
    if replaces_id is None:
        return None
    record = lock_certificate(project_id=project_id, certificate_id=replaces_id)
    if record.unit_code != unit_code:
        raise Refusal("certificates.other-unit", number=record.number)
    return record


def _require_free(project_id: UUID, unit_code: str, *, but: UUID | None) -> None:
    found = CertificateRecord.objects.filter(
        project_id=project_id, unit_index=_unit_index(unit_code), status__in=LIVING
    )
    living = next((record for record in found if record.id != but), None)
    if living is not None:
        raise Refusal("certificates.unit-certified", number=living.number)


def _unit_index(unit_code: str) -> bytes:
    return blind_index(kind="unit-code", text=unit_code)


def _subject(drawn: DrawnCertificate) -> UUID:
    return mapping.subject_of(project_id=drawn.project_id, household_id=drawn.household_id)
