"""The door of every endpoint: who asks, what the role permits, which project is in sight."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, TypedDict, TypeVar, cast
from uuid import UUID

from django.http import HttpRequest

from anju.foundation.access.context import reading
from anju.foundation.access.permissions import require_permission
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.resettlement.projects.queries import find_project, find_project_id
from anju.resettlement.projects.types import ProjectRow
from anju_rules.values import Refusal

Answer = TypeVar("Answer")


class Act(TypedDict):
    """What every operation of a project asks for."""

    project_id: UUID
    by: Actor
    at: datetime


class Asked(Protocol):
    """A request that came in with a valid token."""

    auth: Actor


def asks(permission: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Let in who holds ``permission``; a GET runs inside one reading transaction of that actor.

    Refuses with ``access.not-permitted``, which is answered as if nothing were there (T-23). The
    operation behind a write checks once more: it is the same one that the pages call.
    """

    def declare(endpoint: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(endpoint)
        def enter(request: HttpRequest, *args: object, **kwargs: object) -> Answer:
            by = actor_of(request)
            require_permission(by, permission)
            if request.method == "GET":
                with reading(by=by):
                    return endpoint(request, *args, **kwargs)
            return endpoint(request, *args, **kwargs)

        declared = cast(Any, enter)
        # Read where the endpoint stands: its annotations are names of that file.
        declared.__signature__ = inspect.signature(endpoint, eval_str=True)
        declared.permits = permission
        declared.is_public = False
        return enter

    return declare


def actor_of(request: HttpRequest) -> Actor:
    """Give who asks."""
    return cast(Asked, request).auth


def project_in_sight(code: str, *, by: Actor) -> ProjectRow:
    """Give the project, or refuse with ``access.not-found`` whether it is hidden or not there."""
    project = find_project(code=code)
    if project is None or not by.sees_project(project.id):
        raise Refusal("access.not-found")
    return project


def act_on(request: HttpRequest, code: str) -> Act:
    """Say who acts now and in which project; refuses like :func:`project_in_sight`."""
    by = actor_of(request)
    project_id = find_project_id(code=code)
    if project_id is None or not by.sees_project(project_id):
        raise Refusal("access.not-found")
    return Act(project_id=project_id, by=by, at=read_clock())
