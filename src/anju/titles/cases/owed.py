"""What a case owes, told to its owners: before its last day, and when it has not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from anju.foundation.casework.types import CaseRow
from anju.foundation.messages.laying import lay_messages
from anju.foundation.messages.types import NewMessage
from anju.titles.communities.queries import community_by_id
from anju_rules.messages import Channel
from anju_rules.procedures.types import Words

OWED_SOON, OWED_OVER = "title-owed-soon", "title-owed-over"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPapers:
    """What a case owes that comes first, and the last day to bring it."""

    titles: tuple[Words, ...]
    until_on: date


def tell_owed(case: CaseRow, *, kind: str, owed: OwedPapers, at: datetime) -> None:
    """Tell the owners what their case owes, until when, and what follows; a company sees its desk.

    Called inside an operation; ``kind`` is :data:`OWED_SOON` or :data:`OWED_OVER`.
    """
    if case.household_id is None:
        return
    told = NewMessage(
        household_id=case.household_id,
        kind=kind,
        subject_id=case.id,
        facts={
            "community": community_by_id(community_id=case.project_id).name,
            "number": case.number,
            "papers": "、".join(title.zh for title in owed.titles),
            "papers_en": ", ".join(title.en for title in owed.titles),
            "until": f"{owed.until_on.month} 月 {owed.until_on.day} 日",
        },
        round=case.length,
    )
    lay_messages(project_id=case.project_id, messages=(told,), channels=(Channel.SMS,), at=at)
