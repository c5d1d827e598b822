"""A plan put in force: by its approval here, or taken over as it was approved on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.casework.laying import lay_action, tell_action
from anju.foundation.casework.types import NewAction
from anju.foundation.core.clock import city_time
from anju.resettlement.planning.mapping import versions_from
from anju.resettlement.planning.types import NewPaper, VersionRow
from anju.resettlement.planning.versions import (
    begin_version,
    newest_rules,
    newest_version,
    running_approval,
    tell_version,
    version_in_force,
)
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal


@operation(
    permits="planning.enact",
    action="planning.plan.in-force",
    clauses=("order-590/13",),
    signs=2,
    level=Secrecy.PUBLIC,
)
def put_in_force(
    *, project_id: UUID, by: Actor, second: Actor, at: datetime, why: str = ""
) -> VersionRow:
    """Put the newest version in force, once its households have consented; its rules are frozen.

    Refuses with ``planning.no-plan``, ``planning.taken-over`` and as the case does.
    """
    version = newest_version(project_id)
    if version.case_id is None:
        raise Refusal("planning.taken-over")
    act = NewAction(kind=ActionKind.DECIDE, step="enact", outcome="in-force", why=why)
    case = lay_action(
        project_id=project_id, case_id=version.case_id, act=act, by=by, second=second, at=at
    )
    version.refresh_from_db()
    record(
        target=version.id,
        project_id=project_id,
        body={**tell_action(case, act), **tell_version(version)},
    )
    return versions_from([version])[0]


@operation(
    permits="planning.take-over",
    action="planning.plan.taken-over",
    clauses=("order-590/13",),
    signs=2,
    level=Secrecy.PUBLIC,
)
def take_over_plan(
    *,
    project_id: UUID,
    approved_on: date,
    papers: Sequence[NewPaper],
    reason: str,
    by: Actor,
    second: Actor,  # noqa: ARG001 - the gate reads it
    at: datetime,
) -> VersionRow:
    """Put in force a plan that was approved on paper before the platform came.

    ``papers``: its text first, then what it was approved by; ``reason`` is public, as is that it
    was taken over. It binds the rule set stored last. Refuses with ``planning.papers-missing``,
    ``planning.reason-missing``, ``planning.approved-later``, ``planning.approval-runs``,
    ``planning.in-force-already`` and as :func:`~.versions.begin_version` does.
    """
    if not papers:
        raise Refusal("planning.papers-missing", clause="order-590/13")
    if not reason.strip():
        raise Refusal("planning.reason-missing", clause="order-590/13")
    if approved_on > city_time(at).date():
        raise Refusal("planning.approved-later", clause="order-590/13", on=approved_on.isoformat())
    if version_in_force(project_id) is not None:
        raise Refusal("planning.in-force-already")
    if running_approval(project_id) is not None:
        raise Refusal("planning.approval-runs")
    version = begin_version(
        project_id=project_id,
        rules=newest_rules(project_id),
        papers=papers,
        approved_on=approved_on,
        taken_over_reason=reason.strip(),
        by=by,
        at=at,
    )
    record(
        target=version.id,
        project_id=project_id,
        body={
            **tell_version(version),
            "approved_on": approved_on.isoformat(),
            "reason": version.taken_over_reason,
        },
    )
    return versions_from([version])[0]
