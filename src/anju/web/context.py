"""What every template knows: who reads it, and how the public plane is reached."""

from __future__ import annotations

import tomllib
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from anju.foundation.access.permissions import ROLES_FILE
from anju.foundation.access.types import Actor
from anju.web.owners import is_owner


def tell_page(request: HttpRequest) -> dict[str, object]:
    """Give every template its reader and the address of the public plane.

    ``actor`` is ``None`` before sign-in. ``reading_size`` is ``large`` where the reader asked for
    large print (a cookie, so that it holds without JavaScript).
    """
    actor: Actor | None = getattr(request, "actor", None)
    size = request.COOKIES.get("anju_print", "")
    return {
        "actor": actor,
        "role_title": role_title(actor.role) if actor is not None else "",
        "is_owner": SimpleLazyObject(lambda: _owns(actor)),
        "peak_url": settings.PEAK_URL,
        "reading_size": "large" if size == "large" else "",
    }


def _owns(actor: Actor | None) -> bool:
    """Say whether the reader owns a home of a listed community; asked by the pages that need it."""
    return actor is not None and actor.kind == "household" and is_owner(actor)


@cache
def _titles() -> dict[str, str]:
    roles = tomllib.loads(ROLES_FILE.read_text(encoding="utf-8"))
    return {role: table["title"]["zh"] for role, table in roles.items()}


def role_title(role: str) -> str:
    """Give a role's name as its holder knows it; an unknown role has none."""
    return _titles().get(role, "")
