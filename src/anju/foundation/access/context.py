"""Context: for whom a transaction runs, told to the database with the transaction itself.

The settings end with the transaction (``set_config(…, true)``): a pooled connection carries
nothing from one request to the next. Row-level security reads them; said nothing, it shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connections, transaction

from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.ledger.operations import append_entry
from anju.foundation.ledger.types import Act
from anju_rules.values import Refusal

_acting: ContextVar[Actor | None] = ContextVar("anju_acting", default=None)


def tell_database(by: Actor, *, read_only: bool = False) -> None:
    """Tell the running transaction for whom it runs, in one statement.

    Refuses with ``access.no-transaction`` outside a transaction, where the settings would be lost
    before the next statement.
    """
    connection = connections["default"]
    if not connection.in_atomic_block:
        raise Refusal("access.no-transaction")
    settings = settings_of(by)
    if read_only:
        settings["transaction_read_only"] = "on"
    tell_settings(settings)


def settings_of(by: Actor) -> dict[str, str]:
    """Give what the database is told of an actor."""
    if by.kind == "household":
        projects = ""
    elif by.projects is None:
        projects = "*"
    else:
        projects = ",".join(sorted(str(project) for project in by.projects))
    return {
        "anju.actor": str(by.id),
        "anju.projects": projects,
        "anju.household": str(by.household_id or ""),
        "anju.division": by.division if by.kind == "officer" else "",
    }


def tell_settings(settings: Mapping[str, str]) -> None:
    """Set settings for the rest of the running transaction."""
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"SELECT {calls}",
            [part for pair in settings.items() for part in pair],
        )


def show_project(project_id: UUID) -> None:
    """Let the rest of the running transaction see a project that it has just opened."""
    by = _acting.get()
    if by is not None and by.kind == "officer" and by.projects is not None:
        tell_database(replace(by, projects=by.projects | {project_id}))


def current_actor() -> Actor | None:
    """Give for whom the running transaction runs; None: for nobody, and it sees nothing."""
    return _acting.get()


@contextmanager
def acting(by: Actor) -> Iterator[None]:
    """Run the block as ``by`` inside a transaction that is open already.

    Whoever the transaction ran for before, it runs for again afterwards; the database, which is
    told already where that is the same, is not told twice.
    """
    before = _acting.get()
    if before == by and connections["default"].in_atomic_block:
        yield
        return
    tell_database(by)
    mark = _acting.set(by)
    try:
        yield
    finally:
        _acting.reset(mark)
        connection = connections["default"]
        if before is not None and connection.in_atomic_block and not connection.needs_rollback:
            tell_database(before)


@contextmanager
def reading(*, by: Actor, of_one_moment: bool = False) -> Iterator[None]:
    """Run queries as ``by``, in a transaction that can write nothing.

    ``of_one_moment`` has every query see what the first one sees: what is compared with each other
    must not be of two moments. Inside an operation the queries join its transaction, and see what
    it sees.
    """
    if connections["default"].in_atomic_block:
        with acting(by):
            yield
        return
    with transaction.atomic():
        if of_one_moment:
            with connections["default"].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        tell_database(by, read_only=True)
        mark = _acting.set(by)
        try:
            yield
        finally:
            _acting.reset(mark)


@contextmanager
def sensitive_reading(
    *,
    by: Actor,
    permits: str,
    purpose: str,
    target: str,
    at: datetime,
    household_id: UUID | None = None,
    project_id: UUID | None = None,
) -> Iterator[None]:
    """Run queries that show what is otherwise masked; the ledger knows before the reader does.

    The entry (``access.personal-data.read``) is committed first, so that no failure afterwards can
    take it back. Refuses with ``access.not-permitted``, ``access.not-found`` (a project out of
    sight) and, without a ``purpose``, ``access.no-purpose``.
    """
    require_permission(by, permits)
    if not purpose.strip():
        raise Refusal("access.no-purpose")
    if project_id is not None and not by.sees_project(project_id):
        raise Refusal("access.not-found")
    with transaction.atomic(durable=True):
        tell_database(by)
        append_entry(
            act=act_of(
                by,
                action="access.personal-data.read",
                target=target,
                outcome="done",
                clauses=("pipl#55",),
                level=Secrecy.SECRET,
                at=at,
                body={"purpose": purpose},
                subject_id=household_id or project_id,
            )
        )
    with reading(by=by):
        yield


def act_of(
    by: Actor,
    *,
    action: str,
    target: str,
    outcome: str,
    clauses: tuple[str, ...],
    level: Secrecy,
    at: datetime,
    body: Mapping[str, object],
    subject_id: UUID | None,
) -> Act:
    """Write down an act for the ledger; a citizen's address goes into the erasable body there."""
    return Act(
        action=action,
        actor_id=by.id,
        actor_role=by.role,
        address=by.address,
        target=target,
        outcome=outcome,
        clauses=clauses,
        level=level.value,
        request_id=by.request_id,
        at=at,
        body=body,
        subject_id=subject_id,
    )
