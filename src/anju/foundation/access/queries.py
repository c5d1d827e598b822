"""Reads of access: who an account or token is, and which accounts and organisations there are."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connections, transaction

from anju.foundation.access.context import reading, tell_settings
from anju.foundation.access.mapping import account_row, actor_from, organisation_row
from anju.foundation.access.models import Account, Organisation, ProjectScope
from anju.foundation.access.operations import HOUSEHOLD_ERASED, token_digest
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import AccountRow, Actor, OrganisationRow
from anju.foundation.ledger.queries import entries_of
from anju_rules.values import Refusal

# Whose token it is and what the database is told of it are one statement.
_ENTER_BY_DIGEST = """
SELECT account_id, set_config('anju.actor', account_id::text, true) FROM access_token
WHERE digest = %s AND revoked_at IS NULL AND expires_at > %s
"""


def find_actor(
    *, account_id: UUID, address: str = "", request_id: str = ""
) -> tuple[Account, Actor] | None:
    """Give an active account and its actor, with the projects now in sight; None if there is none.

    One transaction: it runs for every request.
    """
    with transaction.atomic():
        tell_settings({"anju.actor": str(account_id)})
        account = _active_account(account_id)
        if account is None:
            return None
        return account, actor_from(account, address=address, request_id=request_id)


def _active_account(account_id: UUID) -> Account | None:
    # Not by first(), which would ask for an order among one.
    return next(iter(Account.objects.filter(id=account_id, is_active=True)), None)


def actor_by_id(*, account_id: UUID, address: str = "", request_id: str = "") -> Actor:
    """Give the actor of an account; refuses with ``access.not-found``."""
    found = find_actor(account_id=account_id, address=address, request_id=request_id)
    if found is None:
        raise Refusal("access.not-found")
    return found[1]


def actor_of_token(*, token: str, address: str, request_id: str, at: datetime) -> Actor | None:
    """Give who holds a token of the API; None if it is unknown, revoked or run out.

    A program is not greeted: the actor has no name, and nothing of it is opened.
    """
    with transaction.atomic():
        with connections["default"].cursor() as cursor:
            cursor.execute(_ENTER_BY_DIGEST, [token_digest(token), at])
            row = cursor.fetchone()
        account = None if row is None else _active_account(row[0])
        if account is None:
            return None
        return actor_from(account, address=address, request_id=request_id, is_greeted=False)


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


def scope_division(*, project_id: UUID) -> str:
    """Give the division a project or a community lies in; refuses with ``access.not-found``."""
    scope = ProjectScope.objects.filter(project_id=project_id).first()
    if scope is None:
        raise Refusal("access.not-found")
    return scope.division_code


def is_household_erased(household_id: UUID | str) -> bool:
    """Say whether the ledger has it that two people erased a household (PIPL 47)."""
    return any(
        entry.action == HOUSEHOLD_ERASED and entry.outcome == "done"
        for entry in entries_of(str(household_id))
    )
