"""What may be done with communities: the file, its homes and owners, and clerks' tables."""

from __future__ import annotations

from anju.titles.communities.operations.file import (
    change_terms,
    lay_community,
    name_specialist,
    open_community,
    open_resettled_community,
    record_visit,
)
from anju.titles.communities.operations.homes import enter_homes, lay_homes, note_titles
from anju.titles.communities.operations.listing import import_communities
from anju.titles.communities.operations.tables import import_homes, import_survey

__all__ = [
    "change_terms",
    "enter_homes",
    "import_communities",
    "import_homes",
    "import_survey",
    "lay_community",
    "lay_homes",
    "name_specialist",
    "note_titles",
    "open_community",
    "open_resettled_community",
    "record_visit",
]
