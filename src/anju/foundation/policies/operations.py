"""Writes of rule sets: a draft may be replaced, a frozen one never."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.policies.mapping import rule_set_from
from anju.foundation.policies.models import RuleSetRecord
from anju.foundation.policies.types import RuleSetRow
from anju_rules.hashing import canonical, digest
from anju_rules.policy import RuleSet
from anju_rules.values import Refusal


def store_rule_set(*, project_id: UUID, rules: RuleSet, at: datetime) -> RuleSetRow:
    """Store a rule set as a draft, inside the caller's operation; a draft of its version yields.

    Refuses with ``policies.rule-set-frozen`` where the version is frozen with another content; the
    same content is given back as it stands.
    """
    told = rules.canonical()
    told_digest = digest(canonical(told)).hex()
    earlier = (
        RuleSetRecord.objects.select_for_update()
        .filter(project_id=project_id, version=rules.version)
        .first()
    )
    if earlier is not None and earlier.digest == told_digest:
        return rule_set_from(earlier)
    if earlier is not None and earlier.frozen_at is not None:
        raise Refusal("policies.rule-set-frozen", version=rules.version)
    stored = earlier or RuleSetRecord(
        project_id=project_id, id=new_id(), version=rules.version, created_at=at
    )
    stored.effective_on = rules.effective_on
    stored.canonical = told
    stored.digest = told_digest
    stored.save(force_insert=earlier is None)
    return rule_set_from(stored)


@operation(
    permits="policies.freeze",
    action="policies.rule-set.frozen",
    clauses=("plan/rules",),
    level=Secrecy.PUBLIC,
)
def freeze_rule_set(*, project_id: UUID, by: Actor, at: datetime, version: str = "") -> RuleSetRow:
    """Freeze a rule set: from now on it may be used, and nobody can change it.

    Without ``version`` the draft stored last is meant. Refuses with ``policies.no-draft`` where
    there is none.
    """
    drafts = RuleSetRecord.objects.select_for_update().filter(
        project_id=project_id, frozen_at__isnull=True
    )
    if version:
        drafts = drafts.filter(version=version)
    draft = drafts.order_by("-created_at").first()
    if draft is None:
        raise Refusal("policies.no-draft", version=version)
    draft.frozen_at, draft.frozen_by = at, by.id
    draft.save(update_fields=["frozen_at", "frozen_by"])
    record(
        target=draft.id,
        project_id=project_id,
        body={"version": draft.version, "digest": draft.digest},
    )
    return rule_set_from(draft)
