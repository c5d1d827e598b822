"""Reads of access: who an account or token is, and which accounts and organisations there are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anju.foundation.access.context import reading, tell_settings
from anju.foundation.access.mapping import account_row, actor_from, organisation_row
from anju.foundation.access.models import Account, Organisation, Token
from anju.foundation.access.operations import token_digest
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import AccountRow, Actor, OrganisationRow
from anju_rules.values import Refusal


def find_actor(
    *, account_id: UUID, address: str = "", request_id: str = ""
) -> tuple[Account, Actor] | None:
    """Give an active account and its actor, with the projects now in sight; None if there is none.

    One transaction: it runs for every request.
    """
    with transaction.atomic():
        tell_settings({"anju.actor": str(account_id)})
        account = Account.objects.filter(id=account_id, is_active=True).first()
        if account is None:
            return None
        return account, actor_from(account, address=address, request_id=request_id)


def actor_by_id(*, account_id: UUID, address: str = "", request_id: str = "") -> Actor:
    """Give the actor of an account; refuses with ``access.not-found``."""
    found = find_actor(account_id=account_id, address=address, request_id=request_id)
    if found is None:
        raise Refusal("access.not-found")
    return found[1]


def actor_of_token(*, token: str, address: str, request_id: str, at: datetime) -> Actor | None:
    """Give who holds a token of the API; None if it is unknown, revoked or run out."""
    row = Token.objects.filter(
        digest=token_digest(token), revoked_at__isnull=True, expires_at__gt=at
    ).first()
    if row is None:
        return None
    found = find_actor(account_id=row.account_id, address=address, request_id=request_id)
    return found[1] if found is not None else None


def list_accounts(*, by: Actor) -> list[AccountRow]:
    """Give the officers' accounts in sight, by login; needs ``accounts.see``."""
    require_permission(by, "accounts.see")
    with reading(by=by):
        accounts = Account.objects.filter(kind="officer").order_by("login")
        return [account_row(account) for account in accounts]


def list_organisations(*, by: Actor) -> list[OrganisationRow]:
    """Give the organisations in the actor's division and under it; needs ``accounts.see``."""
    require_permission(by, "accounts.see")
    rows = Organisation.objects.filter(division__startswith=by.division).order_by("division")
    return [organisation_row(row) for row in rows]
