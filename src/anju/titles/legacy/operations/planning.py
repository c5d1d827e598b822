"""A community's plan, frozen by two people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor, Secrecy
from anju.foundation.core.crypto import new_id
from anju.foundation.core.legacy import default_blockers
from anju.titles.legacy.mapping import plan_from
from anju.titles.legacy.models import PlanRecord
from anju.titles.legacy.operations.keeping import CLAUSES
from anju.titles.legacy.queries import newest_plan, plan_for
from anju.titles.legacy.types import PlanRow
from anju_rules.triage.easy_first import Means
from anju_rules.triage.plan_records import digest_plan, public_part, show_plan
from anju_rules.values import Refusal


@operation(
    permits="legacy.keep",
    action="legacy.plan.frozen",
    clauses=CLAUSES,
    signs=2,
    level=Secrecy.PUBLIC,
)
def freeze_plan(
    *,
    project_id: UUID,
    means: Means,
    is_separated: bool,
    by: Actor,
    second: Actor,
    at: datetime,
) -> PlanRow:
    """Freeze the community's plan (一小区一方案) as its rows come to, by two people; it is public.

    From then on ``is_separated`` holds for titles. Refuses with ``legacy.nothing-to-plan`` (no home
    without a title) and ``legacy.plan-unchanged``.
    """
    planned = plan_for(project_id=project_id, means=means, is_separated=is_separated)
    if not planned.triage.community.homes:
        raise Refusal("legacy.nothing-to-plan")
    content = show_plan(
        community=planned.triage.community,
        plan=planned.plan,
        kinds=default_blockers(),
        means=means,
        is_separated=is_separated,
    )
    told, public_told = digest_plan(content), digest_plan(public_part(content))
    newest = newest_plan(project_id=project_id)
    if newest is not None and newest.digest == told:
        raise Refusal("legacy.plan-unchanged", version=newest.version)
    version = 1 if newest is None else newest.version + 1
    receipt = record(
        target=project_id,
        project_id=project_id,
        body={
            "version": version,
            "digest": told,
            "public_digest": public_told,
            "is_separated": is_separated,
        },
    )
    return plan_from(
        PlanRecord.objects.create(
            project_id=project_id,
            id=new_id(),
            version=version,
            is_separated=is_separated,
            staff_days=means.staff_days,
            money_fen=means.money_fen,
            content=content,
            digest=told,
            public_digest=public_told,
            frozen_at=at,
            frozen_by=by.id,
            second_id=second.id,
            event_id=receipt.event_id,
        )
    )
