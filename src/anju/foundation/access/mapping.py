"""Rows of access, as the values everybody else sees."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from anju.foundation.access.models import Account, Organisation, ProjectScope
from anju.foundation.access.types import AccountRow, Actor, ActorKind, OrganisationRow, Tier
from anju.foundation.core.sealing import open_field, seal_field

ACCOUNT_TABLE = Account._meta.db_table  # noqa: SLF001 - Django's documented interface


def actor_from(
    account: Account, *, address: str, request_id: str, is_greeted: bool = True
) -> Actor:
    """Give the account as an actor, with the projects in its sight; its name if it is greeted.

    Runs inside a transaction that sees the account.
    """
    sealed = account.name_sealed if is_greeted else None
    return Actor(
        id=account.id,
        kind=cast(ActorKind, account.kind),
        role=account.role,
        name=open_account_field(account, "name", sealed),
        organisation_id=account.organisation_id,
        division=account.division,
        projects=_projects_of(account),
        household_id=account.household_id,
        project_id=account.project_id,
        address=address,
        request_id=request_id,
        # An officer without a second factor does not come past sign_in.
        has_second_factor=account.kind == "officer" and account.totp_sealed is not None,
    )


def _projects_of(account: Account) -> frozenset[UUID]:
    if account.project_id is not None:
        return frozenset({account.project_id})
    if not account.division:
        return frozenset()
    scopes = ProjectScope.objects.filter(division_code__startswith=account.division)
    return frozenset(scopes.values_list("project_id", flat=True))


def seal_account_field(account_id: UUID, column: str, text: str) -> bytes:
    """Seal a field of an account with the account's own data key."""
    return seal_field(
        subject_id=account_id, table=ACCOUNT_TABLE, row_id=account_id, column=column, text=text
    )


def open_account_field(
    account: Account, column: str, sealed: bytes | memoryview[int] | None
) -> str:
    """Open a field of an account; empty where there is none."""
    if sealed is None:
        return ""
    return open_field(
        subject_id=account.id,
        table=ACCOUNT_TABLE,
        row_id=account.id,
        column=column,
        sealed=bytes(sealed),
    )


def account_row(account: Account) -> AccountRow:
    """Give the account as its superiors see it."""
    return AccountRow(
        id=account.id,
        login="" if account.kind == "household" else account.login,
        kind=cast(ActorKind, account.kind),
        role=account.role,
        name=open_account_field(account, "name", account.name_sealed),
        division=account.division,
        project_id=account.project_id,
        is_active=account.is_active,
    )


def organisation_row(organisation: Organisation) -> OrganisationRow:
    """Give the organisation."""
    return OrganisationRow(
        id=organisation.id,
        division=organisation.division,
        name=organisation.name,
        tier=Tier(organisation.tier),
    )
