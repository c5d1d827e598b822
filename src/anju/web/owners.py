"""Whether a family chooses a home here, or owns one already."""

from __future__ import annotations

from anju.foundation.access.types import Actor
from anju.titles.communities.queries import find_community


def is_owner(by: Actor) -> bool:
    """Whether a family owns a home of a listed community: nothing is chosen there."""
    community = find_community(community_id=by.project_id) if by.project_id else None
    return community is not None and community.origin == "listed"
