"""Reads of rule sets and laws: they hold no personal data and need no context."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from anju.foundation.policies.library import current_statutes
from anju.foundation.policies.mapping import edition_from, rule_set_from, rules_known
from anju.foundation.policies.models import EditionRecord, RuleSetRecord
from anju.foundation.policies.types import EditionRow, RuleSetRow
from anju_rules.policy import RuleSet
from anju_rules.values import Refusal

__all__ = [
    "current_statutes",
    "edition_by_id",
    "editions",
    "rule_set_in_force",
    "rule_sets_of",
    "rules_in_force",
]


def rule_sets_of(*, project_id: UUID) -> list[RuleSetRow]:
    """Give a project's rule sets, the oldest first."""
    records = RuleSetRecord.objects.filter(project_id=project_id).order_by("created_at", "version")
    return [rule_set_from(record) for record in records]


def rule_set_in_force(*, project_id: UUID) -> RuleSetRow | None:
    """Give the rule set that was frozen last; None while none is frozen."""
    record = _frozen(project_id).first()
    return None if record is None else rule_set_from(record)


def rules_in_force(*, project_id: UUID) -> RuleSet | None:
    """Give the rules that were frozen last, without the text around them; None while none is."""
    digest = _frozen(project_id).values_list("digest", flat=True).first()
    known = None if digest is None else rules_known(digest)
    if digest is None or known is not None:
        return known
    row = rule_set_in_force(project_id=project_id)
    return None if row is None else row.rules


def _frozen(project_id: UUID) -> QuerySet[RuleSetRecord]:
    frozen = RuleSetRecord.objects.filter(project_id=project_id, frozen_at__isnull=False)
    return frozen.order_by("-frozen_at", "-version")


def editions() -> tuple[EditionRow, ...]:
    """Give every edition of a law that was loaded, the last loaded first."""
    return tuple(edition_from(one) for one in EditionRecord.objects.order_by("-loaded_at", "id"))


def edition_by_id(*, edition_id: UUID) -> EditionRow:
    """Give one edition with what it changes; refuses with ``policies.unknown-edition``."""
    record = EditionRecord.objects.filter(id=edition_id).first()
    if record is None:
        raise Refusal("policies.unknown-edition")
    return edition_from(record)
