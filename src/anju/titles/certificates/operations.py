"""Writes of the register: registries entered, certificates issued, given anew, stopped, revoked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from anju.foundation.access.operations import on_erasure, operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.titles.certificates import mapping
from anju.titles.certificates.keys import read_issuing_key
from anju.titles.certificates.laying import (
    ISSUE_ACTION,
    draw_up_certificate,
    lay_certificate,
    lay_entry,
    lock_certificate,
)
from anju.titles.certificates.models import CertificateRecord, RegistryRecord
from anju.titles.certificates.types import (
    CLAUSES,
    CertificateRow,
    CertificateSheet,
    Deed,
    DrawnCertificate,
    EndGround,
    Ground,
    Registry,
)
from anju_rules.certificates.register import REGISTER_PREVAILS, Entry
from anju_rules.hashing import digest, encode
from anju_rules.identifiers import check_credit_code
from anju_rules.values import Refusal

_ISSUES = "certificates.issue"
_REVOKES = "certificates.revoke"
_GIVEN_AGAIN = "补发"


@operation(
    permits=_REVOKES,
    action="titles.registry.entered",
    clauses=(REGISTER_PREVAILS,),
    signs=2,
    level=Secrecy.PUBLIC,
)
def enter_registry(
    *,
    county: str,
    province: str,
    place: str,
    authority: str,
    authority_name: str,
    by: Actor,
    second: Actor,
    at: datetime,
) -> Registry:
    """Enter who issues in a county, with this installation's issuing key; two people sign.

    An earlier entry of the county ends on that day: what it signed until then stays good. Refuses
    with ``certificates.registry-malformed``, and as a credit code is judged.
    """
    del by, second
    is_county = len(county) == 6 and county.isascii() and county.isdigit()
    if not is_county or not place.strip() or not authority_name.strip() or len(province) != 1:
        raise Refusal("certificates.registry-malformed")
    code, on = check_credit_code(authority), city_time(at).date()
    public = read_issuing_key(Path(settings.HOME)).public
    RegistryRecord.objects.filter(county=county, until_on=None).update(until_on=on)
    entered = RegistryRecord.objects.create(
        id=new_id(),
        county=county,
        province=province,
        place=place.strip(),
        authority=code,
        authority_name=authority_name.strip(),
        public=public,
        from_on=on,
    )
    record(target=entered.id, body={"county": county, "authority": code, "public": public.hex()})
    return mapping.registry_from(entered)


@operation(permits=_ISSUES, action=ISSUE_ACTION, clauses=(REGISTER_PREVAILS,))
def issue_certificate(
    *,
    project_id: UUID,
    household_id: UUID | None,
    deed: Deed,
    clause: str,
    by: Actor,
    at: datetime,
    replaces_id: UUID | None = None,
) -> CertificateRow:
    """Issue a certificate that no case of ours leads to, e.g. out of a register taken over.

    Refuses as :func:`~.laying.draw_up_certificate` and :func:`~.laying.lay_certificate` do.
    """
    drawn = draw_up_certificate(
        project_id=project_id,
        household_id=household_id,
        deed=deed,
        at=at,
        replaces_id=replaces_id,
    )
    return _issue(drawn, clause=clause, reason="", by=by, second=None, at=at)


@operation(
    permits=_REVOKES,
    action="titles.certificate.replaced",
    also=(ISSUE_ACTION,),
    clauses=(REGISTER_PREVAILS,),
    signs=2,
)
def replace_certificate(
    *,
    project_id: UUID,
    certificate_id: UUID,
    ground: Ground,
    reason: str,
    by: Actor,
    second: Actor,
    at: datetime,
    clause: str = "",
) -> CertificateRow:
    """Give a lost or damaged certificate anew, with the same content and a number of its own.

    The old one is out of force from that moment, wherever it turns up. One that was lost says on
    its successor that it was given again (补发). ``clause`` is by default the ground's own. Refuses
    with ``certificates.reason-missing``, ``certificates.erased``, and as one is drawn up.
    """
    rests_on = clause.strip() or CLAUSES[ground]
    _require_reason(reason, rests_on)
    sheet = _sheet_of(project_id, certificate_id)
    deed = _deed_of(sheet)
    if ground is Ground.LOST and _GIVEN_AGAIN not in deed.notes:
        deed = replace(deed, notes="；".join(filter(None, (deed.notes, _GIVEN_AGAIN))))
    drawn = draw_up_certificate(
        project_id=project_id,
        household_id=sheet.row.household_id,
        deed=deed,
        at=at,
        replaces_id=certificate_id,
        case_id=sheet.row.case_id,
    )
    told = f"{ground.value}: {reason.strip()}"
    return _issue(drawn, clause=rests_on, reason=told, by=by, second=second, at=at)


@operation(
    permits=_REVOKES,
    action="titles.certificate.reissued",
    also=(ISSUE_ACTION,),
    clauses=(REGISTER_PREVAILS,),
    signs=2,
)
def reissue_certificate(
    *,
    project_id: UUID,
    certificate_id: UUID,
    deed: Deed,
    clause: str,
    reason: str,
    by: Actor,
    second: Actor,
    at: datetime,
) -> CertificateRow:
    """Issue a corrected certificate in the place of one that said something wrong.

    That the correction was registered on another day corrects nothing by itself. Refuses with
    ``certificates.reason-missing``, ``certificates.nothing-corrected`` and as one is drawn up.
    """
    _require_reason(reason, clause)
    sheet = _sheet_of(project_id, certificate_id)
    was = _deed_of(sheet)
    if was == replace(deed, registration=was.registration, registered_on=was.registered_on):
        raise Refusal("certificates.nothing-corrected")
    drawn = draw_up_certificate(
        project_id=project_id,
        household_id=sheet.row.household_id,
        deed=deed,
        at=at,
        replaces_id=certificate_id,
        case_id=sheet.row.case_id,
    )
    return _issue(drawn, clause=clause, reason=reason.strip(), by=by, second=second, at=at)


@operation(
    permits=_REVOKES,
    action="titles.certificate.revoked",
    clauses=(REGISTER_PREVAILS,),
    signs=2,
)
def revoke_certificate(
    *,
    project_id: UUID,
    certificate_id: UUID,
    ground: EndGround,
    reason: str,
    by: Actor,
    second: Actor,
    at: datetime,
    clause: str = "",
) -> CertificateRow:
    """Take a certificate out of force for ever; two people sign, with ground, reason and clause.

    ``clause`` is by default the ground's own; what was registered on something untrue has none, and
    whoever signs names it. Refuses with ``certificates.reason-missing``, ``certificates.unknown``
    and ``certificates.unlawful-entry``.
    """
    rests_on = clause.strip() or CLAUSES.get(ground, "")
    _require_reason(reason, rests_on)
    return _move(
        Entry.REVOKE,
        project_id,
        certificate_id,
        rests_on,
        f"{ground.value}: {reason.strip()}",
        by=by,
        second=second,
        at=at,
    )


@operation(permits=_ISSUES, action="titles.certificate.suspended", clauses=(REGISTER_PREVAILS,))
def suspend_certificate(
    *, project_id: UUID, certificate_id: UUID, clause: str, reason: str, by: Actor, at: datetime
) -> CertificateRow:
    """Stop a certificate while a correction, an objection or a seizure is dealt with."""
    _require_reason(reason, clause)
    return _move(
        Entry.SUSPEND, project_id, certificate_id, clause, reason, by=by, second=None, at=at
    )


@operation(permits=_ISSUES, action="titles.certificate.resumed", clauses=(REGISTER_PREVAILS,))
def resume_certificate(
    *, project_id: UUID, certificate_id: UUID, clause: str, reason: str, by: Actor, at: datetime
) -> CertificateRow:
    """Put a suspended certificate back in force."""
    _require_reason(reason, clause)
    return _move(
        Entry.RESUME, project_id, certificate_id, clause, reason, by=by, second=None, at=at
    )


@on_erasure
def keep_registered(household_id: UUID) -> None:
    """Refuse to erase who stands in the register: it is kept for ever.

    Refuses with ``certificates.kept-for-ever``.
    """
    if CertificateRecord.objects.filter(household_id=household_id).exists():
        raise Refusal("certificates.kept-for-ever", clause="registration-rules/13")


def _move(
    kind: Entry,
    project_id: UUID,
    certificate_id: UUID,
    clause: str,
    reason: str,
    *,
    by: Actor,
    second: Actor | None,
    at: datetime,
) -> CertificateRow:
    certificate = lock_certificate(project_id=project_id, certificate_id=certificate_id)
    receipt = record(
        target=certificate_id,
        project_id=project_id,
        household_id=certificate.household_id,
        body={
            "certificate": str(certificate_id),
            "digest": certificate.digest,
            "kind": kind.value,
            "clause": clause,
            "reason": reason,
        },
    )
    return lay_entry(
        project_id=project_id,
        certificate_id=certificate_id,
        kind=kind,
        clause=clause,
        reason=reason.strip(),
        event_id=receipt.event_id,
        by=by,
        at=at,
        second=second,
    )


def _issue(
    drawn: DrawnCertificate,
    *,
    clause: str,
    reason: str,
    by: Actor,
    second: Actor | None,
    at: datetime,
) -> CertificateRow:
    # The entry goes with the paper to strangers: it binds the reason, and does not tell it.
    sealed = digest(encode("anju-certificate-reason-1", drawn.id.bytes, clause, reason))
    receipt = record(
        target=drawn.id,
        project_id=drawn.project_id,
        household_id=drawn.household_id,
        action=ISSUE_ACTION,
        body={**drawn.told, "reason_digest": sealed.hex()},
    )
    return lay_certificate(
        drawn=drawn,
        event_id=receipt.event_id,
        clause=clause,
        reason=reason,
        by=by,
        at=at,
        second=second,
    )


def _require_reason(reason: str, clause: str) -> None:
    if not reason.strip() or not clause.strip():
        raise Refusal("certificates.reason-missing")


def _sheet_of(project_id: UUID, certificate_id: UUID) -> CertificateSheet:
    certificate = CertificateRecord.objects.filter(project_id=project_id, id=certificate_id).first()
    if certificate is None:
        raise Refusal("certificates.unknown")
    return mapping.sheets_from([certificate])[0]


def _deed_of(sheet: CertificateSheet) -> Deed:
    content = sheet.content
    if content is None:
        raise Refusal("certificates.erased")
    return Deed(
        unit_code=content.unit.text,
        registration=content.registration,
        registered_on=content.registered_on,
        right=content.right,
        ownership=content.ownership,
        holders=content.holders,
        location=content.location,
        use=content.use,
        area_sqm=content.area_sqm,
        land_until=content.land_until,
        notes=content.notes,
    )
