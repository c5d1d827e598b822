"""Middleware: who asks, for every request."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from anju.foundation.access.models import Account
from anju.foundation.access.queries import find_actor
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id

Answer = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Set ``request.actor`` (an :class:`Actor` or None) and ``request.request_id``.

    The session names an account; its rights are read anew each time, so what was taken away is
    gone with the next request. A session made before the password changed counts for nothing.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request as whoever is signed in."""
        request_id = str(new_id())
        address = str(request.META.get("REMOTE_ADDR", ""))
        found = find_session(request, address=address, request_id=request_id)
        actor: Actor | None = None
        if found is not None:
            request.user, actor = found
        request.actor = actor  # type: ignore[attr-defined]  # what this adds
        request.request_id = request_id  # type: ignore[attr-defined]  # the same
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            return self.get_response(request)


def find_session(
    request: HttpRequest, *, address: str, request_id: str
) -> tuple[Account, Actor] | None:
    """Give whom the session was begun for, if it is still good."""
    named = request.session.get(SESSION_KEY)
    if named is None:
        return None
    try:
        account_id = UUID(str(named))
    except ValueError:
        return None
    found = find_actor(account_id=account_id, address=address, request_id=request_id)
    if found is None or not constant_time_compare(
        request.session.get(HASH_SESSION_KEY, ""), found[0].get_session_auth_hash()
    ):
        return None
    return found
