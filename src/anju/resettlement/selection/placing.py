"""Nobody is let into the order from the disputed list before the eligibility is confirmed."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.draws.placing import judge_placing
from anju.resettlement.selection import mapping
from anju.resettlement.selection.operations.ordering import rolls_of
from anju.resettlement.selection.receipts import receipts_of
from anju_rules.applications import Roll
from anju_rules.values import Refusal, Ticket


@judge_placing
def require_confirmed(project_id: UUID, ticket: Ticket) -> None:
    """Refuse with ``selection.not-confirmed`` a household whose review is not over (T-06)."""
    entries = receipts_of(project_id, mapping.plan_of(project_id))
    rolls = rolls_of(project_id)
    confirmed = {entry.ticket for entry in entries if rolls.get(entry.number) is Roll.MAIN}
    known = {entry.ticket for entry in entries}
    if ticket in known - confirmed:
        raise Refusal("selection.not-confirmed", clause="plan/eligibility#1", ticket=ticket)
