"""People for tests: organisations of three tiers, officers and households."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pyotp
from django.db import transaction

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.context import acting
from anju.foundation.access.operations import (
    HouseholdKey,
    create_account,
    create_household_accounts,
    open_organisation,
    register_project_scope,
)
from anju.foundation.access.queries import actor_by_id
from anju.foundation.access.types import Actor, Tier, system_actor
from anju.foundation.core.crypto import new_id
from anju.foundation.ledger.operations import append_entry
from anju.foundation.ledger.types import Act

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"  # noqa: S105
SYSTEM = system_actor(request_id="tests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An officer who can sign in."""

    id: UUID
    login: str
    totp_secret: str

    @property
    def actor(self) -> Actor:
        """Give the officer as an actor, with what is in sight now."""
        return actor_by_id(account_id=self.id, address="10.1.2.3", request_id="r-1")

    def code(self, at: datetime = AT) -> str:
        """Give the code that the authenticator shows."""
        return pyotp.TOTP(self.totp_secret).at(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A household that can sign in."""

    id: UUID
    account_id: UUID
    project_id: UUID
    code: str
    pin: str

    @property
    def actor(self) -> Actor:
        """Give the household as an actor."""
        return actor_by_id(account_id=self.account_id, address="120.1.2.3", request_id="r-2")


@contextmanager
def recorded(*, by: Actor = SYSTEM, project_id: UUID | None = None) -> Iterator[None]:
    """Change tables in one transaction as ``by``, with the entry that the ledger asks for."""
    with transaction.atomic(), acting(by):
        yield
        append_entry(
            act=Act(
                action="tests.rows.changed",
                actor_id=by.id,
                actor_role=by.role,
                address="",
                target=str(new_id()),
                outcome="done",
                clauses=(),
                level="internal",
                request_id="tests",
                at=AT,
                body={},
                subject_id=project_id,
            )
        )


def open_tier(division: str) -> UUID:
    """Open an organisation; its tier follows from the length of the code."""
    tier = {4: Tier.CITY, 6: Tier.DISTRICT, 9: Tier.STREET}[len(division)]
    row = open_organisation(division=division, name=f"机构{division}", tier=tier, by=SYSTEM, at=AT)
    return row.id


def open_officer(
    login: str,
    *,
    role: str,
    organisation_id: UUID,
    project_id: UUID | None = None,
    by: Actor = SYSTEM,
) -> Person:
    """Open an officer's account."""
    account = create_account(
        login=login,
        password=PASSWORD,
        name=f"王{login}",
        role=role,
        organisation_id=organisation_id,
        project_id=project_id,
        by=by,
        at=AT,
    )
    return Person(id=account.id, login=login, totp_secret=account.totp_secret)


def open_scope(division_code: str, *, by: Actor = SYSTEM) -> UUID:
    """Give the id of a fresh project that lies in a division."""
    project_id = new_id()
    with recorded(by=by):
        register_project_scope(project_id=project_id, division_code=division_code)
    return project_id


def open_family(project_id: UUID) -> Family:
    """Open a household's account."""
    household_id, code, pin = new_id(), new_household_code(), new_pin()
    ids = create_household_accounts(
        project_id=project_id,
        keys=[HouseholdKey(household_id=household_id, code=code, pin=pin)],
        by=SYSTEM,
        at=AT,
    )
    return Family(id=household_id, account_id=ids[0], project_id=project_id, code=code, pin=pin)
