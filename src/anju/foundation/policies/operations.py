"""Writes of rule sets (a draft may be replaced, a frozen one never) and of editions of laws."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.core.definitions import read_default_procedures
from anju.foundation.core.statutes import judge_library
from anju.foundation.core.words import read_words
from anju.foundation.policies.library import EDITION, current_statutes, read_edition_file
from anju.foundation.policies.mapping import edition_from, rule_set_from
from anju.foundation.policies.models import EditionRecord, RuleSetRecord
from anju.foundation.policies.types import EditionRow, RuleSetRow
from anju_rules.hashing import canonical, digest
from anju_rules.policy import RuleSet
from anju_rules.statutes.reading import read_statute
from anju_rules.statutes.rule_checks import judge_rules
from anju_rules.values import Refusal


def store_rule_set(*, project_id: UUID, rules: RuleSet, at: datetime) -> RuleSetRow:
    """Store a rule set as a draft, inside the caller's operation; a draft of its version yields.

    Refuses with ``policies.rule-set-frozen`` where the version is frozen with another content, and
    with ``statute.*`` what the law forbids; the same content is given back as it stands.
    """
    judge_rules(rules, statutes=current_statutes().values()).raise_if_unmet()
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


FreezingGuard = Callable[[RuleSetRow, bool], None]
_guards: list[FreezingGuard] = []


def guard_freezing(guard: FreezingGuard) -> FreezingGuard:
    """Have a function asked before a rule set is frozen; what it refuses is not frozen.

    It is told the rule set, and whether another one of the project was frozen before.
    """
    if guard not in _guards:
        _guards.append(guard)
    return guard


def lay_freeze(*, project_id: UUID, rule_set_id: UUID, by: Actor, at: datetime) -> None:
    """Freeze a stored rule set inside the caller's operation; one that is frozen stays as it is."""
    rule_sets = RuleSetRecord.objects.filter(project_id=project_id)
    draft = rule_sets.select_for_update().filter(id=rule_set_id, frozen_at__isnull=True).first()
    if draft is None:
        return
    is_change = rule_sets.filter(frozen_at__isnull=False).exists()
    for guard in _guards:
        guard(rule_set_from(draft), is_change)
    draft.frozen_at, draft.frozen_by = at, by.id
    draft.save(update_fields=["frozen_at", "frozen_by"])


@operation(
    permits="policies.freeze",
    action="policies.rule-set.frozen",
    clauses=("plan/rules",),
    level=Secrecy.PUBLIC,
)
def freeze_rule_set(*, project_id: UUID, by: Actor, at: datetime, version: str = "") -> RuleSetRow:
    """Freeze a rule set: from now on it may be used, and nobody can change it.

    Without ``version`` the draft stored last is meant. Refuses with ``policies.no-draft`` where
    there is none, and with what a guard of a higher context refuses.
    """
    drafts = RuleSetRecord.objects.select_for_update().filter(
        project_id=project_id, frozen_at__isnull=True
    )
    if version:
        drafts = drafts.filter(version=version)
    draft = drafts.order_by("-created_at").first()
    if draft is None:
        raise Refusal("policies.no-draft", version=version)
    lay_freeze(project_id=project_id, rule_set_id=draft.id, by=by, at=at)
    draft.refresh_from_db()
    row = rule_set_from(draft)
    record(
        target=row.id,
        project_id=project_id,
        body={"version": row.version, "digest": row.digest},
    )
    return row


@operation(
    permits="policies.load",
    action="policies.edition.loaded",
    clauses=("plan/rules",),
    level=Secrecy.PUBLIC,
)
def load_policy_edition(
    *,
    text: str,
    by: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> EditionRow:
    """Load a new law, or a new edition of one, from its file.

    Rule sets stored from now on are held to it; who is touched is told by planning. Refuses with
    ``policies.not-text``, ``policies.edition-known``, ``policies.edition-older``, with
    ``statute.unknown-check`` an item whose check the platform does not have, and as
    :func:`~anju_rules.statutes.reading.read_statute` does.
    """
    table = read_edition_file(text)
    statute = read_statute(table)
    newest = current_statutes().get(statute.code)
    law, day = statute.title.zh, statute.edition.isoformat()
    if newest is not None and newest.edition == statute.edition:
        raise Refusal("policies.edition-known", law=law, edition=day)
    if newest is not None and newest.edition > statute.edition:
        raise Refusal("policies.edition-older", law=law, newest=newest.edition.isoformat())
    judge_library(
        [statute], refusals=read_words(), procedures=read_default_procedures()
    ).raise_if_unmet()
    content = canonical({**table, EDITION: day})
    kept = EditionRecord.objects.create(
        id=new_id(),
        law=statute.code,
        edition=statute.edition,
        content=content.decode(),
        digest=digest(content).hex(),
        loaded_at=at,
    )
    row = edition_from(kept)
    record(
        target=row.id,
        body={
            "law": statute.code,
            "edition": day,
            "digest": row.digest,
            "changes": [[one.clause.code, one.change.value] for one in row.changes],
        },
    )
    return row
