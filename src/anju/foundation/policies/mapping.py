"""Rows of rule sets into rules, and of editions into laws."""

from __future__ import annotations

from anju.foundation.policies.library import read_edition, statute_before
from anju.foundation.policies.models import EditionRecord, RuleSetRecord
from anju.foundation.policies.types import EditionRow, RuleSetRow
from anju_rules.policy import read_rule_set
from anju_rules.statutes.editions import compare_editions


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


def edition_from(record: EditionRecord) -> EditionRow:
    """Give an edition with what it changes."""
    statute = read_edition(record.content)
    before = statute_before(record.law, edition=record.edition)
    return EditionRow(
        id=record.id,
        statute=statute,
        changes=compare_editions(before, statute),
        digest=record.digest,
        loaded_at=record.loaded_at,
    )
