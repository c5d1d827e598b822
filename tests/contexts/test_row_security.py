"""Row-level security: no context, no rows; and no context outlives its transaction."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections, transaction
from psycopg.sql import SQL, Identifier

from anju.foundation.access import context
from anju.foundation.access.context import acting, reading, settings_of, tell_database
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.core.schema import (
    SEES_HOUSEHOLD,
    SEES_PROJECT,
    force_row_security,
    sees_household,
)
from anju_rules.values import Refusal
from tests.support.access import SYSTEM
from tests.support.databases import Database

PROJECTS = tuple(new_id() for _ in range(4))
HOUSEHOLDS = {project: tuple(new_id() for _ in range(5)) for project in PROJECTS}
REQUESTS = 100_000
THROUGH_DJANGO = 4_000
AT_ONCE = 100
THREADS = 4
SEED = 20260601


def officer_of(*projects: UUID) -> Actor:
    return Actor(id=new_id(), kind="officer", role="street-officer", projects=frozenset(projects))


def household_of(project: UUID, household: UUID) -> Actor:
    return Actor(
        id=new_id(),
        kind="household",
        role="household",
        projects=frozenset({project}),
        project_id=project,
        household_id=household,
    )


@pytest.fixture
def rows(database: Database) -> Database:
    """Make a table with personal data, as a context's migration would, with 20 rows."""
    guard = force_row_security("tests_row", using=SEES_HOUSEHOLD)
    with database.connect("anju_owner") as owner:
        owner.execute("CREATE TABLE tests_row (project_id uuid, household_id uuid, text text)")
        for statement in guard.sql:
            assert isinstance(statement, str)
            owner.execute(statement.encode())
    with transaction.atomic(), acting(SYSTEM), connections["default"].cursor() as cursor:
        for project, households in HOUSEHOLDS.items():
            for household in households:
                cursor.execute("INSERT INTO tests_row VALUES (%s, %s, 'x')", [project, household])
    return database


def seen() -> set[tuple[UUID, UUID]]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT project_id, household_id FROM tests_row")
        return set(cursor.fetchall())


def all_of(*projects: UUID) -> set[tuple[UUID, UUID]]:
    return {(project, household) for project in projects for household in HOUSEHOLDS[project]}


@pytest.mark.req("SEC-3")
@pytest.mark.threat("T-23")
def test_each_sees_their_own_rows_and_no_others(rows: Database) -> None:
    del rows
    first, second = PROJECTS[:2]
    household = HOUSEHOLDS[first][0]
    cases: list[tuple[Actor, set[tuple[UUID, UUID]]]] = [
        (SYSTEM, all_of(*PROJECTS)),
        (officer_of(first), all_of(first)),
        (officer_of(first, second), all_of(first, second)),
        (officer_of(), set()),
        (officer_of(new_id()), set()),
        (household_of(first, household), {(first, household)}),
        (household_of(first, new_id()), set()),
    ]
    for actor, expected in cases:
        with reading(by=actor):
            assert seen() == expected


@pytest.mark.threat("T-24")
def test_without_context_nothing_is_seen_written_or_removed(rows: Database) -> None:
    assert seen() == set()
    for role in ("anju_app", "anju_owner"):
        with rows.connect(role) as plain:
            assert plain.execute("SELECT 1 FROM tests_row").fetchall() == []
            assert plain.execute("DELETE FROM tests_row").rowcount == 0
            assert plain.execute("UPDATE tests_row SET text = ''").rowcount == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                plain.execute("INSERT INTO tests_row VALUES (%s, %s, '')", [PROJECTS[0], new_id()])
            plain.rollback()


