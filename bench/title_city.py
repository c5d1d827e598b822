"""A city of title cases to measure on: communities, homes, owners, and a case for every home.

Communities, homes, owners and accounts come through the operations. So do the cases that the
others are copies of: filed at the window, and walked to the place where they wait. The copies are
made inside the database, each for a home and owners of its own, and stand in no ledger.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL

from anju.foundation.core.postgres.launcher import Cluster
from anju.foundation.core.postgres.record import SUPERUSER
from bench.copies import copy_rows

if TYPE_CHECKING:
    from tests.support.communities import Town

HOMES = 2_000
"""In each community."""
OWNERS = 1_000
"""Owners who can sign in."""
PLACES = {
    "title-6-steps": ("", "intake", "planning-check", "survey", "payment", "review", "issue"),
    "title-8-steps": ("", "intake", "planning-check", "survey", "tax", "review", "approve"),
}
"""Before which steps the copied cases wait, by procedure; the first waits to be accepted."""
DAYS = (0, 1, 3, 6, 12)
"""How many days ago they were filed: the last are over their limit."""
_ID = SQL("p.copy")
_KEYS = {"project_id": SQL("p.project_id"), "household_id": SQL("p.household_id")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """An owner who can sign in, and the case of the home."""

    account_id: UUID
    case_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What was laid in."""

    window: UUID
    """The account of the officer at the district's window."""
    owners: tuple[Owner, ...]
    cases: tuple[UUID, ...]
    """Some of the open cases, of all communities."""
    open_cases: int
    communities: int


def lay_city(cluster: Cluster, *, cases: int) -> City:
    """Lay in so many open cases, in a database that is migrated and empty."""
    communities = import_module("tests.support.communities")
    at = import_module("anju.foundation.core.clock").read_clock()
    town = communities.open_town(homes=0)
    enter_homes(town.project_id, town, number=0)
    for number in range(1, -(-cases // HOMES)):
        terms = replace(
            communities.TERMS,
            code=f"HY-{number + 1:02}",
            name=f"槐苑{number + 1}区",
            parcel=parcel_of(number),
        )
        row = open_community(terms, town)
        enter_homes(row, town, number=number)
    templates = file_templates(town, at=at)
    url = cluster.url(SUPERUSER)
    copy_cases(url, templates)
    return read_city(url, town, communities=-(-cases // HOMES))


def parcel_of(number: int) -> str:
    """Give the code of a community's land."""
    return f"370105012002GB{number + 1:05}"


def open_community(terms: Any, town: Town) -> UUID:  # noqa: ANN401  importable only after setup
    """Open one more community's file in the district."""
    operations = import_module("anju.titles.communities.operations")
    return operations.open_community(terms=terms, by=town.officer(), at=_entered_at()).id  # type: ignore[no-any-return]


def enter_homes(project_id: UUID, town: Town, *, number: int) -> None:
    """Enter a community's homes with their owners; the developer's registration stands."""
    new_homes = import_module("tests.support.communities").new_homes
    operations = import_module("anju.titles.communities.operations")
    operations.enter_homes(
        project_id=project_id,
        homes=[
            replace(one, title_state="first") for one in new_homes(HOMES, parcel=parcel_of(number))
        ],
        by=town.officer(),
        at=_entered_at(),
    )


def file_templates(town: Town, *, at: datetime) -> list[UUID]:
    """File a case for each place, version and day, and walk it there."""
    title_cases = import_module("tests.support.title_cases")
    homes = import_module("anju.titles.communities.queries").homes_of
    reading = import_module("anju.foundation.access.context").reading
    with reading(by=town.officer()):
        waiting = iter(homes(project_id=town.project_id))
    found = []
    for days in DAYS:
        for version, places in PLACES.items():
            for place in places:
                filed_at = at - timedelta(days=days, hours=1)
                case = title_cases.file_transfer(town, next(waiting), version=version, at=filed_at)
                if place:
                    title_cases.walk(town, case.id, until=place, at=filed_at)
                found.append(case.id)
    return found


def copy_cases(url: str, templates: Sequence[UUID]) -> None:
    """Copy the templates by turns, one for each home that has no case yet."""
    with psycopg.connect(url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "CREATE TEMP TABLE copies AS SELECT gen_random_uuid() AS copy, h.project_id,"
            " h.id AS home_id, h.household_id, c.code, n AS serial,"
            " (%s::uuid[])[1 + n %% %s] AS template FROM communities_community c,"
            " LATERAL (SELECT *, row_number() OVER (ORDER BY number) + %s AS n"
            "  FROM communities_home WHERE project_id = c.id) h"
            " WHERE NOT EXISTS (SELECT 1 FROM titlecases_case t WHERE t.project_id = h.project_id"
            "  AND t.home_id = h.id)",
            [list(templates), len(templates), len(templates)],
        )
        case = {**_KEYS, "id": _ID}
        numbered = {
            "serial": SQL("p.serial"),
            "subject_id": SQL("p.home_id"),
            "number": SQL("p.code || '-TTL-' || o.year || '-' || lpad(p.serial::text, 6, '0')"),
        }
        copy_rows(admin, "casework_case", key="id", changed={**case, **numbered})
        copy_rows(admin, "titlecases_case", key="id", changed={**case, "home_id": SQL("p.home_id")})
        line = {**_KEYS, "case_id": _ID}
        own_id = {**line, "id": SQL("gen_random_uuid()")}
        for table in ("task", "clock", "pause", "material"):
            copy_rows(admin, f"casework_{table}", key="case_id", changed=line)
        copy_rows(admin, "casework_action", key="case_id", changed=own_id)
        copy_rows(admin, "titlecases_commitment", key="case_id", changed=own_id)
        receipt = {**own_id, "number": SQL("'SP' || p.code || '-' || p.serial")}
        copy_rows(admin, "titlecases_receipt", key="case_id", changed=receipt)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")


def read_city(url: str, town: Town, *, communities: int) -> City:
    """Open accounts for some owners of every community, and say what there is."""
    with psycopg.connect(url) as admin:
        rows = admin.execute(
            "SELECT project_id, id, household_id, count(*) OVER () FROM titlecases_case"
            " WHERE standing = 'open' ORDER BY id"
        ).fetchall()
    chosen = random.Random(20260917).sample(rows, OWNERS)
    accounts = open_accounts({(row[0], row[2]): row[1] for row in chosen})
    return City(
        window=town.officer().id,
        owners=tuple(Owner(account_id=account, case_id=case) for account, case in accounts.items()),
        cases=tuple(row[1] for row in chosen),
        open_cases=len(rows),
        communities=communities,
    )


def open_accounts(owners: Mapping[tuple[UUID, UUID], UUID]) -> dict[UUID, UUID]:
    """Open an account for each project and household; gives account to case."""
    access = import_module("anju.foundation.access.operations")
    codes = import_module("anju.foundation.access.codes")
    system = import_module("tests.support.access").SYSTEM
    by_project: dict[UUID, list[UUID]] = {}
    for project_id, household_id in owners:
        by_project.setdefault(project_id, []).append(household_id)
    found: dict[UUID, UUID] = {}
    for project_id, households in by_project.items():
        keys = [
            access.HouseholdKey(
                household_id=one, code=codes.new_household_code(), pin=codes.new_pin()
            )
            for one in households
        ]
        accounts = access.create_household_accounts(
            project_id=project_id, keys=keys, by=system, at=_entered_at()
        )
        for account_id, household_id in zip(accounts, households, strict=True):
            found[account_id] = owners[project_id, household_id]
    return found


def _entered_at() -> datetime:
    at: datetime = import_module("tests.support.communities").AT
    return at
