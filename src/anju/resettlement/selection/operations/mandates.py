"""Mandates: a household sends a proxy to choose for it, with a paper that it signed (SEL-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.operations import (
    HouseholdKey,
    close_proxy_account,
    lay_proxy_account,
    operation,
    record,
)
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.core.sealing import FieldPlace, PlainField, seal_fields
from anju.foundation.notices.pages import china_day
from anju.resettlement.households.queries import household_by_id
from anju.resettlement.selection.attendance import MANDATES, find_mandate
from anju.resettlement.selection.attendance_models import MandateRecord
from anju.resettlement.selection.attendance_types import ProxyKey
from anju.resettlement.selection.operations.acting import lay_signed_paper, refuse_proxy
from anju_rules.identifiers import check_identity_number
from anju_rules.values import Refusal

CLAUSES = ("plan/selection", "civil-code/165")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMandate:
    """Who is sent, until when, and the paper that says so."""

    proxy_name: str = field(repr=False)
    identity_number: str = field(repr=False)
    valid_until: date
    paper_name: str = field(repr=False)
    paper: bytes = field(repr=False)


@operation(
    permits="selection.run",
    action="selection.mandate.registered",
    clauses=CLAUSES,
    signs=2,
    level=Secrecy.INTERNAL,
)
def register_mandate(
    *,
    project_id: UUID,
    household_id: UUID,
    mandate: NewMandate,
    by: Actor,
    second: Actor,
    at: datetime,
) -> ProxyKey:
    """Register whom a household sends, and open the proxy's account; give its code and PIN.

    Two officers look at the paper. The account is bound to the household and can choose for it,
    nothing else; code and PIN are shown once. Refuses with ``selection.mandate-incomplete``,
    ``selection.mandate-over`` (a last day that is past), ``selection.mandate-stands``,
    ``identifiers.…`` a number that is none, ``households.unknown-household``, and as
    :func:`~anju.foundation.documents.operations.lay_document` does.
    """
    household_by_id(project_id=project_id, household_id=household_id)
    name = mandate.proxy_name.strip()
    if not 0 < len(name) <= _LONGEST_NAME:
        raise Refusal("selection.mandate-incomplete", most=_LONGEST_NAME)
    number = check_identity_number(mandate.identity_number)
    if mandate.valid_until < china_day(at):
        raise Refusal("selection.mandate-over")
    if find_mandate(project_id=project_id, household_id=household_id) is not None:
        raise Refusal("selection.mandate-stands")
    document = lay_signed_paper(
        project_id=project_id,
        household_id=household_id,
        name=mandate.paper_name,
        content=mandate.paper,
        by=by,
        at=at,
    )
    mandate_id, key = new_id(), _new_key(household_id)
    account_id = lay_proxy_account(project_id=project_id, key=key)
    receipt = record(
        target=mandate_id,
        project_id=project_id,
        household_id=household_id,
        body={
            "household": str(household_id),
            "account": str(account_id),
            "document": str(document.id),
            "digest": document.digest,
            "valid_until": mandate.valid_until.isoformat(),
        },
    )
    sealed = seal_fields(
        fields=[
            PlainField(place=FieldPlace(household_id, MANDATES, mandate_id, column), text=text)
            for column, text in (("name_sealed", name), ("identity_sealed", number))
        ]
    )
    MandateRecord.objects.create(
        project_id=project_id,
        id=mandate_id,
        household_id=household_id,
        account_id=account_id,
        name_sealed=sealed[0],
        identity_sealed=sealed[1],
        document_id=document.id,
        valid_until=mandate.valid_until,
        registered_at=at,
        registered_by=by.id,
        countersigned_by=second.id,
        event_id=receipt.event_id,
    )
    return ProxyKey(mandate_id=mandate_id, code=key.code, pin=key.pin)


def _new_key(household_id: UUID) -> HouseholdKey:
    return HouseholdKey(household_id=household_id, code=new_household_code(), pin=new_pin())


@operation(
    permits="selection.choose",
    action="selection.mandate.revoked",
    clauses=("plan/selection", "civil-code/173"),
    level=Secrecy.INTERNAL,
)
def revoke_mandate(*, project_id: UUID, mandate_id: UUID, by: Actor, at: datetime) -> None:
    """Revoke a mandate, by the household itself or at the window: the proxy is out at once.

    What the proxy did before stands. Refuses with ``selection.mandate-unknown`` one that is not in
    sight or was revoked, and with ``selection.not-by-proxy``.
    """
    refuse_proxy(by)
    kept = (
        MandateRecord.objects.select_for_update()
        .filter(project_id=project_id, id=mandate_id, revoked_at__isnull=True)
        .first()
    )
    if kept is None:
        raise Refusal("selection.mandate-unknown")
    close_proxy_account(account_id=kept.account_id)
    receipt = record(
        target=mandate_id,
        project_id=project_id,
        household_id=kept.household_id,
        body={"household": str(kept.household_id), "account": str(kept.account_id)},
    )
    kept.revoked_at, kept.revoked_by = at, by.id
    kept.revoked_event_id = receipt.event_id
    kept.save(update_fields=["revoked_at", "revoked_by", "revoked_event_id"])
