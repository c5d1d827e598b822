"""Reads of rule sets and laws: they hold no personal data and need no context."""

from __future__ import annotations

from uuid import UUID

from anju.foundation.policies.library import current_statutes
from anju.foundation.policies.mapping import edition_from, rule_set_from
from anju.foundation.policies.models import EditionRecord, RuleSetRecord
from anju.foundation.policies.types import EditionRow, RuleSetRow
from anju_rules.values import Refusal

__all__ = [
    "current_statutes",
    "edition_by_id",
    "editions",
    "rule_set_in_force",
    "rule_sets_of",
]


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


def editions() -> tuple[EditionRow, ...]:
    """Give every edition of a law that was loaded, the last loaded first."""
    return tuple(edition_from(one) for one in EditionRecord.objects.order_by("-loaded_at", "id"))


def edition_by_id(*, edition_id: UUID) -> EditionRow:
    """Give one edition with what it changes; refuses with ``policies.unknown-edition``."""
    record = EditionRecord.objects.filter(id=edition_id).first()
    if record is None:
        raise Refusal("policies.unknown-edition")
    return edition_from(record)
