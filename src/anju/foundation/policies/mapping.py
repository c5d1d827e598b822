"""Rows of rule sets into rules, and of editions into laws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anju.foundation.policies.library import read_edition, statute_before
from anju.foundation.policies.models import EditionRecord, RuleSetRecord
from anju.foundation.policies.types import EditionRow, RuleSetRow
from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.statutes.editions import compare_editions

MOST_KEPT = 64
"""Rule sets that a process keeps read: more than run on one day."""
_read: dict[str, RuleSet] = {}


def rules_from(digest: str, canonical: Mapping[str, Any]) -> RuleSet:
    """Give the rules of a canonical text; what was read is kept, since a digest has one text."""
    if digest not in _read:
        while len(_read) >= MOST_KEPT:
            _read.pop(next(iter(_read)), None)
        _read[digest] = read_rule_set(canonical)
    return _read[digest]


def rules_known(digest: str) -> RuleSet | None:
    """Give the rules with this digest if this process has read them already."""
    return _read.get(digest)


def rule_set_from(record: RuleSetRecord) -> RuleSetRow:
    """Give a rule set's frozen row, its rules read from the canonical text."""
    return RuleSetRow(
        id=record.id,
        project_id=record.project_id,
        version=record.version,
        effective_on=record.effective_on,
        canonical=record.canonical,
        digest=record.digest,
        rules=rules_from(record.digest, record.canonical),
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
