"""Rows of rule sets into rules."""

from __future__ import annotations

from anju.foundation.policies.models import RuleSetRecord
from anju.foundation.policies.types import RuleSetRow
from anju_rules.policy import read_rule_set


def rule_set_from(record: RuleSetRecord) -> RuleSetRow:
    """Give a rule set's frozen row, its rules read from the canonical text."""
    return RuleSetRow(
        id=record.id,
        project_id=record.project_id,
        version=record.version,
        effective_on=record.effective_on,
        canonical=record.canonical,
        digest=record.digest,
        rules=read_rule_set(record.canonical),
        frozen_at=record.frozen_at,
    )
