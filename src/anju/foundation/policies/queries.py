"""Reads of rule sets: they hold no personal data and need no context."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.policies.mapping import rule_set_from
from anju.foundation.policies.models import RuleSetRecord
from anju.foundation.policies.types import RuleSetRow


def rule_sets_of(*, project_id: UUID) -> list[RuleSetRow]:
    """Give a project's rule sets, the oldest first."""
    records = RuleSetRecord.objects.filter(project_id=project_id).order_by("created_at", "version")
    return [rule_set_from(record) for record in records]


def rule_set_in_force(*, project_id: UUID) -> RuleSetRow | None:
    """Give the rule set that was frozen last; None while none is frozen."""
    record = (
        RuleSetRecord.objects.filter(project_id=project_id, frozen_at__isnull=False)
        .order_by("-frozen_at", "-version")
        .first()
    )
    return None if record is None else rule_set_from(record)
