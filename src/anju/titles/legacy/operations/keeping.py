"""What writes of legacy problems have in common."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.casework.types import ActingAs
from anju.titles.legacy.answering import LONGEST
from anju.titles.legacy.models import BlockerRecord
from anju_rules.notices import refuse_personal_text
from anju_rules.values import Refusal

DISTRICT = ActingAs(role="district-officer", tier="district")
"""As whom cases are opened: whoever finds a problem, the district's office works on it."""
CLAUSES = ("legacy/hubei-2024", "land-law/14")


def lock_problem(*, project_id: UUID, blocker_id: UUID) -> BlockerRecord:
    """Give a problem that nobody else changes; refuses with ``legacy.unknown-problem``."""
    kept = (
        BlockerRecord.objects.select_for_update()
        .filter(project_id=project_id, id=blocker_id)
        .first()
    )
    if kept is None:
        raise Refusal("legacy.unknown-problem", problem=blocker_id)
    return kept


def read_words(words: str) -> str:
    """Give words as they are kept: some, not too many, and no person's number among them.

    Refuses with ``legacy.facts-missing`` and ``notices.personal-text``.
    """
    told = words.strip()
    if not told or len(told) > LONGEST:
        raise Refusal("legacy.facts-missing", kind="", most=LONGEST)
    refuse_personal_text(told, where="words")
    return told
