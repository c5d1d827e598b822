"""Writes of access: organisations, accounts, tokens, erasure; and the gate of all operations.

Every other context imports :func:`operation` and :func:`record` from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from anju.foundation.access.codes import check_household_code
from anju.foundation.access.context import current_actor, show_project
from anju.foundation.access.gate import (
    OPERATIONS,
    OperationFault,
    Recorded,
    operation,
    record,
    record_each,
)
from anju.foundation.access.mapping import organisation_row, seal_account_field
from anju.foundation.access.models import Account, Organisation, ProjectScope, Token
from anju.foundation.access.permissions import appointed_by, permissions_by_role
from anju.foundation.access.sign_in import (
    countersign,
    new_totp_secret,
    sign_in,
    sign_out,
    step_up,
    stored_login,
    totp_address,
)
from anju.foundation.access.types import Actor, OrganisationRow, Secrecy, Tier
from anju.foundation.core.crypto import new_id, new_secret
from anju.foundation.ledger.erasure import erase_subject
from anju_rules.hashing import digest
from anju_rules.values import Refusal

__all__ = [
    "OPERATIONS",
    "OperationFault",
    "Recorded",
    "close_proxy_account",
    "countersign",
    "create_account",
    "create_household_accounts",
    "erase_household",
    "issue_token",
    "lay_proxy_account",
    "on_erasure",
    "open_organisation",
    "operation",
    "record",
    "record_each",
    "register_project_scope",
    "revoke_token",
    "sign_in",
    "sign_out",
    "step_up",
]

HOUSEHOLD_ERASED = "access.household.redacted"
TOKEN_PREFIX = "anju_"  # noqa: S105 - what every token begins with, so that scanners find one
PASSWORD_SHORTEST = 12
TOKEN_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A fresh account; its secret is shown once."""

    id: UUID
    login: str
    totp_secret: str = field(repr=False)
    totp_address: str = field(repr=False)
    """What the QR code for the authenticator says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdKey:
    """What a household signs in with."""

    household_id: UUID
    code: str = field(repr=False)
    """One household, one code (:func:`~anju.foundation.access.codes.new_household_code`)."""
    pin: str = field(repr=False)


@operation(permits="organisations.open", action="access.organisation.opened")
def open_organisation(
    *, division: str, name: str, tier: Tier, by: Actor, at: datetime
) -> OrganisationRow:
    """Open an organisation in the actor's division or under it.

    Refuses with ``access.division-malformed`` a code that is not of the tier, with
    ``access.not-found`` a division out of sight, and with ``access.organisation-exists``.
    """
    del at
    if not (division.isascii() and division.isdigit() and len(division) == tier.digits):
        raise Refusal("access.division-malformed", division=division, tier=tier.value)
    _require_division(by, division)
    organisation = Organisation(id=new_id(), division=division, name=name, tier=tier.value)
    try:
        with transaction.atomic():
            organisation.save(force_insert=True)
    except IntegrityError as error:
        _refuse_taken(
            error, "access_organisation_name_once", "access.organisation-exists", name=name
        )
    record(
        target=organisation.id,
        body={"division": division, "name": name, "tier": tier.value},
    )
    return organisation_row(organisation)


@operation(permits="accounts.open", action="access.account.opened")
def create_account(
    *,
    login: str,
    password: str,
    name: str,
    role: str,
    organisation_id: UUID,
    by: Actor,
    at: datetime,
    project_id: UUID | None = None,
    totp_secret: str = "",
) -> NewAccount:
    """Open an officer's account; with ``project_id`` the officer is posted to that project alone.

    ``totp_secret`` (base 32) is made unless given. Refuses with ``access.role-unknown``,
    ``access.role-not-appointed`` (a role the actor may not give), ``access.password-short``,
    ``access.login-taken`` and, for an organisation out of sight, ``access.not-found``.
    """
    del at
    if role not in permissions_by_role() or role in {"household", "proxy", "system"}:
        raise Refusal("access.role-unknown", role=role)
    if role not in appointed_by(by.role):
        raise Refusal("access.role-not-appointed", role=role)
    if len(password) < PASSWORD_SHORTEST:
        raise Refusal("access.password-short", shortest=PASSWORD_SHORTEST)
    organisation = Organisation.objects.filter(id=organisation_id).first()
    if organisation is None:
        raise Refusal("access.not-found")
    _require_division(by, organisation.division)
    account_id, secret = new_id(), totp_secret or new_totp_secret()
    account = Account(
        id=account_id,
        login=stored_login(login),
        kind="officer",
        role=role,
        name_sealed=seal_account_field(account_id, "name", name),
        organisation_id=organisation_id,
        division=organisation.division,
        project_id=project_id,
        password=make_password(password),
        totp_sealed=seal_account_field(account_id, "totp", secret),
    )
    _insert_accounts([account])
    record(
        target=account_id,
        body={
            "role": role,
            "organisation": str(organisation_id),
            "project": str(project_id) if project_id else None,
        },
    )
    return NewAccount(
        id=account_id,
        login=account.login,
        totp_secret=secret,
        totp_address=totp_address(secret=secret, login=account.login),
    )


@operation(permits="accounts.open-households", action="access.household-accounts.opened")
def create_household_accounts(
    *, project_id: UUID, keys: Sequence[HouseholdKey], by: Actor, at: datetime
) -> list[UUID]:
    """Open the accounts of households; gives their ids in the order of ``keys``.

    Refuses with ``access.code-mistyped`` or, where a household or code has an account already,
    ``access.login-taken``.
    """
    del at, by
    accounts = [
        Account(
            id=new_id(),
            login=stored_login(check_household_code(key.code)),
            kind="household",
            role="household",
            project_id=project_id,
            household_id=key.household_id,
            password=make_password(key.pin),
        )
        for key in keys
    ]
    _insert_accounts(accounts)
    record(
        target=project_id,
        body={"accounts": [[str(a.id), str(a.household_id)] for a in accounts]},
        project_id=project_id,
    )
    return [account.id for account in accounts]


def lay_proxy_account(*, project_id: UUID, key: HouseholdKey) -> UUID:
    """Open the account of a household's proxy inside the caller's operation; give its id.

    It is bound to the household, and the role ``proxy`` lets it do nothing but choose. Refuses with
    ``access.code-mistyped``, and with ``access.login-taken`` where the household has a proxy.
    """
    account = Account(
        id=new_id(),
        login=stored_login(check_household_code(key.code)),
        kind="household",
        role="proxy",
        project_id=project_id,
        household_id=key.household_id,
        password=make_password(key.pin),
    )
    _insert_accounts([account])
    return account.id


def close_proxy_account(*, account_id: UUID) -> None:
    """Close a proxy's account inside the caller's operation: its sessions end with it.

    Refuses with ``access.not-found`` an account that is no open account of a proxy.
    """
    open_ones = Account.objects.filter(id=account_id, role="proxy", is_active=True)
    if open_ones.update(is_active=False) != 1:
        raise Refusal("access.not-found")


def _insert_accounts(accounts: Sequence[Account]) -> None:
    try:
        with transaction.atomic():
            Account.objects.bulk_create(accounts, batch_size=1_000)
    except IntegrityError as error:
        _refuse_taken(error, "access_account_", "access.login-taken")


def _refuse_taken(error: IntegrityError, constraint: str, code: str, **facts: str) -> NoReturn:
    if constraint in str(error) and "_once" in str(error):
        raise Refusal(code, clause="", **facts) from None
    raise error


def _require_division(by: Actor, division: str) -> None:
    """Refuse what is not under the actor's own division: a higher tier never lies in sight."""
    if by.kind == "system":
        return
    if not by.division or not division.startswith(by.division):
        raise Refusal("access.not-found")


