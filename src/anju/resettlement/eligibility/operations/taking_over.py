"""Reviews that were finished on paper before the platform came, taken over by two people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.resettlement.eligibility.meetings import lay_holder_marks
from anju.resettlement.eligibility.models import ReviewRecord, TakeOverRecord
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.planning.queries import require_plan_in_force
from anju_rules.applications import Standing
from anju_rules.hashing import canonical, digest
from anju_rules.values import Refusal

_ROWS_A_STATEMENT = 2_000


@operation(
    permits="eligibility.take-over",
    action="eligibility.reviews.taken-over",
    clauses=("plan/eligibility#1",),
    signs=2,
    level=Secrecy.PUBLIC,
)
def take_over_reviews(
    *,
    project_id: UUID,
    reason: str,
    by: Actor,
    second: Actor,
    at: datetime,
    papers: Sequence[UUID] = (),
    household_ids: Sequence[UUID] | None = None,
) -> int:
    """Take over reviews that were finished on paper; give how many households are confirmed by it.

    Without ``household_ids`` of everybody in the register whose review has not begun here.
    ``papers``: the documents with the published lists. The entry names every household's number
    under one digest, so that nobody is added afterwards. Refuses with
    ``planning.plan-not-in-force``, ``eligibility.reason-missing``, ``eligibility.nothing-to-take``
    and, for one whose review has begun here, ``eligibility.review-begun``.
    """
    require_plan_in_force(project_id)
    if not reason.strip():
        raise Refusal("eligibility.reason-missing")
    numbers = {one: number for number, one in household_numbers(project_id=project_id).items()}
    begun = set(
        ReviewRecord.objects.filter(project_id=project_id).values_list("household_id", flat=True)
    )
    if household_ids is None:
        wanted = [one for one in numbers if one not in begun]
    else:
        wanted = [one for one in household_ids if one in numbers]
        if begun.intersection(wanted):
            raise Refusal("eligibility.review-begun")
    if not wanted:
        raise Refusal("eligibility.nothing-to-take")
    taken = TakeOverRecord(
        project_id=project_id,
        id=new_id(),
        papers=list(papers),
        reason=reason.strip(),
        households=len(wanted),
        taken_by=by.id,
        second_by=second.id,
        taken_at=at,
    )
    taken.save(force_insert=True)
    ReviewRecord.objects.bulk_create(
        (
            ReviewRecord(
                project_id=project_id,
                id=new_id(),
                household_id=household_id,
                round=1,
                standing=Standing.CONFIRMED.value,
                take_over_id=taken.id,
                opened_at=at,
                decided_at=at,
                street_by=by.id,
                district_by=second.id,
            )
            for household_id in wanted
        ),
        batch_size=_ROWS_A_STATEMENT,
    )
    lay_holder_marks(project_id=project_id, household_ids=wanted)
    listed = sorted(numbers[one] for one in wanted)
    record(
        target=taken.id,
        project_id=project_id,
        body={
            "households": len(wanted),
            "digest": digest(canonical(listed)).hex(),
            "papers": [str(paper) for paper in papers],
            "reason": taken.reason,
        },
    )
    return len(wanted)