@pytest.mark.threat("T-23")
def test_nobody_writes_or_moves_a_row_out_of_their_sight(rows: Database) -> None:
    del rows
    mine, other = PROJECTS[:2]

    def write(statement: str, values: list[UUID]) -> None:
        with (
            transaction.atomic(),
            acting(officer_of(mine)),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(statement, values)

    for statement, values in (
        ("INSERT INTO tests_row VALUES (%s, %s, 'x')", [other, new_id()]),
        ("UPDATE tests_row SET project_id = %s WHERE project_id = %s", [other, mine]),
    ):
        with pytest.raises(Exception, match="row-level security"):
            write(statement, values)
    with reading(by=SYSTEM):
        assert seen() == all_of(*PROJECTS)


@pytest.mark.threat("T-24")
def test_every_guarded_table_is_empty_without_context(database: Database) -> None:
    with psycopg.connect(database.superuser_url) as all_seeing:
        guarded = [
            row[0]
            for row in all_seeing.execute(
                "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')"
                " AND relnamespace = 'public'::regnamespace ORDER BY 1"
            )
        ]
        # Whatever they hold; the policy alone decides, so the plan must contain it.
    assert "access_account" in guarded
    with database.connect("anju_app") as app:
        for table in guarded:
            found = app.execute(SQL("SELECT 1 FROM {}").format(Identifier(table))).fetchall()
            assert found == [], table
            plan = str(
                app.execute(
                    SQL("EXPLAIN (VERBOSE) SELECT * FROM {}").format(Identifier(table))
                ).fetchall()
            )
            assert "anju." in plan, f"{table}: its policy asks for no context"
    print(f"{len(guarded)} of {len(guarded)} tables: {', '.join(guarded)}")  # noqa: T201


@pytest.mark.threat("T-24")
def test_control_without_force_the_owner_sees_everything(rows: Database) -> None:
    with rows.connect("anju_owner") as owner:
        owner.execute("ALTER TABLE tests_row NO FORCE ROW LEVEL SECURITY")
        assert len(owner.execute("SELECT 1 FROM tests_row").fetchall()) == 20


def test_inner_context_ends_where_it_began(rows: Database) -> None:
    del rows
    first, second = PROJECTS[:2]
    with reading(by=officer_of(first)):
        with reading(by=SYSTEM):
            assert seen() == all_of(*PROJECTS)
        assert seen() == all_of(first)
        with pytest.raises(ZeroDivisionError), reading(by=officer_of(second)):
            raise ZeroDivisionError
        assert seen() == all_of(first)
    assert seen() == set()


def test_context_outside_a_transaction_is_refused(database: Database) -> None:
    del database
    with pytest.raises(Refusal, match=r"access\.no-transaction"):
        tell_database(SYSTEM)


def test_a_hostile_setting_is_no_sql(rows: Database) -> None:
    del rows
    hostile = replace(officer_of(PROJECTS[0]), division="' OR true --")
    with reading(by=hostile):
        assert seen() == all_of(PROJECTS[0])


def test_names_that_are_not_plain_come_into_no_migration() -> None:
    with pytest.raises(ValueError, match="drop"):
        force_row_security("x; drop table y", using=SEES_PROJECT)
    with pytest.raises(ValueError, match="1=1"):
        sees_household(column="1=1")


Key = tuple[UUID, UUID]
OFFICERS = {project: officer_of(project) for project in PROJECTS}
FAMILIES = {key: household_of(*key) for key in sorted(all_of(*PROJECTS))}


def someone(chance: random.Random) -> tuple[Actor | None, set[Key]]:
    """Give who asks next, and what is theirs; None: a request that forgot to say for whom."""
    kind = chance.random()
    if kind < 0.4:
        project = chance.choice(PROJECTS)
        return OFFICERS[project], all_of(project)
    if kind < 0.8:
        key = chance.choice(list(FAMILIES))
        return FAMILIES[key], {key}
    return None, set()


def serve_by_django(requests: int, seed: int) -> Counter[str]:
    """Serve requests on this thread's one connection, each as somebody else."""
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    for _ in range(requests):
        actor, allowed = someone(chance)
        with reading(by=actor) if actor else nullcontext():
            count_foreign(told, seen(), allowed)
    return told


def serve_in_scripts(database: Database, requests: int, seed: int) -> Counter[str]:
    """Serve requests with the same settings, a hundred transactions a journey."""
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    with database.connect("anju_app", autocommit=True) as app:
        for _ in range(requests // AT_ONCE):
            asked = [someone(chance) for _ in range(AT_ONCE)]
            answers = app.execute("".join(script_of(actor) for actor, _ in asked).encode())
            for _, allowed in asked:
                while answers.description is None or answers.description[0].name != "found":
                    assert answers.nextset()
                row = answers.fetchone()
                answers.nextset()
                households = set(row[0] or ()) if row else set()
                count_foreign(told, households, {str(household) for _, household in allowed})
    return told


def script_of(actor: Actor | None) -> str:
    """Write one request as one transaction."""
    settings = settings_of(actor) if actor else {}
    told = "".join(
        f"SELECT set_config('{name}', '{value}', true);" for name, value in settings.items()
    )
    return "BEGIN;" + told + "SELECT array_agg(household_id::text) AS found FROM tests_row;COMMIT;"  # noqa: S608 - ours


def count_foreign(told: Counter[str], found: set[Any], allowed: set[Any]) -> None:
    told["requests"] += 1
    told["foreign"] += len(found - allowed)
    told["missing"] += len(allowed - found)


def serve(database: Database, works: list[Callable[[], Counter[str]]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counted in database.in_threads(works):
        assert isinstance(counted, Counter), counted
        total.update(counted)
    return total


def django_works(requests: int) -> list[Callable[[], Counter[str]]]:
    seeds = range(SEED, SEED + THREADS)
    return [partial(serve_by_django, requests // THREADS, seed) for seed in seeds]


@pytest.mark.req("SEC-3")
@pytest.mark.threat("T-26")
def test_interleaved_requests_on_pooled_connections_see_no_foreign_row(rows: Database) -> None:
    rest = REQUESTS - THROUGH_DJANGO
    total = serve(rows, django_works(THROUGH_DJANGO)) + serve(
        rows,
        [
            partial(serve_in_scripts, rows, rest // THREADS, seed)
            for seed in range(SEED, SEED + THREADS)
        ],
    )
    print(f"seed {SEED}: {total['requests']} of {REQUESTS} requests")  # noqa: T201
    assert (total["requests"], total["foreign"], total["missing"]) == (REQUESTS, 0, 0)


@pytest.mark.threat("T-26")
def test_control_a_context_set_for_the_session_leaks(
    rows: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell_session(settings: dict[str, str]) -> None:
        with connections["default"].cursor() as cursor:
            for name, value in settings.items():
                if name.startswith("anju."):
                    cursor.execute("SELECT set_config(%s, %s, false)", [name, value])

    monkeypatch.setattr(context, "tell_settings", tell_session)
    assert serve(rows, django_works(400))["foreign"] > 0
