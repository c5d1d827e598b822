"""Who is asked before a table changes a home: whoever registers it just now."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

Asked = Callable[[UUID, Collection[UUID]], Collection[UUID]]
"""Told the community and homes; gives those of the homes that must stay as they are."""
_registering: list[Asked] = []


def holds_registered(asked: Asked) -> Asked:
    """Have ``asked`` tell of which homes a table must not change what is being registered.

    For a first registration under way: use, code, area and state stay as they were filed; whose a
    home is may change meanwhile, and what is still empty may be filled. Asked in the table's own
    transaction; a case about one home is known without.
    """
    _registering.append(asked)
    return asked


def homes_being_registered(*, project_id: UUID, home_ids: Collection[UUID]) -> set[UUID]:
    """Give those of these homes that a first registration under way is about."""
    return {one for asked in _registering for one in asked(project_id, home_ids)}
