"""The gate every operation passes: permission, scope, second person, one transaction, one entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from inspect import signature
from operator import itemgetter
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import transaction

from anju.foundation.access.context import act_of, acting
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor, Declaration, Secrecy
from anju.foundation.ledger.operations import append_entries
from anju.foundation.ledger.types import Act, EntryReceipt
from anju_rules.values import Refusal

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

OPERATIONS: dict[str, Declaration] = {}
"""Every operation of the platform, by name; filled as the contexts are imported."""


STEP_UP_LASTS = timedelta(minutes=1)
"""A code opens the act it was typed for, not the next ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What one entry of an act on many things says; see :func:`record`."""

    target: str | UUID
    body: Mapping[str, object]
    household_id: UUID | None = None
    project_id: UUID | None = None
    outcome: str = "done"


class OperationFault(RuntimeError):
    """An operation is written wrongly: it recorded nothing, or twice, or ran inside another."""


@dataclass(slots=True)
class _Running:
    """The operation that runs in this thread, and its entry once it is recorded."""

    declaration: Declaration
    by: Actor
    second: Actor | None
    at: datetime
    receipts: tuple[EntryReceipt, ...] = ()


_running: ContextVar[_Running | None] = ContextVar("anju_running", default=None)


def operation(
    *,
    permits: str,
    action: str,
    clauses: tuple[str, ...] = (),
    signs: int = 1,
    level: Secrecy = Secrecy.INTERNAL,
    steps_up: bool = False,
    also: tuple[str, ...] = (),
) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Declare a function an operation: one act, one transaction, one ledger entry.

    The function takes keywords only, among them ``by: Actor`` and ``at: datetime``, and with
    ``signs=2`` also ``second: Actor``; it calls :func:`record` exactly once. ``also``: what else
    the act may turn out to be, for :func:`record` to say; refused, it is ``action``. Where it takes
    ``project_id`` or ``household_id``, these must lie in the actors' sight.

    The wrapper refuses with ``access.not-permitted``, with ``access.not-found`` for what is out of
    sight (as for what does not exist), and with ``access.second-person-missing``,
    ``access.same-person`` or ``access.second-factor-missing``; with ``steps_up`` also with
    ``access.step-up-missing`` an actor (or second) who typed no code within the last minute
    (:func:`~anju.foundation.access.sign_in.step_up`). Whatever is refused, by the wrapper
    or by the function, leaves nothing but an entry with the outcome ``refused:<code>``.
    """
    if signs not in {1, 2} or (level is Secrecy.TOP_SECRET and signs < 2):
        # What is top secret is never done by one person alone.
        raise OperationFault(action)

    def declare(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @wraps(function)
        def run(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            if args:
                raise OperationFault(f"{declaration.name} takes keywords only")
            return _run(declaration, function, kwargs)

        declaration = Declaration(
            name=f"{_context_of(function.__module__)}.{function.__name__}",
            permits=permits,
            action=action,
            clauses=clauses,
            signs=signs,
            steps_up=steps_up,
            level=level,
            also=also,
            function=run,
        )
        OPERATIONS[declaration.name] = declaration
        return run

    return declare


def _context_of(module: str) -> str:
    """Give the context of a module, whether its operations are one file or a folder of files."""
    parts = module.split(".")
    return parts[2] if parts[0] == "anju" and len(parts) > 3 else parts[-2]


def record(
    *,
    target: str | UUID,
    body: Mapping[str, object],
    household_id: UUID | None = None,
    project_id: UUID | None = None,
    outcome: str = "done",
    action: str = "",
) -> EntryReceipt:
    """Write the running operation's ledger entry, in its transaction; exactly once.

    ``action``: which of the declared ones the act has turned out to be, if not the first.
    ``target`` is a random id (never a name or number). ``body`` is a JSON value, sealed with the
    key of ``household_id``, else of ``project_id``, else of the platform.
    """
    told = Recorded(
        target=target,
        body=body,
        household_id=household_id,
        project_id=project_id,
        outcome=outcome,
    )
    return _record([told], action=action)[0]


def record_each(*, things: Sequence[Recorded]) -> tuple[EntryReceipt, ...]:
    """Write an entry for each thing of the running operation, in its transaction; exactly once.

    For an act that does the same to many things and of which each must prove itself alone, such
    as the homes of a batch (decision 0036). There is always at least one. Gives the receipts in
    the order of the things.
    """
    return _record(things, action="")


def _record(things: Sequence[Recorded], *, action: str) -> tuple[EntryReceipt, ...]:
    running = _running.get()
    if running is None:
        raise OperationFault("record() belongs inside an operation")
    if running.receipts:
        raise OperationFault(f"{running.declaration.name} records twice")
    action = action or running.declaration.action
    if action not in (running.declaration.action, *running.declaration.also):
        raise OperationFault(f"{running.declaration.name} declares no {action}")
    running.receipts = append_entries(
        acts=[
            _act(
                action,
                running,
                target=str(one.target),
                outcome=one.outcome,
                body=one.body,
                subject_id=one.household_id or one.project_id,
            )
            for one in things
        ]
    )
    return running.receipts


def _run(
    declaration: Declaration, function: Callable[..., Answer], kwargs: Mapping[str, Any]
) -> Answer:
    by, at, second = kwargs["by"], kwargs["at"], kwargs.get("second")
    if _running.get() is not None:
        raise OperationFault(f"{declaration.name} runs inside another operation")
    running = _Running(declaration=declaration, by=by, second=second, at=at)
    mark = _running.set(running)
    try:
        _require(declaration, by=by, second=second, at=at, kwargs=kwargs)
        # Durable: an operation inside somebody else's transaction could be undone with it.
        with transaction.atomic(durable=True), acting(by):
            answer = function(**kwargs)
            if not running.receipts:
                raise OperationFault(f"{declaration.name} records nothing")
        return answer
    except Refusal as refusal:
        _record_refusal(running, refusal, kwargs)
        raise
    finally:
        _running.reset(mark)


def _require(
    declaration: Declaration,
    *,
    by: Actor,
    second: Actor | None,
    at: datetime,
    kwargs: Mapping[str, Any],
) -> None:
    require_permission(by, declaration.permits)
    require_in_sight(by, kwargs)
    if declaration.steps_up:
        for person in (by, second):
            if person is not None and not _has_stepped_up(person, at=at):
                raise Refusal("access.step-up-missing")
    if declaration.signs == 1:
        return
    if second is None:
        raise Refusal("access.second-person-missing")
    if second.id == by.id:
        raise Refusal("access.same-person")
    if not (by.has_second_factor and second.has_second_factor):
        raise Refusal("access.second-factor-missing")
    require_permission(second, declaration.permits)
    require_in_sight(second, kwargs)


def _has_stepped_up(actor: Actor, *, at: datetime) -> bool:
    stepped = actor.stepped_up_at
    return stepped is not None and timedelta(0) <= at - stepped <= STEP_UP_LASTS


def require_in_sight(actor: Actor, told: Mapping[str, Any]) -> None:
    """Refuse with ``access.not-found`` a project or household out of the actor's sight."""
    project_id, household_id = told.get("project_id"), told.get("household_id")
    if project_id is not None and not actor.sees_project(project_id):
        raise Refusal("access.not-found")
    is_household = actor.kind == "household"
    if household_id is not None and is_household and household_id != actor.household_id:
        raise Refusal("access.not-found")


def _record_refusal(running: _Running, refusal: Refusal, kwargs: Mapping[str, Any]) -> None:
    """Write the refused act's entry in a transaction of its own; its changes are gone already."""
    household_id = kwargs.get("household_id") or running.by.household_id
    with transaction.atomic(durable=True), acting(running.by):
        told = _act(
            running.declaration.action,
            running,
            target=_target_of(running.declaration, kwargs),
            outcome=f"refused:{refusal.code}",
            body={
                "clause": refusal.clause,
                "facts": {name: str(fact) for name, fact in refusal.facts.items()},
            },
            subject_id=household_id or kwargs.get("project_id"),
        )
        append_entries(acts=[told])


def _target_of(declaration: Declaration, kwargs: Mapping[str, Any]) -> str:
    """Give what a refused act was about: the thing itself rather than the project it lies in."""
    told = [
        (name == "project_id", str(kwargs[name]))
        for name in signature(declaration.function).parameters
        if isinstance(kwargs.get(name), UUID)
    ]
    return min(told, key=itemgetter(0))[1] if told else declaration.name


def _act(
    action: str,
    running: _Running,
    *,
    target: str,
    outcome: str,
    body: Mapping[str, object],
    subject_id: UUID | None,
) -> Act:
    told = dict(body)
    if running.second is not None:
        told["second"] = {"id": str(running.second.id), "role": running.second.role}
    return act_of(
        running.by,
        action=action,
        target=target,
        outcome=outcome,
        clauses=running.declaration.clauses,
        level=running.declaration.level,
        at=running.at,
        body=told,
        subject_id=subject_id,
    )
