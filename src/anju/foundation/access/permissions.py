"""Permissions: which role may do what, read from ``roles.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from anju.foundation.access.types import Actor
from anju_rules.values import Refusal

ROLES_FILE = Path(__file__).with_name("roles.toml")


@cache
def permissions_by_role() -> dict[str, frozenset[str]]:
    """Give each role's permissions."""
    tables = tomllib.loads(ROLES_FILE.read_text(encoding="utf-8"))
    return {role: frozenset(table["permits"]) for role, table in tables.items()}


@cache
def known_permissions() -> frozenset[str]:
    """Give every permission that some role has."""
    return frozenset().union(*permissions_by_role().values())


def is_permitted(actor: Actor, permission: str) -> bool:
    """Whether the actor's role has the permission; an unknown role has none."""
    return permission in permissions_by_role().get(actor.role, frozenset())


def require_permission(actor: Actor, permission: str) -> None:
    """Refuse with ``access.not-permitted`` where the role lacks the permission."""
    if not is_permitted(actor, permission):
        raise Refusal("access.not-permitted", role=actor.role, permission=permission)


@cache
def appointed_by(role: str) -> frozenset[str]:
    """Give the roles of the accounts that ``role`` may open."""
    tables = tomllib.loads(ROLES_FILE.read_text(encoding="utf-8"))
    return frozenset(tables.get(role, {}).get("appoints", ()))
