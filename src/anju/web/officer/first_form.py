"""The form by which a developer files its community's first registration."""

from __future__ import annotations

from anju.foundation.access.permissions import is_permitted
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.core.definitions import read_default_procedures
from anju.titles.cases.queries import title_cases_of
from anju.titles.cases.types import FIRST
from anju.titles.communities.queries import count_titles
from anju.titles.communities.types import CommunityRow
from anju.web.officer.case_forms import asked_materials
from anju_rules.procedures.types import Source

FILES = frozenset({"developer", "district-officer"})
"""Who files it: the developer, or the window for a developer that came in person."""


def lay_out_first(community: CommunityRow, *, by: Actor) -> object | None:
    """Give the form, where this reader files and nothing is registered or filed yet."""
    if by.role not in FILES or not is_permitted(by, "titles.file"):
        return None
    counts = count_titles(community_ids=[community.id])[community.id]
    if not counts.homes or counts.first or counts.titled:
        return None
    if any(
        one.kind == "first" and one.standing == "open"
        for one in title_cases_of(project_id=community.id)
    ):
        return None
    materials = read_default_procedures()[FIRST].materials
    return {
        "community": community,
        "once": new_id(),
        "papers": [
            (one, materials[one].title.zh, not materials[one].is_tolerable)
            for one in asked_materials(read_default_procedures()[FIRST])
        ],
        "shared": [one.title.zh for one in materials.values() if one.source is Source.SHARED],
    }
