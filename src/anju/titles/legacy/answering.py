"""An answer to a kind's question becomes a row, inside the operation that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.core.legacy import default_blockers
from anju.titles.communities.types import HomeRow
from anju.titles.legacy import events
from anju.titles.legacy.mapping import blocker_from, shown_by_homes
from anju.titles.legacy.models import DISPUTE, STANDING, BlockerRecord
from anju.titles.legacy.types import Answer, BlockerRow
from anju_rules.notices import refuse_personal_text
from anju_rules.triage.types import DISPUTE_CLAUSE, BlockerKind
from anju_rules.values import Refusal

LONGEST = 500


def lay_answer(
    *,
    project_id: UUID,
    building: str,
    kind: str,
    answer: Answer,
    homes: Sequence[HomeRow],
    by: Actor,
    at: datetime,
) -> BlockerRow | None:
    """Write one answer; ``homes`` are those of the building. ``None``: nothing has changed.

    Refuses as :func:`~anju.titles.legacy.operations.answer_building` does.
    """
    told = default_blockers().get(kind)
    if told is None:
        raise Refusal("triage.unknown-kind", kind=kind[:40])
    standing = (
        BlockerRecord.objects.select_for_update()
        .filter(project_id=project_id, building=building, kind=kind, state__in=STANDING)
        .first()
    )
    touched = _touched(told, answer, homes)
    if not answer.stands:
        return _deny(project_id, building, told, standing, touched, by=by, at=at)
    if not answer.facts.strip() or len(answer.facts) > LONGEST:
        raise Refusal("legacy.facts-missing", kind=told.title.zh, most=LONGEST)
    refuse_personal_text(answer.facts, where="facts")
    if standing is None:
        standing = BlockerRecord(
            project_id=project_id,
            id=new_id(),
            building=building,
            kind=kind,
            state="blocked" if told.is_dispute else "open",
            home_ids=touched,
            found_by=by.id,
            found_at=at,
        )
        is_new = True
    else:
        # Wider it may become by an answer; narrower only by its case.
        touched = sorted({*standing.home_ids, *touched})
        is_new = touched != sorted(standing.home_ids)
        standing.home_ids = touched
    standing.facts = answer.facts.strip()
    standing.owed_by = answer.owed_by.value if told.separates else ""
    standing.save()
    row = blocker_from(standing)
    if is_new:
        events.tell(events.ProblemEvent(kind=events.EventKind.FOUND, row=row, by=by, at=at))
    return row


def _deny(
    project_id: UUID,
    building: str,
    kind: BlockerKind,
    standing: BlockerRecord | None,
    touched: Sequence[UUID],
    *,
    by: Actor,
    at: datetime,
) -> BlockerRow | None:
    """Write that there is no such problem, unless one stands or the homes themselves show one."""
    if kind.is_dispute and (standing is not None or touched):
        raise Refusal("legacy.dispute-stands", clause=DISPUTE_CLAUSE, building=building)
    if standing is not None:
        raise Refusal("legacy.in-work", kind=kind.title.zh, kind_en=kind.title.en)
    if touched:
        raise Refusal("legacy.areas-differ", clause=kind.basis.clause, homes=len(touched))
    newest = BlockerRecord.objects.filter(
        project_id=project_id, building=building, kind=kind.code
    ).exists()
    if newest:
        return None
    return blocker_from(
        BlockerRecord.objects.create(
            project_id=project_id,
            id=new_id(),
            building=building,
            kind=kind.code,
            state="absent",
            home_ids=[],
            found_by=by.id,
            found_at=at,
        )
    )


def _touched(kind: BlockerKind, answer: Answer, homes: Sequence[HomeRow]) -> list[UUID]:
    """Give the homes that a problem touches; of a denied one, those that show it none the less."""
    shown = shown_by_homes(homes, kind=kind)
    if not answer.stands:
        return shown
    numbers = {home.number: home.id for home in homes}
    strange = [number for number in answer.home_numbers if number not in numbers]
    if strange:
        raise Refusal("legacy.not-its-home", home=strange[0][:40])
    named = {numbers[number] for number in answer.home_numbers}
    if kind.code == DISPUTE:
        return sorted({*(named or numbers.values()), *shown})
    return sorted({*named, *shown} or numbers.values())