@operation(permits="tokens.issue", action="access.token.issued")
def issue_token(*, label: str, lifetime: timedelta, by: Actor, at: datetime) -> str:
    """Give the actor a token for the API, shown once; only its digest is kept.

    Refuses with ``access.token-lifetime`` a lifetime of none or of more than a year.
    """
    if not timedelta(0) < lifetime <= TOKEN_LONGEST:
        raise Refusal("access.token-lifetime", days=lifetime.days, longest=TOKEN_LONGEST.days)
    token = TOKEN_PREFIX + new_secret().hex()
    row = Token(
        id=new_id(),
        account_id=by.id,
        digest=token_digest(token),
        label=label,
        expires_at=at + lifetime,
    )
    row.save(force_insert=True)
    record(target=row.id, body={"expires": row.expires_at.isoformat()})
    return token


@operation(permits="tokens.issue", action="access.token.revoked")
def revoke_token(*, token_id: UUID, by: Actor, at: datetime) -> None:
    """Revoke one of the actor's own tokens; refuses with ``access.not-found``."""
    mine = Token.objects.filter(id=token_id, account_id=by.id, revoked_at__isnull=True)
    if mine.update(revoked_at=at) != 1:
        raise Refusal("access.not-found")
    record(target=token_id, body={})


def token_digest(token: str) -> bytes:
    """Give the digest of a token: 256 bits of chance need no salt."""
    return digest(token.encode())


def register_project_scope(*, project_id: UUID, division_code: str) -> None:
    """Note in which division a fresh project lies; for the operation that opens it.

    Refuses with ``access.not-found`` a division that the acting officer is not over.
    """
    by = current_actor()
    if by is None:
        raise OperationFault("register_project_scope() belongs inside an operation")
    _require_division(by, division_code)
    ProjectScope(project_id=project_id, division_code=division_code).save(force_insert=True)
    show_project(project_id)


_erasers: list[Callable[[UUID], None]] = []


def on_erasure(eraser: Callable[[UUID], None]) -> Callable[[UUID], None]:
    """Have ``eraser`` called with the household's id when one is erased, in that transaction.

    For what a destroyed key does not close: blind indexes, sort keys, uploads.
    """
    _erasers.append(eraser)
    return eraser


@operation(
    permits="households.erase",
    action=HOUSEHOLD_ERASED,
    clauses=("pipl#47",),
    signs=2,
    level=Secrecy.SECRET,
)
def erase_household(
    *,
    project_id: UUID,
    household_id: UUID,
    ground: str,
    by: Actor,
    second: Actor,
    at: datetime,
) -> None:
    """Erase a household's personal data, for good; two people, and a ``ground``.

    Its data key is destroyed, its secret ledger bodies deleted, its indexes emptied, its account
    closed. That something happened, and when, stays provable. Refuses with
    ``access.no-purpose`` without a ground.
    """
    if not ground.strip():
        raise Refusal("access.no-purpose")
    del by, second, at
    for account in Account.objects.filter(project_id=project_id, household_id=household_id):
        account.login = f"erased-{account.id}"
        account.set_unusable_password()
        account.is_active = False
        account.save(force_update=True)
    for eraser in _erasers:
        eraser(household_id)
    erase_subject(subject_id=household_id)
    record(target=household_id, body={"ground": ground}, project_id=project_id)
